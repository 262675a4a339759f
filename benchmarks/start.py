"""How long a start takes, on a data folder that exists."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.documents import texts
from benchmarks.figures import Figure, at_most
from benchmarks.service import ROOT, Service, command, running
from tools.stack.waiting import HOST, free_port, listens, wait_until

ROUNDS = 5
IMPORTS = "import starlette, sqlalchemy, dramatiq, uvicorn"


def measure() -> Iterator[Figure]:
    """Give the time from starting the process to its first accepted job."""
    with TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        with running(data) as service:
            ids = service.upload(texts(Path(scratch), "", 1))
        starts, imports = [], []
        for _ in range(ROUNDS):
            starts.append(_start(data, ids))
            imports.append(_import())
    yield Figure(
        name="docmill up to the first accepted job",
        unit="s",
        values=tuple(starts),
        target=at_most(3),
        baseline=f'python -c "{IMPORTS}"',
        baseline_values=tuple(imports),
    )


def _start(data: Path, ids: list[str]) -> float:
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        command("up", "--port", str(port), "--data-dir", str(data)),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: listens(port), "the service", every_s=0.01)
        service = Service(f"http://{HOST}:{port}", process.pid)
        job_id = service.submit(ids, job_type="NOOP", at_once=1)
        taken = time.perf_counter() - began
        service.finished(job_id)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    return taken


def _import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    return time.perf_counter() - began
