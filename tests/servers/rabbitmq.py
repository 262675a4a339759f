"""A private RabbitMQ node: own name, folder, ports and Erlang port mapper."""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pika

from tests.support import eventually
from tools.stack.waiting import free_port

URL_VARIABLE = "DOCMILL_TEST_RABBITMQ_URL"
"""Names a broker to use instead, its management plugin 10 000 ports above; its user
must be an administrator. Tests that stop the broker are skipped on it."""
ROOT_VARIABLE = "DOCMILL_TEST_RABBITMQ_ROOT"
"""A folder with another Debian in it, whose RabbitMQ is started instead."""

MANAGEMENT_OFFSET = 10_000
_BINARIES = Path("/usr/lib/rabbitmq/bin")
_START_S = 60.0
_numbers = itertools.count(1)


class RabbitmqServer:
    """A running broker, and virtual hosts on it.

    Args:
        port: For AMQP, on this machine.
        node: The process when it is our own.
        user: Name and password of an administrator.
    """

    def __init__(
        self, host: str, port: int, *, user: tuple[str, str], node: "Node | None" = None
    ) -> None:
        self._host = host
        self._port = port
        self._user = user
        self._node = node
        self._api = httpx.Client(
            base_url=f"http://{host}:{port + MANAGEMENT_OFFSET}/api",
            auth=user,
            timeout=30,
        )
        self._made: list[str] = []

    @property
    def node(self) -> "Node":
        """The node, to be stopped or cut off; only of a broker of our own."""
        assert self._node is not None, "this broker is only used"
        return self._node

    @property
    def own(self) -> bool:
        """Whether it may be stopped and started."""
        return self._node is not None

    def close(self) -> None:
        """Remove what was made."""
        for vhost in list(self._made):
            self.drop_vhost(vhost)
        self._api.close()

    def make_vhost(self) -> str:
        """Make a virtual host of its own for a test and give its name."""
        vhost = f"docmill-{os.getpid()}-{next(_numbers)}"
        self.put(f"/vhosts/{vhost}", {})
        everything = dict.fromkeys(("configure", "write", "read"), ".*")
        self.put(f"/permissions/{vhost}/{self._user[0]}", everything)
        self._made.append(vhost)
        return vhost

    def drop_vhost(self, vhost: str) -> None:
        """Remove a virtual host with everything in it."""
        self._api.delete(f"/vhosts/{vhost}").raise_for_status()
        self._made.remove(vhost)

    def url(self, vhost: str, *, user: tuple[str, str] | None = None) -> str:
        """Give the address of a virtual host."""
        name, password = user or self._user
        return f"amqp://{name}:{password}@{self._host}:{self._port}/{vhost}"

    def put(self, path: str, body: Mapping[str, Any]) -> None:
        """Change something over the management API."""
        self._api.put(path, json=body).raise_for_status()

    def set_policy(self, vhost: str, pattern: str, **definition: object) -> None:
        """Set the policy ``test`` for queues."""
        self.put(
            f"/policies/{vhost}/test",
            {"pattern": pattern, "definition": definition, "apply-to": "queues"},
        )

    def clear_policy(self, vhost: str) -> None:
        """Remove the policy ``test``."""
        self._api.delete(f"/policies/{vhost}/test").raise_for_status()

    def get(self, path: str) -> Any:
        """Read something over the management API; counts there are seconds old."""
        answer = self._api.get(path)
        answer.raise_for_status()
        return answer.json()

    @contextmanager
    def channel(self, vhost: str) -> Iterator[Any]:
        """Open a channel to look or to do mischief."""
        connection = pika.BlockingConnection(pika.URLParameters(self.url(vhost)))
        try:
            yield connection.channel()
        finally:
            if connection.is_open:
                connection.close()

    def count(self, vhost: str, queue: str) -> int:
        """Give how many messages of a queue wait."""
        with self.channel(vhost) as channel:
            declared = channel.queue_declare(queue, passive=True)
            return int(declared.method.message_count)


