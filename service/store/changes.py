"""What one commit of the aggregator writes: guarded, set by set."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from service.domain.model import Job
from service.errors import StaleStateError
from service.messages import JSON_NULL
from service.store import headers, mapping, statements
from service.store.rows import AddedTask, Changes, DurationStats, TaskWrite

_NULL = bytes(JSON_NULL)


def apply(connection: sa.Connection, changes: Changes) -> None:
    """Write `changes` into the open transaction.

    Raises:
        StaleStateError: A guarded row was in another state, or a log number was taken;
            the transaction must be rolled back.
    """
    try:
        _apply_guarded(connection, changes)
        _apply_log(connection, changes)
    except exc.IntegrityError as error:
        raise StaleStateError("A new row is there already.") from error
    _apply_rest(connection, changes)


def _apply_guarded(connection: sa.Connection, changes: Changes) -> None:
    _apply_jobs(connection, changes.jobs)
    _apply_added(connection, changes.added)
    plain: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    for write in changes.tasks:
        row = mapping.task_change(write)
        if _has_result(write):
            row["result"] = bytes(write.result).decode()
            row["result_key"] = write.result_key
            row["result_bytes"] = write.result_bytes
            row["outputs_key"] = write.outputs_key
            ended.append(row)
        else:
            plain.append(row)
    _expect(len(plain), statements.UPDATE_TASK.run_all(connection, plain), "tasks")
    _expect(len(ended), statements.END_TASK.run_all(connection, ended), "tasks")


def _apply_jobs(connection: sa.Connection, jobs: Iterable[Job]) -> None:
    going_on: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    for job in jobs:
        rows = going_on if job.finished_at is None else ended
        rows.append(headers.job_change(job))
    _expect(len(going_on), statements.UPDATE_JOB.run_all(connection, going_on), "jobs")
    _expect(len(ended), statements.END_JOB.run_all(connection, ended), "jobs")


def _apply_added(connection: sa.Connection, added: Iterable[AddedTask]) -> None:
    statements.INSERT_DOCUMENT.run_all(
        connection, [mapping.document_row(one.document) for one in added]
    )
    statements.INSERT_TASK.run_all(
        connection, [mapping.added_row(one) for one in added]
    )


def _has_result(write: TaskWrite) -> bool:
    return write.result_key is not None or bytes(write.result) != _NULL


def _expect(wanted: int, touched: int, what: str) -> None:
    if touched != wanted:
        message = f"{wanted - touched} of {wanted} {what} were in another state."
        raise StaleStateError(message)


def _apply_log(connection: sa.Connection, changes: Changes) -> None:
    statements.SET_CREATED_POSITION.run_all(
        connection,
        [
            {"guard_job_id": job_id, "position": position}
            for job_id, position in changes.created_positions.items()
        ],
    )
    log = [mapping.log_row(entry) for entry in changes.log]
    statements.INSERT_LOG.run_all(connection, log)


def _apply_rest(connection: sa.Connection, changes: Changes) -> None:
    # After the tasks, whose values may have been read before they were planned.
    statements.SET_COST.run_all(
        connection,
        [
            {"guard_id": task_id, "cost_ms": cost_ms}
            for task_id, cost_ms in changes.costs_ms.items()
        ],
    )
    if changes.sent:
        assert changes.sent_at is not None  # given with `sent`
        sent_at = mapping.to_ms(changes.sent_at)
        statements.MARK_SENT.run_all(
            connection,
            [
                {"guard_id": id_, "guard_generation": generation, "sent_at": sent_at}
                for id_, generation in changes.sent
            ],
        )
    _replace_durations(connection, changes.durations)
    statements.END_COMMAND.run_all(
        connection,
        [
            {"guard_id": command_id, "outcome": bytes(outcome).decode()}
            for command_id, outcome in changes.commands_done.items()
        ],
    )


def _replace_durations(
    connection: sa.Connection, durations: Iterable[DurationStats]
) -> None:
    rows = [mapping.durations_row(stats) for stats in durations]
    keys = ("job_type", "media_type", "size_class")
    statements.DELETE_DURATION.run_all(
        connection, [{f"guard_{key}": row[key] for key in keys} for row in rows]
    )
    statements.INSERT_DURATION.run_all(connection, rows)
