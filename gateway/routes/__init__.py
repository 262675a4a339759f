"""The operations of the HTTP interface, by subject."""

from gateway.operations import Operation
from gateway.routes import (
    blobs,
    control,
    documents,
    events,
    job_types,
    jobs,
    results,
    system,
    uploads,
)

OPERATIONS: tuple[Operation, ...] = (
    *uploads.OPERATIONS,
    *documents.OPERATIONS,
    *jobs.OPERATIONS,
    *control.OPERATIONS,
    *results.OPERATIONS,
    *events.OPERATIONS,
    *job_types.OPERATIONS,
    *blobs.OPERATIONS,
    *system.OPERATIONS,
)
