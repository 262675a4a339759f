"""Changes jobs in the store as the aggregator does, where tests want it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from service.clock import SystemClock
from service.domain import events
from service.domain.model import (
    LOCAL_OWNER,
    DocumentId,
    Failure,
    Job,
    JobId,
    JobStatus,
    Outcome,
    TaskStatus,
)
from service.messages import ENCODER, CommandRequested, JobNotice, LogEntry
from service.store import Store
from service.store.rows import Changes, TaskWrite
from service.transport.memory import MemoryTransport
from tests.support import eventually

NULL = msgspec.Raw(b"null")


class Mover:
    """Changes jobs as the aggregator does: one transaction, then a notice."""

    def __init__(self, store: Store, transport: MemoryTransport) -> None:
        self.clock = SystemClock()
        self._store = store
        self._transport = transport
        now = self.clock.now()
        self._epoch = store.acquire_lease("test", now=now, force=True).epoch

    def log(
        self, job_id: str, *types: str, announce: bool = True, **fields: Any
    ) -> Job:
        """Add rows to the job's log and change its header."""
        return self.commit(job_id, types=types, announce=announce, **fields)

    def end_documents(
        self,
        job_id: str,
        ends: Mapping[str, TaskStatus],
        *,
        result: bytes = b'{"status":"ok"}',
        result_key: str | None = None,
        outputs_key: str | None = None,
    ) -> None:
        """End documents; those that complete have `result`."""
        for document_id, status in ends.items():
            self.commit(
                job_id,
                types=("task.completed" if status == "COMPLETED" else "task.failed",),
                document=document_id,
                status=status,
                result=result,
                result_key=result_key,
                outputs_key=outputs_key,
            )

    def finish(self, job_id: str, *, announce: bool = True) -> Job:
        """End the job by what became of its documents."""
        counts = self._store.job(LOCAL_OWNER, JobId(job_id)).job.counts
        good = bool(counts.completed)
        return self.commit(
            job_id,
            types=("batch.completed" if good else "batch.failed",),
            announce=announce,
            final=True,
            fields={
                "status": JobStatus.COMPLETED if good else JobStatus.FAILED,
                "outcome": Outcome.PARTIAL if good else None,
                "progress": 100,
                "finished_at": self.clock.now(),
            },
        )

    def progress(self, job_id: str, percent: int) -> None:
        """Announce progress, without a row."""
        job = self._store.job(LOCAL_OWNER, JobId(job_id)).job
        data = events.batch_progress(
            msgspec.structs.replace(job, progress=percent), None
        )
        self._transport.publish_notice(
            JobNotice(
                job_id=job.id,
                owner=job.owner,
                progress=msgspec.Raw(ENCODER.encode(data)),
            )
        )

    def carry_out_cancel(self, job_id: str) -> None:
        """Wait for a cancel command as the aggregator does and carry it out."""
        mailbox = self._transport.mailbox()

        def commanded() -> bool:
            drained = mailbox.drain(limit=10, timeout_s=0.1)
            return any(isinstance(each, CommandRequested) for each in drained)

        eventually(commanded)
        with self._store.leading(self._epoch) as tx:
            number = tx.commands(10)[0].id
        self.commit(
            job_id,
            types=("batch.cancelled",),
            final=True,
            commands={number: msgspec.Raw(b"{}")},
            fields={
                "status": JobStatus.CANCELLED,
                "cancel_requested": True,
                "finished_at": self.clock.now(),
            },
        )

    def commit(
        self,
        job_id: str,
        *,
        types: tuple[str, ...] = (),
        document: str | None = None,
        status: TaskStatus | None = None,
        result: bytes = b"null",
        result_key: str | None = None,
        outputs_key: str | None = None,
        announce: bool = True,
        final: bool = False,
        commands: Mapping[int, msgspec.Raw] | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> Job:
        """Write one commit and announce it."""
        job = self._store.job(LOCAL_OWNER, JobId(job_id)).job
        now = self.clock.now()
        writes: tuple[TaskWrite, ...] = ()
        counts = job.counts
        if document is not None and status is not None:
            view = self._store.task_result(LOCAL_OWNER, job.id, DocumentId(document))
            before = view.task
            good = status is TaskStatus.COMPLETED
            failure = Failure(code="corrupt", message="Damaged.")
            task = msgspec.structs.replace(
                before,
                status=status,
                attempts=1,
                started_at=now,
                finished_at=now,
                processing_ms=5,
                failure=None if good else failure,
            )
            write = TaskWrite(
                before_status=before.status,
                before_generation=before.generation,
                task=task,
                result=msgspec.Raw(result) if good and not result_key else NULL,
                result_key=result_key if good else None,
                result_bytes=len(result),
                outputs_key=outputs_key if good else None,
            )
            writes, counts = (write,), counts.moved(before.status, status)
        rows = tuple(
            LogEntry(
                job_id=job.id,
                seq=job.last_seq + number,
                type=kind,
                timestamp=now,
                data=msgspec.Raw(
                    ENCODER.encode({"jobId": job.id, "documentId": document})
                ),
            )
            for number, kind in enumerate(types, start=1)
        )
        changed = msgspec.structs.replace(
            job,
            counts=counts,
            last_seq=job.last_seq + len(rows),
            version=job.version + 1,
            **(fields or {}),
        )
        with self._store.leading(self._epoch) as tx:
            position = tx.last_position()
            placed = tuple(
                msgspec.structs.replace(row, position=position + number)
                for number, row in enumerate(rows, start=1)
            )
            tx.apply(
                Changes(
                    jobs=(changed,),
                    tasks=writes,
                    log=placed,
                    commands_done=commands or {},
                )
            )
        if announce:
            self._transport.publish_notice(
                JobNotice(job_id=job.id, owner=job.owner, rows=placed, final=final)
            )
        return changed
