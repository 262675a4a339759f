"""A job's results as files, pictures of pages, and the list of job types."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.exports.sheet import harmless
from service.blob_keys import document_key, output_key, outputs_key
from service.domain.model import DocumentId, JobId, TaskStatus
from service.domain.task_ids import document_task_id
from tests.integration.gateway_harness import (
    DOCUMENTS,
    JOBS,
    RunningGateway,
    running_gateway,
)

FULL = {
    "status": "ok",
    "source": {"mediaTypeDetected": "application/pdf"},
    "quality": {"score": 91, "grade": "A"},
    "extraction": {
        "text": {"preview": "Invoice 7", "objectKey": None},
        "markdown": {"preview": "## Invoice 7", "objectKey": None},
        "pages": [{"page": 1}, {"page": 2}],
        "language": "en",
        "fields": {
            "total": {"value": "-12.50"},
            "issuer": {"value": '=HYPERLINK("http://x")'},
        },
    },
    "classification": {"label": "invoice"},
    "summary": {"text": "An invoice."},
}
FLAT = {"status": "ok", "language": "de", "text": {"preview": "Hallo"}, "pages": [{}]}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path) as running:
        yield running


def outputs_of(job: str, index: int, run: str = "1-run") -> str:
    return outputs_key(JobId(job), document_task_id(JobId(job), index), run)


@pytest.fixture
def job(gateway: RunningGateway) -> str:
    """A job: a full analysis, a flat one in a blob with a long text, a failure."""
    job, [full, flat, bad, _] = gateway.started(
        "a *b*.pdf", "..b.txt", "@c.txt", "d.txt"
    )
    ends = {full: TaskStatus.COMPLETED}
    first, second = (outputs_of(job, index) for index in (0, 1))
    whole = json.dumps(FULL).encode()
    gateway.mover.end_documents(job, ends, result=whole, outputs_key=first)
    text = {"preview": "Hal", "objectKey": "documents/of-another"}
    key = output_key(second, "result.json")
    gateway.blobs.put_bytes(key, json.dumps({**FLAT, "text": text}).encode())
    gateway.blobs.put_bytes(output_key(second, "text.txt"), b"Hallo " * 9_000)
    ends = {flat: TaskStatus.COMPLETED}
    gateway.mover.end_documents(job, ends, result_key=key, outputs_key=second)
    gateway.mover.end_documents(job, {bad: TaskStatus.FAILED})
    return job


def test_a_result_that_is_gone_is_named_and_stops_no_export(
    gateway: RunningGateway, job: str
) -> None:
    gateway.blobs.delete([output_key(outputs_of(job, 1), "result.json")])
    results = f"{JOBS}/{job}/results"

    lines = gateway.client.get(f"{results}?format=ndjson").text.splitlines()
    table = gateway.client.get(f"{results}?format=csv").text
    chapters = gateway.client.get(f"{results}?format=markdown").text
    archive = gateway.client.get(f"{results}?format=zip").content

    full, flat, bad = map(json.loads, lines)
    assert (full["success"], bad["error"]["code"]) == (True, "corrupt")
    assert flat["error"]["code"] == "result_missing"
    assert not flat["error"]["retryable"]
    [_, row, _] = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
    assert (row["status"], row["errorCode"]) == ("COMPLETED", "result_missing")
    assert "*The result was stored, and its file is gone.*" in chapters
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert sum(name.endswith("error.json") for name in found.namelist()) == 2


def test_a_text_that_is_gone_is_told_from_one_that_is_whole(
    gateway: RunningGateway, job: str
) -> None:
    gateway.blobs.delete([output_key(outputs_of(job, 1), "text.txt")])
    results = f"{JOBS}/{job}/results"

    chapters = gateway.client.get(f"{results}?format=markdown").text
    archive = gateway.client.get(f"{results}?format=zip").content

    assert "Hal\n\n*The rest was stored, and its file is gone.*" in chapters
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert found.read("00002-b.txt/text.beginning.txt") == b"Hal"
        assert "00002-b.txt/text.txt" not in found.namelist()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_was_stored_and_is_gone_is_no_unknown_address(
    gateway: RunningGateway, job: str, method: str
) -> None:
    [document] = gateway.upload("a.bin", content=b"x")
    [flat] = [
        each["documentId"]
        for each in gateway.client.get(f"{JOBS}/{job}/results").json()["data"]
        if each["dataUrl"]
    ]
    keys = [output_key(outputs_of(job, 1), "result.json")]
    keys.append(document_key(DocumentId(document)))
    gateway.blobs.delete(keys)
    result = f"{JOBS}/{job}/results/{flat}"

    for address in (result, f"{result}/text", f"{DOCUMENTS}/{document}/content"):
        answer = gateway.client.request(method, address)
        assert answer.status_code == 404
        if method == "GET":
            assert answer.json()["type"] == "/problems/content-missing"
            assert not any(key in answer.text for key in keys)


def test_ndjson_has_a_line_for_each_document_that_ended(
    gateway: RunningGateway, job: str
) -> None:
    answer = gateway.client.get(f"{JOBS}/{job}/results?format=ndjson")

    full, flat, bad = map(json.loads, answer.text.splitlines())
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert f'filename="{job}.ndjson"' in answer.headers["content-disposition"]
    assert full["data"] == FULL
    assert flat["data"]["language"] == "de"
    assert flat["dataUrl"] is None
    assert bad["error"]["code"] == "corrupt"


def test_csv_is_a_table_in_which_nothing_is_a_formula(
    gateway: RunningGateway, job: str
) -> None:
    answer = gateway.client.get(f"{JOBS}/{job}/results?format=csv")

    text = answer.content.decode("utf-8-sig")
    full, flat, bad = csv.DictReader(io.StringIO(text))
    assert full["name"] == "a *b*.pdf"
    assert full["total"] == "-12.50"
    assert full["issuer"] == '\'=HYPERLINK("http://x")'
    assert (full["pages"], full["qualityScore"], full["label"]) == (
        "2",
        "91",
        "invoice",
    )
    assert (flat["pages"], flat["language"], flat["total"]) == ("1", "de", "")
    assert (bad["name"], bad["errorCode"]) == ("'@c.txt", "corrupt")


def test_markdown_has_a_chapter_for_each_document(
    gateway: RunningGateway, job: str
) -> None:
    text = gateway.client.get(f"{JOBS}/{job}/results?format=markdown").text

    assert text.startswith("# a \\*b\\*.pdf\n\n## Invoice 7\n")
    assert "Hallo Hallo" in text
    assert text.count("Hallo") == 9_000
    assert "*Damaged.*" in text


def test_the_archive_has_a_folder_for_each_document(
    gateway: RunningGateway, job: str
) -> None:
    content = gateway.client.get(f"{JOBS}/{job}/results?format=zip").content

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "00001-a_b_.pdf/result.json",
            "00001-a_b_.pdf/text.txt",
            "00001-a_b_.pdf/document.md",
            "00002-b.txt/result.json",
            "00002-b.txt/text.txt",
            "00003-c.txt/error.json",
            "index.csv",
        ]
        assert json.loads(archive.read("00001-a_b_.pdf/result.json")) == FULL
        assert archive.read("00002-b.txt/text.txt") == b"Hallo " * 9_000
        assert archive.read("00001-a_b_.pdf/document.md") == b"## Invoice 7"


def test_an_export_of_nobodys_job_or_in_no_format_is_refused(
    gateway: RunningGateway, job: str
) -> None:
    missing = gateway.client.get(f"{JOBS}/job_none/results?format=csv")
    unknown = gateway.client.get(f"{JOBS}/{job}/results?format=xls")
    head = gateway.client.head(f"{JOBS}/{job}/results?format=zip")

    assert missing.status_code == 404
    assert unknown.status_code == 422
    assert head.headers["content-type"] == "application/zip"
    assert "content-length" not in head.headers


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("Ltd;=1+1", "Ltd;'=1+1"),
        ("Ltd\n@x", "Ltd\n'@x"),
        ("\tLtd", "'\tLtd"),
        ("+49 30 1", "'+49 30 1"),
        ("-12.50", "-12.50"),
        ("Smith; Sons - and more", "Smith; Sons - and more"),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula_wherever_it_begins(text: str | None, cell: str) -> None:
    assert harmless(text) == cell


def test_a_page_is_shown_once_it_was_rendered(
    gateway: RunningGateway, job: str
) -> None:
    document = gateway.client.get(f"{JOBS}/{job}").json()["data"]["documentIds"][0]
    gateway.blobs.put_bytes(output_key(outputs_of(job, 0), "page-2.png"), b"\x89PNG")
    late = outputs_of(job, 0, run="2-late")
    gateway.blobs.put_bytes(output_key(late, "page-1.png"), b"of another run")

    shown = gateway.client.get(f"/api/v1/documents/{document}/pages/2.png")

    assert shown.content == b"\x89PNG"
    assert shown.headers["content-type"] == "image/png"
    for page in ("1", "0", "x", "-1"):
        answer = gateway.client.get(f"/api/v1/documents/{document}/pages/{page}.png")
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/not-rendered"
    answer = gateway.client.get("/api/v1/documents/doc_none/pages/1.png")
    assert answer.json()["type"] == "/problems/not-found"


def test_job_types_are_listed_with_the_schemas_of_their_results(
    gateway: RunningGateway,
) -> None:
    found = gateway.client.get("/api/v1/job-types").json()["data"]

    by_name = {each["name"]: each for each in found}
    assert "DATA_EXTRACTION" in by_name
    extraction = by_name["DATA_EXTRACTION"]
    assert extraction["steps"][:2] == ["sniff", "extract"]
    schema = extraction["resultSchema"]
    fields = schema["$defs"][schema["$ref"].rpartition("/")[2]]["properties"]
    assert {"status", "text", "fields", "chunks"} <= set(fields)
    assert extraction["batchResultSchema"] is None
    across = by_name["BATCH_ANALYSIS"]["batchResultSchema"]
    fields = across["$defs"][across["$ref"].rpartition("/")[2]]["properties"]
    assert {"counts", "totals", "nearDuplicates"} <= set(fields)
