import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import obstore.store
import pytest

from service.blobs import CHUNK_BYTES, Blobs, open_blobs
from service.clock import SystemClock
from service.errors import NotFoundError, SettingsError, TransientError
from service.local_files import MARK
from tests.blobs import claimed_blobs
from tests.support import eventually

KEY = "documents/doc_1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "with space" / "blobs"


@pytest.fixture(params=["file", "elsewhere"])
def blobs(request: pytest.FixtureRequest, folder: Path) -> Blobs:
    """A local store, and one that is not, as a remote one behaves."""
    if request.param == "file":
        return claimed_blobs(folder.as_uri())
    return Blobs(obstore.store.MemoryStore())


def test_what_was_put_is_given_back(blobs: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"from a file")
    blobs.put_bytes("results/job_1/job_1.000001.json", b"{}")
    blobs.put_file(KEY, source)
    assert blobs.get_bytes("results/job_1/job_1.000001.json") == b"{}"
    assert blobs.get_bytes(KEY) == b"from a file"
    assert source.exists()


def test_a_second_put_replaces_the_first(blobs: Blobs) -> None:
    blobs.put_bytes(KEY, b"the longer one")
    blobs.put_bytes(KEY, b"short")
    assert blobs.get_bytes(KEY) == b"short"


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, 3 * CHUNK_BYTES + 7])
def test_content_comes_in_pieces_that_add_up(blobs: Blobs, size: int) -> None:
    content = os.urandom(size)
    blobs.put_bytes(KEY, content)
    assert b"".join(blobs.iter_chunks(KEY)) == content


def test_pieces_of_a_large_file_are_small(folder: Path) -> None:
    blobs = claimed_blobs(folder.as_uri())
    blobs.put_bytes(KEY, bytes(5 * CHUNK_BYTES))
    assert max(len(piece) for piece in blobs.iter_chunks(KEY)) < 2 * CHUNK_BYTES


@pytest.mark.parametrize(
    ("limit", "given"),
    [(None, b"content"), (7, b"content"), (3, b"con"), (99, b"content")],
)
def test_no_more_than_the_limit_is_read(
    blobs: Blobs, limit: int | None, given: bytes
) -> None:
    blobs.put_bytes(KEY, b"content")
    assert blobs.get_bytes(KEY, limit=limit) == given


def test_an_empty_object_has_no_bytes_under_any_limit(blobs: Blobs) -> None:
    blobs.put_bytes(KEY, b"")
    assert blobs.get_bytes(KEY, limit=10) == b""


def test_what_is_missing_is_said_to_be_missing(blobs: Blobs, tmp_path: Path) -> None:
    assert not blobs.exists(KEY)
    for ask in (
        lambda: blobs.get_bytes(KEY),
        lambda: blobs.get_bytes(KEY, limit=1),
        lambda: blobs.iter_chunks(KEY),
        lambda: blobs.fetch(KEY, tmp_path / "target"),
    ):
        with pytest.raises(NotFoundError) as caught:
            ask()
        assert caught.value.code == "blob_not_found"


def test_deleting_removes_and_does_not_mind_what_is_gone(blobs: Blobs) -> None:
    blobs.put_bytes(KEY, b"x")
    blobs.delete(["documents/never", KEY, KEY])
    assert not blobs.exists(KEY)
    blobs.delete([])


def test_fetched_content_can_be_read_as_a_file(blobs: Blobs, tmp_path: Path) -> None:
    content = os.urandom(2 * CHUNK_BYTES)
    blobs.put_bytes(KEY, content)
    assert blobs.fetch(KEY, tmp_path / "target").read_bytes() == content


def test_a_local_file_is_fetched_without_a_copy(folder: Path, tmp_path: Path) -> None:
    blobs = claimed_blobs(folder.as_uri())
    blobs.put_bytes(KEY, b"x")
    assert blobs.fetch(KEY, tmp_path / "target") == folder / KEY
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    "key",
    [
        *("", "/etc/passwd", "../x", "a/../b", "a//b", ".hidden"),
        *("a b", "a#1", "ä", "a\n", "x" * 513),
    ],
)
def test_a_key_that_is_no_plain_path_is_refused(blobs: Blobs, key: str) -> None:
    for use in (
        lambda: blobs.put_bytes(key, b"x"),
        lambda: blobs.get_bytes(key),
        lambda: blobs.exists(key),
        lambda: blobs.delete([key]),
        lambda: blobs.fetch(key, Path("unused")),
    ):
        with pytest.raises(ValueError, match="not a blob key"):
            use()


