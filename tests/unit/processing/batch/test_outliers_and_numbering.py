from decimal import Decimal

import pytest

from service.processing.batch.names import bare_name, bare_number
from service.processing.batch.numbering import find_gaps
from service.processing.batch.outliers import find_outliers
from tests.unit.processing.batch.made import made, records

USUAL = ("90", "95", "100", "104", "110", "120", "99", "102", "87")


def test_a_hundredfold_amount_is_an_outlier() -> None:
    documents = [made(n, total=total) for n, total in enumerate((*USUAL, "10000"))]
    (outlier,), reason = find_outliers(records(*documents))
    assert reason is None
    assert (outlier.document_id, outlier.value) == ("doc_000009", "10000")
    assert outlier.robust_z > outlier.threshold == 3.5
    assert outlier.n == 10
    assert Decimal(outlier.median) == 101


def test_usual_amounts_are_none() -> None:
    assert find_outliers(records(*(made(n, total=t) for n, t in enumerate(USUAL)))) == (
        [],
        None,
    )


def test_a_small_amount_is_one_too() -> None:
    documents = [made(n, total=total) for n, total in enumerate((*USUAL, "1"))]
    (outlier,), _ = find_outliers(records(*documents))
    assert outlier.robust_z < 0


@pytest.mark.parametrize(
    ("totals", "reason"),
    [
        (USUAL[:7], "EUR: too_few_values"),
        (("5",) * 20, "EUR: no_spread"),
        (("-5",) * 20, "too_few_values"),
        ((), "too_few_values"),
    ],
)
def test_why_amounts_were_not_compared_is_said(
    totals: tuple[str, ...], reason: str
) -> None:
    documents = [made(n, total=total) for n, total in enumerate(totals)]
    assert find_outliers(records(*documents)) == ([], reason)


def test_currencies_are_not_compared_with_each_other() -> None:
    documents = [made(n, total=total) for n, total in enumerate(USUAL)]
    documents.append(made(99, total="1000000", currency="JPY"))
    found = find_outliers(records(*documents))
    assert found == ([], "JPY: too_few_values")


def gaps(*numbers: str) -> list[tuple[str, str, int]]:
    documents = [made(n, invoiceNumber=number) for n, number in enumerate(numbers)]
    return [
        (gap.after, gap.before, gap.missing) for gap in find_gaps(records(*documents))
    ]


def test_a_number_that_is_missing_is_found() -> None:
    assert gaps("RE-0001", "RE-0002", "RE-0005", "RE-0006") == [
        ("RE-0002", "RE-0005", 2)
    ]


@pytest.mark.parametrize(
    "numbers",
    [
        ("RE-1", "RE-2", "RE-3"),
        ("RE-1", "RE-3"),
        ("RE-1", "RE-30", "RE-60"),
        ("A-1", "B-3", "C-5"),
        ("one", "two", "three"),
        ("9" * 13, "9" * 14, "9" * 15),
    ],
)
def test_numbers_that_are_no_row_with_gaps_say_nothing(
    numbers: tuple[str, ...],
) -> None:
    assert gaps(*numbers) == []


def test_a_new_year_begins_a_new_row() -> None:
    numbers = ("2025098", "2025099", "2025100", "2026001", "2026002", "2026004")
    assert gaps(*numbers) == [("2026002", "2026004", 1)]


def test_each_issuer_has_its_own_row() -> None:
    documents = [
        made(n, invoiceNumber=f"RE-{n}", issuer="One" if n % 2 else "Two")
        for n in range(12)
    ]
    found = find_gaps(records(*documents))
    assert {gap.missing for gap in found} == {1}
    assert len(found) == 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Müller & Söhne GmbH", "MULLER & SOHNE G.m.b.H.", True),
        ("ACME, Inc.", "Acme", True),
        ("Acme Ltd.", "Acme Limited", True),
        ("Société Générale S.A.", "societe generale", True),
        ("Kunz AG", "Kurz AG", False),
        ("GmbH", "AG", False),
    ],
)
def test_names_are_one_without_legal_form_and_accents(
    one: str, other: str, same: bool
) -> None:
    assert (bare_name(one) == bare_name(other)) is same


def test_numbers_are_one_without_separators() -> None:
    assert bare_number("RE-2026/0017") == bare_number("re 2026 0017")
    assert bare_number("0017") != bare_number("17")
