from pathlib import Path
from typing import Any

import pytest

from service.processing.context import Limits
from tests.unit.processing.running import SAMPLES, extract

TEXT = """Hartwell Ltd, VAT No. GB 980 7806 84
Invoice number: HF-2026-04711   Your order: PO 88-3021
Date: 14 September 2026
Total (20 % VAT incl.): GBP 1,200.00
IBAN GB29 NWBK 6016 1331 9268 19, mail billing@hartwell.example
Phone 0117 496 0123
"""


def entities(path: Path, *, limits: Limits | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = extract(path, limits=limits).data["entities"]
    return found


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text(TEXT)
    return path


def test_entities_are_found_with_their_values(letter: Path) -> None:
    found = {each["type"]: each["value"] for each in entities(letter)}

    assert found == {
        "vat_id": "GB980780684",
        "invoice_number": "HF-2026-04711",
        "order_number": "PO 88-3021",
        "date": "2026-09-14",
        "percentage": "20",
        "money": {"amount": "1200.00", "currency": "GBP"},
        "iban": "GB29NWBK60161331926819",
        "email": "billing@hartwell.example",
        "phone": "+441174960123",
    }


def test_places_in_the_text_are_those_of_what_was_found(letter: Path) -> None:
    for each in entities(letter):
        assert TEXT[each["charStart"] : each["charEnd"]] == each["raw"]
        assert each["page"] == 1


def test_placed_text_says_where_on_the_page() -> None:
    found = entities(SAMPLES / "invoice.pdf")

    total = next(e for e in found if e["raw"] == "5,267.46")
    left, top, right, bottom = total["bboxPt"]
    assert 400 < left < right < 595
    assert 400 < top < bottom < 842


def test_too_many_entities_are_named(tmp_path: Path) -> None:
    path = tmp_path / "many.txt"
    path.write_text("Amounts of the year\n" + "12.50 EUR\n" * 50)

    outcome = extract(path, limits=Limits(max_entities=10))

    assert len(outcome.data["entities"]) == 10
    assert "entities" in outcome.data["limitsHit"]


def test_an_amount_that_may_be_thousands_is_ambiguous(tmp_path: Path) -> None:
    path = tmp_path / "price.txt"
    path.write_text("1.234 EUR")

    (money,) = entities(path)

    assert money["ambiguous"]
    assert money["value"] == {"amount": "1234", "currency": "EUR"}


@pytest.mark.parametrize(
    "text",
    [
        "1" * 300_000,
        "1," * 150_000,
        "DE89 " * 60_000,
        "RF12" + "A" * 300_000,
        "a@" * 150_000,
        "Total Net VAT Invoice number Date " * 9_000,
        "Total\tNet\tInvoice number\t12.00\n" * 9_000,
        "03/04/2026 " * 27_000,
        "Tel +49 8031 123456 " * 15_000,
        "(" * 300_000,
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.timeout(20)
def test_text_made_to_be_slow_is_not(tmp_path: Path, text: str) -> None:
    path = tmp_path / "slow.txt"
    path.write_text("This is a text.\n" + text)

    assert len(entities(path)) <= Limits().max_entities


def money_of(path: Path) -> list[tuple[str, str | None]]:
    values = [e["value"] for e in entities(path) if e["type"] == "money"]
    return [(each["amount"], each["currency"]) for each in values]


def test_the_head_of_a_column_names_the_currency_of_what_is_below(
    tmp_path: Path,
) -> None:
    path = tmp_path / "table.txt"
    path.write_text(
        "What\tPieces\tPrice\tAmount (GBP)\n"
        "Hotel\t2\t69.50\t139\n"
        "Dock\t1\t189.99\t189.99\n\n"
        "We thank you and ask for payment\tsoon\tas\tever you can\n"
        "Seat\t7\t8.00\t9.00\n"
    )

    assert money_of(path) == [
        ("69.50", None), ("139", "GBP"), ("189.99", None), ("189.99", "GBP"),
        ("8.00", None), ("9.00", None),
    ]  # fmt: skip


def test_the_label_left_names_the_currency(tmp_path: Path) -> None:
    path = tmp_path / "sum.txt"
    path.write_text("Total EUR\t20.41\nTotal in EUR\t3\nNumber\t4.00\n")

    assert money_of(path) == [("20.41", "EUR"), ("4.00", None)]


def test_a_column_far_below_its_head_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "far.txt"
    path.write_text("Name\tAmount EUR\n" + "\n" * 7 + "Seat\t9.00\n")

    assert money_of(path) == [("9.00", None)]


def test_the_box_of_a_part_of_a_line_begins_at_its_first_character() -> None:
    (number,) = (e for e in entities(SAMPLES / "invoice.pdf") if e["type"] == "vat_id")

    # Measured on the rendered page, in points.
    assert number["bboxPt"][0] == pytest.approx(208.5, abs=1.5)


def test_cells_of_a_csv_file_are_apart(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(
        "article,name,pieces,price (GBP)\n"
        '10-204,"Hex bolt, M8",4200,0.14\n22-019,Valve,95,11.20\n'
    )

    found = [e for e in entities(path) if e["type"] == "money"]

    assert [e["value"]["amount"] for e in found] == ["0.14", "11.20"]
    assert {e["value"]["currency"] for e in found} == {"GBP"}
    assert path.read_text()[found[1]["charStart"] : found[1]["charEnd"]] == "11.20"


def test_what_stands_in_two_cells_is_quoted_as_the_file_has_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Was;Betrag;Währung\nRechnung;12,50;EUR\nTotal;12,50;EUR\n")

    data = extract(path).data

    assert [each["raw"] for each in data["entities"]] == ["12,50;EUR", "12,50;EUR"]
    text = data["text"]["preview"]
    for each in data["entities"]:
        assert text[each["charStart"] : each["charEnd"]] == each["raw"]
    assert data["fields"]["total"]["evidence"]["text"] == "Total;12,50;EUR"
