"""The worker's side of the sandbox server: starts it and asks it for children."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from actors.sandbox.wire import ENCODER, FORK, Setup

_STOP_LIMIT_S = 10.0


class ServerProcess:
    """One server process; made anew when it has died."""

    def __init__(self, setup: Setup) -> None:
        ours, theirs = socket.socketpair()
        self._requests = ours
        with theirs:
            # In a session of its own it does not hear the Ctrl-C in our terminal: we
            # drain, then it ends because our end of the socket closes.
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter
                [
                    sys.executable,
                    *("-P", "-m", "actors.sandbox"),
                    str(theirs.fileno()),
                    ENCODER.encode(setup).decode(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def fork(self) -> tuple[socket.socket, socket.socket]:
        """Ask for a child; not thread-safe, does not wait for it.

        Returns:
            The socket to the child, and the one on which the server speaks of it.

        Raises:
            OSError: The server is gone.
        """
        with _pair() as (work, their_work), _pair() as (control, their_control):
            theirs = [their_work.fileno(), their_control.fileno()]
            socket.send_fds(self._requests, [FORK], theirs)
            return work.dup(), control.dup()

    def close(self) -> None:
        """End the server and with it every child; returns once it is gone."""
        self._requests.close()
        try:
            self._process.wait(_STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def _pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def _environment() -> dict[str, str]:
    """Give all the server and its children know of our environment: no secrets.

    What they import they find where we do. Numeric libraries must not start threads
    in a process that forks.
    """
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(str(Path(p).absolute()) for p in sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # onnxruntime from 1.29 on would report to its maker.
        "ORT_DISABLE_TELEMETRY": "1",
    }
