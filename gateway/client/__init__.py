"""The Python client: ``from gateway.client import Client``.

with Client() as docmill:
    job = docmill.submit(["a.pdf", "b.pdf"], on_progress=print)
    for result in docmill.results(job.id):
        print(result.document_id, result.data)
"""

from gateway.client.api import DEFAULT_URL, Client
from gateway.client.errors import ClientError, DocmillUnreachableError, ProblemError
from gateway.client.values import (
    FINAL_EVENTS,
    FINAL_STATUSES,
    Cancellation,
    Counts,
    DocumentFailure,
    Event,
    Failure,
    Job,
    Lease,
    Progress,
    Result,
    StepTime,
    Task,
    UploadedDocument,
    Waiting,
)

__all__ = [
    "DEFAULT_URL",
    "FINAL_EVENTS",
    "FINAL_STATUSES",
    "Cancellation",
    "Client",
    "ClientError",
    "Counts",
    "DocmillUnreachableError",
    "DocumentFailure",
    "Event",
    "Failure",
    "Job",
    "Lease",
    "ProblemError",
    "Progress",
    "Result",
    "StepTime",
    "Task",
    "UploadedDocument",
    "Waiting",
]
