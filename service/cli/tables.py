"""What commands print: tables at a terminal, plain columns elsewhere."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.client import Client, Job, ProblemError, Task
from service.cli.text import count, local_time, printable, seconds

MAX_ROWS: Final = 50
"""Documents shown after a job; of larger jobs only those that failed."""

STYLES: Final = {
    "COMPLETED": "green",
    "FAILED": "red",
    "TIMEOUT": "red",
    "CANCELLED": "yellow",
    "PROCESSING": "cyan",
    "UNEXPECTED": "bold red",
}

OUTCOME: Final = ("NAME", "STATUS", "RESULT", "TIME")

Row = Sequence[str]


def print_table(console: Console, head: Row, rows: Iterable[Row]) -> None:
    """Print rows under their heads; whole and aligned where no terminal limits it."""
    texts = [[printable(cell) for cell in row] for row in rows]
    if console.is_terminal:
        console.print(_rich_table(head, texts))
        return
    widths = [
        max(len(line[column]) for line in (list(head), *texts))
        for column in range(len(head))
    ]
    for line in (list(head), *texts):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        console.out("  ".join(padded).rstrip(), highlight=False)


def _rich_table(head: Row, rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    return table


def _style(cell: str) -> str:
    return STYLES.get(cell.partition(":")[0], "")


def print_jobs(console: Console, jobs: Iterable[Job]) -> None:
    """Print one line a job."""
    head = ("JOB", "STATUS", "DONE", "FAILED", "TYPE", "CREATED", "NAME")
    rows = (
        (
            job.id,
            job.status,
            f"{job.done_documents}/{job.total_documents}",
            str(job.failed_documents),
            job.type,
            local_time(job.created_at),
            job.name or "",
        )
        for job in jobs
    )
    print_table(console, head, rows)


def print_job(console: Console, job: Job) -> None:
    """Print a job's status as lines of key and value."""
    lines = {
        "Job": job.id,
        "Name": job.name or "",
        "Labels": ", ".join(f"{key}={value}" for key, value in job.labels.items()),
        "Type": job.type,
        "Status": f"{job.status} ({job.outcome or f'{job.progress} %'})",
        "Documents": f"{job.done_documents} of {job.total_documents} done, "
        f"{job.failed_documents} failed",
        "Created": local_time(job.created_at),
        "Started": local_time(job.started_at),
        "Finished": local_time(job.finished_at),
        "Remaining": _remaining(job),
        "Retry of": job.retry_of or "",
    }
    for key, value in lines.items():
        if value:
            console.out(f"{key + ':':<11}{printable(value)}", highlight=False)


def _remaining(job: Job) -> str:
    left_ms = job.estimated_time_remaining_ms
    return "" if job.final or left_ms is None else f"about {seconds(left_ms // 1000)}"


def print_end(console: Console, client: Client, job: Job) -> None:
    """Print what came of a job and of its documents."""
    tasks = tuple(client.tasks(job.id))
    shown = tasks
    if len(tasks) > MAX_ROWS:
        shown = tuple(task for task in tasks if task.status != "COMPLETED")[:MAX_ROWS]
    if shown:
        found = result_statuses(client, job.id, shown)
        print_table(console, OUTCOME, (_outcome(task, found) for task in shown))
    if len(shown) < len(tasks):
        left = count(len(tasks) - len(shown), "more document")
        console.out(f"… and {left}: docmill results {job.id}", highlight=False)
    took_s = None
    if job.started_at is not None and job.finished_at is not None:
        took_s = (job.finished_at - job.started_at).total_seconds()
    console.out(
        f"{job.id} {job.status}: {job.processed_documents} of "
        f"{count(job.total_documents, 'document')} succeeded"
        + (f" in {seconds(took_s)}" if took_s is not None else ""),
        highlight=False,
    )


def print_tasks(console: Console, tasks: Iterable[Task], found: dict[str, str]) -> None:
    """Print one line a document, with what came of it and its id."""
    rows = ((*_outcome(task, found), task.document_id) for task in tasks)
    print_table(console, (*OUTCOME, "DOCUMENT"), rows)


def _outcome(task: Task, found: dict[str, str]) -> Row:
    result = task.error.code if task.error else found.get(task.document_id, "")
    return (task.name, task.status, result, seconds(task.duration_s))


def result_statuses(
    client: Client, job_id: str, tasks: Sequence[Task]
) -> dict[str, str]:
    """Give the result's own status (`ok`, `degraded`) of each completed document.

    One whose file is gone is `missing`.
    """
    wanted = {task.document_id for task in tasks if task.status == "COMPLETED"}
    found: dict[str, str] = {}
    for result in client.results(job_id) if wanted else ():
        if result.document_id not in wanted or not result.success:
            continue
        data = result.data
        if data is None and result.data_url is not None:
            try:
                data = client.result(job_id, result.document_id).data
            except ProblemError as error:
                if error.code != "content_missing":
                    raise
                data = {"status": "missing"}
        if isinstance(data, dict):
            found[result.document_id] = str(data.get("status", ""))
    return found
