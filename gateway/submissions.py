"""Accepting a job: one transaction, then a message that may be lost."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from gateway.context import Call, Gateway
from gateway.operations import Header
from gateway.options import job_options, refused_options
from gateway.problems import FieldProblem, ProblemError, refused
from gateway.requests import ProcessRequest
from gateway.views import job_path
from service.domain import events
from service.domain.model import (
    Counts,
    DocumentId,
    Job,
    JobId,
    JobOptions,
    Owner,
)
from service.domain.task_ids import plan_task_id
from service.errors import NotFoundError
from service.ids import new_job_id, new_message_id
from service.logs import get_logger
from service.messages import ENCODER, PLAN_LIMIT_S, StartBatch
from service.store.rows import CreatedJob, Document, NewJob

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
MAX_KEY_CHARS: Final = 255
SUBMIT_HEADERS: Final = (
    Header(
        IDEMPOTENCY_KEY,
        "The same key with the same request gives the first answer again instead of a "
        "second job; at most 255 visible ASCII characters.",
        pattern=f"^[\\x21-\\x7e]{{1,{MAX_KEY_CHARS}}}$",
    ),
)
POLL_AFTER_S: Final = "1"

_KEY: Final = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_CHARS}}}")
_log = get_logger(__name__)


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A job to be."""

    owner: Owner
    type: str
    options: JobOptions
    document_ids: tuple[DocumentId, ...]
    name: str | None = None
    labels: Mapping[str, str] = {}
    retry_of: JobId | None = None
    idempotency_key: str | None = None
    request_hash: str = ""
    documents: tuple[Document, ...] = ()
    """Documents to store with it."""


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """A job that was accepted, now or by the same request before."""

    job: Job
    replayed: bool


async def submit(gateway: Gateway, submission: Submission) -> Submitted:
    """Write the job and start it; returns without waiting for the broker.

    Raises:
        ProblemError: Some documents do not exist; names each. Or too many wait already.
        ConflictError: The idempotency key came with another request before.
        TransientError: The store did not take it; nothing was written.
    """
    await gateway.backlog.let_in(len(submission.document_ids))
    job = _header(gateway, submission)
    new = NewJob(
        job=job,
        document_ids=submission.document_ids,
        name=submission.name,
        labels=submission.labels,
        retry_of=submission.retry_of,
        idempotency_key=submission.idempotency_key,
        request_hash=submission.request_hash,
        created_event=msgspec.Raw(ENCODER.encode(events.batch_created(job))),
    )
    try:
        created = await gateway.threads.run(_create, gateway, new, submission.documents)
    except NotFoundError as error:
        raise await _missing(gateway, submission, error) from error
    if created.replayed:
        job = msgspec.structs.replace(job, id=created.job_id)
    else:
        _log.info("job_accepted", job_id=job.id, documents=job.counts.total)
    return Submitted(job=job, replayed=created.replayed)


def accepted_headers(job_id: JobId) -> dict[str, str]:
    """Give the headers of an answer that accepts a job."""
    return {"Location": job_path(job_id), "Retry-After": POLL_AFTER_S}


def checked_type(
    gateway: Gateway, wanted: str | msgspec.UnsetType
) -> tuple[str, list[FieldProblem]]:
    """Give the job type to use and, if it is not installed, what is wrong with it."""
    name = gateway.settings.default_type if wanted is msgspec.UNSET else wanted
    installed = gateway.registry.names()
    if name in installed:
        return name, []
    detail = f"Not installed. Installed: {', '.join(installed)}."
    return name, [FieldProblem(pointer="/type", code="unknown_job_type", detail=detail)]


def submission_of(
    call: Call[ProcessRequest, object],
    document_ids: Sequence[DocumentId],
    problems: Iterable[FieldProblem] = (),
) -> Submission:
    """Give what a checked request asks for.

    Raises:
        ProblemError: `problems`, and those found here.
    """
    body, gateway = call.body, call.gateway
    name, type_problems = checked_type(gateway, body.type)
    found = [
        *problems,
        *type_problems,
        *refused_options(body.options, body.processing, gateway.settings),
    ]
    if found:
        raise refused(found)
    key, digest = idempotency(call, call.raw_body)
    return Submission(
        owner=call.owner,
        type=name,
        options=job_options(
            body.options,
            body.processing,
            gateway.settings,
            documents=len(document_ids),
            job_type=name,
        ),
        document_ids=tuple(document_ids),
        name=body.name,
        labels=body.labels,
        idempotency_key=key,
        request_hash=digest,
    )


def idempotency(call: Call[object, object], *parts: bytes) -> tuple[str | None, str]:
    """Give the request's idempotency key, and what tells it from others with that key.

    Args:
        call: The request.
        parts: All that it says beside its path.

    Raises:
        ProblemError: What was sent as a key is none.
    """
    key = call.request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None, ""
    if _KEY.fullmatch(key):
        return key, _hash(call.request.url.path.encode(), *parts)
    detail = f"1 to {MAX_KEY_CHARS} visible ASCII characters."
    raise refused(
        [
            FieldProblem(
                pointer=f"/{IDEMPOTENCY_KEY}",
                source="header",
                code="wrong_form",
                detail=detail,
            )
        ]
    )


def _hash(path: bytes, *parts: bytes) -> str:
    digest = hashlib.sha256(path)
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _header(gateway: Gateway, submission: Submission) -> Job:
    number = len(submission.document_ids)
    return Job(
        id=new_job_id(gateway.clock),
        owner=submission.owner,
        type=submission.type,
        options=submission.options,
        counts=Counts(pending=number),
        has_finish=gateway.registry.get(submission.type).finish is not None,
        cost_total_ms=number,
        created_at=gateway.clock.now(),
    )


def _create(gateway: Gateway, new: NewJob, documents: Sequence[Document]) -> CreatedJob:
    """Write the job and post its first message, even when the client has gone."""
    created = gateway.store.create_job(new, documents)
    if not created.replayed:
        gateway.sender.post(_planning(gateway, new.job))
    return created


def _planning(gateway: Gateway, job: Job) -> StartBatch:
    now = gateway.clock.now()
    return StartBatch(
        message_id=new_message_id(),
        owner=job.owner,
        occurred_at=now,
        job_id=job.id,
        task_id=plan_task_id(job.id),
        generation=1,
        job_type=job.type,
        time_limit_s=PLAN_LIMIT_S,
        expires_at=now + timedelta(seconds=gateway.settings.release_expiry_s),
    )


async def _missing(
    gateway: Gateway, submission: Submission, error: NotFoundError
) -> ProblemError:
    """Name every document that does not exist, with its place in the request."""
    known = await gateway.threads.run(
        gateway.store.known_documents, submission.owner, submission.document_ids
    )
    problems = [
        FieldProblem(
            pointer=f"/documentIds/{index}",
            code="document_not_found",
            detail=f"There is no document {document_id}.",
        )
        for index, document_id in enumerate(submission.document_ids)
        if document_id not in known
    ]
    return ProblemError("documents_not_found", error.message, errors=problems)
