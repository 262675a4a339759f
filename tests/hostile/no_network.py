"""Given to a sandbox as a module: whoever connects to anything there, dies of it.

What is written in C asks nobody; that is caught by the address that hostile files name.
"""

import os
import socket
import sys
from pathlib import Path

from service.processing.context import StepContext
from service.processing.registry import JobType, Registry, Step

CONNECT = "CONNECT"
_REACHING = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
)


def register(registry: Registry) -> None:
    """Forbid connections from here on, and add a job type that makes one.

    Only in the sandbox: the worker asks a module for its job types too.
    """
    if Path(sys.argv[0]).parent.name == "sandbox":
        sys.addaudithook(_forbid)
    registry.register(JobType(CONNECT, (Step("connect", _connect),)))


def _forbid(event: str, _arguments: object) -> None:
    if event in _REACHING:
        os.abort()


def _connect(context: StepContext) -> None:
    address = ("127.0.0.1", int(context.source.path.read_text(encoding="ascii")))
    with socket.socket() as opened:
        opened.connect(address)
