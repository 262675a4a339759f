"""Looks at other processes through ``/proc``; any of them may end in mid-look."""

from pathlib import Path

_PROC = Path("/proc")


def is_gone(pid: int) -> bool:
    """Say whether a process has ended; one that only waits to be reaped has.

    Orphans of a test run are reaped by whatever is process 1, perhaps never.
    """
    stat = _content(_PROC / str(pid) / "stat")
    return not stat or stat.rpartition(")")[2].split()[0] == "Z"


def children(pid: int) -> set[int]:
    """Give the processes that a process has started and that are still there."""
    tasks = _PROC / str(pid) / "task"
    try:
        threads = list(tasks.iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {
        int(child) for each in threads for child in _content(each / "children").split()
    }


def descendants(pid: int) -> set[int]:
    """Give the processes that a process and its children have started."""
    found = children(pid)
    return found.union(*map(descendants, found))


def _content(path: Path) -> str:
    # Reading fails with the one error before the file is open, else with the other.
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
