"""Jobs: submit, look at, list, cancel, retry."""

from collections.abc import Iterator

from starlette.responses import Response

from gateway.bodies import Data, Listed, Told
from gateway.context import Call
from gateway.job_bodies import AcceptedJob, JobBody, JobSummary
from gateway.operations import Answer, Header, Operation, json_response
from gateway.problems import FieldProblem
from gateway.requests import JobsQuery, SubmitRequest
from gateway.routes.documents import ACCEPTED_HEADERS, ACCEPTED_MESSAGE
from gateway.submissions import (
    SUBMIT_HEADERS,
    accepted_headers,
    submission_of,
    submit,
)
from gateway.views import JOBS_PATH, accepted, job_status, job_summary
from service.domain.model import (
    DocumentId,
    Job,
)
from service.settings import Settings


async def submit_batch(call: Call[SubmitRequest, object]) -> Response:
    """Accept a batch."""
    ids = [DocumentId(each) for each in call.body.document_ids]
    problems = _batch_problems(ids, call.gateway.settings)
    submitted = await submit(call.gateway, submission_of(call, ids, problems))
    body = Told(data=accepted(submitted.job), message=ACCEPTED_MESSAGE)
    return json_response(body, 202, headers=accepted_headers(submitted.job.id))


async def get_job(call: Call[None, object]) -> Response:
    """Give a job's status, unless the client has this version already."""
    gateway, run = call.gateway, call.gateway.threads.run
    known = call.request.headers.get("if-none-match")
    if known is not None:
        view = await run(gateway.store.job, call.owner, call.job_id)
        if _matches(known, view.job):
            return Response(status_code=304, headers={"ETag": etag(view.job)})
    view, body = await run(
        job_status, gateway.store, call.owner, call.job_id, gateway.clock.now()
    )
    headers = {"ETag": etag(view.job), "Cache-Control": "no-cache"}
    return json_response(Data(data=body), headers=headers)


async def list_jobs(call: Call[None, JobsQuery]) -> Response:
    """Give jobs, newest first."""
    query = call.query
    key, _, value = query.label.partition(":")
    page = await call.gateway.threads.run(
        call.gateway.store.jobs,
        call.owner,
        statuses=query.status,
        type=query.type or None,
        label=(key, value) if query.label else None,
        page_size=query.page_size,
        page_token=query.page_token,
    )
    now = call.gateway.clock.now()
    found = tuple(job_summary(each, now) for each in page.items)
    return json_response(Listed(data=found, next_page_token=page.next_token))


def etag(job: Job) -> str:
    """Give the entity tag of a job's status.

    It is a weak one (RFC 9110 §8.8.1): the time that remains passes without a new
    version.
    """
    return f'W/"{job.version}"'


def _matches(known: str, job: Job) -> bool:
    """Compare weakly, as If-None-Match does (RFC 9110 §13.1.2)."""
    tags = {each.strip().removeprefix("W/") for each in known.split(",")}
    return "*" in tags or etag(job).removeprefix("W/") in tags


def _batch_problems(
    ids: list[DocumentId], settings: Settings
) -> Iterator[FieldProblem]:
    limit = settings.max_documents_per_job
    if not ids:
        yield FieldProblem(
            pointer="/documentIds",
            code="empty_batch",
            detail="A batch needs at least one document.",
        )
    if len(ids) > limit:
        yield FieldProblem(
            pointer="/documentIds",
            code="too_many_documents",
            detail=f"{len(ids)} documents; at most {limit} in one request.",
        )
        return
    first: dict[DocumentId, int] = {}
    for index, document_id in enumerate(ids):
        before = first.setdefault(document_id, index)
        if before != index:
            yield FieldProblem(
                pointer=f"/documentIds/{index}",
                code="duplicate",
                detail=f"The same as /documentIds/{before}.",
            )


ONE = f"{JOBS_PATH}/{{jobId}}"
ACCEPTED = Answer(
    status=202,
    description="Accepted.",
    body=Told[AcceptedJob],
    headers=ACCEPTED_HEADERS,
)
OPERATIONS = (
    Operation(
        method="POST",
        path=JOBS_PATH,
        name="submitBatch",
        summary="Submit a batch",
        tag="jobs",
        handler=submit_batch,
        body=SubmitRequest,
        headers=SUBMIT_HEADERS,
        answers=(ACCEPTED,),
        problems=(
            *("documents_not_found", "unknown_job_type", "idempotency_key_reused"),
            "backlog_full",
        ),
    ),
    Operation(
        method="GET",
        path=JOBS_PATH,
        name="listJobs",
        summary="List jobs, newest first",
        tag="jobs",
        handler=list_jobs,
        query=JobsQuery,
        answers=(Answer(status=200, description="A page.", body=Listed[JobSummary]),),
    ),
    Operation(
        method="GET",
        path=ONE,
        name="getJob",
        summary="Look at a job",
        tag="jobs",
        handler=get_job,
        headers=(
            Header("If-None-Match", "An ETag; the same version is answered with 304."),
        ),
        answers=(
            Answer(
                status=200,
                description="The job.",
                body=Data[JobBody],
                headers={"ETag": "The job's version; a weak tag."},
            ),
            Answer(status=304, description="Still the version you know."),
        ),
        problems=("not_found",),
    ),
)