def test_a_folder_goes_with_all_that_is_in_it(blobs: Blobs) -> None:
    for key in ("outputs/job_1/a/x.txt", "outputs/job_1/b/y.png", "outputs/job_2/c"):
        blobs.put_bytes(key, b"x")

    blobs.delete(["outputs/job_1/", "outputs/none/"])

    assert not blobs.exists("outputs/job_1/a/x.txt")
    assert not blobs.exists("outputs/job_1/b/y.png")
    assert blobs.exists("outputs/job_2/c")
    with pytest.raises(ValueError, match="not a blob key"):
        blobs.put_bytes("a/", b"")
    with pytest.raises(ValueError, match="not a blob key"):
        blobs.delete(["../a/"])


def test_many_are_stored_at_once(blobs: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"from a file")
    blobs.put_all({"results/j/t/1/a": source, "results/j/t/1/b": b"x", KEY: b"y"})
    blobs.put_all({"results/j/t/1/b": b"replaced"})
    blobs.put_all({})
    found = [blobs.get_bytes(f"results/j/t/1/{name}") for name in "ab"]
    assert found == [b"from a file", b"replaced"]
    assert blobs.get_bytes(KEY) == b"y"
    with pytest.raises(ValueError, match="not a blob key"):
        blobs.put_all({"documents/doc_2": b"", "../x": b""})
    assert not blobs.exists("documents/doc_2")


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed to the disk, in order."""
    paths: list[str] = []
    flush = os.fsync

    def recording(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        paths.append(re.sub(r"#\d+$", "", str(path)))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", recording)
    return paths


def test_each_file_and_each_folder_with_a_new_entry_is_flushed_once(
    folder: Path, flushed: list[str]
) -> None:
    blobs = claimed_blobs(folder.as_uri())
    blobs.put_all({"results/j/t1/r/a": b"1", "results/j/t1/r/b": b"2"})
    files = ["results/j/t1/r/a", "results/j/t1/r/b"]
    folders = ["", "results", "results/j", "results/j/t1", "results/j/t1/r"]
    assert sorted(flushed) == sorted(str(folder / each) for each in files + folders)
    assert flushed[:2] == [str(folder / each) for each in files]

    flushed.clear()
    blobs.put_all({"results/j/t2/r/a": b"1"})
    new = ["results/j", "results/j/t2", "results/j/t2/r", "results/j/t2/r/a"]
    assert sorted(flushed) == [str(folder / each) for each in new]


def test_a_folder_that_another_process_made_is_not_taken_for_durable(
    folder: Path, flushed: list[str]
) -> None:
    blobs = claimed_blobs(folder.as_uri())
    (folder / "documents").mkdir()
    blobs.put_bytes(KEY, b"x")
    assert str(folder) in flushed

    (folder / KEY).unlink()
    (folder / "documents").rmdir()
    flushed.clear()
    blobs.put_bytes(KEY, b"x")
    assert str(folder) in flushed


@pytest.mark.parametrize("emptied", [True, False])
def test_a_folder_that_is_not_mounted_is_not_one_whose_files_are_gone(
    folder: Path, tmp_path: Path, emptied: bool
) -> None:
    blobs = claimed_blobs(folder.as_uri())
    blobs.put_bytes(KEY, b"x")
    away = folder.rename(tmp_path / "away")
    if emptied:
        folder.mkdir()
    assert not blobs.available()
    for ask in (
        lambda: blobs.get_bytes(KEY),
        lambda: blobs.iter_chunks(KEY),
        lambda: blobs.local_path(KEY),
        lambda: blobs.exists(KEY),
        lambda: blobs.put_all({"documents/other": b"y", "top": b"z"}),
    ):
        with pytest.raises(TransientError, match="its folder is gone") as failed:
            ask()
        assert failed.value.code == "upstream_unavailable"
    if emptied:
        folder.rmdir()  # nothing was written to it
    away.rename(folder)
    assert blobs.get_bytes(KEY) == b"x"


def test_an_empty_folder_is_used_only_when_nothing_was_stored(folder: Path) -> None:
    blobs = open_blobs(folder.as_uri())
    assert not blobs.available()
    with pytest.raises(TransientError):
        blobs.put_bytes(KEY, b"x")
    assert not blobs.claim(first=False)
    (folder / "documents").mkdir()  # of a version that left no mark
    assert blobs.claim(first=False)
    blobs.put_bytes(KEY, b"x")
    shutil.rmtree(folder)
    assert open_blobs(folder.as_uri()).claim(first=True)


def test_of_what_cannot_be_stored_nothing_is_left(folder: Path, tmp_path: Path) -> None:
    blobs = claimed_blobs(folder.as_uri())
    blobs.put_bytes("results/a", b"before")
    with pytest.raises(NotFoundError):
        blobs.put_all({"results/a": b"after", "results/b": tmp_path / "gone"})
    assert blobs.get_bytes("results/a") == b"before"
    assert [path.name for path in (folder / "results").iterdir()] == ["a"]


def test_a_store_that_cannot_be_written_may_be_tried_again(folder: Path) -> None:
    blobs = claimed_blobs(folder.as_uri())
    (folder / "documents").write_bytes(b"a file where a folder belongs")
    with pytest.raises(TransientError) as caught:
        blobs.put_bytes(KEY, b"x")
    assert caught.value.code == "upstream_unavailable"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["file:///proc/no/such", "nonsense:///x", "az://account"]
)
def test_a_url_that_leads_nowhere_is_a_settings_problem(url: str) -> None:
    with pytest.raises(SettingsError, match="cannot be opened"):
        open_blobs(url)


def test_remote_urls_are_opened_without_being_reached() -> None:
    refusing = "endpoint=http://127.0.0.1:1&access_key_id=a&secret_access_key=b"
    assert open_blobs(f"s3://bucket/prefix?region=eu-central-1&{refusing}")


def test_emptied_folders_do_not_stay(folder: Path) -> None:
    blobs = claimed_blobs(folder.as_uri())
    blobs.put_bytes("texts/job_1/job_1.000001.txt", b"x")
    blobs.delete(["texts/job_1/job_1.000001.txt"])
    assert [path.name for path in folder.iterdir()] == [MARK]


def test_many_threads_may_write_and_remove_side_by_side(folder: Path) -> None:
    blobs = claimed_blobs(folder.as_uri())
    problems: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(30):
                key = f"results/job_{turn}/{number}.json"
                blobs.put_bytes(key, b"x" * turn)
                assert blobs.get_bytes(key) == b"x" * turn
                blobs.delete([key])
        except Exception as error:  # noqa: BLE001  # shown by the test's own thread
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


WRITER = """
import sys
from pathlib import Path
from service.blobs import open_blobs
blobs = open_blobs(sys.argv[1])
while True:
    blobs.put_file("documents/doc_1", Path(sys.argv[2]))
"""


def test_a_killed_writer_leaves_no_half_object_and_its_rest_is_removed(
    folder: Path, tmp_path: Path
) -> None:
    blobs = claimed_blobs(folder.as_uri())
    source = tmp_path / "source"
    source.write_bytes(os.urandom(30_000_000))
    documents = folder / "documents"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, folder.as_uri(), source]
    ) as writer:
        eventually(lambda: list(documents.glob("doc_1#*")), timeout_s=20)
        writer.send_signal(signal.SIGKILL)
    now = SystemClock().now()  # compared with times of the file system
    if blobs.exists(KEY):
        assert blobs.get_bytes(KEY) == source.read_bytes()
    left = len(list(documents.glob("doc_1#*")))
    assert blobs.remove_unfinished(before=now - timedelta(hours=1)) == 0
    assert blobs.remove_unfinished(before=now + timedelta(hours=1)) == left
    assert {path.name for path in documents.iterdir()} <= {"doc_1"}
