"""Changing accepted jobs: cancel, retry."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from starlette.responses import Response

from gateway.bodies import Told
from gateway.context import Call, Gateway
from gateway.job_bodies import CancelBody
from gateway.operations import Answer, Operation, json_response
from gateway.problems import ProblemError
from gateway.receipts import cancel_body
from gateway.requests import NoBody
from gateway.routes.documents import ACCEPTED_MESSAGE
from gateway.routes.jobs import ACCEPTED, ONE
from gateway.submissions import (
    SUBMIT_HEADERS,
    Submission,
    accepted_headers,
    idempotency,
    submit,
)
from gateway.views import accepted
from service.domain.model import DocumentId, Job, JobId, JobStatus, Owner, TaskStatus
from service.errors import TransientError
from service.ids import new_message_id
from service.logs import get_logger
from service.messages import CommandRequested, JobNotice
from service.store import Store

OUTCOME_WAIT_S: Final = 2.0
"""How long a cancel waits for what came of it."""
RECHECK_S: Final = 0.25
"""A notice may be lost: look anyway so often."""
RETRYABLE: Final = (TaskStatus.FAILED, TaskStatus.TIMEOUT)
PAGE: Final = 1_000

_log = get_logger(__name__)


async def cancel_job(call: Call[NoBody, object]) -> Response:
    """Ask for a cancel and wait a moment for what comes of it."""
    gateway = call.gateway
    job = await _job(call)
    if not job.final:
        await _request_cancel(gateway, call.owner, job.id)
        job = await _job(call)
    if job.final and job.status is not JobStatus.CANCELLED:
        raise ProblemError("job_ended", f"The job has ended as {job.status}.")
    body = Told(data=cancel_body(job), message="Job cancelled successfully")
    return json_response(body)


async def retry_job(call: Call[NoBody, object]) -> Response:
    """Make a job of the failed documents of one that has ended."""
    gateway = call.gateway
    view = await gateway.threads.run(gateway.store.job, call.owner, call.job_id)
    job = view.job
    if not job.final:
        raise ProblemError("job_running", f"The job is {job.status}; wait or cancel.")
    ids = await gateway.threads.run(_retryable, gateway.store, call.owner, job.id)
    if not ids:
        raise ProblemError("nothing_failed", "None of its documents has failed.")
    key, digest = idempotency(call)
    submitted = await submit(
        gateway,
        Submission(
            owner=call.owner,
            type=job.type,
            options=job.options,
            document_ids=tuple(ids),
            name=view.name,
            labels=view.labels,
            retry_of=job.id,
            idempotency_key=key,
            request_hash=digest,
        ),
    )
    body = Told(data=accepted(submitted.job, retry_of=job.id), message=ACCEPTED_MESSAGE)
    return json_response(body, 202, headers=accepted_headers(submitted.job.id))


async def _job(call: Call[NoBody, object]) -> Job:
    store = call.gateway.store
    return (await call.gateway.threads.run(store.job, call.owner, call.job_id)).job


async def _request_cancel(gateway: Gateway, owner: Owner, job_id: JobId) -> None:
    """Write the command, wake the aggregator, wait until it is done or time is up."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def listen(_: JobNotice) -> None:
        with suppress(RuntimeError):  # the loop was closed just now
            loop.call_soon_threadsafe(news.set)

    run, now = gateway.threads.run, gateway.clock.now()
    unsubscribe = gateway.transport.subscribe(job_id, listen)
    try:
        command = await run(gateway.store.add_command, owner, job_id, "cancel", now)
        wake = CommandRequested(
            message_id=new_message_id(), owner=owner, occurred_at=now
        )
        try:
            await run(gateway.transport.publish_event, wake)
        except TransientError as error:
            _log.warning("command_unannounced", job_id=job_id, error=error.message)
        with suppress(TimeoutError):
            async with asyncio.timeout(OUTCOME_WAIT_S):
                while await run(gateway.store.command_outcome, command) is None:
                    await _news_or_pause(news)
    finally:
        unsubscribe()


async def _news_or_pause(news: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), RECHECK_S)
    news.clear()


def _retryable(store: Store, owner: Owner, job_id: JobId) -> list[DocumentId]:
    """Give the failed documents of a job, without those that were deleted since.

    All of them, if none is left: the request may be one that was answered before.
    """
    failed = list(_failed_documents(store, owner, job_id))
    known = store.known_documents(owner, failed)
    return [each for each in failed if each in known] or failed


def _failed_documents(
    store: Store, owner: Owner, job_id: JobId
) -> Iterator[DocumentId]:
    token = ""
    while True:
        page = store.tasks(
            owner, job_id, statuses=RETRYABLE, page_size=PAGE, page_token=token
        )
        for each in page.items:
            assert each.task.document_id is not None
            yield each.task.document_id
        token = page.next_token
        if not token:
            return


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{ONE}/cancel",
        name="cancelJob",
        summary="Cancel a job",
        tag="jobs",
        handler=cancel_job,
        body=NoBody,
        body_required=False,
        answers=(
            Answer(
                status=200,
                description="Cancelled, or being cancelled.",
                body=Told[CancelBody],
            ),
        ),
        problems=("not_found", "job_ended"),
    ),
    Operation(
        method="POST",
        path=f"{ONE}/retry",
        name="retryJob",
        summary="Try the failed documents of an ended job again, as a new job",
        tag="jobs",
        handler=retry_job,
        body=NoBody,
        body_required=False,
        headers=SUBMIT_HEADERS,
        answers=(ACCEPTED,),
        problems=(
            *("not_found", "documents_not_found", "unknown_job_type"),
            *("job_running", "nothing_failed", "idempotency_key_reused"),
            "backlog_full",
        ),
    ),
)
