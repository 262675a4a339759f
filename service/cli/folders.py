"""Folders for temporary files of one process, beside those of others."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LOCK: Final = ".lock"


@contextmanager
def own_folder(parent: Path) -> Iterator[Path]:
    """Make a folder for the length of a ``with`` block.

    What killed processes left in `parent` is removed on the way: each holds a lock on
    its folder that ends with it.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / _LOCK).open("w") as order:
        # Nobody tidies between the making of a folder and its lock.
        fcntl.flock(order, fcntl.LOCK_EX)
        for each in parent.iterdir():
            if each.is_dir():
                _remove_abandoned(each)
        folder = Path(tempfile.mkdtemp(dir=parent))
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_abandoned(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)
