"""Blobs in a bucket of a real server that speaks S3."""

import os
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from service.blobs import CHUNK_BYTES, MAX_URL_S, Blobs, open_blobs
from service.clock import SystemClock
from service.errors import NotFoundError, SettingsError, TransientError
from tests.servers.s3 import ACCESS_KEY, REGION, SECRET_KEY, S3Server

KEY = "documents/doc_1"


@pytest.fixture
def bucket(s3_server: S3Server, request: pytest.FixtureRequest) -> str:
    name = f"docmill-{abs(hash(request.node.nodeid))}"
    s3_server.make_bucket(name)
    return name


@pytest.fixture
def blobs(s3_server: S3Server, bucket: str) -> Blobs:
    return open_blobs(s3_server.url(bucket, "some/prefix"))


@pytest.fixture
def silent() -> Iterator[str]:
    """An endpoint that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_what_was_put_is_given_back(
    blobs: Blobs, tmp_path: Path, s3_server: S3Server, bucket: str
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"from a file")
    blobs.put_bytes("results/job_1/job_1.000001.json", b"{}")
    blobs.put_file(KEY, source)
    assert blobs.get_bytes(KEY) == b"from a file"
    assert blobs.get_bytes(KEY, limit=4) == b"from"
    assert blobs.exists(KEY)
    assert s3_server.keys(bucket) == [
        f"some/prefix/{KEY}",
        "some/prefix/results/job_1/job_1.000001.json",
    ]


def test_a_large_file_comes_back_in_pieces(blobs: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(os.urandom(11 * CHUNK_BYTES + 7))
    blobs.put_file(KEY, source)
    fetched = blobs.fetch(KEY, tmp_path / "target")
    assert fetched == tmp_path / "target"
    assert fetched.read_bytes() == source.read_bytes()
    assert sum(len(piece) for piece in blobs.iter_chunks(KEY)) == 11 * CHUNK_BYTES + 7


def test_what_is_missing_is_said_to_be_missing(blobs: Blobs, tmp_path: Path) -> None:
    assert not blobs.exists(KEY)
    asks: list[Callable[[], object]] = [
        lambda: blobs.get_bytes(KEY),
        lambda: blobs.iter_chunks(KEY),
        lambda: blobs.fetch(KEY, tmp_path / "target"),
    ]
    for ask in asks:
        with pytest.raises(NotFoundError):
            ask()
    assert not (tmp_path / "target").exists()


def test_many_are_deleted_at_once_and_the_gone_do_not_matter(
    blobs: Blobs, s3_server: S3Server, bucket: str
) -> None:
    keys = [f"texts/job_1/{number}.txt" for number in range(30)]
    for key in keys[:20]:
        blobs.put_bytes(key, b"x")
    blobs.put_bytes(KEY, b"stays")
    blobs.delete(iter(keys))
    blobs.delete([])
    assert s3_server.keys(bucket) == [f"some/prefix/{KEY}"]


def test_what_is_older_is_listed_and_so_are_the_folders_in_a_folder(
    blobs: Blobs,
) -> None:
    keys = [f"documents/doc_{number}" for number in range(3)]
    blobs.put_all(dict.fromkeys([*keys, "results/job_1/t/1/a", "results/job_2/b"], b""))
    soon = SystemClock().now() + timedelta(minutes=5)
    [found] = blobs.older("documents", before=soon)
    assert found == keys
    assert list(blobs.older("documents", before=soon - timedelta(hours=1))) == [[]]
    assert blobs.folders("results") == ["job_1", "job_2"]
    assert blobs.folders("outputs") == []
    assert blobs.keys_in("results/job_1/") == ["results/job_1/t/1/a"]


def test_a_temporary_url_gives_the_object_to_anyone(blobs: Blobs) -> None:
    blobs.put_bytes(KEY, b"content")
    url = blobs.temporary_url(KEY, expires_s=60)
    assert url is not None
    assert "X-Amz-Expires=60" in url
    assert SECRET_KEY not in url
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, b"content")


def test_a_temporary_url_is_bounded(blobs: Blobs, tmp_path: Path) -> None:
    for expires_s in (0, -1, MAX_URL_S + 1):
        with pytest.raises(ValueError, match="lives for up to"):
            blobs.temporary_url(KEY, expires_s=expires_s)
    with pytest.raises(ValueError, match="not a blob key"):
        blobs.temporary_url("../x", expires_s=1)
    assert open_blobs(tmp_path.as_uri()).temporary_url(KEY, expires_s=1) is None


def test_credentials_may_come_from_the_environment(
    s3_server: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_REGION", REGION)
    blobs = open_blobs(f"s3://{bucket}?endpoint={s3_server.endpoint}")
    blobs.put_bytes(KEY, b"x")
    assert s3_server.keys(bucket) == [KEY]


def test_a_missing_bucket_is_a_settings_problem(s3_server: S3Server) -> None:
    with pytest.raises(SettingsError, match="there is no such bucket") as failed:
        open_blobs(s3_server.url("not-there"))
    assert SECRET_KEY not in failed.value.message


def test_an_unknown_option_is_a_settings_problem(s3_server: S3Server) -> None:
    with pytest.raises(SettingsError, match="unknown option colour"):
        open_blobs(s3_server.url("bucket", colour="red"))
    with pytest.raises(SettingsError):
        open_blobs(s3_server.url("bucket", timeout_s="soon"))


def test_nothing_goes_in_the_clear_unless_the_endpoint_says_http(
    s3_server: S3Server, bucket: str
) -> None:
    encrypted = s3_server.endpoint.replace("http:", "https:")
    blobs = open_blobs(s3_server.url(bucket, endpoint=encrypted, timeout_s=1))
    with pytest.raises(TransientError):
        blobs.put_bytes(KEY, b"x")
    assert s3_server.keys(bucket) == []


def test_a_bucket_that_vanished_does_not_mean_the_document_did(
    s3_server: S3Server, bucket: str
) -> None:
    blobs = open_blobs(s3_server.url(bucket))
    s3_server.remove_bucket(bucket)
    with pytest.raises(TransientError, match="bucket is gone"):
        blobs.get_bytes(KEY)


def test_a_silent_endpoint_is_given_up_within_its_time(
    s3_server: S3Server, silent: str
) -> None:
    # Each would wait for half a minute or more, and all together for longer than a
    # test may take.
    blobs = open_blobs(s3_server.url("bucket", endpoint=silent, timeout_s=0.5))
    for ask in (
        lambda: blobs.get_bytes(KEY),
        lambda: blobs.put_bytes(KEY, b"x"),
        lambda: blobs.exists(KEY),
        lambda: blobs.delete([KEY]),
    ):
        with pytest.raises(TransientError) as failed:
            ask()
        assert failed.value.code == "upstream_unavailable"


def test_an_endpoint_that_refuses_stops_no_start(s3_server: S3Server) -> None:
    refusing = "http://127.0.0.1:1"
    blobs = open_blobs(s3_server.url("bucket", endpoint=refusing, timeout_s=1))
    with pytest.raises(TransientError):
        blobs.get_bytes(KEY)
