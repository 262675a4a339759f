"""Fields of photographed papers: made receipts, and a real picture."""

from collections import Counter

import pytest

from benchmarks.accuracy import read, read_made
from service.processing.context import OcrPlace
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


def test_a_picture_of_an_invoice_is_read() -> None:
    answer = read(
        corpus("invoice_image.png"),
        {
            "document_kind": "invoice",
            "invoice_number": "123",
            "issue_date": "2025-07-10",
            "recipient": "John Doe",
        },
        ocr=OcrPlace.HERE,
    )
    found = {field for field in answer.values if answer.verdict(field) is not None}
    assert {field: answer.verdict(field) for field in found} == {
        "document_kind": "right",
        "invoice_number": "right",
        "issue_date": "right",
        "recipient": "right",
    }
