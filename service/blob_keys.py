"""What stored files are called.

Nothing is ever written twice under one key: an upload has its own id, and whatever an
execution of a task stores carries its run. So what a cut-off worker writes late lies
beside what the committed result names, and never over it.
"""

from service.domain.model import DocumentId, JobId, TaskId
from service.ids import new_message_id

DOCUMENTS = "documents"
"""The folder of what was uploaded, or found inside of what was."""
JOB_ROOTS = ("results", "outputs")
"""The folders of what was stored for jobs, by their ids; the second has what is from
before keys had a run."""


def new_run(generation: int) -> str:
    """Give a name to one execution of a task.

    A generation alone would not do: its message may be sent twice.
    """
    return f"{generation}-{new_message_id()}"


def document_key(document_id: DocumentId) -> str:
    """Give the key of an uploaded document."""
    return f"{DOCUMENTS}/{document_id}"


def attachment_key(document_id: DocumentId, run: str) -> str:
    """Give the key of a file that an execution found inside its document."""
    return f"{DOCUMENTS}/{document_id}.{run}"


def document_of(key: str) -> DocumentId:
    """Give the document that a key among `DOCUMENTS` is for."""
    return DocumentId(key.removeprefix(f"{DOCUMENTS}/").partition(".")[0])


def outputs_key(job_id: JobId, task_id: TaskId, run: str) -> str:
    """Give what the keys of all that an execution stores have in common.

    The row of the task has that of the execution whose end was accepted.
    """
    return f"results/{job_id}/{task_id}/{run}"


def output_key(outputs: str, name: str) -> str:
    """Give the key of one file, its result too, by its `outputs_key`."""
    return f"{outputs}/{name}"


def task_folder(job_id: JobId, task_id: TaskId) -> str:
    """Give the folder of what all executions of a task stored."""
    return f"results/{job_id}/{task_id}/"


def job_folders(job_id: JobId) -> list[str]:
    """Give the folders of all that was stored for a job, whoever wrote it."""
    return [f"{root}/{job_id}/" for root in JOB_ROOTS]
