from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from service.domain.model import (
    DocumentId,
    JobId,
    Owner,
    StepTiming,
    TaskId,
)
from service.domain.options import ProcessingOptions
from service.messages import (
    AcceptedFacts,
    AddedDocument,
    BatchPlanned,
    CommandRequested,
    FinishBatch,
    JobNotice,
    LogEntry,
    ProcessDocument,
    ProcessScan,
    StartBatch,
    TaskCompleted,
    TaskFailed,
    TaskProgressed,
    TaskReturned,
    TaskStarted,
    WorkerHeartbeat,
)

JOB = JobId("job_01m2g7x4q0ab3cde4fgh5jkm6n")
TASK = TaskId(f"{JOB}.000002")
OWNER = Owner("local")
NOW = datetime(2026, 11, 9, 10, 0, 5, 250_000, tzinfo=UTC)
WORKER = "host:4711"
ABOUT: Mapping[str, Any] = MappingProxyType(
    {
        "message_id": "5f0c1d2e3b4a59687786958493a2b1c0",
        "owner": OWNER,
        "occurred_at": NOW,
        "job_id": JOB,
        "task_id": TASK,
        "generation": 3,
        "attempt": 2,
    }
)
PLAN: Mapping[str, Any] = MappingProxyType(
    {**ABOUT, "task_id": TaskId(f"{JOB}.plan"), "generation": 1, "attempt": 1}
)
STEPS = (
    StepTiming(name="sniff", milliseconds=4),
    StepTiming(name="extract", milliseconds=1_180),
)
ROW = LogEntry(
    job_id=JOB,
    seq=7,
    type="task.started",
    timestamp=NOW,
    data=msgspec.Raw(b'{"jobId":"job_01m2g7x4q0ab3cde4fgh5jkm6n","attempt":2}'),
    position=41,
)

VALUES: Mapping[str, msgspec.Struct] = MappingProxyType(
    {
        "start_batch.json": StartBatch(
            **PLAN,
            job_type="DATA_EXTRACTION",
            time_limit_s=60.0,
            expires_at=NOW + timedelta(minutes=10),
        ),
        "process_document.json": ProcessDocument(
            **ABOUT,
            job_type="DATA_EXTRACTION",
            document_id=DocumentId("doc_01m2g7x4pz000000000000000b"),
            name="Rechnung März.pdf",
            blob_key="documents/doc_01m2g7x4pz000000000000000b",
            size_bytes=182_044,
            sha256="9f" * 32,
            declared_media_type="application/pdf",
            processing=ProcessingOptions(pages="1-3", tables=False),
            time_limit_s=30.0,
            expires_at=NOW + timedelta(minutes=10),
        ),
        "process_scan.json": ProcessScan(
            **ABOUT,
            job_type="DATA_EXTRACTION",
            document_id=DocumentId("doc_01m2g7x4pz000000000000000b"),
            name="Quittung.jpg",
            blob_key="documents/doc_01m2g7x4pz000000000000000b",
            size_bytes=182_044,
            sha256="9f" * 32,
            declared_media_type="image/jpeg",
            processing=ProcessingOptions(ocr_languages=("de",)),
            time_limit_s=30.0,
        ),
        "finish_batch.json": FinishBatch(
            **{**ABOUT, "task_id": TaskId(f"{JOB}.finish")},
            job_type="DATA_EXTRACTION",
            time_limit_s=300.0,
            expires_at=NOW + timedelta(minutes=10),
        ),
        "task.started.json": TaskStarted(**ABOUT, worker_id=WORKER),
        "task.progressed.json": TaskProgressed(
            **ABOUT,
            step="extract",
            fraction=0.375,
            page=3,
            pages=8,
            message="3 tables found",
        ),
        "task.completed.json": TaskCompleted(
            **ABOUT,
            worker_id=WORKER,
            processing_s=1.25,
            steps=STEPS,
            media_type="application/pdf",
            result=msgspec.Raw(b'{"schemaVersion":1,"pages":{"count":8}}'),
            result_bytes=39,
        ),
        "task.completed.by-key.json": TaskCompleted(
            **ABOUT,
            worker_id=WORKER,
            processing_s=9.5,
            media_type="application/pdf",
            result_key=f"results/{JOB}/{TASK}.json",
            result_bytes=48_211,
        ),
        "task.completed.outputs.json": TaskCompleted(
            **ABOUT,
            worker_id=WORKER,
            processing_s=2.75,
            media_type="application/pdf",
            result_key=f"results/{JOB}/{TASK}/3-0c1d2e3f/result.json",
            result_bytes=48_211,
            outputs_key=f"results/{JOB}/{TASK}/3-0c1d2e3f",
        ),
        "task.completed.added.json": TaskCompleted(
            **ABOUT,
            worker_id=WORKER,
            processing_s=0.0625,
            media_type="message/rfc822",
            result=msgspec.Raw(b'{"schemaVersion":1}'),
            result_bytes=19,
            added=(
                AddedDocument(
                    document_id=DocumentId("doc_01m2g7x4q0s5t6v7w8x9y0z1a2"),
                    name="Rechnung März.pdf",
                    blob_key="documents/doc_01m2g7x4q0s5t6v7w8x9y0z1a2",
                    size_bytes=182_044,
                    sha256="9f" * 32,
                    media_type="application/pdf",
                ),
            ),
        ),
        "task.failed.json": TaskFailed(
            **ABOUT,
            worker_id=WORKER,
            code="upstream_unavailable",
            message="Something Docmill depends on did not answer.",
            retryable=True,
            retry_after_s=2.5,
            processing_s=0.125,
            steps=STEPS[:1],
        ),
        "task.returned.json": TaskReturned(
            **ABOUT,
            worker_id=WORKER,
            reason="shutdown",
            until=NOW + timedelta(seconds=30),
        ),
        "task.returned.redelivered.json": TaskReturned(
            **ABOUT, worker_id=WORKER, reason="redelivered"
        ),
        "task.returned.dead_lettered.json": TaskReturned(
            **ABOUT, worker_id="broker", reason="dead_lettered"
        ),
        "task.returned.ocr.json": TaskReturned(
            **ABOUT, worker_id=WORKER, reason="ocr", queue="documents.ocr"
        ),
        "batch.planned.json": BatchPlanned(
            **PLAN,
            part=0,
            parts=2,
            costs_ms={TaskId(f"{JOB}.000000"): 50, TASK: 1_320},
        ),
        "worker.heartbeat.json": WorkerHeartbeat(
            message_id="6f0c1d2e3b4a59687786958493a2b1c0",
            owner=OWNER,
            occurred_at=NOW,
            worker_id=WORKER,
            queue="documents",
            slots=5,
            busy=(TASK,),
        ),
        "command.requested.json": CommandRequested(
            message_id="7f0c1d2e3b4a59687786958493a2b1c0", owner=OWNER, occurred_at=NOW
        ),
        "log_entry.json": ROW,
        "accepted_facts.json": AcceptedFacts(owner=OWNER, rows=(ROW,)),
        "job_notice.json": JobNotice(
            job_id=JOB,
            owner=OWNER,
            rows=(ROW,),
            progress=msgspec.Raw(b'{"progress":66,"completed":2}'),
            tasks=(msgspec.Raw(b'{"step":"extract","fraction":0.375}'),),
            final=False,
        ),
    }
)
"""By file name what a recorded message says."""
