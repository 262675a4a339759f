"""``docmill demo``: the whole service in this process, and a batch of sample files."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Console

from gateway.client import Client, ClientError, Job, ProblemError
from service.cli.follow import follow
from service.cli.output import note, stdout
from service.cli.samples import UNEXPECTED, Samples, read_samples, verdict
from service.cli.serve import serve
from service.cli.tables import print_table, result_statuses
from service.cli.text import count, seconds
from service.settings import Settings

LABEL: Final = ("docmill-demo", "samples")
LOOK_BACK: Final = 20
"""Newest sample batches among which an unfinished one is looked for."""
INTERRUPTED: Final = 130
"""Exit code of a program ended by Ctrl-C."""


def run_demo(settings: Settings, folder: Path, *, once: bool) -> int:
    """Serve, process the samples, and give the exit code.

    Raises:
        DocmillError: The service cannot start, or it refused the batch.
    """
    samples = read_samples(folder)
    with ThreadPoolExecutor(1, thread_name_prefix="demo") as pool:
        run = _Run(samples, pool, once=once)
        with suppress(KeyboardInterrupt):
            serve(settings, on_ready=run.begin, should_stop=run.over)
        run.close()
    return run.exit_code()


class _Run:
    """The batch beside the service that processes it.

    Args:
        samples: What to process.
        pool: Runs the batch, while the main thread serves.
        once: Whether the service is to stop after the batch.
    """

    def __init__(
        self, samples: Samples, pool: ThreadPoolExecutor, *, once: bool
    ) -> None:
        self._samples = samples
        self._pool = pool
        self._once = once
        self._client: Client | None = None
        self._batch: Future[bool] | None = None

    def begin(self, url: str) -> None:
        """Start the batch; called once the service accepts requests at `url`."""
        self._client = client = Client(url)
        self._batch = self._pool.submit(_process, client, self._samples, stdout())
        if not self._once:
            self._batch.add_done_callback(lambda batch: _goes_on(batch, url))

    def over(self) -> bool:
        """Whether the service is to stop."""
        batch = self._batch
        if batch is None or not batch.done():
            return False
        error = batch.exception()
        return self._once if error is None else not _is_lost(error)

    def close(self) -> None:
        """End the batch's display, if it is still on."""
        if self._client is not None:
            self._client.close()

    def exit_code(self) -> int:
        """Give 0 if every document ended as expected; to be asked after `close`."""
        error = self._batch.exception() if self._batch else None
        if self._batch is None or _is_lost(error):
            note("Stopped. An unfinished batch goes on where it was at the next start.")
            return INTERRUPTED
        return 0 if self._batch.result() else 1


def _goes_on(batch: Future[bool], url: str) -> None:
    if batch.exception() is None:
        note(f"Docmill goes on serving at {url} (Ctrl-C stops it).")


def _is_lost(error: BaseException | None) -> bool:
    """Whether the service went away: being in this process, it was told to stop."""
    return isinstance(error, ClientError) and not isinstance(error, ProblemError)


def _process(client: Client, samples: Samples, console: Console) -> bool:
    """Process the samples, or go on with them; gives whether all ended as expected."""
    job = _unfinished(client, samples)
    if job is not None:
        console.print(f"Going on with the unfinished batch {job.id}.", markup=False)
    else:
        job = client.submit(samples.files, name=samples.job_name, labels=dict([LABEL]))
        number = count(job.total_documents, "sample document")
        console.print(f"Submitted {number} as {job.id}.", markup=False)
    job = follow(client, job.id, console)
    return _report(client, job, samples, console)


def _unfinished(client: Client, samples: Samples) -> Job | None:
    newest = islice(client.jobs(label=LABEL), LOOK_BACK)
    same = (job for job in newest if job.name == samples.job_name and not job.final)
    return next(same, None)


def _report(client: Client, job: Job, samples: Samples, console: Console) -> bool:
    tasks = tuple(client.tasks(job.id))
    found = result_statuses(client, job.id, tasks)
    rows = []
    wrong = abs(len(tasks) - len(samples.expected))
    for task in tasks:
        result = task.error.code if task.error else found.get(task.document_id, "")
        said = verdict(task.status, result, samples.expected.get(task.name))
        wrong += said.startswith(UNEXPECTED)
        rows.append((task.name, task.status, result, seconds(task.duration_s), said))
    print_table(console, ("DOCUMENT", "STATUS", "RESULT", "TIME", "VERDICT"), rows)
    console.print(
        f"{job.processed_documents} of {count(job.total_documents, 'document')} "
        f"succeeded, {job.failed_documents} failed; "
        + (f"{wrong} ended UNEXPECTEDLY." if wrong else "all as expected."),
        markup=False,
    )
    return wrong == 0
