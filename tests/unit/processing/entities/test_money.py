import pytest

from service.processing.entities.money import Amount, amounts, numerals
from service.processing.entities.numerals import Convention


def read(text: str, language: str | None = None) -> list[Amount]:
    return list(amounts(text, Convention(numerals(text), language)))


@pytest.mark.parametrize(
    ("written", "value", "currency"),
    [
        ("-12,00", "-12.00", None),
        ("(1,234.50)", "-1234.50", None),
        ("12.50-", "-12.50", None),
        ("12.50 CR", "-12.50", None),
        ("\u221212.50", "-12.50", None),
        ("EUR 1.234,56", "1234.56", "EUR"),
        ("1.234,56 EUR", "1234.56", "EUR"),
        ("CHF 1'234.50", "1234.50", "CHF"),
        ("CHF 1\u2019234.50", "1234.50", "CHF"),
        ("Fr. 12.\u2013", "12", "CHF"),
        ("12,- €", "12", "EUR"),
        ("\u20b912,34,567.00", "1234567.00", "INR"),
        ("€-12.00", "-12.00", "EUR"),
        ("-€12.00", "-12.00", "EUR"),
        ("(EUR 5.00)", "-5.00", "EUR"),
        ("EUR12.00", "12.00", "EUR"),
        ("12.00EUR", "12.00", "EUR"),
        ("1 234,56 €", "1234.56", "EUR"),
        ("1\u202f234,56 €", "1234.56", "EUR"),
        ("US$ 5.00", "5.00", "USD"),
        ("$1,234.00", "1234.00", "USD"),
        ("1.234.567", "1234567", None),
        ("Total: 0.50", "0.50", None),
    ],
)
def test_amounts_are_read_in_every_form(
    written: str, value: str, currency: str | None
) -> None:
    (amount,) = read(written)

    assert (amount.value, amount.currency) == (value, currency)


@pytest.mark.parametrize(
    "written", ["HF-2026-04711", "BS1 6XN", "12-A", "1,23,4", "14.09.2026", "A4"]
)
def test_parts_of_other_things_are_no_amounts(written: str) -> None:
    assert read(written) == []


def test_a_dash_between_words_and_number_is_no_sign() -> None:
    assert [each.value for each in read("Total - 5.00")] == ["5.00"]


def test_a_lone_thousand_is_ambiguous() -> None:
    (amount,) = read("1.234")

    assert amount.ambiguous
    assert amount.value == "1234"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234 and 5,50", "1234"),
        ("1.234 and 5.50", "1.234"),
        ("1,234 x 5,50", "1.234"),
    ],
)
def test_other_amounts_settle_what_a_separator_means(text: str, value: str) -> None:
    first = read(text)[0]

    assert (first.value, first.ambiguous) == (value, False)


def test_a_percentage_is_no_money() -> None:
    (rate,) = read("19,5 %")

    assert (rate.value, rate.percent, rate.is_money) == ("19.5", True, False)


def test_numbers_far_too_long_are_left_out() -> None:
    assert read("1" * 5_000) == []


@pytest.mark.parametrize(
    ("row", "amounts"),
    [
        ("Pen\t1\t€42.00", [("1", None), ("42.00", "EUR")]),
        ("Pen\t1\t€ 42.00", [("1", None), ("42.00", "EUR")]),
        ("Pen 3 $4.00", [("3", None), ("4.00", "USD")]),
        ("Pen\t42.00\tEUR\tnew", [("42.00", "EUR")]),
        ("10.00 EUR 20.00 EUR", [("10.00", "EUR"), ("20.00", "EUR")]),
    ],
)
def test_a_currency_belongs_to_the_number_it_stands_at(
    row: str, amounts: list[tuple[str, str | None]]
) -> None:
    assert [(each.value, each.currency) for each in read(row)] == amounts
