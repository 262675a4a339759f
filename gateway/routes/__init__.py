"""The operations of the HTTP interface, by subject."""

from gateway.operations import Operation
from gateway.routes import control, documents, events, jobs, results, system, uploads

OPERATIONS: tuple[Operation, ...] = (
    *uploads.OPERATIONS,
    *documents.OPERATIONS,
    *jobs.OPERATIONS,
    *control.OPERATIONS,
    *results.OPERATIONS,
    *events.OPERATIONS,
    *system.OPERATIONS,
)
