"""``make stack``: Docmill as separate processes on this machine, with one command."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from service.cli.ports import check_port
from service.errors import DocmillError
from service.processing.ocr import ocr_installed
from tools.stack.installing import install_servers, missing_servers
from tools.stack.processes import Stack, ended, folder_for
from tools.stack.waiting import HOST

LOOK_EVERY_S = 0.5
DRAIN_S = 15
"""What takes longer is handed back, and is there at the next start: less than the stack
waits for its processes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stack until Ctrl-C; gives the exit code."""
    parser = argparse.ArgumentParser(prog="make stack", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the gateway")
    parser.add_argument(
        "--data", type=Path, help="folder to keep; left out, a temporary one is used"
    )
    parser.add_argument("--store", choices=("postgresql", "sqlite"), default=None)
    parser.add_argument("--queue-type", choices=("classic", "quorum"), default=None)
    chosen = parser.parse_args(arguments)
    missing = missing_servers()
    if missing and not install_servers(missing):
        return 1
    try:
        check_port(HOST, chosen.port)
        return _run(chosen)
    except (DocmillError, OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    stopping = _stop_signals()
    with folder_for(chosen.data) as folder:
        stack = Stack(
            folder,
            port=chosen.port,
            store=chosen.store or "postgresql",
            scans=int(ocr_installed()),
            queue_type=chosen.queue_type or "classic",
            settings={"drain_s": str(DRAIN_S)},
        )
        try:
            print("Starting RabbitMQ, the database and Docmill ...", flush=True)
            stack.start_all()
            _say_where(stack)
            died = _wait(stack, stopping)
        finally:
            with suppress(OSError):  # the terminal may be gone
                print("Stopping ...", flush=True)
            codes = stack.stop_all()
    for name in died:
        print(f"{name} ended by itself.", file=sys.stderr)
    bad = {name: code for name, code in codes.items() if code}
    return 1 if died or bad else 0


def _stop_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, stop)
    return stopping


def _say_where(stack: Stack) -> None:
    print(f"Docmill is ready at {stack.url}")
    print(f"  processes: {', '.join(stack.names)}")
    print(f"  data and logs: {stack.folder}")
    print("Ctrl-C stops all of it.", flush=True)


def _wait(stack: Stack, stopping: threading.Event) -> Sequence[str]:
    while not stopping.wait(LOOK_EVERY_S):
        died = ended(stack)
        if died:
            for name in died:
                log = stack.log(name).read_text(errors="replace")
                print(f"{name}:\n{log[-2000:]}", file=sys.stderr)
            return died
    return ()


if __name__ == "__main__":
    sys.exit(main())
