from collections.abc import Sequence

import pytest

from benchmarks.accuracy import Answer, read, read_made, right_percent
from tests.unit.processing.known import KNOWN, QR_BILL, ZUGFERD
from tests.unit.processing.running import SAMPLES, corpus
from tools.make_invoices.making import Made, make_all

EVERY = 5
"""A fifth of the made invoices: enough to see a rule break, quick enough to run."""


@pytest.fixture(scope="module")
def made() -> Sequence[Made]:
    return list(make_all(seed=3))


@pytest.fixture(scope="module", params=[False, True], ids=["tuned", "held out"])
def answers(request: pytest.FixtureRequest, made: Sequence[Made]) -> list[Answer]:
    chosen = [each for each in made if each.held_out is request.param]
    return list(read_made(chosen[::EVERY]))


def test_the_same_seed_makes_the_same_invoices(made: Sequence[Made]) -> None:
    again = make_all(seed=3)

    # Office files hold the time they were made at.
    for one, other in zip(made, again, strict=True):
        assert one.truth == other.truth
        assert one.name.endswith("x") or one.content == other.content


def test_totals_dates_and_numbers_are_right_often_enough(
    answers: list[Answer],
) -> None:
    assert len(answers) > 25
    assert right_percent(answers, "total") >= 90
    assert right_percent(answers, "issue_date") >= 90
    assert right_percent(answers, "invoice_number") >= 80


def test_no_invalid_iban_is_called_valid(answers: list[Answer]) -> None:
    assert sum(answer.bad_ibans for answer in answers) == 0


def test_what_is_not_sure_is_left_empty(answers: list[Answer]) -> None:
    verdicts = [answer.verdict(field) for answer in answers for field in answer.values]

    assert verdicts.count("wrong") <= 0.02 * len(verdicts)


def test_the_text_says_what_the_xml_says() -> None:
    path = SAMPLES / "invoice-facturx.pdf"

    answer = read(path, read(path, {}, by_machine=True).values)

    wrong = {field for field in answer.values if answer.verdict(field) == "wrong"}
    assert wrong == set()
    assert answer.verdict("total") == answer.verdict("invoice_number") == "right"


@pytest.mark.parametrize("by_machine", [False, True], ids=["text", "XML"])
def test_a_real_invoice_is_read(by_machine: bool) -> None:
    answer = read(corpus(ZUGFERD), KNOWN[ZUGFERD], by_machine=by_machine)

    assert {field: answer.verdict(field) for field in answer.values} == {
        **dict.fromkeys(answer.values, "right"),
        "iban": None,
        "bic": None,
    }


def test_the_code_of_a_real_bill_says_who_pays_how_much_to_whom() -> None:
    answer = read(corpus(QR_BILL), KNOWN[QR_BILL], by_machine=True)

    right = {field for field in answer.values if answer.verdict(field) == "right"}
    assert right == {"issuer", "recipient", "total", "currency", "iban"}
    assert "wrong" not in map(answer.verdict, answer.values)
