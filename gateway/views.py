"""From what the store gives to what clients see."""

from datetime import datetime
from typing import Final

from msgspec import UNSET, structs

from gateway.bodies import (
    DocumentBody,
    DocumentDetail,
    moment,
    moment_or_none,
)
from gateway.job_bodies import (
    AcceptedJob,
    BatchBody,
    CountsBody,
    ErrorBody,
    FailureBody,
    JobBody,
    JobLinks,
    JobSummary,
    OptionsBody,
    ProcessingBody,
    ResultBody,
)
from gateway.receipts import full_receipt_body, receipt_body
from service.domain import estimates
from service.domain.model import (
    Failure,
    Job,
    JobId,
    JobStatus,
    Owner,
    TaskStatus,
)
from service.messages import JSON_NULL
from service.store import Store
from service.store.rows import Document, JobView, TaskView

JOBS_PATH: Final = "/api/v1/documents/batch-process"
DOCUMENTS_PATH: Final = "/api/v1/documents"
FIRST: Final = 100
"""Most documents, results and errors in a job's status."""
_RESULT_MISSING: Final = ErrorBody(
    code="result_missing",
    message="The result was stored, and its file is gone.",
    retryable=False,
)
UNSUCCESSFUL: Final = (TaskStatus.FAILED, TaskStatus.TIMEOUT, TaskStatus.CANCELLED)


def job_path(job_id: JobId | str) -> str:
    """Give a job's address."""
    return f"{JOBS_PATH}/{job_id}"


def document_body(document: Document) -> DocumentBody:
    """Show a stored file."""
    return DocumentBody(
        document_id=document.id,
        name=document.name,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        media_type=document.media_type,
        created_at=moment(document.created_at),
    )


def document_detail(
    document: Document, latest: TaskView | None, *, priority: str | None
) -> DocumentDetail:
    """Show a stored file with its latest task."""
    task = latest.task if latest else None
    return DocumentDetail(
        document_id=document.id,
        name=document.name,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        media_type=document.media_type,
        created_at=moment(document.created_at),
        queue_status=task.status if task else None,
        job_id=task.job_id if task else None,
        queue_priority=priority,
        worker_id=task.worker_id if task else None,
    )


def accepted(job: Job, *, retry_of: JobId | None = None) -> AcceptedJob:
    """Show a job that was accepted just now."""
    return AcceptedJob(
        job_id=job.id,
        status=JobStatus.PENDING,
        document_count=job.counts.total,
        type=job.type,
        retry_of=UNSET if retry_of is None else retry_of,
    )


def job_summary(view: JobView, now: datetime) -> JobSummary:
    """Show a job without its documents."""
    job = view.job
    eta = estimates.remaining(job, now)
    done = job.counts.done
    return JobSummary(
        id=job.id,
        name=view.name,
        labels=view.labels,
        type=job.type,
        options=_options(job),
        processing=_processing(job),
        priority=job.priority,
        retry_of=view.retry_of,
        status=job.status,
        outcome=job.outcome,
        cancel_requested=job.cancel_requested,
        receipt=receipt_body(job) if job.cancel_requested else None,
        error=error_body(job.error) if job.error else None,
        batch_error=error_body(job.batch_error) if job.batch_error else None,
        progress=job.progress,
        created_at=moment(job.created_at),
        started_at=moment_or_none(job.started_at),
        finished_at=moment_or_none(job.finished_at),
        deadline=moment_or_none(job.deadline),
        total_documents=job.counts.total,
        processed_documents=job.counts.completed,
        failed_documents=done - job.counts.completed,
        counts=CountsBody(**structs.asdict(job.counts)),
        estimated_time_remaining=eta.median_ms if eta else None,
        estimated_time_remaining_p90=eta.p90_ms if eta else None,
        version=job.version,
    )


