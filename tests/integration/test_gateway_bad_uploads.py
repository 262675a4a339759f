"""Bad uploads: each refused by name, and nothing remains."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.gateway_harness import (
    DOCUMENTS,
    RunningGateway,
    problem,
    running_gateway,
)
from tests.support import eventually

UPLOAD = f"{DOCUMENTS}/upload"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(
        tmp_path / "data", max_upload_bytes=300_000, max_files_per_upload=5
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../evil.pdf", "path parts"),
        ("a/b.pdf", "path parts"),
        ("C:\\Users\\me\\b.pdf", "path parts"),
        ("..", "path parts"),
        ("bell\x07.pdf", "U+0007"),
        ("line\nbreak.pdf", "U+000A"),
        ("gpj\u202eexe.pdf", "U+202E"),
        ("n" * 252 + ".pdf", "255 bytes"),
    ],
)
def test_a_bad_file_name_is_refused_and_nothing_is_stored(
    gateway: RunningGateway, name: str, says: str
) -> None:
    raw = name.replace("\n", "%0A").encode()
    body = _form((b"good.txt", b"fine"), (raw, b"content"))
    answer = gateway.client.post(DOCUMENTS, content=body, headers=_FORM_HEADERS)
    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"] == "/files/1/name"
    assert error["code"] == "invalid_name"
    assert says in error["detail"]
    assert not gateway.leftovers()
    assert not gateway.client.get(DOCUMENTS).json()["data"]


def test_content_without_a_name_is_refused_and_not_left_out(
    gateway: RunningGateway,
) -> None:
    body = _form((b"good.txt", b"fine"), (b"", b"content"), (b"", b""))
    answer = gateway.client.post(DOCUMENTS, content=body, headers=_FORM_HEADERS)
    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert (error["pointer"], error["code"]) == ("/files/1/name", "invalid_name")
    assert not gateway.leftovers()


def test_a_name_that_is_not_utf8_is_refused(gateway: RunningGateway) -> None:
    body = _form((b"caf\xe9.txt", b"content"))
    answer = gateway.client.post(DOCUMENTS, content=body, headers=_FORM_HEADERS)
    problem(answer, 422, "invalid-request")
    assert not gateway.leftovers()


def test_all_bad_names_are_named_at_once(gateway: RunningGateway) -> None:
    body = _form((b"a/b", b"1"), (b"ok.txt", b"2"), (b"c/d", b"3"))
    answer = gateway.client.post(DOCUMENTS, content=body, headers=_FORM_HEADERS)
    errors = problem(answer, 422, "invalid-request")["errors"]
    pointers = [each["pointer"] for each in errors]
    assert pointers == ["/files/0/name", "/files/2/name"]


def test_a_file_over_the_limit_is_refused_whole(gateway: RunningGateway) -> None:
    files = [("files", ("ok.txt", b"1")), ("files", ("big.txt", b"x" * 300_001))]
    problem(gateway.client.post(DOCUMENTS, files=files), 413, "too-large")
    problem(gateway.client.post(UPLOAD, files=files), 413, "too-large")
    assert not gateway.leftovers()
    exact = [("files", ("big.txt", b"x" * 300_000))]
    assert gateway.client.post(DOCUMENTS, files=exact).status_code == 201


def test_too_many_files_are_refused(gateway: RunningGateway) -> None:
    files = [("files", (f"{number}.txt", b"1")) for number in range(6)]
    answer = gateway.client.post(DOCUMENTS, files=files)
    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert error["code"] == "too_many_files"
    assert not gateway.leftovers()


def test_a_form_without_files_or_with_unknown_fields_is_refused(
    gateway: RunningGateway,
) -> None:
    empty = gateway.client.post(DOCUMENTS, content=_form(), headers=_FORM_HEADERS)
    problem(empty, 422, "invalid-request")
    no_choice = _form((b"", b""))
    answer = gateway.client.post(DOCUMENTS, content=no_choice, headers=_FORM_HEADERS)
    problem(answer, 422, "invalid-request")
    files = [("files", ("a.txt", b"1")), ("attachment", ("b.txt", b"1"))]
    answer = gateway.client.post(DOCUMENTS, files=files, data={"colour": "red"})
    errors = problem(answer, 422, "invalid-request")["errors"]
    found = {(each["pointer"], each["code"]) for each in errors}
    assert found == {("/attachment", "unknown_field"), ("/colour", "unknown_field")}
    assert not gateway.leftovers()


def test_an_upload_without_a_job_takes_no_idempotency_key(
    gateway: RunningGateway,
) -> None:
    files = [("files", ("a.txt", b"1"))]
    headers = {"Idempotency-Key": "once"}
    answer = gateway.client.post(DOCUMENTS, files=files, headers=headers)
    [error] = problem(answer, 422, "not-available-yet")["errors"]
    assert (error["in"], error["pointer"]) == ("header", "/Idempotency-Key")
    assert not gateway.leftovers()


def test_bad_type_and_options_of_an_upload_are_listed(gateway: RunningGateway) -> None:
    files = [("files", ("a.txt", b"1"))]
    data = {"type": "NO_SUCH", "options": '{"maxConcurrent": 0, "speed": 9}'}
    answer = gateway.client.post(UPLOAD, files=files, data=data)
    errors = problem(answer, 422, "invalid-request")["errors"]
    pointers = {each["pointer"] for each in errors}
    assert pointers == {"/type", "/options/maxConcurrent", "/options/speed"}
    broken = gateway.client.post(UPLOAD, files=files, data={"options": "{"})
    problem(broken, 422, "invalid-request")
    data = {"options": '{"timeout": 1e400}'}
    large = gateway.client.post(UPLOAD, files=files, data=data)
    [error] = problem(large, 422, "invalid-request")["errors"]
    assert (error["pointer"], error["code"]) == ("/options", "out_of_range")
    assert error["in"] == "form"
    assert not gateway.leftovers()


def test_a_body_that_is_no_form_is_refused(gateway: RunningGateway) -> None:
    answer = gateway.client.post(DOCUMENTS, json={"files": []})
    problem(answer, 415, "unsupported-media-type")
    answer = gateway.client.post(
        DOCUMENTS, content=b"x", headers={"Content-Type": "multipart/form-data"}
    )
    problem(answer, 400, "malformed-form")
    answer = gateway.client.post(DOCUMENTS, content=b"garbage", headers=_FORM_HEADERS)
    problem(answer, 400, "malformed-form")


def test_a_form_without_its_last_boundary_leaves_nothing(
    gateway: RunningGateway,
) -> None:
    body = _form((b"a.txt", b"content"))[:-8]
    answer = gateway.client.post(DOCUMENTS, content=body, headers=_FORM_HEADERS)
    problem(answer, 400, "incomplete-body")
    assert not gateway.leftovers()


def test_an_upload_that_stops_half_way_leaves_nothing(gateway: RunningGateway) -> None:
    body = _form((b"a.txt", b"x" * 290_000))
    head = (
        f"POST {DOCUMENTS} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: {_FORM_HEADERS['Content-Type']}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    spool = gateway.settings.data_dir / "tmp" / "uploads"
    with socket.create_connection(("127.0.0.1", gateway.port)) as connection:
        connection.sendall(head.encode() + body[:280_000])
        eventually(lambda: list(spool.iterdir()))
    eventually(lambda: not list(spool.iterdir()))
    assert not gateway.leftovers()
    assert not gateway.client.get(DOCUMENTS).json()["data"]


def test_an_upload_that_cannot_be_written_is_unavailable(
    gateway: RunningGateway,
) -> None:
    spool = gateway.settings.data_dir / "tmp" / "uploads"
    spool.rmdir()
    files = [("files", ("a.txt", b"1"))]
    answer = gateway.client.post(DOCUMENTS, files=files)
    problem(answer, 503, "unavailable")
    assert str(spool) not in answer.text
    assert not gateway.leftovers()


def test_uploads_left_by_a_killed_process_are_gone_after_a_start(
    tmp_path: Path,
) -> None:
    spool = tmp_path / "again" / "tmp" / "uploads"
    spool.mkdir(parents=True)
    (spool / "half").write_bytes(b"x")
    with running_gateway(tmp_path / "again") as again:
        assert not again.leftovers()


_FORM_HEADERS = {"Content-Type": "multipart/form-data; boundary=cut-here"}


def _form(*files: tuple[bytes, bytes]) -> bytes:
    parts = b"".join(
        b'--cut-here\r\nContent-Disposition: form-data; name="files"; filename="'
        + name
        + b'"\r\nContent-Type: text/plain\r\n\r\n'
        + content
        + b"\r\n"
        for name, content in files
    )
    return parts + b"--cut-here--\r\n"
