"""Fields of photographed papers: made receipts, and a real picture."""

from collections import Counter

import pytest

from benchmarks.accuracy import FIELDS, read, read_made
from service.processing.context import OcrPlace
from tests.unit.processing.known import KNOWN, PICTURE, QR_BILL
from tests.unit.processing.running import corpus
from tools.make_receipts.making import make_all

pytestmark = pytest.mark.timeout(120)
EVERY = 6
"""Of the receipts held out; `benchmarks accuracy` reads all."""


def test_totals_and_dates_of_receipts_are_right() -> None:
    made = [each for each in make_all(seed=3) if each.held_out][::EVERY]
    verdicts = Counter(
        answer.verdict(field)
        for answer in read_made(made, ocr=OcrPlace.HERE)
        for field in ("total", "issue_date")
    )
    assert len(made) == 3
    # Another processor rounds otherwise, which may cost a digit.
    assert verdicts["right"] >= 5, verdicts


@pytest.mark.parametrize(("name", "unread"), [(PICTURE, []), (QR_BILL, ["net_total"])])
def test_pictures_of_real_invoices_are_read(name: str, unread: list[str]) -> None:
    answer = read(corpus(name), KNOWN[name], by_machine=True, ocr=OcrPlace.HERE)

    verdicts = {field: answer.verdict(field) for field in FIELDS}
    assert [field for field, verdict in verdicts.items() if verdict == "wrong"] == []
    assert [field for field, verdict in verdicts.items() if verdict == "missing"] == (
        unread
    )
