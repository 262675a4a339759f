"""The processes of the stack: started, ended and watched one by one."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from service.messages import ProcessScan
from service.settings import environment
from service.settings.model import PREFIX
from tools.stack.postgresql import Postgresql
from tools.stack.rabbitmq import Rabbitmq
from tools.stack.waiting import HOST, STARTS_S, free_port, wait_until

ROOT: Final = Path(__file__).resolve().parents[2]
STOPS_S: Final = 30.0
"""Longest wait for a process that was told to stop."""
ANSWERS_S: Final = 5.0

SCANS: Final = ProcessScan.queue
StoreKind = Literal["postgresql", "sqlite"]


@dataclass(frozen=True, slots=True)
class Member:
    """A process of the stack: how it is started and where it answers."""

    name: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str]
    port: int

    @property
    def url(self) -> str:
        """Where its health is, of the gateway also everything else."""
        return f"http://{HOST}:{self.port}"


class Stack:
    """Broker, database, gateway, aggregators and workers of this machine.

    Members are called ``gateway``, ``aggregator-1``, ``documents-1``, ``batches-1``,
    ``documents.ocr-1`` and so on.

    Args:
        folder: For all data and logs.
        store: The database; with ``sqlite`` it is a file in the folder.
        port: Of the gateway; 0 takes a free one.
        aggregators: How many; one leads.
        workers: How many, each with a process for documents and one for batches.
        scans: How many that recognise text, which takes ``docmill[ocr]``.
        queue_type: Of the broker's queues.
        settings: Further settings of all members, by name.
    """

    def __init__(
        self,
        folder: Path,
        *,
        store: StoreKind = "postgresql",
        port: int = 0,
        aggregators: int = 2,
        workers: int = 2,
        scans: int = 0,
        queue_type: str = "classic",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.rabbitmq = Rabbitmq(self.folder / "rabbitmq", queue_type=queue_type)
        self.postgresql = (
            Postgresql(self.folder / "postgresql") if store == "postgresql" else None
        )
        self._port = port or free_port()
        self._counts = {"aggregator": aggregators, "documents": workers}
        self._counts |= {"batches": workers, SCANS: scans}
        self._settings = {"queue_type": queue_type, **(settings or {})}
        self._members: dict[str, Member] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """Where the gateway listens."""
        return f"http://{HOST}:{self._port}"

    @property
    def store_url(self) -> str:
        """The URL of who may change everything in the store."""
        if self.postgresql is None:
            return f"sqlite:///{self.folder}/docmill.sqlite3"
        return self.postgresql.url

    @property
    def names(self) -> tuple[str, ...]:
        """The members, in the order in which they are started."""
        return tuple(self._members)

    def start_all(self) -> None:
        """Start everything; returns once every member is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "logs").mkdir(exist_ok=True)
        self.rabbitmq.start()
        if self.postgresql:
            self.postgresql.start()
        self._members = {each.name: each for each in self._all_members()}
        self._migrate()
        if self.postgresql:
            self.postgresql.allow_reading()
        for name in self.names:
            self.start(name)
        for name in self.names:
            self.wait_ready(name)

    def stop_all(self) -> dict[str, int]:
        """Stop everything together; gives the exit codes of the members."""
        for process in self._running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        codes = {name: self._wait(name) for name in tuple(self._running)}
        self.rabbitmq.stop()
        if self.postgresql:
            self.postgresql.stop()
        return codes

    def start(self, name: str) -> None:
        """Start a member; returns at once."""
        member = self._members[name]
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "service.cli", *member.arguments],
                cwd=ROOT,
                env=self._environment(member.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is not for it
            )

    def kill(self, name: str) -> None:
        """End a member as a crash does."""
        process = self._running.pop(name)
        process.kill()
        process.wait(STOPS_S)

    def terminate(self, name: str) -> int:
        """End a member as an administrator does; gives its exit code."""
        self._running[name].terminate()
        return self._wait(name)

    def pause(self, name: str) -> None:
        """Let a member do nothing, not even notice that time passes."""
        self._running[name].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a paused member go on."""
        self._running[name].send_signal(signal.SIGCONT)

    def running(self, name: str) -> bool:
        """Whether a member's process is there."""
        return name in self._running and self._running[name].poll() is None

    def pid(self, name: str) -> int:
        """Give the process id of a running member."""
        return self._running[name].pid

    def environment_of(self, name: str) -> str:
        """Give what a running member's environment holds, as the kernel shows it."""
        content = Path(f"/proc/{self.pid(name)}/environ").read_bytes()
        return content.decode(errors="replace")

    def log(self, name: str) -> Path:
        """Give the file with what a member said."""
        return self.folder / "logs" / f"{name}.log"

    def health(self, name: str, path: str) -> tuple[int, str]:
        """Ask a member; gives the status, 0 if it does not answer, and the body."""
        request = urllib.request.Request(self._members[name].url + path)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=ANSWERS_S) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_ready(self, name: str, *, timeout_s: float = STARTS_S) -> None:
        """Wait until a member says that it is ready.

        Raises:
            RuntimeError: It ended instead.
            TimeoutError: It did not in time.
        """

        def ready() -> bool:
            if not self.running(name):
                log = self.log(name).read_text(errors="replace")
                raise RuntimeError(f"{name} has ended:\n{log[-4000:]}")
            return self.health(name, "/readyz")[0] == 200

        wait_until(ready, name, timeout_s=timeout_s)

    def leader(self) -> str | None:
        """Give the aggregator that says that it leads."""
        for name in self.names:
            if not name.startswith("aggregator") or not self.running(name):
                continue
            status, body = self.health(name, "/readyz")
            if status == 200 and json.loads(body).get("role") == "leader":
                return name
        return None

    def _all_members(self) -> Iterator[Member]:
        for kind, count in self._counts.items():
            for number in range(1, count + 1):
                yield self._member(kind, number)
        arguments = ("gateway", "--port", str(self._port))
        settings = self._shared("gateway") | self._store()
        yield Member("gateway", arguments, settings, self._port)

    def _member(self, kind: str, number: int) -> Member:
        port = free_port()
        command = ("aggregator",) if kind == "aggregator" else ("worker", "--queues")
        arguments = command if kind == "aggregator" else (*command, kind)
        opens_documents = kind in {"documents", SCANS}
        settings = self._shared("documents" if opens_documents else kind)
        if self._counts[SCANS]:
            settings["ocr"] = "on"
        if not opens_documents:  # they have no credentials of the database
            settings |= self._store(reader=kind == "batches")
        health = ("--health-port", str(port))
        return Member(f"{kind}-{number}", (*arguments, *health), settings, port)

    def _shared(self, role: str) -> dict[str, str]:
        return {
            "broker_url": self.rabbitmq.url(role),
            "blob_url": (self.folder / "blobs").as_uri(),
            "data_dir": str(self.folder / "work"),
            "log_format": "json",
            **self._settings,
        }

    def _store(self, *, reader: bool = False) -> dict[str, str]:
        if reader and self.postgresql:
            return {"store_url": self.postgresql.reader_url}
        return {"store_url": self.store_url}

    def _migrate(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "service.cli", "migrate"],
            cwd=ROOT,
            env=self._environment(self._shared("aggregator") | self._store()),
            check=True,
            capture_output=True,
        )

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Give the environment of a member, without what was set for others."""
        others = [name for name in environment() if name.startswith(PREFIX)]
        kept = environment(without=[name.removeprefix(PREFIX) for name in others])
        own = {f"{PREFIX}{name.upper()}": each for name, each in settings.items()}
        return {**kept, **own}

    def _wait(self, name: str) -> int:
        process = self._running.pop(name)
        try:
            return process.wait(STOPS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


@contextmanager
def folder_for(given: Path | None) -> Iterator[Path]:
    """Give the folder, or a temporary one that is removed afterwards."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="docmill-stack-") as name:
        os.chmod(name, 0o711)  # noqa: PTH101  # PostgreSQL's user must pass through
        yield Path(name)


def ended(stack: Stack) -> Sequence[str]:
    """Give the members that have ended by themselves."""
    return [name for name in stack.names if not stack.running(name)]
