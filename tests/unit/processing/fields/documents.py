"""Reads the fields of small documents."""

from pathlib import Path

from service.clock import SystemClock
from service.processing import extraction
from service.processing.context import Limits, StepContext
from service.processing.entities.step import find_entities
from service.processing.fields.step import CANDIDATES, read_fields
from service.processing.pipeline import run_pipeline
from service.processing.registry import JobType, Step
from service.processing.results import Code, Field, Fields
from tests.unit.processing.running import source_of


class Read:
    """What was read of one document."""

    def __init__(self, path: Path, codes: tuple[Code, ...] = ()) -> None:
        self.fields = Fields()
        self.candidates: dict[str, list[Field]] = {}

        def give_codes(context: StepContext) -> None:
            context.extraction["codes"] = codes

        def keep(context: StepContext) -> dict[str, str]:
            self.fields = context.extraction["fields"]
            self.candidates = context.state[CANDIDATES]
            return {}

        steps = (
            extraction.sniff,
            extraction.extract,
            extraction.detect_language,
            give_codes,
            find_entities,
            read_fields,
        )
        run_pipeline(
            JobType("T", tuple(Step(s.__name__, s) for s in steps), compose=keep),
            source_of(path),
            Limits(),
            lambda _: None,
            SystemClock(),
            path.with_name("made"),
        )

    def values(self, *names: str) -> list[str | None]:
        found = (getattr(self.fields, name) for name in names)
        return [field.value if field else None for field in found]


def read(folder: Path, text: str, codes: tuple[Code, ...] = ()) -> Read:
    path = folder / "document.txt"
    path.write_text(text, encoding="utf-8")
    return Read(path, codes)
