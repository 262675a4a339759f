"""The questions to models about one document, and what goes where in its result."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from service.processing.formats.content import cleaned
from service.processing.images.looking import (
    DESCRIPTION_CHARS,
    TEXT_CHARS,
    checked_fields,
    look,
)
from service.processing.images.sending import Pictures, Shown
from service.processing.llm.client import Model
from service.processing.llm.embedding import embed
from service.processing.llm.findings import Findings
from service.processing.llm.patience import Patience
from service.processing.llm.prompts import bounded
from service.processing.llm.reading import read, summary_of
from service.processing.results import Chunk, ImageUse, Issue, Text

NO_TEXT = "no_text"
"""The reason why there was nothing to ask."""
CUT = "model_chars"
"""The limit of what the model is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Who is asked what."""

    text: Model
    vision: Model | None = None
    embedding: Model | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the sandbox made of a document beside its result."""

    text_path: Path | None = None
    """The whole text, where the result has only its beginning."""
    picture_paths: tuple[Path, ...] = ()
    """Small JPEGs of its first pages, where they are pictures."""


class _Extraction(msgspec.Struct, frozen=True):
    text: Text
    chunks: tuple[Chunk, ...] = ()


class Found(msgspec.Struct, frozen=True, rename="camel"):
    """What is needed of the result of an analysis."""

    extraction: _Extraction
    timings_ms: dict[str, int] = {}
    issues: tuple[Issue, ...] = ()
    limits_hit: tuple[str, ...] = ()
    image: ImageUse | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One question to one model."""

    name: str
    model: Model
    run: Callable[[Patience], None]


class Work:
    """The steps of one document."""

    def __init__(
        self,
        models: Models,
        pictures: Pictures,
        found: Found,
        made: Made,
        max_chars: int,
    ) -> None:
        self.findings = Findings()
        self._models = models
        self._pictures = pictures
        self._found = found
        self._made = made
        self._max_chars = max_chars

    def steps(self) -> Iterable[Step]:
        """Give the steps that apply, in order."""
        models = self._models
        asked = False
        if models.vision and self._made.picture_paths and self._found.image:
            asked = True
            yield Step("vision", models.vision, self._look)
        if self._found.extraction.text.preview.strip():
            asked = True
            yield Step("model", models.text, self._read)
        if models.embedding and self._found.extraction.chunks:
            yield Step("embeddings", models.embedding, self._embed)
        if not asked:
            self.findings.reason = NO_TEXT

    def run(self, step: Step, patience: Patience) -> None:
        """Run a step and note how it ended.

        Raises:
            ModelError: The model was of no use.
            ProcessingStoppedError: Told to stop.
        """
        with self.findings.measured(step.name, step.model.config, patience.clock):
            step.run(patience)

    def _read(self, patience: Patience) -> None:
        text, findings = self._text(), self.findings
        reply = read(self._models.text, text, patience)
        findings.add_usage(reply.usage)
        answer = reply.value
        findings.parts |= {
            "summary": summary_of(answer.summary),
            "keywords": answer.terms(),
            "classification": answer.classification(),
        }

    def _text(self) -> str:
        text, path = self._found.extraction.text.preview, self._made.text_path
        if path is not None:
            text = path.read_text(encoding="utf-8", errors="replace")
        if len(text) > self._max_chars:
            self.findings.limits.append(CUT)
        return bounded(text, self._max_chars)

    def _look(self, patience: Patience) -> None:
        image, model = self._found.image, self._models.vision
        assert image is not None
        assert model is not None
        shown = Shown()
        try:
            with self._pictures.shown(self._made.picture_paths) as shown:
                reply = look(model, shown.urls, patience)
        finally:
            image = msgspec.structs.replace(
                image, url_ttl_s=shown.ttl_s, deleted=shown.deleted
            )
            self.findings.parts["image"] = image
        self.findings.add_usage(reply.usage)
        answer = reply.value
        if len(answer.description) > DESCRIPTION_CHARS or len(answer.text) > TEXT_CHARS:
            self.findings.limits.append(CUT)
        self.findings.parts["image"] = msgspec.structs.replace(
            image,
            description=cleaned(answer.description)[:DESCRIPTION_CHARS],
            text=cleaned(answer.text)[:TEXT_CHARS],
            fields=checked_fields(answer.fields),
        )
        self.findings.parts |= {
            "summary": summary_of(answer.description),
            "keywords": answer.terms(),
            "classification": answer.classification(),
        }

    def _embed(self, patience: Patience) -> None:
        model = self._models.embedding
        assert model is not None
        reply, limits = embed(model, self._found.extraction.chunks, patience)
        self.findings.add_usage(reply.usage)
        self.findings.limits += limits
        self.findings.parts["embeddings"] = reply.value
