"""What comes of a document, and where it is kept."""

import hashlib
from typing import Any

import msgspec

from actors.reply import INLINE_BYTES
from actors.sandbox.wire import DATA_BYTES_MAX
from service.blob_keys import output_key
from service.domain.options import ProcessingOptions
from service.messages import TaskCompleted, TaskStarted
from tests.integration.worker.workshop import JOB, Workshop
from tests.unit.processing.running import SAMPLES


def test_a_document_is_started_and_completed_with_its_result(
    workshop: Workshop,
) -> None:
    task_id = workshop.send("DATA_EXTRACTION", b"A plain text of some words.\n")
    end = workshop.end_of(task_id)
    assert isinstance(end, TaskCompleted)
    assert end.media_type == "text/plain"
    assert end.steps
    result = msgspec.json.decode(end.result)
    assert result["text"]["preview"].startswith("A plain text")
    assert result["text"]["objectKey"] is None
    started = workshop.wait_for(task_id, TaskStarted)
    assert isinstance(started, TaskStarted)
    assert started.occurred_at <= end.occurred_at
    assert workshop.at_work.ids() == ()


def test_a_long_text_is_kept_as_a_blob_the_result_names(workshop: Workshop) -> None:
    text = b"Words upon words.\n" * 1_000
    end = workshop.end_of(workshop.send("DATA_EXTRACTION", text))
    assert isinstance(end, TaskCompleted)
    key = msgspec.json.decode(end.result)["text"]["objectKey"]
    assert workshop.blobs.get_bytes(key) == text.strip()
    assert list(workshop.work_dir.iterdir()) == []


def test_nothing_stays_in_the_folder_of_the_worker(workshop: Workshop) -> None:
    """Also what no result names, as of a step that could not finish a file."""
    end = workshop.end_of(workshop.send("BESIDE"))
    assert isinstance(end, TaskCompleted)
    assert end.outputs_key is not None
    key = output_key(end.outputs_key, "named.txt")
    assert workshop.blobs.get_bytes(key) == b"named"
    assert list(workshop.work_dir.iterdir()) == []


def test_a_result_in_a_file_is_kept_as_a_blob(workshop: Workshop) -> None:
    size = 2 * DATA_BYTES_MAX
    end = workshop.end_of(workshop.send("BIG_RESULT", str(size).encode()))
    assert isinstance(end, TaskCompleted)
    assert end.result_key is not None
    found = msgspec.json.decode(workshop.blobs.get_bytes(end.result_key))
    assert len(found["found"]) == size
    assert bytes(end.result) == b"null"
    assert list(workshop.work_dir.iterdir()) == []


def test_no_execution_of_a_task_writes_over_what_another_stored(
    workshop: Workshop,
) -> None:
    """One whose worker was cut off may go on when its task has long ended."""
    texts = [f"Words of run {run}.\n" * 1_000 for run in range(3)]
    task_id = workshop.send("DATA_EXTRACTION", texts[0].encode())
    [first] = workshop.completed(task_id, 1)
    for text, generation in zip(texts[1:], (2, 2), strict=True):
        fields = {"task_id": task_id, "generation": generation}
        workshop.send("DATA_EXTRACTION", text.encode(), **fields)

    ends = workshop.completed(task_id, 3)

    assert ends[0] == first
    folders = [str(end.outputs_key) for end in ends]
    assert all(f.startswith(f"results/{JOB}/{task_id}/") for f in folders)
    stored = [workshop.blobs.get_bytes(output_key(f, "text.txt")) for f in folders]
    assert sorted(stored) == [text.strip().encode() for text in texts]
    assert stored[0] == texts[0].strip().encode()


def test_no_execution_writes_over_the_result_or_the_attachments_of_another(
    workshop: Workshop,
) -> None:
    mail = (SAMPLES / "mail-with-invoice.eml").read_bytes()
    fields: dict[str, Any] = {
        "processing": ProcessingOptions(expand_attachments=True),
        "name": "a.eml",
    }
    task_id = workshop.send("DATA_EXTRACTION", mail, **fields)
    other_id = workshop.send("BIG_RESULT", str(2 * DATA_BYTES_MAX).encode())
    for again, job_type, content in (
        (task_id, "DATA_EXTRACTION", mail),
        (other_id, "BIG_RESULT", str(3 * DATA_BYTES_MAX).encode()),
    ):
        workshop.completed(again, 1)
        workshop.send(job_type, content, task_id=again, generation=2, **fields)

    (first,), (second,) = (end.added for end in workshop.completed(task_id, 2))
    results = [end.result_key for end in workshop.completed(other_id, 2)]

    assert first.document_id == second.document_id
    assert first.blob_key != second.blob_key
    assert len(set(results)) == 2


def test_a_large_result_is_kept_as_a_blob(workshop: Workshop) -> None:
    attachments = b"".join(
        b"--x\r\nContent-Type: text/plain\r\n"
        b'Content-Disposition: attachment; filename="%s-%d.txt"\r\n\r\nhello\r\n'
        % (b"n" * 60, number)
        for number in range(400)
    )
    mail = (
        b"From: a@example.org\r\nTo: b@example.org\r\nSubject: many\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + attachments
        + b"--x--\r\n"
    )
    end = workshop.end_of(workshop.send("DATA_EXTRACTION", mail, name="a.eml"))
    assert isinstance(end, TaskCompleted)
    assert end.result_bytes > INLINE_BYTES
    assert bytes(end.result) == b"null"
    assert end.result_key is not None
    assert len(workshop.blobs.get_bytes(end.result_key)) == end.result_bytes


def test_files_inside_a_document_are_stored_as_documents(workshop: Workshop) -> None:
    mail = (SAMPLES / "mail-with-invoice.eml").read_bytes()
    options = ProcessingOptions(expand_attachments=True)
    task_id = workshop.send("DATA_EXTRACTION", mail, processing=options, name="a.eml")
    end = workshop.end_of(task_id)
    assert isinstance(end, TaskCompleted)
    [added] = end.added
    invoice = (SAMPLES / "invoice.pdf").read_bytes()
    assert workshop.blobs.get_bytes(added.blob_key) == invoice
    assert added.blob_key.startswith(f"documents/{added.document_id}.1-")
    assert added.sha256 == hashlib.sha256(invoice).hexdigest()
    assert (added.size_bytes, added.media_type) == (len(invoice), "application/pdf")
    assert added.name == "invoice-HF-2026-04711.pdf"
    [listed] = msgspec.json.decode(end.result)["embedded"]
    assert listed["documentId"] == added.document_id
    assert list(workshop.work_dir.iterdir()) == []


def test_files_inside_a_document_stay_there_unless_asked_for(
    workshop: Workshop,
) -> None:
    mail = (SAMPLES / "mail-with-invoice.eml").read_bytes()
    end = workshop.end_of(workshop.send("DATA_EXTRACTION", mail, name="a.eml"))
    assert isinstance(end, TaskCompleted)
    assert end.added == ()
    [listed] = msgspec.json.decode(end.result)["embedded"]
    assert listed["documentId"] is None
