import msgspec
import pytest

from gateway import bodies, job_bodies
from gateway.client import values

PAIRS = [
    (bodies.DocumentBody, values.UploadedDocument),
    (job_bodies.JobBody, values.Job),
    (job_bodies.CountsBody, values.Counts),
    (job_bodies.TaskBody, values.Task),
    (job_bodies.WaitingBody, values.Waiting),
    (job_bodies.LeaseBody, values.Lease),
    (job_bodies.StepBody, values.StepTime),
    (job_bodies.ResultBody, values.Result),
    (job_bodies.FailureBody, values.DocumentFailure),
    (job_bodies.ErrorBody, values.Failure),
    (job_bodies.BatchBody, values.BatchPart),
    (job_bodies.CancelBody, values.Cancellation),
]


def on_the_wire(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize(("body", "value"), PAIRS)
def test_the_client_has_every_field_that_the_service_answers(
    body: type[msgspec.Struct], value: type[msgspec.Struct]
) -> None:
    assert on_the_wire(value) == on_the_wire(body)
