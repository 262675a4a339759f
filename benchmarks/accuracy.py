"""Accuracy of invoice fields: over made invoices, and over real ones where present.

What is right, wrong and missing of each field, for layouts the rules were tuned on and
for layouts they were not, and the milliseconds that finding entities and fields takes.
"""

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.service import ROOT
from service.clock import SystemClock
from service.processing import extraction
from service.processing.codes import read_codes
from service.processing.context import Limits, OcrPlace, Source, StepContext
from service.processing.entities.step import find_entities
from service.processing.fields.step import read_fields
from service.processing.ocr import ocr_installed
from service.processing.pipeline import run_pipeline
from service.processing.registry import JobType, Step
from tests.unit.processing.known import KNOWN
from tools.make_invoices.making import Made, make_all

FIELDS = (
    "document_kind", "invoice_number", "issue_date", "due_date", "issuer", "recipient",
    "net_total", "tax_total", "total", "amount_due", "currency", "iban", "bic",
    "vat_id",
)  # fmt: skip
_SEED = 1
_TARGETS = {"total": 90.0, "issue_date": 90.0, "invoice_number": 80.0}
"""Shares of documents that must be right, in percent."""
_CORPUS = ROOT.parent / "shared" / "corpus"
_WITH_XML = frozenset({"invoice-facturx.pdf", "EN16931_Einfach.pdf"})
"""Invoices whose embedded XML is complete and agrees with the print."""
Truth = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read of one document."""

    name: str
    truth: Truth
    values: Mapping[str, str | None]
    bad_ibans: int
    """IBANs called valid that are not in the truth."""
    found_ms: float
    """Spent on entities and fields."""

    def verdict(self, field: str) -> str | None:
        """Say whether a field is right, wrong or missing; None = there is none."""
        wanted, got = self.truth.get(field), self.values.get(field)
        if wanted is None:
            # What is due may be named although nothing was paid before.
            harmless = field == "amount_due" and got == self.truth.get("total")
            return None if got is None or harmless else "wrong"
        if got is None:
            return "missing"
        return "right" if _same(got, wanted) else "wrong"


def read_made(
    documents: Iterable[Made], *, ocr: OcrPlace = OcrPlace.NOWHERE
) -> Iterator[Answer]:
    """Read made documents by their text alone."""
    with tempfile.TemporaryDirectory() as folder:
        for made in documents:
            path = Path(folder) / made.name
            path.write_bytes(made.content)
            yield read(path, made.truth, ocr=ocr)


def read(
    path: Path,
    truth: Truth,
    *,
    by_machine: bool = False,
    ocr: OcrPlace = OcrPlace.NOWHERE,
) -> Answer:
    """Read one document; what is for machines (XML, codes) is ignored unless wanted."""
    spent: list[float] = []
    steps = (
        Step("sniff", extraction.sniff),
        Step("extract", extraction.extract),
        Step("language", extraction.detect_language),
        Step("codes", read_codes) if by_machine else Step("forget", _forget_xml),
        Step("entities", _timed(find_entities, spent)),
        Step("fields", _timed(read_fields, spent)),
    )
    job_type = JobType("ACCURACY", steps, compose=_composed)
    content = path.read_bytes()
    source = Source(
        path=path,
        name=path.name,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        document_id="doc_accuracy",
    )
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        outcome = run_pipeline(
            job_type, source, Limits(), lambda _: None, SystemClock(), made, ocr=ocr
        )
    fields = outcome.data["fields"]
    valid = {
        each["value"]
        for each in outcome.data["entities"]
        if each["type"] == "iban" and each["valid"]
    }
    return Answer(
        name=path.name,
        truth=truth,
        values={name: (fields.get(_camel(name)) or {}).get("value") for name in FIELDS},
        bad_ibans=len(valid - {truth.get("iban")}),
        found_ms=sum(spent),
    )


def shares(answers: Iterable[Answer]) -> dict[str, Counter[str]]:
    """Count right, wrong and missing of each field."""
    counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    for answer in answers:
        for field in FIELDS:
            verdict = answer.verdict(field)
            if verdict is not None:
                counts[field][verdict] += 1
    return counts


def measure() -> Iterator[Figure]:
    """Give how often each field is right, in layouts of before and after the rules."""
    answers = [(made.held_out, made) for made in make_all(_SEED)]
    later = list(read_made(made for held_out, made in answers if held_out))
    tuned = list(read_made(made for held_out, made in answers if not held_out))
    _show("layouts the rules were tuned on", tuned)
    _show("layouts made after the rules", later)
    _show_real()
    for field, target in _TARGETS.items():
        yield Figure(
            name=f"{field} right in layouts made after the rules",
            unit="%",
            values=(right_percent(later, field),),
            baseline="layouts tuned on",
            baseline_values=(right_percent(tuned, field),),
            target=at_least(target),
        )
    yield Figure(
        name="entities and fields of an invoice",
        unit="ms",
        values=tuple(answer.found_ms for answer in later),
        baseline="layouts tuned on",
        baseline_values=tuple(answer.found_ms for answer in tuned),
        target=at_most(10),
    )


def _show_real() -> None:
    """Show how real invoices are read; nothing where there are none."""
    known = list(read_known())
    if known:
        _show("real invoices with known truth, XML ignored", known)
    with_ocr = ocr_installed()
    real = list(read_real(ocr=OcrPlace.HERE if with_ocr else OcrPlace.NOWHERE))
    if real:
        _show(
            f"real invoices by all means, OCR {'too' if with_ocr else 'missing'}", real
        )


def read_known() -> Iterator[Answer]:
    """Read the text of real invoices whose own XML says what is right."""
    for path in (ROOT / "samples" / "invoice-facturx.pdf", *_CORPUS.glob("*.pdf")):
        if path.exists() and path.name in _WITH_XML:
            stated = read(path, {}, by_machine=True).values
            yield read(path, stated)


def read_real(*, ocr: OcrPlace) -> Iterator[Answer]:
    """Read the real invoices whose truth was written down by hand, by all means."""
    for name, truth in KNOWN.items():
        if (_CORPUS / name).exists():
            yield read(_CORPUS / name, truth, by_machine=True, ocr=ocr)


def right_percent(answers: Iterable[Answer], field: str) -> float:
    """Give the share of documents whose field is right, 0-100."""
    counts = shares(answers)[field]
    return 100 * counts["right"] / max(counts.total(), 1)


def _show(title: str, answers: Sequence[Answer]) -> None:
    table = Table(title=f"{title} ({len(answers)} documents)", title_justify="left")
    for head in ("field", "right", "wrong", "missing"):
        table.add_column(head, justify="left" if head == "field" else "right")
    for field, counts in shares(answers).items():
        cells = (counts["right"], counts["wrong"], counts["missing"])
        table.add_row(field, *(str(cell) for cell in cells))
    bad = sum(answer.bad_ibans for answer in answers)
    table.add_row("IBANs wrongly called valid", "", str(bad), "")
    Console().print(table)


def _same(one: str, other: str) -> bool:
    """Say whether values are the same: amounts may differ in written decimals."""
    if one == other:
        return True
    try:
        return Decimal(one) == Decimal(other) and "." in one
    except InvalidOperation:
        return False


def _timed(
    run: Callable[[StepContext], None], spent: list[float]
) -> Callable[[StepContext], None]:
    def timed(context: StepContext) -> None:
        began = time.perf_counter()
        run(context)
        spent.append((time.perf_counter() - began) * 1000)

    return timed


def _forget_xml(context: StepContext) -> None:
    context.content = replace(context.read(), invoice_xml=None)


def _composed(context: StepContext) -> Mapping[str, Any]:
    return {
        "fields": msgspec.to_builtins(context.extraction["fields"]),
        "entities": msgspec.to_builtins(context.extraction["entities"]),
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
