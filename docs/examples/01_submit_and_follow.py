"""Submit files as one batch, follow it live, and print what came of each document.

Start a service with `make run` or `docmill up`, then:

    .venv/bin/python docs/examples/01_submit_and_follow.py \
        http://127.0.0.1:8000 samples/invoice.pdf samples/report-cut.pdf

Exits with 0 when the job has ended, whatever became of its documents.
"""

import sys
from collections.abc import Sequence

from gateway.client import Client, Event


def main(arguments: Sequence[str]) -> None:
    """Run the example: address of the service, then files."""
    address, *files = arguments
    with Client(address) as docmill:
        job = docmill.submit(files, name="First example", labels={"made-by": "example"})
        print(f"{job.id} accepted with {job.total_documents} documents")

        # Every event comes once and in order, also after a lost connection.
        for event in docmill.watch(job.id):
            show(event)

        job = docmill.status(job.id)
        print(f"{job.status}: {job.processed_documents} of {job.total_documents}")
        for result in docmill.results(job.id):
            # In a list a large result is left out; this gives it, however large.
            whole = docmill.result(job.id, result.document_id).data
            print(f"  {result.document_id}: {whole['source']['mediaTypeDetected']}")
        for failed in job.errors:
            print(f"  {failed.document_id}: {failed.error.code}")


def show(event: Event) -> None:
    """Print progress as a percentage, and what happened to single documents."""
    progress = event.progress()
    if progress is not None:
        print(f"  {progress.progress} %")
    elif event.type in {"task.completed", "task.failed"}:
        print(f"  {event.type} {event.data['documentId']}")


if __name__ == "__main__":
    main(sys.argv[1:])
