"""What starting a server needs: a free port, patience, and a file for a password."""

import fcntl
import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
STARTS_S: Final = 60.0
STOPS_S: Final = 60.0
LOOK_EVERY_S: Final = 0.05
PORTS: Final = range(10_000, 22_000)
"""Below those that the kernel gives to connections, also with `beside` added. One of
its own may belong to somebody's connection by the time that the server listens."""
TAKEN: Final = Path(tempfile.gettempdir()) / f"docmill-ports-{os.getuid()}"
"""A byte for each port, locked by the process that was given it."""
_given: Final[set[int]] = set()


def free_port(*, beside: int = 0) -> int:
    """Give a port of this machine that nobody has now, nor one `beside` above it.

    None is given twice, also by other processes while this one is there: several are
    asked for before the first server listens.
    """
    while True:
        port = secrets.choice(PORTS)
        ports = {port, port + beside}
        if _given.isdisjoint(ports) and all(map(claim, ports)):
            _given.update(ports)
            return port


def claim(port: int) -> bool:
    """Take a port for this process; says whether nobody else has it."""
    taken = _taken()
    try:
        fcntl.lockf(taken, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):  # another process has it
        return False
    return _is_free(port)


@cache
def _taken() -> int:
    """Open the file for as long as this process lives."""
    return os.open(TAKEN, os.O_RDWR | os.O_CREAT)


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Say whether something takes connections on a port of this machine."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(
    true: Callable[[], bool],
    what: str,
    *,
    timeout_s: float = STARTS_S,
    every_s: float = LOOK_EVERY_S,
) -> None:
    """Wait until something is true; it is looked at every `every_s` seconds.

    Raises:
        TimeoutError: It did not come true in time.
    """
    pause, until_s = threading.Event(), time.monotonic() + timeout_s
    while not true():
        if time.monotonic() >= until_s:
            raise TimeoutError(f"{what}: not within {timeout_s:.0f} s")
        pause.wait(every_s)


def write_secret(path: Path, content: str) -> None:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(content)
