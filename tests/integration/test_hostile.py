"""Every hostile file through every job type that opens it, as a worker would.

Each must end within its time limit with a valid result or a named error. Nothing may be
left in the temporary folder, no connection be made, and the worker must stay small.
"""

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.sandbox import Sandbox, SandboxLimits
from benchmarks.processes import rss_bytes
from tests.hostile import every_file
from tests.hostile.driving import MODULES, NAMED, ending, job, listening
from tests.hostile.no_network import CONNECT

GROWTH_BYTES = 50 * 1024 * 1024
EXACT = {
    "password-": "encrypted",
    "empty.": "empty",
    "bomb.": "too_large",
    "entity-bomb": "corrupt",
    "fetching": "ok",
    "template": "ok",
    "acting": "degraded",
    "name\u202e": "ok",
}
"""How files whose names so begin must end in a full analysis."""

pytestmark = pytest.mark.timeout(420)


def write_all(folder: Path, address: str) -> Iterator[str]:
    """Write every file under its number, and a harmless one; give their names."""
    (folder / "harmless").write_bytes(b"Hello")
    for number, (name, make) in enumerate(every_file(address).items()):
        (folder / str(number)).write_bytes(make())
        yield name


def test_each_ends_with_a_name_and_nothing_is_left(tmp_path: Path) -> None:
    temp, files = tmp_path / "temp", tmp_path / "files"
    temp.mkdir()
    files.mkdir()
    endings: dict[str, str] = {}
    limits = SandboxLimits(picture_longest_px=2_048, max_pictures=20)
    with (
        listening() as (address, callers),
        Sandbox(MODULES, limits, temp_parent=temp) as sandbox,
    ):
        # All are written before, so that this process stays as small as a worker's.
        names = list(write_all(files, address))
        harmless = job(files / "harmless", "a.txt")
        assert ending(sandbox, harmless) == "ok"
        before = rss_bytes(os.getpid())
        for number, name in enumerate(names):
            for job_type in ("FULL_ANALYSIS", "QUALITY_CHECK"):
                work = job(files / str(number), name, job_type)
                endings[f"{job_type} {name}"] = ending(sandbox, work)
        assert ending(sandbox, harmless) == "ok"
        grown = rss_bytes(os.getpid()) - before
        left = [str(each) for each in temp.rglob("*") if each.is_file()]

    print(f"worker grown by {grown} bytes")  # noqa: T201
    print("\n".join(f"{each}: {code}" for each, code in endings.items()))  # noqa: T201
    assert set(endings.values()) <= NAMED
    for start, code in EXACT.items():
        found = {
            each: ended
            for each, ended in endings.items()
            if each.startswith(f"FULL_ANALYSIS {start}")
        }
        assert found
        assert set(found.values()) == {code}, found
    assert callers == []
    assert left == []
    assert len(list(files.iterdir())) == len(names) + 1, "no output was left"
    assert not Path("/tmp/docmill-was-here").exists()
    assert grown < GROWTH_BYTES


def test_a_connection_would_be_noticed(tmp_path: Path) -> None:
    path = tmp_path / "port"
    with (
        listening() as (address, callers),
        Sandbox(MODULES, SandboxLimits(), temp_parent=tmp_path) as sandbox,
    ):
        path.write_text(address.rpartition(":")[2])
        assert ending(sandbox, job(path, "port", CONNECT)) == "crashed"
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(address)

    assert len(callers) == 1
