"""How a process is told to stop."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
PIECE: Final = 1_024
"""Bytes read at once from a parent that has nothing to say."""


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and Ctrl-C set, for the length of a ``with`` block.

    Must be entered on the main thread. A second signal while stopping changes nothing.
    """
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_with_parent(stopping: threading.Event) -> None:
    """Set the event when standard input ends: the parent that holds it has died."""

    def watch() -> None:
        # Not through `sys.stdin`, whose lock would then be held at the very end.
        while os.read(sys.stdin.fileno(), PIECE):
            pass
        stopping.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()
