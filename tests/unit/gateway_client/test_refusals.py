import socket

import pytest

from gateway.client import (
    Client,
    ClientError,
    DocmillUnreachableError,
    ProblemError,
)
from tests.unit.gateway_client.scripted import Script, status


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_problem_carries_what_the_service_said(
    script: Script, client: Client
) -> None:
    errors = [{"documentId": "doc_9", "detail": "unknown"}]
    script.then(
        lambda exchange: exchange.problem(
            404, "documents_not_found", "No document doc_9", errors=errors
        )
    )
    with pytest.raises(ProblemError) as caught:
        client.submit(document_ids=["doc_9"])
    problem = caught.value
    assert (problem.status, problem.code) == (404, "documents_not_found")
    assert problem.title == "documents_not_found"
    assert str(problem) == problem.detail == "No document doc_9"
    assert problem.errors == tuple(errors)


def test_an_error_without_a_problem_body_is_still_a_problem(
    script: Script, client: Client
) -> None:
    script.then(lambda exchange: exchange.answer(500, b"<html>oops</html>"))
    with pytest.raises(ProblemError, match="500 Internal Server Error") as caught:
        client.status("job_1")
    assert caught.value.code == "http_500"


def test_a_busy_service_is_asked_again_after_the_time_it_names(
    script: Script, client: Client
) -> None:
    script.then(
        lambda exchange: exchange.answer(503, b"", Retry_After="0"),
        lambda exchange: exchange.answer(200, status("PROCESSING")),
    )
    assert client.status("job_1").status == "PROCESSING"


def test_a_service_that_stays_busy_is_a_problem(script: Script, client: Client) -> None:
    busy = [lambda exchange: exchange.problem(503, "busy", "Later")] * 3
    script.then(*busy)
    with pytest.raises(ProblemError, match="Later"):
        client.status("job_1")
    assert script.finished


def test_a_refused_connection_says_where_and_what_to_do() -> None:
    address = free_address()
    with (
        Client(address) as client,
        pytest.raises(DocmillUnreachableError, match=f"{address}.*docmill up"),
    ):
        client.status("job_1")


def test_a_service_that_does_not_answer_in_time_is_unreachable(
    script: Script, address: str
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            Client(url, timeout_s=0.2) as client,
            pytest.raises(DocmillUnreachableError, match=r"no answer within 0\.2 s"),
        ):
            client.status("job_1")


def test_something_else_than_docmill_is_named_as_such(
    script: Script, client: Client
) -> None:
    script.then(lambda exchange: exchange.answer(200, b"<html>hello</html>"))
    with pytest.raises(DocmillUnreachableError, match="does not speak like Docmill"):
        client.status("job_1")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host", "http://", ""])
def test_an_unusable_address_is_refused(url: str) -> None:
    with pytest.raises(ClientError, match="no address"):
        Client(url)