class Node:
    """The processes of a private node: its own Erlang port mapper, and the broker.

    Args:
        folder: For everything it writes, as seen from outside.
        root: Where the node's file system begins.
    """

    def __init__(self, folder: Path, *, root: Path) -> None:
        self._folder = folder
        self._root = root
        self.port = free_port(beside=MANAGEMENT_OFFSET)
        epmd_port, distribution_port = free_port(), free_port()
        inside = Path("/") / folder.relative_to(root)
        self._environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(inside),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"docmill{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_BASE": str(inside),
            "RABBITMQ_MNESIA_BASE": str(inside / "data"),
            "RABBITMQ_LOG_BASE": str(inside / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONF_ENV_FILE": str(inside / "none"),
            "RABBITMQ_CONFIG_FILE": str(inside / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(inside / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(inside / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none",
        }
        (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (folder / "rabbitmq.conf").write_text(
            "management.tcp.ip = 127.0.0.1\n"
            f"management.tcp.port = {self.port + MANAGEMENT_OFFSET}\n"
            "management_agent.disable_metrics_collector = false\n"
            "disk_free_limit.absolute = 50MB\n"
            "vm_memory_high_watermark.relative = 0.6\n"
        )
        self._epmd = subprocess.Popen(
            [*self._prefix(), "epmd", "-port", str(epmd_port)],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the broker; returns once it takes connections."""
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [*self._prefix(), str(_BINARIES / "rabbitmq-server")],
                env=self._environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        eventually(self._listens, timeout_s=_START_S)

    def stop(self) -> None:
        """Stop the broker in good order; durable things stay."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the broker as a power cut would."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Kill whatever runs."""
        self.kill()
        self._epmd.kill()
        self._epmd.wait()

    def control(self, *arguments: str) -> str:
        """Run ``rabbitmqctl``."""
        return subprocess.run(
            [*self._prefix(), str(_BINARIES / "rabbitmqctl"), *arguments],
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    def close_all_connections(self, vhost: str) -> None:
        """Cut every connection to a virtual host."""
        self.control("close_all_connections", "--vhost", vhost, "test")

    @contextmanager
    def memory_alarm(self) -> Iterator[None]:
        """Have the broker take no publishes for a while."""
        self.control("set_vm_memory_high_watermark", "0.00001")
        try:
            yield
        finally:
            self.control("set_vm_memory_high_watermark", "0.6")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # The script's shell and Erlang's helpers are in the same new session.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        process.wait(60)
        eventually(lambda: not self._listens(), timeout_s=30)

    def _listens(self) -> bool:
        process = self._process
        if process is not None and process.poll() is not None:
            raise RuntimeError((self._folder / "output").read_text())
        for port in (self.port, self.port + MANAGEMENT_OFFSET):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                return False
        return True

    def _prefix(self) -> list[str]:
        """Give what makes a command see the other Debian, with a /proc in it."""
        if self._root == Path("/"):
            return []
        enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
        return ["unshare", "--mount", "sh", "-c", enter, str(self._root)]


def installed(root: Path = Path("/")) -> bool:
    """Whether a node can be started here."""
    return (root / _BINARIES.relative_to("/") / "rabbitmq-server").exists()


@contextmanager
def private_rabbitmq(root: Path = Path("/")) -> Iterator[RabbitmqServer]:
    """Start a node of our own and remove every trace of it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="docmill-rabbitmq-", dir=root / "tmp"))
    node = Node(folder, root=root)
    try:
        node.start()
        user = ("guest", "guest")
        yield RabbitmqServer("127.0.0.1", node.port, user=user, node=node)
    finally:
        node.close()
        shutil.rmtree(folder, ignore_errors=True)


def named_rabbitmq(url: str) -> RabbitmqServer:
    """Use a broker that runs already."""
    parameters = pika.URLParameters(url)
    credentials: Any = parameters.credentials
    return RabbitmqServer(
        parameters.host,
        parameters.port,
        user=(credentials.username, credentials.password),
    )
