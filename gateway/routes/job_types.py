"""What can be done to documents here."""

from functools import cache
from typing import Any

import msgspec
from starlette.responses import Response

from gateway.bodies import Body, Several
from gateway.context import Call
from gateway.operations import Answer, Operation, json_response
from service.processing.registry import JobType
from service.processing.results import BatchResult


class JobTypeBody(Body, frozen=True, kw_only=True):
    """One job type that is installed."""

    name: str
    steps: tuple[str, ...]
    """What each document goes through, in order; OCR and a model add their own."""
    finish: bool
    """Whether there is a result across all documents of a job."""
    result_schema: dict[str, Any]
    """JSON Schema of one document's result."""
    batch_result_schema: dict[str, Any] | None
    """The same of the result across all documents; null where there is none."""


async def list_job_types(call: Call[None, object]) -> Response:
    """Give the installed job types."""
    registry = call.gateway.registry
    found = tuple(_body(registry.get(name)) for name in registry.names())
    return json_response(Several(data=found))


def _body(job_type: JobType) -> JobTypeBody:
    return JobTypeBody(
        name=job_type.name,
        steps=tuple(step.name for step in job_type.steps),
        finish=job_type.finish is not None,
        result_schema=_schema(job_type.result),
        batch_result_schema=_schema(BatchResult) if job_type.finish else None,
    )


@cache  # milliseconds of the event loop's time
def _schema(result: type[msgspec.Struct]) -> dict[str, Any]:
    return msgspec.json.schema(result)


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/job-types",
        name="listJobTypes",
        summary="List what can be done to documents, with the schemas of the results",
        tag="documents",
        handler=list_job_types,
        stored=False,
        answers=(
            Answer(status=200, description="All of them.", body=Several[JobTypeBody]),
        ),
    ),
)
