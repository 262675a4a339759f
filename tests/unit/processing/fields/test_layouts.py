"""Layouts that rules of place get wrong easily, each reduced to what makes it so."""

from pathlib import Path

from tests.unit.processing.drawing import drawn, words
from tests.unit.processing.fields.documents import Read


def test_values_are_found_at_the_other_margin_of_the_page(tmp_path: Path) -> None:
    page = words(
        (40, 60, "Invoice no. 2026-17"),
        (30, 100, "Net"), (540, 100, "100.00"),
        (30, 115, "VAT 20 %"), (545, 115, "20.00"),
        (30, 130, "Total"), (540, 130, "120.00"),
    )  # fmt: skip

    found = Read(drawn(tmp_path, page))

    assert found.values("net_total", "tax_total", "total") == [
        "100.00", "20.00", "120.00",
    ]  # fmt: skip
