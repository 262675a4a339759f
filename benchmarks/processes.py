"""What running processes use, read from ``/proc``: Linux only."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _CPU_FROM, _CPU_OWN_TO, _CPU_TO = 1, 11, 13, 15
"""Places after the command's name in ``/proc/<pid>/stat`` (proc(5)): the parent, then
user and system time, own and of children that were waited for."""
_BYTES_PER_KB = 1024
_IDLE, _WAITING = 3, 4
"""Places in the first line of ``/proc/stat`` that are no work."""


def available() -> bool:
    """Say whether this system tells."""
    return (_PROC / "self" / "stat").exists()


def cpu_s(root_pid: int) -> float:
    """Give the CPU seconds of a process and all its descendants, ended ones too.

    Exact to a clock tick (mostly 10 ms) a process.
    """
    ticks = 0
    for pid in tree(root_pid):
        fields = _stat(pid)
        if fields is not None:
            ticks += sum(map(int, fields[_CPU_FROM:_CPU_TO]))
    return ticks / _TICKS_PER_S


def own_cpu_s(pid: int) -> float:
    """Give the CPU seconds of one process, without those of its children."""
    fields = _stat(pid)
    if fields is None:
        return 0.0
    return sum(map(int, fields[_CPU_FROM:_CPU_OWN_TO])) / _TICKS_PER_S


def busy_s() -> float:
    """Give the CPU seconds that anybody on this machine has used since it started."""
    line = (_PROC / "stat").read_text().partition("\n")[0]
    ticks = [int(field) for field in line.split()[1:9]]
    return (sum(ticks) - ticks[_IDLE] - ticks[_WAITING]) / _TICKS_PER_S


def rss_bytes(pid: int) -> int:
    """Give the resident memory of one process."""
    for line in (_PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * _BYTES_PER_KB
    message = f"process {pid} has no memory"
    raise ProcessLookupError(message)


def program(pid: int) -> str:
    """Give the command line of a process; empty once it has ended."""
    try:
        content = (_PROC / str(pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return content.replace(b"\0", b" ").decode(errors="replace")


def children(parent_pid: int) -> list[int]:
    """Give the processes that a process started and that have not ended."""
    return [pid for pid, parent in _parents() if parent == parent_pid]


def tree(root_pid: int) -> Iterator[int]:
    """Give a process and its descendants."""
    below: dict[int, list[int]] = {}
    for pid, parent in _parents():
        below.setdefault(parent, []).append(pid)
    waiting = [root_pid]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += below.get(pid, [])


def _parents() -> Iterator[tuple[int, int]]:
    """Give every process with its parent."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields is not None:
                yield int(entry.name), int(fields[_PARENT])


def _stat(pid: int) -> list[str] | None:
    """Give the fields after the command's name, which may hold anything."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()
