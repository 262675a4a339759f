"""What came of a job's documents."""

from typing import Final

import msgspec
from starlette.responses import Response

from gateway.bodies import Data, Listed, ResultBody, TaskBody
from gateway.context import Call, Gateway
from gateway.downloads import FOREIGN, blob_response
from gateway.operations import Answer, Operation, json_response
from gateway.problems import ProblemError
from gateway.requests import PageQuery, TasksQuery
from gateway.views import JOBS_PATH, result_body, task_body
from service.blobs import text_key
from service.domain.model import TaskStatus
from service.store.rows import TaskView

TEXT: Final = "text/plain"


class _Text(msgspec.Struct, frozen=True, rename="camel"):
    """The part of a result that says where its text is."""

    preview: str
    object_key: str | None = None


class _WithText(msgspec.Struct, frozen=True):
    """A result of any type, as far as its text goes."""

    text: _Text | None = None


async def list_tasks(call: Call[None, TasksQuery]) -> Response:
    """Give a job's documents in their order."""
    page = await call.gateway.threads.run(
        call.gateway.store.tasks,
        call.owner,
        call.job_id,
        statuses=call.query.status,
        page_size=call.query.page_size,
        page_token=call.query.page_token,
    )
    found = tuple(task_body(each) for each in page.items)
    return json_response(Listed(data=found, next_page_token=page.next_token))


async def list_results(call: Call[None, PageQuery]) -> Response:
    """Give a job's results so far, in the order of its documents."""
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


async def get_result(call: Call[None, object]) -> Response:
    """Give one whole result, however large."""
    view = await _completed(call)
    body = msgspec.structs.replace(
        result_body(view), data=msgspec.Raw(await _whole_result(call.gateway, view))
    )
    return json_response(Data(data=body))


async def get_text(call: Call[None, object]) -> Response:
    """Stream the whole text of one document."""
    view = await _completed(call)
    result = await _whole_result(call.gateway, view)
    text = msgspec.json.decode(result, type=_WithText | None)
    if text is None or text.text is None:
        raise ProblemError("no_text", "Results of this job's type have no text.")
    if text.text.object_key is None:
        return Response(text.text.preview, media_type=TEXT, headers=FOREIGN)
    # The result was written by the process that read the document, and is not trusted
    # to name any other blob than its own.
    key = text_key(view.task.job_id, view.task.id)
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
        query=PageQuery,
        answers=(Answer(status=200, description="A page.", body=Listed[ResultBody]),),
        problems=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/results/{{documentId}}",
        name="getResult",
        summary="Fetch one whole result",
        tag="jobs",
        handler=get_result,
        answers=(Answer(status=200, description="It.", body=Data[ResultBody]),),
        problems=("not_found", "no_result"),
    ),
    Operation(
        method="GET",
        path=f"{JOBS_PATH}/{{jobId}}/results/{{documentId}}/text",
        name="getText",
        summary="Fetch a document's whole text",
        tag="jobs",
        handler=get_text,
        answers=(Answer(status=200, description="It, as UTF-8.", media_type=TEXT),),
        problems=("not_found", "no_result", "no_text"),
    ),
)
