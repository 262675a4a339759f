"""Accuracy of total and date on pictures of receipts, whose text is recognised."""

import tempfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.accuracy import Answer, read_made, right_percent
from benchmarks.figures import Figure, at_least
from service.processing.context import OcrPlace
from service.processing.ocr import ocr_installed
from tests.unit.processing.running import extract, text
from tools.make_receipts.making import make_all

TARGETS = {"total": 85.0, "issue_date": 90.0}
"""Shares of receipts that must be right, in percent."""
_SEED = 1
_EVERY = 6
"""Of the receipts one in so many is read turned as well."""


def measure() -> Iterator[Figure]:
    """Give how often a receipt is read right, in layouts looked at and in others."""
    if not ocr_installed():
        return
    made = list(make_all(_SEED))
    later = list(read_made((m for m in made if m.held_out), ocr=OcrPlace.HERE))
    tuned = list(read_made((m for m in made if not m.held_out), ocr=OcrPlace.HERE))
    _tell_misses((*later, *tuned))
    for field, target in TARGETS.items():
        yield Figure(
            name=f"{field} of {len(later)} receipts right in layouts held out",
            unit="%",
            values=(right_percent(later, field),),
            baseline=f"{len(tuned)} in layouts looked at",
            baseline_values=(right_percent(tuned, field),),
            target=at_least(target),
        )

    turned = [_same_when_turned(each.content) for each in made[3::_EVERY]]
    yield Figure(
        name=f"{len(turned)} receipts that give the same text at 0, 90 and 180 degrees",
        unit="%",
        values=(100 * sum(turned) / len(turned),),
        baseline="of all",
        baseline_values=(100.0,),
        target=at_least(100),
    )


def _same_when_turned(content: bytes) -> bool:
    upright = Image.open(BytesIO(content)).convert("L")
    texts = set()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "turned.png"
        for turn in (0, 90, 180):
            upright.rotate(turn, expand=True).save(path)
            texts.add(text(extract(path, ocr=OcrPlace.HERE)))
    return len(texts) == 1


def _tell_misses(answers: Sequence[Answer]) -> None:
    for answer in answers:
        for field in TARGETS:
            if answer.verdict(field) != "right":
                wanted, got = answer.truth[field], answer.values.get(field)
                print(f"{answer.name}: {field} is {wanted}, read {got}")
