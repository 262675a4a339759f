"""A private RabbitMQ node: own folder, own ports, own passwords."""

import os
import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from service.settings import environment
from service.transport.definitions import USERS, VHOST, definitions_file
from tools.stack.waiting import (
    HOST,
    STOPS_S,
    free_port,
    listens,
    wait_until,
    write_secret,
)

NAMES_S: Final = 5.0
NODE: Final = "docmill@localhost"
"""The same at every start, since messages are kept under it. Each node has a name
server of its own, so others of this name on the machine do not matter."""
INSTALLED: Final = Path("/usr/lib/rabbitmq/bin")
"""Where Debian keeps the scripts themselves; those in the path insist on a user."""


def find_rabbitmq() -> Path | None:
    """Give the folder of RabbitMQ's programs, if it is installed."""
    if (INSTALLED / "rabbitmq-server").exists():
        return INSTALLED
    found = shutil.which("rabbitmq-server")
    return Path(found).parent if found else None


class Rabbitmq:
    """A RabbitMQ node with Docmill's definitions, one user a role.

    Args:
        folder: For its data, log and passwords.
        queue_type: Of the durable queues.
    """

    def __init__(self, folder: Path, *, queue_type: str = "classic") -> None:
        programs = find_rabbitmq()
        assert programs is not None, "RabbitMQ is not installed"
        self._programs = programs
        self._folder = folder
        self._queue_type = queue_type
        self.port = free_port()
        self._distribution_port, self._names_port = free_port(), free_port()
        self._passwords = {user: secrets.token_urlsafe(12) for user in USERS}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the node says."""
        return self._folder / "log"

    def url(self, role: str) -> str:
        """Give the URL of a role's user."""
        user = f"docmill-{role}"
        return f"amqp://{user}:{self._passwords[user]}@{HOST}:{self.port}/{VHOST}"

    def start(self) -> None:
        """Start the node; returns once it takes connections."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "rabbitmq-server"],
                cwd=self._folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # the script and the node, killed together
            )
        wait_until(self._answers, "RabbitMQ")

    def stop(self) -> None:
        """Stop it; durable messages stay."""
        self._end(signal.SIGTERM)
        self._end_names()

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def control(self, *arguments: str) -> str:
        """Run ``rabbitmqctl`` on it and give what it prints."""
        return subprocess.run(
            [self._programs / "rabbitmqctl", "--quiet", *arguments],
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=STOPS_S,
        ).stdout

    def close_connections(self) -> None:
        """Close every connection by force, as a failing network would."""
        self.control("close_all_connections", "by force")

    def _write_configuration(self) -> None:
        definitions = definitions_file(self._queue_type, passwords=self._passwords)
        write_secret(self._folder / "definitions.json", definitions)
        (self._folder / "enabled_plugins").write_text("[].\n")
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {HOST}:{self.port}\n"
            "definitions.import_backend = local_filesystem\n"
            f"definitions.local.path = {self._folder}/definitions.json\n"
            "disk_free_limit.absolute = 50MB\n"
            "heartbeat = 30\n"
            "log.console = true\n"
            "log.file = false\n"
        )

    def _environment(self) -> dict[str, str]:
        folder = str(self._folder)
        return {
            **environment(),
            "HOME": folder,  # of the cookie
            "ERL_EPMD_PORT": str(self._names_port),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            # Idle schedulers shall not spin beside the other processes here.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none "
            "+sbwtdio none",
        }

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(self.log.read_text(errors="replace")[-4000:])
        return listens(self.port)  # which it does after loading its definitions

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if number is signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        try:
            process.wait(STOPS_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _end_names(self) -> None:
        """End Erlang's name server, which stays behind every node."""
        epmd = shutil.which("epmd")
        if epmd is None:
            return

        def gone() -> bool:
            # It refuses for a moment, until it has noticed that the node is gone.
            command = [epmd, "-port", str(self._names_port), "-kill"]
            subprocess.run(command, check=False, capture_output=True)
            return not listens(self._names_port)

        with suppress(TimeoutError):
            wait_until(gone, "epmd", timeout_s=NAMES_S)
