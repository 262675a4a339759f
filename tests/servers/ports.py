"""Ports nobody listens on."""

import socket


def free_port() -> int:
    """Give a port of this machine that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
