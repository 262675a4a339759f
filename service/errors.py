"""Every error that means something elsewhere, each with a stable code."""

from datetime import datetime


class DocmillError(Exception):
    """Root of Docmill's errors.

    Attributes:
        code: Stable, snake_case; used in events, logs, metric labels and problems.
    """

    code = "internal"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class TransientError(DocmillError):
    """May succeed when tried again.

    Attributes:
        retry_after_s: Earliest sensible time to try again, in seconds from now.
    """

    code = "upstream_unavailable"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class UpstreamUnavailableError(TransientError):
    """Something the document insists on does not answer: the task is handed back.

    It says nothing about the document and uses none of its attempts.

    Attributes:
        until: Earliest sensible time to try again.
    """

    def __init__(self, message: str, *, retry_after_s: float, until: datetime) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.until = until


class PermanentError(DocmillError):
    """Will fail again however often it is tried."""


class DocumentError(PermanentError):
    """A document cannot be processed, for a reason that lies in the document.

    Its code is one of ``DOCUMENT_CODES``.

    Attributes:
        retryable: Whether another attempt may end otherwise.
    """

    code = "corrupt"
    retryable = False


class ChildDiedError(DocumentError):
    """The process that read the document died: of the document, or of something else.

    Its code is ``crashed`` or ``out_of_memory``. Nobody can tell whose fault it was,
    so, unlike other document errors, it is worth another attempt.
    """

    code = "crashed"
    retryable = True


class ProcessingStoppedError(TransientError):
    """The caller stopped the work before its end; says nothing about the document."""

    code = "stopped"


class OcrElsewhereError(DocmillError):
    """The document is to be handed on to where text is recognised in pictures."""

    code = "ocr_elsewhere"


class InvalidRequestError(PermanentError):
    """A request's content breaks a rule."""

    code = "invalid_request"


class NotFoundError(PermanentError):
    """There is no such thing, or it belongs to somebody else."""

    code = "not_found"


class ConflictError(PermanentError):
    """The thing's present state does not allow it."""

    code = "conflict"


class StaleStateError(TransientError):
    """A guarded write met another state than it was folded from: reload, fold again."""

    code = "stale_state"


class LeadershipLostError(TransientError):
    """Another aggregator holds the lease, with a higher epoch."""

    code = "leadership_lost"


class SettingsError(PermanentError):
    """The configuration is unusable; the message lists every problem."""

    code = "settings"


DOCUMENT_CODES: dict[str, str] = {
    "cancelled": "The job was cancelled before this document ended.",
    "corrupt": "The file is damaged beyond what can be opened.",
    "crashed": "The process that read the document died.",
    "document_missing": "The document was stored, and its file is gone.",
    "document_timeout": "Processing took longer than documentTimeout.",
    "empty": "The file has no content.",
    "encrypted": "The file needs a password.",
    "internal": "Docmill failed; the log of the service says how.",
    "job_timeout": "The job's time limit passed before this document was started.",
    "model_failed": "The language model gave no answer that could be used.",
    "model_unavailable": "A language model is required, and none is configured here.",
    "no_pages": "The document has none of the chosen pages.",
    "ocr_unavailable": "Text recognition is required, and not installed here.",
    "out_of_memory": "Processing needed more memory than a document may use.",
    "plan_failed": "The job could not be planned.",
    "poison": "The document interrupted the service again and again.",
    "too_large": "The content is larger than the limits of its format allow.",
    "too_many_pages": "The document has more pages than the limit.",
    "unsupported_type": "There is no reader for this kind of file.",
    "upstream_unavailable": "Something Docmill depends on did not answer.",
    "worker_lost": "The worker vanished more often than a document is given to one.",
}
"""The closed set of reasons a task can end with, and what each says to people."""
