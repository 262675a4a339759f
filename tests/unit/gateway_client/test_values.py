import msgspec
import pytest

from gateway import bodies
from gateway.client import values

PAIRS = [
    (bodies.DocumentBody, values.UploadedDocument),
    (bodies.JobBody, values.Job),
    (bodies.CountsBody, values.Counts),
    (bodies.TaskBody, values.Task),
    (bodies.WaitingBody, values.Waiting),
    (bodies.LeaseBody, values.Lease),
    (bodies.StepBody, values.StepTime),
    (bodies.ResultBody, values.Result),
    (bodies.FailureBody, values.DocumentFailure),
    (bodies.ErrorBody, values.Failure),
    (bodies.BatchBody, values.BatchPart),
    (bodies.CancelBody, values.Cancellation),
]


def on_the_wire(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize(("body", "value"), PAIRS)
def test_the_client_has_every_field_that_the_service_answers(
    body: type[msgspec.Struct], value: type[msgspec.Struct]
) -> None:
    assert on_the_wire(value) == on_the_wire(body)
