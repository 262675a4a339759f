"""How else a document ends, or is handed on."""

from datetime import timedelta
from pathlib import Path

import dramatiq

from service.domain.options import ProcessingOptions
from service.local_files import MARK
from service.messages import TaskCompleted, TaskFailed, TaskProgressed, TaskReturned
from tests.integration.worker.workshop import CLOCK, Workshop

PICTURE = (Path(__file__).parents[3] / "samples" / "receipt.png").read_bytes()


def test_a_reason_in_the_document_is_not_retryable(workshop: Workshop) -> None:
    end = workshop.end_of(workshop.send("DATA_EXTRACTION", b""))
    assert isinstance(end, TaskFailed)
    assert (end.code, end.retryable) == ("empty", False)


def test_a_crash_is_retryable(workshop: Workshop) -> None:
    end = workshop.end_of(workshop.send("ABORT"))
    assert isinstance(end, TaskFailed)
    assert (end.code, end.retryable) == ("crashed", True)


def test_a_stuck_document_ends_at_its_limit(workshop: Workshop) -> None:
    end = workshop.end_of(workshop.send("SPIN_IN_C", time_limit_s=0.3))
    assert isinstance(end, TaskFailed)
    assert (end.code, end.retryable) == ("document_timeout", False)


def test_a_bug_in_a_step_is_internal_and_says_nothing_of_itself(
    workshop: Workshop,
) -> None:
    end = workshop.end_of(workshop.send("RAISE"))
    assert isinstance(end, TaskFailed)
    assert end.code == "internal"
    assert "Traceback" not in end.message


def test_a_document_whose_file_is_gone_fails_for_good(workshop: Workshop) -> None:
    end = workshop.end_of(workshop.send("NOOP", blob_key="documents/gone"))
    assert isinstance(end, TaskFailed)
    assert (end.code, end.retryable) == ("document_missing", False)
    assert "documents/gone" not in end.message


def test_a_document_whose_folder_is_not_mounted_is_tried_again(
    workshop: Workshop,
) -> None:
    workshop.blobs.put_bytes("documents/first", b"")  # makes the folder of the others
    mark = workshop.work_dir.with_name("blobs") / MARK
    mark.unlink()
    try:
        end = workshop.end_of(workshop.send("NOOP", blob_key="documents/there"))
    finally:
        mark.touch()
    assert isinstance(end, TaskFailed)
    assert (end.code, end.retryable) == ("upstream_unavailable", True)


def test_steps_are_reported_while_a_document_is_at_work(workshop: Workshop) -> None:
    task_id = workshop.send("STEPS", b"8")
    report = workshop.wait_for(task_id, TaskProgressed)
    assert isinstance(report, TaskProgressed)
    assert 0.0 <= report.fraction < 1.0
    workshop.end_of(task_id)


def test_an_expired_message_is_dropped_unrun(workshop: Workshop) -> None:
    past = CLOCK.now() - timedelta(seconds=1)
    dropped = workshop.send("NOOP", expires_at=past)
    workshop.end_of(workshop.send("NOOP"))
    workshop.end_of(workshop.send("NOOP"))
    assert all(getattr(e, "task_id", None) != dropped for e in workshop.heard)


def test_a_message_of_another_version_is_rejected_and_the_worker_goes_on(
    workshop: Workshop,
) -> None:
    workshop.broker.enqueue(
        dramatiq.Message(
            queue_name="documents",
            actor_name="process_document",
            args=({"type": "from_the_future"},),
            kwargs={},
            options={},
        )
    )
    assert isinstance(workshop.end_of(workshop.send("NOOP")), TaskCompleted)


def test_a_picture_is_handed_on_where_its_text_is_recognised(
    workshop_beside_ocr: Workshop,
) -> None:
    workshop = workshop_beside_ocr
    task_id = workshop.send("DATA_EXTRACTION", PICTURE, name="a.png")
    end = workshop.end_of(task_id)
    assert isinstance(end, TaskReturned)
    assert (end.reason, end.queue) == ("ocr", "documents.ocr")
    seen = [e for e in workshop.heard if getattr(e, "task_id", None) == task_id]
    assert [e.step for e in seen if isinstance(e, TaskProgressed)][-1] == "ocr"
    assert not list(workshop.work_dir.iterdir())
    # Its child was as good as before.
    text = workshop.end_of(workshop.send("DATA_EXTRACTION", b"A plain text.\n"))
    assert isinstance(text, TaskCompleted)


def test_a_picture_that_wants_no_ocr_is_not_handed_on(
    workshop_beside_ocr: Workshop,
) -> None:
    options = ProcessingOptions(ocr="off")
    workshop = workshop_beside_ocr
    sent = workshop.send("DATA_EXTRACTION", PICTURE, name="a.png", processing=options)
    assert isinstance(workshop.end_of(sent), TaskCompleted)


def test_a_picture_that_insists_on_ocr_fails_where_there_is_none(
    workshop: Workshop,
) -> None:
    options = ProcessingOptions(ocr="required")
    text = workshop.send("DATA_EXTRACTION", b"A plain text.\n", processing=options)
    assert isinstance(workshop.end_of(text), TaskCompleted)
    sent = workshop.send("DATA_EXTRACTION", PICTURE, name="a.png", processing=options)
    end = workshop.end_of(sent)
    assert isinstance(end, TaskFailed)
    assert (end.code, end.retryable) == ("ocr_unavailable", False)
