"""Builders of documents, jobs and tasks; every field can be given, none must be.

Ids without a number of their own are counted up, so that two calls never clash and
later ones sort behind earlier ones.
"""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from service.domain.model import (
    LOCAL_OWNER,
    Counts,
    DocumentId,
    Job,
    JobId,
    Task,
    TaskId,
    TaskKind,
)
from service.domain.task_ids import document_task_id, finish_task_id, plan_task_id
from service.ids import attachment_document_id
from service.messages import ENCODER, AddedDocument, LogEntry
from service.store.rows import Document, NewJob

NOW = datetime(2026, 11, 9, 10, 0, 0, tzinfo=UTC)
"""The time of everything that is not given another; ManualClock starts here."""

_numbers = itertools.count(1)


def make_document(**fields: Any) -> Document:
    """Build a stored document: a small PDF of the local owner."""
    number = next(_numbers)
    document_id = fields.setdefault("id", DocumentId(f"doc_{number:012d}"))
    defaults: dict[str, Any] = {
        "owner": LOCAL_OWNER,
        "name": f"file-{number}.pdf",
        "blob_key": f"documents/{document_id}",
        "size_bytes": 1_000 + number,
        "sha256": f"{number:064x}",
        "media_type": "application/pdf",
        "created_at": NOW,
    }
    return Document(**(defaults | fields))


def make_documents(number: int, **fields: Any) -> tuple[Document, ...]:
    """Build `number` documents that differ in id, name and hash."""
    return tuple(make_document(**fields) for _ in range(number))


def make_job(*, documents: int = 1, **fields: Any) -> Job:
    """Build the header of a job as submitted, all its documents pending."""
    defaults: dict[str, Any] = {
        "id": JobId(f"job_{next(_numbers):012d}"),
        "owner": LOCAL_OWNER,
        "type": "DATA_EXTRACTION",
        "counts": Counts(pending=documents),
        "created_at": NOW,
    }
    return Job(**(defaults | fields))


def make_task(*, job: Job | None = None, index: int = 0, **fields: Any) -> Task:
    """Build a document task as submitted; of `job` when given, else of a new one."""
    job = make_job() if job is None else job
    defaults: dict[str, Any] = {
        "id": document_task_id(job.id, index),
        "job_id": job.id,
        "owner": job.owner,
        "index": index,
        "document_id": DocumentId(f"doc_{next(_numbers):012d}"),
    }
    return Task(**(defaults | fields))


def make_plan_task(job: Job, **fields: Any) -> Task:
    """Build the planning task of `job`, still pending."""
    defaults: dict[str, Any] = {
        "id": plan_task_id(job.id),
        "job_id": job.id,
        "owner": job.owner,
        "kind": TaskKind.PLAN,
    }
    return Task(**(defaults | fields))


def make_finish_task(job: Job, **fields: Any) -> Task:
    """Build the finishing task of `job`, still pending."""
    defaults: dict[str, Any] = {
        "id": finish_task_id(job.id),
        "job_id": job.id,
        "owner": job.owner,
        "kind": TaskKind.FINISH,
    }
    return Task(**(defaults | fields))


def make_attachments(parent_id: TaskId, number: int) -> tuple[AddedDocument, ...]:
    """Describe `number` text files that a worker found inside a document."""
    ids = [attachment_document_id(parent_id, place + 1) for place in range(number)]
    return tuple(
        AddedDocument(
            document_id=document_id,
            name=f"inside-{place}.txt",
            blob_key=f"documents/{document_id}",
            size_bytes=100 + place,
            sha256=f"{place:064x}",
            media_type="text/plain",
        )
        for place, document_id in enumerate(ids, 1)
    )


def make_new_job(documents: Sequence[Document], **fields: Any) -> NewJob:
    """Build a submission of `documents`; fields of the header go to its `Job`."""
    own = {
        name: fields.pop(name) for name in NewJob.__struct_fields__ if name in fields
    }
    job = own.get("job") or make_job(documents=len(documents), **fields)
    created = {
        "jobId": job.id,
        "type": job.type,
        "documentCount": len(documents),
    }
    defaults: dict[str, Any] = {
        "job": job,
        "document_ids": tuple(document.id for document in documents),
        "created_event": msgspec.Raw(ENCODER.encode(created)),
    }
    return NewJob(**(defaults | own))


def make_log_entry(job: Job, seq: int, **fields: Any) -> LogEntry:
    """Build row `seq` of a job's event log."""
    defaults: dict[str, Any] = {
        "job_id": job.id,
        "seq": seq,
        "type": "task.started",
        "timestamp": NOW,
        "data": msgspec.Raw(ENCODER.encode({"jobId": job.id})),
    }
    return LogEntry(**(defaults | fields))
