"""Every hostile file through every job type that opens it, as a worker would.

Each must end within its time limit with a result or a named error. Nothing may be left
in the temporary folder, no connection be made, and the worker must stay small.
"""

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from actors.sandbox import Sandbox, SandboxJob, SandboxLimits, remove_outputs
from benchmarks.processes import rss_bytes
from service.errors import DOCUMENT_CODES, DocumentError
from tests.hostile import every_file

LIMIT_S = 10.0
GROWTH_BYTES = 50 * 1024 * 1024
NAMED = {
    "encrypted": "password-",
    "empty": "empty.",
}
"""Codes that must be told exactly for the files so named."""

pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[str, list[str]]]:
    """Serve an address, and keep what is asked of it."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()


def job(path: Path, name: str, job_type: str) -> SandboxJob:
    return SandboxJob(
        job_type=job_type,
        document_id="doc_hostile",
        path=path,
        name=name,
        size_bytes=path.stat().st_size,
        sha256="0" * 64,
        output_prefix=path.with_name("made"),
    )


def ending(sandbox: Sandbox, work: SandboxJob) -> str:
    """Give the result's status, or the code of the error."""
    try:
        result = sandbox.run(work, time_limit_s=LIMIT_S, on_report=lambda _: None)
    except DocumentError as error:
        return error.code
    remove_outputs(work.output_prefix)
    if not result.in_file:
        assert msgspec.json.decode(result.data)["status"] == result.status
    return str(result.status)


def write_all(folder: Path, address: str) -> Iterator[str]:
    """Write every file under its number, and a harmless one; give their names."""
    (folder / "harmless").write_bytes(b"Hello")
    for number, (name, make) in enumerate(every_file(address).items()):
        (folder / str(number)).write_bytes(make())
        yield name


def test_each_ends_with_a_name_and_nothing_is_left(
    asked: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, paths = asked
    temp, files = tmp_path / "temp", tmp_path / "files"
    temp.mkdir()
    files.mkdir()
    # All are written before, so that this process stays as small as a worker's.
    names = list(write_all(files, address))
    endings: dict[str, str] = {}
    limits = SandboxLimits(picture_longest_px=2_048, max_pictures=20)
    with Sandbox((), limits, temp_parent=temp) as sandbox:
        harmless = job(files / "harmless", "a.txt", "FULL_ANALYSIS")
        assert ending(sandbox, harmless) == "ok"
        before = rss_bytes(os.getpid())
        for number, name in enumerate(names):
            for job_type in ("FULL_ANALYSIS", "QUALITY_CHECK"):
                work = job(files / str(number), name, job_type)
                endings[f"{job_type} {name}"] = ending(sandbox, work)
        assert ending(sandbox, harmless) == "ok"
        grown = rss_bytes(os.getpid()) - before
        left = [str(each) for each in temp.rglob("*") if each.is_file()]

    print("\n".join(f"{each}: {code}" for each, code in endings.items()))  # noqa: T201
    allowed = {"ok", "degraded", *DOCUMENT_CODES} - {"internal"}
    assert {each for each, code in endings.items() if code not in allowed} == set()
    for code, start in NAMED.items():
        for each, ended in endings.items():
            if each.startswith(f"FULL_ANALYSIS {start}"):
                assert ended == code, each
    assert paths == []
    assert left == []
    assert len(list(files.iterdir())) == len(names) + 1, "no output was left"
    assert not Path("/tmp/docmill-was-here").exists()
    assert grown < GROWTH_BYTES
