"""Actors on a real in-memory broker, with a real sandbox and real blobs."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dramatiq
import msgspec
import pytest

from actors import app as actor_app
from actors.documents import DocumentWorker
from actors.heartbeat import Heartbeat
from actors.middleware import AtWork, Lifecycle, classify
from actors.pool import ThreadPool
from actors.reply import INLINE_BYTES
from actors.sandbox import Sandbox, SandboxLimits
from actors.sandbox.wire import DATA_BYTES_MAX
from actors.worker import Worker
from service.blob_keys import output_key
from service.blobs import Blobs
from service.clock import SystemClock
from service.domain.model import (
    LOCAL_OWNER,
    DocumentId,
    JobId,
    TaskId,
)
from service.domain.options import ProcessingOptions
from service.domain.task_ids import document_task_id
from service.errors import ChildDiedError, DocumentError, TransientError
from service.local_files import MARK
from service.messages import (
    Event,
    ProcessDocument,
    TaskCompleted,
    TaskFailed,
    TaskProgressed,
    TaskReturned,
    TaskStarted,
    WorkerHeartbeat,
)
from service.processing.context import OcrPlace
from service.transport.memory import MemoryBroker, MemoryTransport
from tests.blobs import claimed_blobs
from tests.support import eventually
from tests.unit.processing.running import SAMPLES

CLOCK = SystemClock()
JOB = JobId("job_1")
PICTURE = (Path(__file__).parents[2] / "samples" / "receipt.png").read_bytes()


class Workshop:
    """A worker for documents, and the mailbox that hears of them."""

    def __init__(self, folder: Path, limits: SandboxLimits | None = None) -> None:
        self.blobs: Blobs = claimed_blobs((folder / "blobs").as_uri())
        self.broker = MemoryBroker()
        self.transport = MemoryTransport(self.broker)
        self.at_work = AtWork()
        self.stopping = threading.Event()
        self.work_dir = folder / "work"
        self.work_dir.mkdir()
        lifecycle = Lifecycle(
            publish=self.transport.publish_event,
            clock=CLOCK,
            worker_id="w",
            at_work=self.at_work,
        )
        for middleware in actor_app.middleware(lifecycle):
            self.broker.add_middleware(middleware)
        modules = ["tests.made_up_work", "tests.integration.sandbox.odd_work"]
        self.sandbox = Sandbox(modules, limits or SandboxLimits())
        documents = DocumentWorker(
            publish=self.transport.publish_event,
            blobs=self.blobs,
            sandbox=self.sandbox,
            clock=CLOCK,
            worker_id="w",
            work_dir=self.work_dir,
            stopping=self.stopping,
        )
        actor_app.register(self.broker, documents=documents)
        self.worker = Worker(self.broker, queue="documents", threads=2, idle_s=0.05)
        self.broker.emit_after("process_boot")
        self.worker.start()
        self._number = 0
        self.heard: list[Event] = []

    def close(self) -> None:
        self.stopping.set()
        self.worker.stop(timeout=5_000)
        self.sandbox.close()

    def send(self, job_type: str, content: bytes = b"", **fields: Any) -> TaskId:
        task_id = document_task_id(JOB, self._number)
        self._number += 1
        key = f"documents/doc_{self._number}"
        self.blobs.put_bytes(key, content)
        command = ProcessDocument(
            **{
                "message_id": f"m{self._number}",
                "owner": LOCAL_OWNER,
                "occurred_at": CLOCK.now(),
                "job_id": JOB,
                "task_id": task_id,
                "generation": 1,
                "job_type": job_type,
                "document_id": DocumentId(f"doc_{self._number}"),
                "name": "a.txt",
                "blob_key": key,
                "size_bytes": len(content),
                "sha256": "0" * 64,
                "time_limit_s": 20.0,
                **fields,
            }
        )
        self.transport.send([command])
        return task_id

    def end_of(self, task_id: TaskId) -> Event:
        return self.wait_for(
            task_id, TaskCompleted | TaskFailed | TaskReturned, timeout_s=25
        )

    def completed(self, task_id: TaskId, number: int) -> list[TaskCompleted]:
        """Wait until a task was completed so often, and give the ends in order."""

        def found() -> list[TaskCompleted]:
            self.heard += self.transport.mailbox().drain(limit=100, timeout_s=0.05)
            ends = [e for e in self.heard if isinstance(e, TaskCompleted)]
            mine = [end for end in ends if end.task_id == task_id]
            return mine if len(mine) == number else []

        return eventually(found, timeout_s=25)

    def wait_for(self, task_id: TaskId, kind: Any, *, timeout_s: float = 10) -> Event:
        def found() -> Event | None:
            self.heard += self.transport.mailbox().drain(limit=100, timeout_s=0.05)
            return next(
                (
                    event
                    for event in self.heard
                    if isinstance(event, kind)
                    and getattr(event, "task_id", None) == task_id
                ),
                None,
            )

        event = eventually(found, timeout_s=timeout_s)
        assert event is not None
        return event


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    made = Workshop(tmp_path_factory.mktemp("workshop"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def workshop_beside_ocr(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workshop]:
    """A worker that knows of others that recognise text."""
    limits = SandboxLimits(ocr=OcrPlace.ELSEWHERE)
    made = Workshop(tmp_path_factory.mktemp("beside"), limits)
    yield made
    made.close()


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


def test_a_stopping_worker_hands_back_what_is_at_work(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    try:
        task_id = workshop.send("SLEEP", b"15000")
        workshop.wait_for(task_id, TaskStarted)
        eventually(lambda: workshop.at_work.ids() == (task_id,))
        workshop.stopping.set()
        end = workshop.end_of(task_id)
        assert isinstance(end, TaskReturned)
        assert end.reason == "shutdown"
    finally:
        workshop.close()


def test_a_heartbeat_names_what_is_at_work_and_says_goodbye() -> None:
    transport = MemoryTransport(MemoryBroker())
    at_work = AtWork()
    at_work.add(TaskId("t"))
    beat = Heartbeat(
        transport,
        clock=CLOCK,
        worker_id="w",
        queue="documents",
        slots=3,
        at_work=at_work,
    )
    beat.start()
    [first] = transport.mailbox().drain(limit=1, timeout_s=5)
    beat.stop()
    [last] = transport.mailbox().drain(limit=1, timeout_s=5)
    assert isinstance(first, WorkerHeartbeat)
    assert isinstance(last, WorkerHeartbeat)
    assert (first.slots, first.busy) == (3, (TaskId("t"),))
    assert last.slots == 0


def test_the_pool_runs_the_middleware_around_its_actors() -> None:
    broker = MemoryBroker()
    seen: list[str] = []

    class Recorder(dramatiq.Middleware):
        def before_process_message(
            self, broker: dramatiq.Broker, message: dramatiq.MessageProxy
        ) -> None:
            if message.args == ("skip",):
                raise dramatiq.middleware.SkipMessage("skip")

        def after_skip_message(
            self, broker: dramatiq.Broker, message: dramatiq.MessageProxy
        ) -> None:
            seen.append("skipped")

        def after_process_message(
            self,
            broker: dramatiq.Broker,
            message: dramatiq.MessageProxy,
            *,
            result: object = None,
            exception: BaseException | None = None,
        ) -> None:
            seen.append("failed" if exception else "done")

    broker.add_middleware(Recorder())

    def work(what: str) -> None:
        if what == "fail":
            raise ValueError(what)

    actor = dramatiq.actor(queue_name="q", broker=broker)(work)
    pool = ThreadPool(broker, "q", threads=1)
    for what in ("good", "skip", "fail"):
        actor.send(what)
    pool.start()
    eventually(lambda: len(seen) == 3)
    pool.stop()
    assert seen == ["done", "skipped", "failed"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DocumentError("x", code="encrypted"), ("encrypted", False, None)),
        (DocumentError("x", code="made_up"), ("internal", False, None)),
        (ChildDiedError("x", code="out_of_memory"), ("out_of_memory", True, None)),
        (
            TransientError("x", retry_after_s=7.0),
            ("upstream_unavailable", True, 7.0),
        ),
        (
            dramatiq.middleware.TimeLimitExceeded("x"),
            ("document_timeout", False, None),
        ),
        (MemoryError(), ("out_of_memory", True, None)),
        (ValueError(), ("internal", False, None)),
    ],
)
def test_errors_are_classified(
    error: BaseException, expected: tuple[str, bool, float | None]
) -> None:
    assert classify(error) == expected
