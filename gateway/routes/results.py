"""What came of a job's documents."""

import msgspec
from starlette.responses import Response

from gateway.bodies import Data, Listed, ResultBody, TaskBody
from gateway.context import Call
from gateway.operations import Answer, Operation, json_response
from gateway.problems import ProblemError
from gateway.requests import PageQuery, TasksQuery
from gateway.views import JOBS_PATH, result_body, task_body
from service.domain.model import TaskStatus


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
    gateway, run = call.gateway, call.gateway.threads.run
    view = await run(
        gateway.store.task_result, call.owner, call.job_id, call.document_id
    )
    if view.task.status is not TaskStatus.COMPLETED:
        raise ProblemError("no_result", f"The document is {view.task.status}.")
    body = result_body(view)
    if view.result_key is not None:
        whole = await run(gateway.blobs.get_bytes, view.result_key)
        body = msgspec.structs.replace(body, data=msgspec.Raw(whole))
    return json_response(Data(data=body))


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
)
