"""What is done to a document after the sandbox, in the worker itself: ask the model.

The child that opens foreign files has no network. So it leaves a whole result, made
offline, and what the model says is put into that result here; nothing of the document
is parsed here but our own JSON.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from service.clock import Clock
from service.domain.model import StepTiming
from service.domain.options import ProcessingOptions
from service.errors import DOCUMENT_CODES, DocumentError, UpstreamUnavailableError
from service.processing.images.sending import Pictures
from service.processing.llm.findings import Findings
from service.processing.llm.patience import Patience
from service.processing.llm.problems import ModelError, Trouble
from service.processing.model_work import Found, Made, Models, Work
from service.processing.results import Issue, timestamp

RESERVE_S = 0.5
"""Kept of a document's time limit for storing its result."""
RETRY_S = 15.0
"""When to come back to a model that does not say when."""

_FOUND = msgspec.json.Decoder(Found)
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class ModelSteps:
    """Asks the models about documents. Safe on any thread.

    Args:
        models: Which.
        pictures: How they are shown.
        clock: Time.
        deadline_s: Longest wait for one answer.
        max_chars: How much of a text is shown.
    """

    def __init__(
        self,
        models: Models,
        pictures: Pictures,
        *,
        clock: Clock,
        deadline_s: float,
        max_chars: int,
    ) -> None:
        self._models = models
        self._pictures = pictures
        self._clock = clock
        self._deadline_s = deadline_s
        self._max_chars = max_chars

    def check(self, options: ProcessingOptions) -> None:
        """Go on unless the document insists on a model that is of no use now.

        Raises:
            UpstreamUnavailableError: The breaker is open.
        """
        try:
            self._models.text.check()
        except ModelError as error:
            if options.model == "required":
                raise self._handed_back(error) from error

    def apply(
        self,
        data: bytes,
        *,
        text_path: Path | None,
        picture_paths: tuple[Path, ...],
        options: ProcessingOptions,
        patience: Patience,
        report: Callable[[str], None],
    ) -> tuple[bytes, tuple[StepTiming, ...]]:
        """Give the result with what the models say, and how long each step took.

        Args:
            data: The whole result as JSON, made offline.
            text_path: The whole text, where the result has only its beginning.
            picture_paths: Small JPEGs of its first pages, where they are pictures.
            options: With ``model`` ``auto`` the result stays as it is wherever a model
                is of no use, and says why.
            patience: To the end of the document's time limit.
            report: Told of each step's begin.

        Raises:
            DocumentError: The document insists, and no answer could be used.
            UpstreamUnavailableError: It insists, and the model is of no use now.
            ProcessingStoppedError: Told to stop.
        """
        found = _FOUND.decode(data)
        made = Made(text_path=text_path, picture_paths=picture_paths)
        work = Work(self._models, self._pictures, found, made, self._max_chars)
        for step in work.steps():
            report(step.name)
            own = self._own_patience(patience)
            try:
                work.run(step, own)
            except ModelError as error:
                if options.model == "required":
                    raise self._verdict(error, own, patience) from error
        return self._written(data, found, work.findings), work.findings.timings

    def close(self) -> None:
        """Break off what is under way."""
        models = self._models
        for model in {models.text, models.vision, models.embedding} - {None}:
            assert model is not None
            model.close()

    def _own_patience(self, patience: Patience) -> Patience:
        """Give that of one step: the model's deadline, inside the document's."""
        until_s = min(
            self._clock.monotonic() + self._deadline_s, patience.until_s - RESERVE_S
        )
        return replace(patience, until_s=until_s)

    def _verdict(
        self, error: ModelError, own: Patience, patience: Patience
    ) -> Exception:
        late = error.trouble in {Trouble.NO_TIME, Trouble.TIMEOUT}
        if late and own.until_s >= patience.until_s - RESERVE_S:
            # Another try would have no more time than this one had.
            code = "document_timeout"
        elif error.meaning.passes:
            return self._handed_back(error)
        else:
            code = "model_failed"
        return DocumentError(DOCUMENT_CODES[code], code=code)

    def _handed_back(self, error: ModelError) -> UpstreamUnavailableError:
        seconds = error.retry_after_s or RETRY_S
        return UpstreamUnavailableError(
            f"The model is of no use now: {error.trouble}.",
            retry_after_s=seconds,
            until=self._clock.now() + timedelta(seconds=seconds),
        )

    def _written(self, data: bytes, found: Found, findings: Findings) -> bytes:
        """Put what was found in the place of what the sandbox had; no more."""
        parts: dict[str, Any] = dict(_PARTS.decode(data))
        parts |= findings.parts
        parts["llm"] = findings.model_use()
        timings = {each.name: each.milliseconds for each in findings.timings}
        parts["timingsMs"] = found.timings_ms | timings
        limits = [code for code in findings.limits if code not in found.limits_hit]
        parts["limitsHit"] = [*found.limits_hit, *limits]
        parts["issues"] = [*found.issues, *map(_limit_issue, limits)]
        parts["finishedAt"] = timestamp(self._clock.now())
        return msgspec.json.encode(parts)


def _limit_issue(code: str) -> Issue:
    message = f"Something was kept from the model, or of its answer: {code}."
    return Issue(code="LIMIT_REACHED", severity="info", message=message)
