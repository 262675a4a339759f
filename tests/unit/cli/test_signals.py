import os
import signal
import subprocess
import sys

import pytest

from service.cli.signals import SIGNALS, told_to_stop

WAITING = """
from service.cli.signals import stop_with_parent, told_to_stop
with told_to_stop() as stopping:
    stop_with_parent(stopping)
    print("waits", flush=True)
    stopping.wait()
print("stopped")
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_sets_the_event_and_a_second_changes_nothing(
    number: signal.Signals,
) -> None:
    before = signal.getsignal(number)
    with told_to_stop() as stopping:
        assert not stopping.is_set()
        os.kill(os.getpid(), number)
        assert stopping.wait(5)
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_process_stops_when_its_parent_is_gone() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "waits\n"
        process.stdin.close()
        assert process.stdout.read() == "stopped\n"
    assert process.returncode == 0
