"""The actors `start_batch` and `finish_batch`. Neither ever opens a document."""

import msgspec

from actors.middleware import Publish, say
from actors.reply import INLINE_BYTES, about
from actors.stored_results import stored_results
from service.blob_keys import new_run, output_key, outputs_key
from service.blobs import Blobs
from service.clock import Clock
from service.domain import estimates
from service.domain.estimates import Durations, Kind
from service.domain.model import TaskId
from service.messages import (
    JSON_NULL,
    BatchPlanned,
    FinishBatch,
    StartBatch,
    TaskCompleted,
)
from service.processing.batch.finishing import FinishContext
from service.processing.outputs import RESULT_OUTPUT
from service.processing.registry import Registry
from service.store import Store
from service.store.rows import PlanningRow

PART = 1_000
"""Most tasks in one part of a plan."""


class BatchWorker:
    """Plans and finishes jobs; reads the store and writes nothing."""

    def __init__(
        self,
        *,
        publish: Publish,
        store: Store,
        blobs: Blobs,
        registry: Registry,
        clock: Clock,
        worker_id: str,
    ) -> None:
        self._publish = publish
        self._store = store
        self._blobs = blobs
        self._registry = registry
        self._clock = clock
        self._worker_id = worker_id

    def start(self, command: StartBatch) -> None:
        """Predict the cost of each document of a job, in parts.

        Raises:
            TransientError: The store does not answer.
        """
        total = self._store.job(command.owner, command.job_id).job.counts.total
        observed: dict[Kind, Durations] = {
            (row.job_type, row.media_type, row.size_class): Durations(
                samples=row.samples, mean_ms=row.mean_ms, variance_ms2=row.variance_ms2
            )
            for row in self._store.durations(command.job_type)
        }
        parts = max(1, -(-total // PART))
        for part in range(parts):
            rows = self._store.planning_rows(
                command.job_id, after_index=part * PART - 1, limit=PART
            )
            say(
                self._publish,
                BatchPlanned(
                    **about(command, self._clock),
                    part=part,
                    parts=parts,
                    costs_ms=_costs(command.job_type, rows, observed),
                ),
            )

    def finish(self, command: FinishBatch) -> None:
        """Do what the job type asks for once all documents are final.

        Raises:
            TransientError: Store or blobs do not answer.
        """
        began_s = self._clock.monotonic()
        finish = self._registry.get(command.job_type).finish
        result, stored_as, outputs = JSON_NULL, None, None
        if finish is not None:
            result = msgspec.Raw(msgspec.json.encode(finish(self._context(command))))
        size_bytes = len(bytes(result)) if finish is not None else 0
        if size_bytes > INLINE_BYTES:
            run = new_run(command.generation)
            outputs = outputs_key(command.job_id, command.task_id, run)
            stored_as = output_key(outputs, RESULT_OUTPUT)
            self._blobs.put_bytes(stored_as, bytes(result))
        say(
            self._publish,
            TaskCompleted(
                **about(command, self._clock),
                worker_id=self._worker_id,
                processing_s=self._clock.monotonic() - began_s,
                result=result if stored_as is None else JSON_NULL,
                result_key=stored_as,
                result_bytes=size_bytes,
                outputs_key=outputs,
            ),
        )

    def _context(self, command: FinishBatch) -> FinishContext:
        job = self._store.job(command.owner, command.job_id).job
        return FinishContext(
            job_id=job.id,
            job_type=command.job_type,
            counts=job.counts,
            clock=self._clock,
            read=lambda: stored_results(self._store, self._blobs, job.id),
        )


def _costs(
    job_type: str, rows: tuple[PlanningRow, ...], observed: dict[Kind, Durations]
) -> dict[TaskId, int]:
    return {
        row.task_id: estimates.predict_ms(
            observed, (job_type, row.media_type, estimates.size_class(row.size_bytes))
        )
        for row in rows
    }
