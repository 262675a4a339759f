import subprocess
import sys
from pathlib import Path

from service.settings import environment
from tests.processes import children
from tests.support import eventually

NOWHERE = {
    "DOCMILL_BROKER_URL": "amqp://127.0.0.1:1/docmill",
    "DOCMILL_STORE_URL": "postgresql+psycopg://docmill@127.0.0.1:1/docmill",
}
"""Servers that are away, for which a process waits."""


def test_processes_that_are_stopped_while_they_start_end_well(tmp_path: Path) -> None:
    own = {"DOCMILL_BLOB_URL": tmp_path.as_uri(), "DOCMILL_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "service.cli", "worker", "--health-port", "0"]
    with subprocess.Popen(
        command, env={**environment(), **NOWHERE, **own}, stderr=subprocess.PIPE
    ) as process:
        try:
            eventually(lambda: len(children(process.pid)) >= 2, timeout_s=30)
            process.terminate()
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, said.decode()
