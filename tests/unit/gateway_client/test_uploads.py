from pathlib import Path

import pytest

from gateway.client import (
    Client,
    ProblemError,
)
from tests.unit.gateway_client.scripted import ACCEPTED, Exchange, Script


def stored(*names: str) -> dict[str, object]:
    return {
        "data": [
            {
                "documentId": f"doc_{name}",
                "name": name,
                "sizeBytes": 1,
                "sha256": "0" * 64,
                "mediaType": "text/plain",
                "aFieldOfANewerService": 1,
            }
            for name in names
        ]
    }


def test_submit_uploads_files_and_returns_the_accepted_job(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b.txt").write_text("second")
    script.then(
        lambda exchange: exchange.answer(201, stored("a.txt", "b.txt")),
        lambda exchange: exchange.answer(202, ACCEPTED),
    )
    job = client.submit(
        [tmp_path / "a.txt", str(tmp_path / "b.txt")],
        name="Two",
        labels={"customer": "acme"},
        options={"maxConcurrent": 2},
        processing={"pages": "1-3", "ocr": "off"},
    )
    assert (job.id, job.status, job.total_documents) == ("job_1", "PENDING", 2)
    upload, submit = script.seen
    assert b'filename="a.txt"' in upload.body
    assert b"second" in upload.body
    assert submit.json == {
        "documentIds": ["doc_a.txt", "doc_b.txt"],
        "options": {"maxConcurrent": 2},
        "processing": {"pages": "1-3", "ocr": "off"},
        "name": "Two",
        "labels": {"customer": "acme"},
    }


def test_an_upload_is_sent_again_whole_after_a_broken_connection(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("content")
    script.then(Exchange.drop, lambda exchange: exchange.answer(201, stored("a.txt")))
    assert client.upload([tmp_path / "a.txt"])[0].document_id == "doc_a.txt"
    assert all(b"content" in seen.body for seen in script.seen)


def test_many_files_are_uploaded_in_several_requests_in_order(
    script: Script, client: Client, tmp_path: Path
) -> None:
    names = [f"{number:03d}.txt" for number in range(120)]
    for name in names:
        (tmp_path / name).write_text(name)
    script.then(
        lambda exchange: exchange.answer(201, stored(*names[:50])),
        lambda exchange: exchange.answer(201, stored(*names[50:100])),
        lambda exchange: exchange.answer(201, stored(*names[100:])),
    )
    documents = client.upload(tmp_path / name for name in names)
    assert [document.name for document in documents] == names
    assert script.seen[1].body.count(b"filename=") == 50


def test_a_service_that_takes_fewer_files_gets_them_in_more_requests(
    script: Script, client: Client, tmp_path: Path
) -> None:
    names = [f"{number}.txt" for number in range(5)]
    for name in names:
        (tmp_path / name).write_text(name)

    def refuse(exchange: Exchange) -> None:
        fault = {"pointer": "/files", "in": "form", "code": "too_many_files"}
        exchange.problem(422, "invalid_request", "At most 2 files.", errors=[fault])

    script.then(
        refuse,
        refuse,
        lambda exchange: exchange.answer(201, stored(*names[:2])),
        lambda exchange: exchange.answer(201, stored(*names[2:4])),
        lambda exchange: exchange.answer(201, stored(*names[4:])),
    )
    documents = client.upload(tmp_path / name for name in names)
    assert [document.name for document in documents] == names


def test_a_refused_job_leaves_none_of_its_uploads(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    script.then(
        lambda exchange: exchange.answer(201, stored("a.txt")),
        lambda exchange: exchange.problem(422, "unknown_job_type", "Not installed."),
        lambda exchange: exchange.answer(204),
    )
    with pytest.raises(ProblemError) as refused:
        client.submit([tmp_path / "a.txt"], document_ids=["doc_1"], job_type="ELSE")
    assert refused.value.code == "unknown_job_type"
    upload, submit, remove = script.seen
    assert (upload.method, submit.method) == ("POST", "POST")
    assert (remove.method, remove.path) == ("DELETE", "/api/v1/documents/doc_a.txt")


def test_an_upload_that_is_refused_half_way_leaves_nothing(
    script: Script, client: Client, tmp_path: Path
) -> None:
    names = [f"{number:03d}.txt" for number in range(51)]
    for name in names:
        (tmp_path / name).write_text(name)
    script.then(
        lambda exchange: exchange.answer(201, stored(*names[:2])),
        lambda exchange: exchange.problem(413, "too_large", "Too large."),
        lambda exchange: exchange.answer(204),
        lambda exchange: exchange.problem(404, "not_found", "Gone already."),
    )
    with pytest.raises(ProblemError) as refused:
        client.upload(tmp_path / name for name in names)
    assert refused.value.code == "too_large"
    removed = [seen.path for seen in script.seen if seen.method == "DELETE"]
    assert removed == [f"/api/v1/documents/doc_{name}" for name in names[:2]]


def test_nothing_is_sent_when_a_file_is_missing(
    script: Script, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("there")
    with pytest.raises(FileNotFoundError):
        client.upload([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert script.seen == []


def test_a_file_name_that_is_no_text_is_sent_as_text(
    script: Script, client: Client, tmp_path: Path
) -> None:
    odd = tmp_path / "caf\udce9 \N{SNOWMAN}.txt"
    odd.write_text("x")
    script.then(lambda exchange: exchange.answer(201, stored("x")))
    client.upload([odd])
    assert 'filename="caf\N{REPLACEMENT CHARACTER} \N{SNOWMAN}.txt"' in (
        script.seen[0].body.decode()
    )
