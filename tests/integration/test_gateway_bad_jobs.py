"""Bad submissions and questions about jobs, each refused by name."""

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.domain.model import TaskStatus
from tests.integration.gateway_harness import (
    DOCUMENTS,
    JOBS,
    RunningGateway,
    problem,
    running_gateway,
)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(
        tmp_path / "data", max_documents_per_job=4, max_concurrent_limit=50
    ) as running:
        yield running


def test_unknown_documents_are_named_each_with_its_place(
    gateway: RunningGateway,
) -> None:
    [known] = gateway.upload("a.txt")
    answer = gateway.client.post(JOBS, json={"documentIds": ["doc_x", known, "doc_y"]})
    errors = problem(answer, 404, "documents-not-found")["errors"]
    assert [each["pointer"] for each in errors] == ["/documentIds/0", "/documentIds/2"]
    assert not gateway.client.get(JOBS).json()["data"]


def test_empty_duplicate_and_too_many_documents_are_refused(
    gateway: RunningGateway,
) -> None:
    def codes(ids: list[str]) -> list[tuple[str, str]]:
        answer = gateway.client.post(JOBS, json={"documentIds": ids})
        errors = problem(answer, 422, "invalid-request")["errors"]
        return [(each["pointer"], each["code"]) for each in errors]

    assert codes([]) == [("/documentIds", "empty_batch")]
    assert codes(["a", "b", "a", "a"]) == [
        ("/documentIds/2", "duplicate"),
        ("/documentIds/3", "duplicate"),
    ]
    assert codes(list("abcde")) == [("/documentIds", "too_many_documents")]


def test_every_wrong_field_is_listed_at_once(gateway: RunningGateway) -> None:
    answer = gateway.client.post(
        JOBS,
        json={
            "documentIds": ["a", 7, None],
            "type": 5,
            "colour": "red",
            "labels": {"bad key": "x"},
            "options": {
                "maxConcurrent": 0,
                "timeout": "soon",
                "retryAttempts": 11,
                "priority": "urgent",
                "speed": 1,
            },
        },
    )
    errors = problem(answer, 422, "invalid-request")["errors"]
    found = {each["pointer"]: each["code"] for each in errors}
    assert found == {
        "/documentIds/1": "wrong_type",
        "/documentIds/2": "wrong_type",
        "/type": "wrong_type",
        "/colour": "unknown_field",
        "/labels": "wrong_form",
        "/options/maxConcurrent": "out_of_range",
        "/options/timeout": "wrong_type",
        "/options/retryAttempts": "out_of_range",
        "/options/priority": "unknown_value",
        "/options/speed": "unknown_field",
    }


def test_a_wrong_form_is_told_in_words(gateway: RunningGateway) -> None:
    [document] = gateway.upload("a.txt")
    body = {"documentIds": [document], "processing": {"pages": "last"}}
    answer = gateway.client.post(JOBS, json=body)
    (error,) = problem(answer, 422, "invalid-request")["errors"]
    assert error["pointer"] == "/processing/pages"
    assert "like `1-3,7`" in error["detail"]
    assert "regex" not in error["detail"]


def test_what_is_not_available_yet_is_refused_by_name(gateway: RunningGateway) -> None:
    [document] = gateway.upload("a.txt")
    answer = gateway.client.post(
        JOBS,
        json={
            "documentIds": [document],
            "dryRun": True,
            "source": {"prefix": "inbox/"},
            "webhook": {"url": "https://example.com"},
            "options": {
                "priority": "high",
                "order": "lifo",
                "onFailure": "stop",
                "dependsOn": ["job_x"],
                "open": True,
                "queueTtl": 5,
                "notBefore": "2027-01-01T00:00:00Z",
                "onDependencyFailure": "continue",
            },
        },
    )
    errors = problem(answer, 422, "not-available-yet")["errors"]
    assert len(errors) == 11
    assert {each["code"] for each in errors} == {"not_available_yet"}
    assert not gateway.client.get(JOBS).json()["data"]


