"""Takes from a fresh child what a reader of documents never needs."""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

OPEN_FILES_MAX = 256
FILE_BYTES_MAX = 512 * 1024 * 1024
"""Largest file a child may write; the text limit is far below."""
OOM_SCORE = "800"
"""Of -1000 to 1000: the kernel ends children before it ends the worker."""

TURN_NS = 100_000_000
"""How long a child reads before the next one's turn: the longest Linux grants."""

_PR_SET_PDEATHSIG = 1
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
"""Numbers of a system call that libraries do not know yet, by machine."""
_SCHED_ATTR = struct.Struct("=IIQiIQQQ")
"""``struct sched_attr`` of sched_setattr(2): size, policy, flags, nice, priority,
runtime, deadline, period."""
_NO_SIGNAL = -1


def confine(channel_fd: int, *, server_pid: int, memory_bytes: int) -> int:
    """Limit this process for good; to be called first thing after the fork.

    Args:
        channel_fd: The one descriptor to keep beside 0, 1 and 2.
        server_pid: The parent; the child dies with it.
        memory_bytes: Address space it may take on top of what is mapped now. (macOS
            knows no such limit; there only the time limit ends a hog.)

    Returns:
        The descriptor's new number.
    """
    _reset_signals()
    kept_fd = _keep_only(channel_fd)
    _die_with(server_pid)
    _yield_to_the_worker()
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),  # neither processes nor threads of its own
        (resource.RLIMIT_NOFILE, OPEN_FILES_MAX),
        (resource.RLIMIT_FSIZE, FILE_BYTES_MAX),
        (resource.RLIMIT_AS, _mapped_bytes() + memory_bytes),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE, encoding="ascii")
    return kept_fd


def _keep_only(channel_fd: int) -> int:
    kept_fd = 3
    os.dup2(channel_fd, kept_fd, inheritable=False)
    os.closerange(kept_fd + 1, os.sysconf("SC_OPEN_MAX"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard_fd in range(3):
        os.dup2(nowhere, standard_fd)
    os.close(nowhere)
    return kept_fd


def _reset_signals() -> None:
    signal.set_wakeup_fd(_NO_SIGNAL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _die_with(server_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server_pid:  # it died before the line above
        os._exit(1)


def _yield_to_the_worker() -> None:
    """Take the processor when it is free, and then for long.

    A worker's thread that hands over a document goes on to hand over the next, and what
    is said of documents is not held up by their reading (sched(7), SCHED_BATCH). More
    children than processors cost each other the caches at every change of turns, so
    each asks for long turns; before Linux 6.12 that is heard and changes nothing.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        number = _SCHED_SETATTR.get(platform.machine())
        if number is not None:
            attributes = _SCHED_ATTR.pack(
                _SCHED_ATTR.size, os.SCHED_BATCH, 0, 0, 0, TURN_NS, 0, 0
            )
            ctypes.CDLL(None).syscall(number, 0, attributes, 0)


def _mapped_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
