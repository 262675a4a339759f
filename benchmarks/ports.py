"""Ports on loopback."""

import socket

from tests.support import eventually

HOST = "127.0.0.1"
_LIMIT_S = 30.0
_CONNECT_LIMIT_S = 1.0


def free_port() -> int:
    """Give a port nobody listens on now."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def listening(port: int) -> None:
    """Wait until somebody listens on a port; it is tried every 10 ms."""
    eventually(lambda: _answers(port), timeout_s=_LIMIT_S)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=_CONNECT_LIMIT_S).close()
    except OSError:
        return False
    return True
