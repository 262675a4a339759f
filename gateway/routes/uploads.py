"""Storing files, and storing and queueing them at once."""

from typing import Final, TypeVar

import msgspec
from starlette.responses import Response

from gateway.bodies import DocumentBody, QueuedDocument, Several
from gateway.context import Call
from gateway.operations import Answer, Operation, decoded, json_response
from gateway.options import job_options, refused_options
from gateway.problems import FieldProblem, ProblemError, refused
from gateway.requests import (
    OptionsRequest,
    ProcessingRequest,
    QueueForm,
    RequestBody,
    UploadForm,
)
from gateway.submissions import (
    IDEMPOTENCY_KEY,
    SUBMIT_HEADERS,
    Submission,
    Submitted,
    accepted_headers,
    checked_type,
    idempotency,
    submit,
)
from gateway.uploads.form import Form, received_form
from gateway.uploads.storing import remove_blobs, stored_blobs
from gateway.validation import check
from gateway.views import DOCUMENTS_PATH, document_body
from service.domain.model import DocumentId, JobId, TaskStatus
from service.store.rows import Document

R = TypeVar("R", bound=RequestBody)

_NO_KEY: Final = FieldProblem(
    pointer=f"/{IDEMPOTENCY_KEY}",
    source="header",
    code="not_available_yet",
    detail="Only requests that make a job take a key: every upload stores its files.",
)
FORM_FIELDS = QueueForm.__struct_encode_fields__


async def upload(call: Call[None, object]) -> Response:
    """Store files."""
    gateway = call.gateway
    if IDEMPOTENCY_KEY in call.request.headers:
        raise refused([_NO_KEY])
    async with received_form(call.request, gateway) as form:
        documents = await gateway.threads.whole(_stored(call, form))
    _count(call, documents)
    body = Several(data=tuple(document_body(each) for each in documents))
    return json_response(body, 201)


async def upload_and_queue(call: Call[None, object]) -> Response:
    """Store files and make one job of them, in one transaction."""
    gateway = call.gateway
    async with received_form(call.request, gateway, fields=FORM_FIELDS) as form:
        queueing = _stored_and_queued(call, form, _submission(call, form))
        submitted, documents = await gateway.threads.whole(queueing)
    job_id = submitted.job.id
    if submitted.replayed:
        ids = await _ids_of(call, job_id, len(documents))
    else:
        _count(call, documents)
        ids = [each.id for each in documents]
    queued = tuple(
        QueuedDocument(
            document_id=document_id,
            job_id=job_id,
            status=TaskStatus.PENDING,
            queue_position=place,
        )
        for place, document_id in enumerate(ids, 1)
    )
    return json_response(Several(data=queued), 202, headers=accepted_headers(job_id))


async def _stored(call: Call[None, object], form: Form) -> tuple[Document, ...]:
    gateway = call.gateway
    async with stored_blobs(gateway, call.owner, form.files) as documents:
        await gateway.threads.run(gateway.store.add_documents, documents)
    return documents


async def _stored_and_queued(
    call: Call[None, object], form: Form, submission: Submission
) -> tuple[Submitted, tuple[Document, ...]]:
    """Store the form's files with their job, unless this request made it before."""
    gateway = call.gateway
    async with stored_blobs(gateway, call.owner, form.files) as documents:
        submitted = await submit(
            gateway,
            msgspec.structs.replace(
                submission,
                document_ids=tuple(each.id for each in documents),
                documents=documents,
            ),
        )
    if submitted.replayed:
        await remove_blobs(gateway, [each.blob_key for each in documents])
    return submitted, documents


def _submission(call: Call[None, object], form: Form) -> Submission:
    """Give the job that the form asks for, its documents still to be stored."""
    gateway = call.gateway
    name, problems = checked_type(gateway, form.fields.get("type", msgspec.UNSET))
    found, options = _json_field(form, "options", OptionsRequest())
    problems += found
    found, processing = _json_field(form, "processing", ProcessingRequest())
    problems += found
    problems += refused_options(options, processing, gateway.settings)
    if problems:
        raise refused([_in_form(each) for each in problems])
    files = [f"{each.name}\0{each.sha256}".encode() for each in form.files]
    fields = [f"{key}\0{value}".encode() for key, value in sorted(form.fields.items())]
    key, digest = idempotency(call, *files, *fields)
    return Submission(
        owner=call.owner,
        type=name,
        options=job_options(
            options,
            processing,
            gateway.settings,
            documents=len(form.files),
            job_type=name,
        ),
        document_ids=(),
        idempotency_key=key,
        request_hash=digest,
    )


def _json_field(form: Form, name: str, default: R) -> tuple[list[FieldProblem], R]:
    """Give a field that holds JSON; `default` when it is left out or wrong."""
    if name not in form.fields:
        return [], default
    pointer, kind = f"/{name}", type(default)
    try:
        data = decoded(form.fields[name].encode())
    except ProblemError as error:
        problem = FieldProblem(pointer=pointer, code="not_json", detail=error.detail)
        found = [
            msgspec.structs.replace(each, pointer=pointer)
            for each in error.errors or [problem]
        ]
        return found, default
    problems = list(check(data, kind, source="form", pointer=pointer))
    return (problems, default) if problems else ([], msgspec.convert(data, kind))


def _in_form(problem: FieldProblem) -> FieldProblem:
    return msgspec.structs.replace(problem, source="form")


async def _ids_of(
    call: Call[None, object], job_id: JobId, number: int
) -> list[DocumentId]:
    """Give the documents of the job that this request made before."""
    page = await call.gateway.threads.run(
        call.gateway.store.tasks, call.owner, job_id, page_size=number
    )
    return [each.task.document_id for each in page.items if each.task.document_id]


def _count(call: Call[None, object], documents: tuple[Document, ...]) -> None:
    total = sum(each.size_bytes for each in documents)
    call.gateway.metrics.uploaded_bytes.inc(total)


OPERATIONS = (
    Operation(
        method="POST",
        path=DOCUMENTS_PATH,
        name="uploadDocuments",
        summary="Store files",
        tag="documents",
        handler=upload,
        form=UploadForm,
        answers=(
            Answer(
                status=201,
                description="Stored, also if the same was stored before: without a "
                "job, a request has no `Idempotency-Key`.",
                body=Several[DocumentBody],
            ),
        ),
        problems=("not_available_yet",),
    ),
    Operation(
        method="POST",
        path=f"{DOCUMENTS_PATH}/upload",
        name="uploadAndQueue",
        summary="Store files and queue them as one job",
        tag="documents",
        handler=upload_and_queue,
        form=QueueForm,
        headers=SUBMIT_HEADERS,
        answers=(
            Answer(
                status=202,
                description="Stored and queued.",
                body=Several[QueuedDocument],
                headers={"Location": "The job.", "Retry-After": "Seconds."},
            ),
        ),
        problems=(
            *("unknown_job_type", "not_available_yet", "idempotency_key_reused"),
            "backlog_full",
        ),
    ),
)