def test_a_job_type_that_is_not_installed_names_those_that_are(
    gateway: RunningGateway,
) -> None:
    [document] = gateway.upload("a.txt")
    answer = gateway.client.post(JOBS, json={"documentIds": [document], "type": "ELSE"})
    assert "DATA_EXTRACTION" in problem(answer, 422, "unknown-job-type")["detail"]


def test_a_limit_of_the_installation_is_told(gateway: RunningGateway) -> None:
    [document] = gateway.upload("a.txt")
    body = {"documentIds": [document], "options": {"maxConcurrent": 51}}
    errors = problem(gateway.client.post(JOBS, json=body), 422, "invalid-request")
    assert errors["errors"][0]["pointer"] == "/options/maxConcurrent"


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed-json"),
        (b"", "application/json", 400, "malformed-json"),
        (b'{"documentIds": "\xff"}', "application/json", 400, "malformed-json"),
        (b"[" * 3000 + b"]" * 3000, "application/json", 400, "malformed-json"),
        (b"[]", "application/json", 422, "invalid-request"),
        (b"null", "application/json", 422, "invalid-request"),
        (b"{}", "text/plain", 415, "unsupported-media-type"),
        (b"{}", "", 415, "unsupported-media-type"),
        (b" " * 2_000_000, "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_is_no_request_is_refused(
    gateway: RunningGateway, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = gateway.client.post(JOBS, content=content, headers={"Content-Type": kind})
    problem(answer, status, code)


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (b'{"documentIds": ["\xff"]}', "malformed-json", "It is not text in UTF-8."),
        (b'{"name": 1e400}', "invalid-request", "A number is too large"),
        (
            b'{"name": -' + b"9" * 5000 + b"}",
            "invalid-request",
            "A number is too large",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_told_in_words(
    gateway: RunningGateway, content: bytes, code: str, detail: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = gateway.client.post(JOBS, content=content, headers=headers)
    told = problem(answer, answer.status_code, code)
    assert any(detail in each["detail"] for each in [told, *told.get("errors", ())])


def test_a_compressed_body_is_refused_and_told_what_is_accepted(
    gateway: RunningGateway,
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    content = gzip.compress(b'{"documentIds": ["doc_x"]}')
    files = {"files": ("a.txt", b"some text")}
    for answer in (
        gateway.client.post(JOBS, content=content, headers=headers),
        gateway.client.post(
            DOCUMENTS, files=files, headers={"Content-Encoding": "gzip"}
        ),
    ):
        problem(answer, 415, "unsupported-encoding")
        assert answer.headers["Accept-Encoding"] == "identity"
    assert not gateway.client.get(DOCUMENTS).json()["data"]
    headers["Content-Encoding"] = "Identity"
    plain = gateway.client.post(JOBS, content=b'{"documentIds": []}', headers=headers)
    problem(plain, 422, "invalid-request")


@pytest.fixture(params=["sqlite", "postgresql"])
def on_either(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[RunningGateway]:
    here = request.param == "sqlite"
    url = "" if here else request.getfixturevalue("postgresql_url")
    with running_gateway(tmp_path / "data", store_url=url) as running:
        yield running


def test_no_database_is_asked_for_a_nul(on_either: RunningGateway) -> None:
    """PostgreSQL cannot be: its texts have none."""
    ask = on_either.client.get
    for path in (f"{JOBS}/job%00x", f"{DOCUMENTS}/doc%00", f"{JOBS}/a/results/%00b"):
        problem(ask(path), 404, "not-found")
    answer = on_either.client.post(JOBS, json={"documentIds": ["doc_x", "doc\0y"]})
    [error] = problem(answer, 422, "invalid-request")["errors"]
    assert (error["pointer"], error["code"]) == ("/documentIds/1", "wrong_form")
    errors = problem(
        ask(f"{JOBS}?type=A%00B&label=customer:%00"), 422, "invalid-request"
    )["errors"]
    assert {each["pointer"] for each in errors} == {"/type", "/label"}


def test_a_json_body_that_stops_half_way_creates_nothing(
    gateway: RunningGateway,
) -> None:
    [document] = gateway.upload("a.txt")
    body = f'{{"documentIds": ["{document}"]}}'.encode()
    head = (
        f"POST {JOBS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body) + 10}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.port)) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    assert not gateway.client.get(JOBS).json()["data"]


def test_query_strings_are_checked_too(gateway: RunningGateway) -> None:
    answer = gateway.client.get(f"{JOBS}?pageSize=0&status=NONE&sort=up&pageToken=%7F")
    errors = problem(answer, 422, "invalid-request")["errors"]
    found = {each["pointer"]: each["code"] for each in errors}
    assert found == {
        "/pageSize": "out_of_range",
        "/status/0": "unknown_value",
        "/sort": "unknown_field",
    }
    assert {each["in"] for each in errors} == {"query"}
    wrong = gateway.client.get(f"{JOBS}?pageSize=many")
    assert problem(wrong, 422, "invalid-request")["errors"][0]["code"] == "wrong_type"
    twice = gateway.client.get(f"{JOBS}?pageSize=2&pageSize=3&type=A&type=B&type=C")
    errors = problem(twice, 422, "invalid-request")["errors"]
    found = {each["pointer"]: each["code"] for each in errors}
    assert found == {"/pageSize": "wrong_type", "/type": "wrong_type"}
    token = gateway.client.get(f"{JOBS}?pageToken=%21")
    errors = problem(token, 422, "invalid-request")["errors"]
    assert errors[0]["pointer"] == "/pageToken"


def test_jobs_that_do_not_exist_are_404(gateway: RunningGateway) -> None:
    for path in ("", "/tasks", "/results", "/results/doc_x", "/events"):
        problem(gateway.client.get(f"{JOBS}/job_x{path}"), 404, "not-found")
    for path in ("/cancel", "/retry"):
        problem(gateway.client.post(f"{JOBS}/job_x{path}"), 404, "not-found")


def test_what_cancel_and_retry_do_not_know_is_refused(gateway: RunningGateway) -> None:
    job, [document] = gateway.started("a.txt")
    for path in ("/cancel", "/retry"):
        url = f"{JOBS}/{job}{path}"
        errors = problem(
            gateway.client.post(url, json={"mode": "kill"}), 422, "invalid-request"
        )["errors"]
        assert [each["code"] for each in errors] == ["unknown_field"]
        headers = {"Content-Type": "application/json"}
        answer = gateway.client.post(url, content=b"{bad", headers=headers)
        problem(answer, 400, "malformed-json")
    gateway.mover.end_documents(job, {document: TaskStatus.FAILED})
    gateway.mover.finish(job)
    assert gateway.client.post(f"{JOBS}/{job}/retry", json={}).status_code == 202


def test_a_full_backlog_is_refused_until_there_is_room(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "data", backlog_limit=3) as gateway:
        ids = gateway.upload("a.txt", "b.txt", "c.txt")
        gateway.submit(ids)
        answer = gateway.client.post(JOBS, json={"documentIds": ids})
        body = problem(answer, 503, "backlog-full")
        assert "3 documents wait" in body["detail"]
        assert int(answer.headers["Retry-After"]) >= 1
        assert len(gateway.client.get(JOBS).json()["data"]) == 1


def test_a_service_for_everybody_answers_to_every_name(tmp_path: Path) -> None:
    foreign = {"Host": "docmill.example"}
    with running_gateway(
        tmp_path / "data", allow_public=True, host="0.0.0.0"
    ) as gateway:
        assert gateway.client.get("/livez", headers=foreign).status_code == 200
    with running_gateway(tmp_path / "other") as gateway:
        problem(gateway.client.get("/livez", headers=foreign), 400, "invalid-host")
