"""What a process is called among all others."""

import os
import socket


def worker_name() -> str:
    """Give the name of this process: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"
