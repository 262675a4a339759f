"""What came of a job's documents."""

from typing import Final

import msgspec
from starlette.responses import Response

from gateway.bodies import Data, Listed
from gateway.context import Call, Gateway
from gateway.downloads import FOREIGN, blob_response, made_response
from gateway.exports import FORMATS, Export, Format
from gateway.exports.source import known
from gateway.job_bodies import ResultBody, TaskBody
from gateway.operations import Answer, Operation, json_response
from gateway.problems import ProblemError
from gateway.requests import ResultsQuery, TasksQuery
from gateway.task_views import tasks_page
from gateway.views import JOBS_PATH, result_body
from service.blob_keys import output_key
from service.domain.model import Job, TaskStatus
from service.errors import NotFoundError
from service.processing.outputs import TEXT_OUTPUT
from service.processing.results import BatchResult
from service.store.rows import TaskView

TEXT: Final = "text/plain"


async def list_tasks(call: Call[None, TasksQuery]) -> Response:
    """Give a job's documents in their order."""
    page = await call.gateway.threads.run(
        tasks_page,
        call.gateway.store,
        call.owner,
        call.job_id,
        statuses=call.query.status,
        page_size=call.query.page_size,
        page_token=call.query.page_token,
    )
    return json_response(page)


async def list_results(call: Call[None, ResultsQuery]) -> Response:
    """Give a job's results so far, in the order of its documents."""
    if call.query.format != "json":
        return await _export(call, FORMATS[call.query.format])
    page = await call.gateway.threads.run(
        call.gateway.store.tasks,
        call.owner,
        call.job_id,
        statuses=(TaskStatus.COMPLETED,),
        page_size=call.query.page_size,
        page_token=call.query.page_token,
    )
    found = tuple(result_body(each) for each in page.items)
    return json_response(Listed(data=found, next_page_token=page.next_token))


async def _export(call: Call[None, ResultsQuery], form: Format) -> Response:
    gateway = call.gateway
    view = await gateway.threads.run(gateway.store.job, call.owner, call.job_id)
    export = Export(gateway.store, gateway.blobs, view.job)
    return await made_response(
        call,
        form.pieces(export),
        media_type=form.media_type,
        name=f"{call.job_id}.{form.extension}",
    )


async def get_result(call: Call[None, object]) -> Response:
    """Give one whole result, however large."""
    view = await _completed(call)
    body = msgspec.structs.replace(
        result_body(view), data=msgspec.Raw(await _whole_result(call.gateway, view))
    )
    return json_response(Data(data=body))


async def get_batch_result(call: Call[None, object]) -> Response:
    """Give what is known across a job's documents, however large."""
    gateway = call.gateway
    view = await gateway.threads.run(gateway.store.job, call.owner, call.job_id)
    stored = await gateway.threads.run(gateway.store.batch_result, call.job_id)
    if stored is None:
        raise ProblemError("no_batch_result", _why_no_batch_result(view.job))
    result = bytes(stored.result)
    if stored.result_key is not None:
        result = await gateway.threads.run(gateway.blobs.get_bytes, stored.result_key)
    return json_response(Data(data=msgspec.Raw(result)))


def _why_no_batch_result(job: Job) -> str:
    if not job.has_finish:
        return f"Jobs of type {job.type} do nothing across their documents."
    if job.batch_error is not None:
        return f"It failed: {job.batch_error.code}."
    if job.final:
        return f"The job ended before: it is {job.status}."
    return f"It is made once all documents have ended; the job is {job.status}."


async def get_text(call: Call[None, object]) -> Response:
    """Stream the whole text of one document."""
    view = await _completed(call)
    result = await _whole_result(call.gateway, view)
    text = known(result).find("text")
    if text is None:
        raise ProblemError("no_text", "Results of this job's type have no text.")
    if text.object_key is None:
        return Response(text.preview, media_type=TEXT, headers=FOREIGN)
    # The result was written by the process that read the document, and is not trusted
    # to name any other blob than its own, which the row does.
    if view.outputs_key is None:
        raise NotFoundError("The content is not there.")
    key = output_key(view.outputs_key, TEXT_OUTPUT)
    return await blob_response(call, key, media_type=TEXT, headers={})


async def _completed(call: Call[None, object]) -> TaskView:
    store = call.gateway.store
    view = await call.gateway.threads.run(
        store.task_result, call.owner, call.job_id, call.document_id
    )
    if view.task.status is not TaskStatus.COMPLETED:
        raise ProblemError("no_result", f"The document is {view.task.status}.")
    return view


async def _whole_result(gateway: Gateway, view: TaskView) -> bytes:
    if view.result_key is None:
        return bytes(view.result)
    return await gateway.threads.run(gateway.blobs.get_bytes, view.result_key)


OPERATIONS = (
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/tasks",
        name="listTasks",
        summary="List a job's documents and where each stands",
        tag="jobs",
        handler=list_tasks,
        query=TasksQuery,
        answers=(Answer(status=200, description="A page.", body=Listed[TaskBody]),),
        problems=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/results",
        name="listResults",
        summary="List a job's results so far",
        tag="jobs",
        handler=list_results,
        query=ResultsQuery,
        answers=(
            Answer(
                status=200,
                description="A page; or all results so far in the format asked for.",
                body=Listed[ResultBody],
                other_media_types=tuple(each.media_type for each in FORMATS.values()),
            ),
        ),
        problems=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/results/batch",
        name="getBatchResult",
        summary="Fetch what is known across a job's documents",
        tag="jobs",
        handler=get_batch_result,
        answers=(Answer(status=200, description="It.", body=Data[BatchResult]),),
        problems=("not_found", "no_batch_result", "content_missing"),
    ),
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/results/{{documentId}}",
        name="getResult",
        summary="Fetch one whole result",
        tag="jobs",
        handler=get_result,
        answers=(Answer(status=200, description="It.", body=Data[ResultBody]),),
        problems=("not_found", "no_result", "content_missing"),
    ),
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/results/{{documentId}}/text",
        name="getText",
        summary="Fetch a document's whole text",
        tag="jobs",
        handler=get_text,
        answers=(Answer(status=200, description="It, as UTF-8.", media_type=TEXT),),
        problems=("not_found", "no_result", "no_text", "content_missing"),
    ),
)
