"""Commands that ask a running service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from service.cli.options import (
    DEFAULT_SERVER,
    Files,
    JobArgument,
    JobType,
    Json,
    Processing,
    Server,
    pairs,
    processing_options,
    typed,
)

if TYPE_CHECKING:
    from gateway.client import Client, Job

Follow = Annotated[
    bool, typer.Option("--follow", "-f", help="Show live progress until the end.")
]


def submit(
    files: Files,
    job_type: JobType = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            "-o",
            metavar="KEY=VALUE",
            help="maxConcurrent, timeout, documentTimeout, retryAttempts or "
            "retryDelay; times in milliseconds.",
        ),
    ] = None,
    processing: Processing = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What you call this job.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", "-l", metavar="KEY=VALUE", help="To find it again."),
    ] = None,
    follow: Follow = False,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Upload files and have them processed as one job; prints its id."""
    options = typed(pairs(option, "--option"))
    labels = pairs(label, "--label")
    chosen = msgspec.to_builtins(processing_options(processing))
    with _client(server) as client:
        job = client.submit(
            files,
            job_type=job_type,
            options=options or None,
            processing=chosen or None,
            name=name,
            labels=labels or None,
        )
        _accepted(client, job, follow=follow)


def retry(
    job: JobArgument, follow: Follow = False, server: Server = DEFAULT_SERVER
) -> None:
    """Process the failed documents of an ended job again, as a new job."""
    with _client(server) as client:
        _accepted(client, client.retry(job), follow=follow)


def status(
    job: JobArgument, as_json: Json = False, server: Server = DEFAULT_SERVER
) -> None:
    """Show where a job stands."""
    from service.cli.output import stdout, write_json
    from service.cli.tables import print_job

    with _client(server) as client:
        found = client.status(job)
    if as_json:
        write_json(found)
    else:
        print_job(stdout(), found)


def watch(
    job: JobArgument, as_json: Json = False, server: Server = DEFAULT_SERVER
) -> None:
    """Show a job live until it has ended; --json writes one event a line."""
    from service.cli.output import write_json

    with _client(server) as client:
        if not as_json:
            _follow(client, job)
        for event in client.watch(job):
            write_json(event)
        if not client.status(job).succeeded:
            raise typer.Exit(1)


def list_jobs(
    status: Annotated[
        str | None, typer.Option("--status", help="Only jobs in this status.")
    ] = None,
    job_type: Annotated[
        str | None, typer.Option("--type", help="Only jobs of this type.")
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", "-l", metavar="KEY=VALUE", help="Only jobs with it."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20,
    as_json: Json = False,
    server: Server = DEFAULT_SERVER,
) -> None:
    """List the newest jobs; --json writes one job a line."""
    from itertools import islice

    from service.cli.output import stdout, write_json
    from service.cli.tables import print_jobs

    wanted = next(iter(pairs([label], "--label").items())) if label else None
    with _client(server) as client:
        every = client.jobs(
            status=status.upper() if status else None, job_type=job_type, label=wanted
        )
        jobs = tuple(islice(every, limit))
    if not as_json:
        print_jobs(stdout(), jobs)
        return
    for job in jobs:
        write_json(job)


def results(
    job: JobArgument,
    document: Annotated[
        str | None,
        typer.Argument(metavar="DOCUMENT", help="Id of one document."),
    ] = None,
    as_json: Json = False,
    text: Annotated[
        bool, typer.Option("--text", help="Print DOCUMENT's whole text instead.")
    ] = False,
    batch: Annotated[
        bool,
        typer.Option("--batch", help="Print what is known across the documents."),
    ] = False,
    server: Server = DEFAULT_SERVER,
) -> None:
    """Show what came of a job's documents, or print one document's result as JSON.

    With --json, every result is written whole, one a line.
    """
    from service.cli.output import stdout, write_json, write_text
    from service.cli.tables import print_tasks, result_statuses

    with _client(server) as client:
        if batch:
            write_json(client.batch_result(job))
        elif text:
            if document is None:
                raise typer.BadParameter("name a DOCUMENT too", param_hint="--text")
            write_text(client.text(job, document))
        elif document is not None:
            write_json(client.result(job, document).data)
        elif as_json:
            _write_results(client, job)
        else:
            tasks = tuple(client.tasks(job))
            print_tasks(stdout(), tasks, result_statuses(client, job, tasks))


def _write_results(client: "Client", job: str) -> None:
    """Write every result whole; those that are gone are named, and cost the code 0."""
    from gateway.client import ProblemError
    from service.cli.output import note, write_json

    missing = False
    for result in client.results(job):
        large = result.data is None and result.data_url is not None
        try:
            whole = client.result(job, result.document_id) if large else result
        except ProblemError as error:
            if error.code != "content_missing":
                raise
            missing = True
            note(f"{result.document_id}: {error.message}")
        else:
            write_json(whole)
    if missing:
        raise typer.Exit(1)


def cancel(job: JobArgument, server: Server = DEFAULT_SERVER) -> None:
    """Start nothing more of a job; documents at work finish."""
    from service.cli.output import note
    from service.cli.text import count

    with _client(server) as client:
        done = client.cancel(job)
    never = count(int(done.receipt.get("neverStarted", 0)), "document")
    finishing = int(done.receipt.get("finishing", 0))
    note(f"{done.job_id} {done.status}: {never} never started, {finishing} finishing")


@contextmanager
def _client(server: str) -> "Iterator[Client]":
    from gateway.client import Client

    with Client(server) as client:
        yield client


def _accepted(client: "Client", job: "Job", *, follow: bool) -> None:
    from service.cli.output import note, stdout
    from service.cli.text import count

    stdout().out(job.id)
    if follow:
        _follow(client, job.id)
    note(f"Accepted {count(job.total_documents, 'document')}. Watch them with:")
    note(f"  docmill watch {job.id}")


def _follow(client: "Client", job_id: str) -> None:
    """Show the job to its end and leave the command with its exit code."""
    from service.cli.follow import follow
    from service.cli.output import note, stdout
    from service.cli.tables import print_end

    console = stdout()
    try:
        job = follow(client, job_id, console)
    except KeyboardInterrupt:
        note(f"The job goes on. Watch it again with: docmill watch {job_id}")
        raise typer.Exit(130) from None
    print_end(console, client, job)
    raise typer.Exit(0 if job.succeeded else 1)