def job_status(
    store: Store, owner: Owner, job_id: JobId, now: datetime
) -> tuple[JobView, JobBody]:
    """Read a job and show it with the first of its documents. Blocks.

    The job is read before its documents: what is shown is never older than its
    version says.

    Raises:
        NotFoundError: The owner has no such job.
    """
    view = store.job(owner, job_id)
    first = store.tasks(owner, job_id, page_size=FIRST, page_token="").items
    if view.job.counts.total <= FIRST:
        good = tuple(each for each in first if each.task.status is TaskStatus.COMPLETED)
        bad = tuple(each for each in first if each.task.status in UNSUCCESSFUL)
    else:
        good = _some(store, view, (TaskStatus.COMPLETED,))
        bad = _some(store, view, UNSUCCESSFUL)
    path = job_path(job_id)
    fields = structs.asdict(job_summary(view, now))
    if view.job.cancel_requested:
        fields["receipt"] = full_receipt_body(view.job, first, tasks=f"{path}/tasks")
    body = JobBody(
        **fields,
        document_ids=tuple(str(each.task.document_id) for each in first),
        results=tuple(result_body(each) for each in good),
        errors=tuple(failure_body(each) for each in bad),
        batch=_batch_body(store, view.job),
        links=JobLinks(
            tasks=f"{path}/tasks",
            results=f"{path}/results",
            errors=f"{path}/tasks?status={','.join(UNSUCCESSFUL)}",
            events=f"{path}/events",
        ),
    )
    return view, body


def _batch_body(store: Store, job: Job) -> BatchBody | None:
    """Read what came of finishing a job; of a large result its address."""
    if not (job.has_finish and job.finish_done):
        return None
    stored = store.batch_result(job.id)
    if stored is None:
        return None
    large = stored.result_key is not None
    return BatchBody(
        data=stored.result,
        data_url=f"{job_path(job.id)}/results/batch" if large else None,
    )


def result_body(view: TaskView) -> ResultBody:
    """Show a result as it stands in lists: a large one by its address."""
    task = view.task
    large = view.result_key is not None
    path = f"{job_path(task.job_id)}/results/{task.document_id}"
    return ResultBody(
        document_id=str(task.document_id),
        success=True,
        data=JSON_NULL if large else view.result,
        data_url=path if large else None,
        text_url=f"{path}/text",
        processing_time=task.processing_ms,
        timestamp=moment_or_none(task.finished_at),
    )


def failure_body(view: TaskView) -> FailureBody:
    """Show why a document has no result."""
    task = view.task
    return FailureBody(
        document_id=str(task.document_id),
        error=why_without_result(view),
        attempts=task.attempts,
        timestamp=moment_or_none(task.finished_at),
    )


def why_without_result(view: TaskView) -> ErrorBody:
    """Show why a document that has ended has no result, or not any more."""
    failure = view.task.failure
    return _RESULT_MISSING if failure is None else error_body(failure)


def error_body(failure: Failure) -> ErrorBody:
    """Show a reason."""
    return ErrorBody(
        code=failure.code, message=failure.message, retryable=failure.retryable
    )


def _some(
    store: Store, view: JobView, statuses: tuple[TaskStatus, ...]
) -> tuple[TaskView, ...]:
    page = store.tasks(
        view.job.owner, view.job.id, statuses=statuses, page_size=FIRST, page_token=""
    )
    return page.items


def _options(job: Job) -> OptionsBody:
    options = job.options
    return OptionsBody(
        max_concurrent=options.max_concurrent,
        timeout=round(options.timeout_s * 1000),
        document_timeout=round(options.document_timeout_s * 1000),
        retry_attempts=options.retry_attempts,
        retry_delay=round(options.retry_delay_s * 1000),
    )


def _processing(job: Job) -> ProcessingBody:
    chosen = job.options.processing
    return ProcessingBody(
        ocr=chosen.ocr,
        ocr_languages=chosen.ocr_languages,
        pages=chosen.pages,
        tables=chosen.tables,
        expand_attachments=chosen.expand_attachments,
        model=chosen.model,
    )
