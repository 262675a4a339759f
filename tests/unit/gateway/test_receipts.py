from typing import Any

import msgspec
import pytest

from gateway.receipts import full_receipt_body
from service.domain.model import Counts, TaskStatus
from service.store.rows import TaskView
from tests.factories import make_job, make_task


@pytest.mark.parametrize(
    ("status", "generation", "how"),
    [
        (TaskStatus.CANCELLED, 0, "neverStarted"),
        (TaskStatus.PENDING, 0, "neverStarted"),
        (TaskStatus.TIMEOUT, 0, "neverStarted"),
        (TaskStatus.CANCELLED, 1, "notRetried"),
        (TaskStatus.RETRYING, 2, "notRetried"),
        (TaskStatus.QUEUED, 1, "finishing"),
        (TaskStatus.PROCESSING, 2, "finishing"),
        (TaskStatus.COMPLETED, 1, "finished"),
        (TaskStatus.FAILED, 3, "finished"),
        (TaskStatus.TIMEOUT, 1, "finished"),
    ],
)
def test_a_receipt_says_what_a_cancel_meant_for_a_document(
    status: TaskStatus, generation: int, how: str
) -> None:
    job = make_job(counts=Counts(cancelled=1), never_started=1, cancel_requested=True)
    task = make_task(job=job, status=status, generation=generation)
    view = TaskView(task=task, document_name="a.txt")
    body = full_receipt_body(job, [view], tasks="/tasks")
    shown: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    assert shown == {
        "neverStarted": 1,
        "finishing": 0,
        "finished": 0,
        "killed": 0,
        "documents": [{"documentId": task.document_id, "how": how}],
        "tasks": "/tasks",
    }
