from datetime import date

import pytest

from service.processing.entities.dates import as_found, dates, settled_order
from service.processing.entities.found import Found


def read(
    text: str,
    *,
    language: str | None = None,
    currency: str | None = None,
    known: frozenset[date] = frozenset(),
) -> list[Found]:
    found = list(dates(text))
    order = settled_order(found, language=language, currency=currency, known=known)
    return [as_found(each, order) for each in found]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2026-10-02", "2026-10-02"),
        ("2026-10-02T10:00:00Z", "2026-10-02"),
        ("2026/03/04", "2026-03-04"),
        ("14.09.2026", "2026-09-14"),
        ("14. 9. 2026", "2026-09-14"),
        ("14.9.26", "2026-09-14"),
        ("14. September 2026", "2026-09-14"),
        ("5. März 2018", "2018-03-05"),
        ("1er mars 2026", "2026-03-01"),
        ("3 févr. 2026", "2026-02-03"),
        ("1 agosto 2026", "2026-08-01"),
        ("14 de septiembre de 2026", "2026-09-14"),
        ("12 maart 2026", "2026-03-12"),
        ("1º de março de 2026", "2026-03-01"),
        ("14th of September, 2026", "2026-09-14"),
        ("September 14, 2026", "2026-09-14"),
        ("14-Sep-26", "2026-09-14"),
    ],
)
def test_dates_are_read_in_seven_languages(written: str, value: str) -> None:
    (found,) = read(f"on {written}.")

    assert (found.value, found.ambiguous, found.valid) == (value, False, True)
    assert found.raw == written.removesuffix("T10:00:00Z")


@pytest.mark.parametrize(
    ("written", "raw", "value"),
    [
        ("21/10/202520:17", "21/10/2025", "2025-10-21"),
        ("22.03.2610:16", "22.03.26", "2026-03-22"),
        ("2025-10-2120:17", "2025-10-21", "2025-10-21"),
        ("Sep 01,2026 21:15", "Sep 01,2026", "2026-09-01"),
        ("Sep01, 202621:15", "Sep01, 2026", "2026-09-01"),
        ("14May2026", "14May2026", "2026-05-14"),
        ("14 May 202609:41", "14 May 2026", "2026-05-14"),
    ],
)
def test_spaces_that_recognition_lost_are_not_missed(
    written: str, raw: str, value: str
) -> None:
    (found,) = read(written)
    assert (found.raw, found.value, found.valid) == (raw, value, True)


def test_day_and_month_that_cannot_be_told_apart_stay_ambiguous() -> None:
    (found,) = read("03/04/2026")

    assert found.ambiguous
    assert {found.value, found.other} == {"2026-04-03", "2026-03-04"}


def test_another_date_settles_the_order() -> None:
    assert read("03/04/2026 and 04/25/2026")[0].value == "2026-03-04"
    assert not read("03/04/2026 and 25/04/2026")[0].ambiguous


def test_dates_that_contradict_each_other_settle_nothing() -> None:
    assert read("03/04/2026, 25/04/2026, 04/25/2026")[0].ambiguous


def test_language_and_currency_settle_the_order() -> None:
    assert read("03/04/2026", language="fr")[0].value == "2026-04-03"
    assert read("03/04/2026", language="en", currency="GBP")[0].value == "2026-04-03"
    assert read("03/04/2026", language="en", currency="USD")[0].value == "2026-03-04"
    assert read("03/04/2026", currency="USD")[0].value == "2026-03-04"
    assert read("03/04/2026", language="vi", currency="USD")[0].ambiguous
    assert read("03/04/2026", language="en", currency="CAD")[0].ambiguous


def test_a_date_of_the_machine_readable_form_settles_the_order() -> None:
    (found,) = read("03/04/2026", known=frozenset({date(2026, 3, 4)}))

    assert (found.value, found.ambiguous) == ("2026-03-04", False)


def test_a_day_that_is_none_is_not_valid() -> None:
    (found,) = read("31.02.2026")

    assert (found.valid, found.reason) == (False, "no_such_day")


@pytest.mark.parametrize(
    "text", ["1.2.3.4", "99.99.99", "030.12.34.56", "2,5 mar", "mar2026", "may 4 12345"]
)
def test_other_numbers_are_no_dates(text: str) -> None:
    assert read(text) == []
