"""``docmill worker`` without ``--queues``: one process for each group of queues.

Planning then never waits behind documents, and only one of the processes has the
credentials of the database.
"""

import subprocess
import sys
import threading
from collections.abc import Collection, Sequence
from signal import SIGTERM
from typing import Final

from service.cli.signals import told_to_stop
from service.logs import get_logger
from service.settings import KEPT_BACK, Role, environment

GROUPS: Final = {
    "documents": Role.DOCUMENTS,
    "batches": Role.BATCHES,
    "documents.ocr": Role.OCR,
}
"""Queue group to the role that serves it, in the order of their health ports."""
BY_SIGNAL: Final = 128
"""Added to a signal's number to make it an exit code, as shells do."""
LOOK_EVERY_S: Final = 0.2

_log = get_logger(__name__)


def supervise(
    *, health_port: int, options: Sequence[str] = (), without: Collection[str] = ()
) -> int:
    """Run the processes until told to stop or until one ends; gives the exit code.

    The one that ends unexpectedly takes the others along, so that whoever started this
    sees it and starts all anew.

    Args:
        health_port: Of the first process; the others count up from it.
        options: For all of them.
        without: Groups that this machine does not serve.
    """
    with told_to_stop() as stopping:
        processes = {
            group: _start(group, health_port + number if health_port else 0, options)
            for number, group in enumerate(GROUPS)
            if group not in without
        }
        try:
            died = _wait(processes, stopping)
            for process in processes.values():
                process.terminate()
            codes = [process.wait() for process in processes.values()]
        finally:
            for process in processes.values():
                process.kill()
    if died is not None:
        return _exit_code(died)
    # One that was still starting dies of the signal, and has nothing to hand back.
    return max((_exit_code(code) for code in codes if code != -SIGTERM), default=0)


def _start(group: str, port: int, options: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "service.cli", "worker", "--queues", group]
    return subprocess.Popen(  # noqa: S603  # our own command
        [*command, "--health-port", str(port), "--supervised", *options],
        # Ctrl-C reaches this process alone, which then says so to each once.
        start_new_session=True,
        # Its end tells them that this process has died.
        stdin=subprocess.PIPE,
        env=environment(without=KEPT_BACK[GROUPS[group]]),
    )


def _wait(
    processes: dict[str, subprocess.Popen[bytes]], stopping: threading.Event
) -> int | None:
    """Wait for a stop, or give the return code of a process that ended before one."""
    while not stopping.wait(LOOK_EVERY_S):
        for group, process in processes.items():
            code = process.poll()
            if code is not None:
                _log.error("worker_process_ended", queues=group, code=code)
                return code or 1
    return None


def _exit_code(code: int) -> int:
    return BY_SIGNAL - code if code < 0 else code
