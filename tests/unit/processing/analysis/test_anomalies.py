from decimal import Decimal

import pytest

from service.processing.analysis.amounts import written_amount
from service.processing.analysis.anomalies import MOST_WRONG_NUMBERS
from service.processing.results import Field, Fields, Quality, QualityIssue
from service.processing.results.quality import Integrity
from tests.unit.processing.analysis.documents import (
    anomalies,
    codes,
    context_of,
    entity,
    evidence,
    field,
    fields,
    money,
    table,
)

HEADER = ("Pos", "Beschreibung", "Einzelpreis", "Gesamtbetrag")


def quality(*found: tuple[str, int]) -> Quality:
    return Quality(
        score=90,
        grade="A",
        readable=True,
        issues=tuple(
            QualityIssue(code=code, severity="warning", message="", page=page)
            for code, page in found
        ),
        pages=(),
        text=None,
        integrity=Integrity(openable=True),
    )


def test_nothing_is_odd_about_a_good_invoice() -> None:
    assert codes(fields()) == set()


def test_a_total_that_is_not_net_plus_tax_is_an_error() -> None:
    context = context_of(fields=fields(total="120.00"))
    (found,) = anomalies(context)["TOTAL_MISMATCH"]
    assert found.severity == "error"
    assert found.evidence["difference"] == "1.00"


def test_a_difference_that_the_document_names_is_only_remarked() -> None:
    context = context_of(
        fields=fields(total="124.00"), entities=(money("5.00"), money("119.00"))
    )
    (found,) = anomalies(context)["TOTAL_MISMATCH"]
    assert found.severity == "info"


@pytest.mark.parametrize(("lines", "odd"), [(1, True), (10, False)])
def test_each_line_may_have_been_rounded(lines: int, odd: bool) -> None:
    rows = tuple((str(n), "x", "10,00", "10,00") for n in range(lines))
    found = codes(fields(total="119.04"), tables=(table(*rows, header=HEADER),))
    assert ("TOTAL_MISMATCH" in found) is odd


def test_amounts_are_compared_exactly() -> None:
    exact = fields(net_total="0.10", tax_total="0.20", total="0.30", vat_id=None)
    assert "TOTAL_MISMATCH" not in codes(exact)


def test_line_items_that_do_not_add_up_are_found() -> None:
    rows = (("1", "Rohr", "30,00", "60,00"), ("2", "Ventil", "30,00", "30,00"))
    context = context_of(fields=fields(), tables=(table(*rows, header=HEADER),))
    assert evidence(context, "LINE_SUM_MISMATCH")["lineSum"] == "90.00"


def test_rows_of_sums_are_no_line_items() -> None:
    rows = (
        ("1", "Acoustic wall panel", "30,00", "60,00"),
        ("2", "Ventil", "20,00", "40,00"),
        ("", "Zwischensumme", "", "100,00"),
        ("", "MwSt 19 %", "", "19,00"),
    )
    assert codes(fields(), tables=(table(*rows, header=HEADER),)) == set()


def test_line_items_go_on_below_the_same_header() -> None:
    first = table(("1", "a", "60,00", "60,00"), header=HEADER)
    second = table(("2", "b", "40,00", "40,00"), header=HEADER)
    assert codes(fields(), tables=(first, second)) == set()


def test_line_items_that_cannot_be_read_prove_nothing() -> None:
    rows = (("1", "Rohr", "30,00", "siehe unten"), ("2", "Ventil", "30", "30,00"))
    assert codes(fields(), tables=(table(*rows, header=HEADER),)) == set()


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1.234,56 €", "1234.56"),
        ("EUR 1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("1.234", "1234"),
        ("-12,00", "-12.00"),
        ("(12.00)", "-12.00"),
        ("12.50-", "-12.50"),
        ("7", "7"),
        ("2 x 5.00", None),
        ("free", None),
    ],
)
def test_amounts_are_read_however_they_are_written(
    written: str, amount: str | None
) -> None:
    assert written_amount(written) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("tax", "percents", "odd"),
    [
        ("19.00", (), False),
        ("7.00", (), False),
        ("12.50", (), False),
        ("12.50", ("12.5",), True),
        ("12.50", ("7", "19"), False),
        ("30.00", (), True),
    ],
)
def test_a_rate_of_tax_is_judged_by_the_country(
    tax: str, percents: tuple[str, ...], odd: bool
) -> None:
    total = str(Decimal(100) + Decimal(tax))
    named = tuple(entity("percentage", each) for each in percents)
    found = codes(fields(tax_total=tax, total=total), entities=named)
    assert ("TAX_RATE_UNUSUAL" in found) is odd


def test_no_rate_is_judged_without_a_country() -> None:
    unknown = fields(tax_total="30.00", total="130.00", vat_id=None, iban=None)
    assert "TAX_RATE_UNUSUAL" not in codes(unknown)


def test_an_invoice_due_before_its_issue_is_an_error() -> None:
    assert "DUE_BEFORE_ISSUE" in codes(fields(due_date="2026-10-01"))


def test_a_date_that_is_not_certain_proves_nothing() -> None:
    good = fields()
    doubtful = {name: getattr(good, name) for name in Fields.__struct_fields__} | {
        "due_date": field("2026-10-01", ambiguous=True)
    }
    assert codes(Fields(**doubtful)) == set()


@pytest.mark.parametrize(("day", "odd"), [("2026-11-10", False), ("2026-11-11", True)])
def test_a_date_after_tomorrow_is_in_the_future(day: str, odd: bool) -> None:
    found = codes(fields(issue_date=day))
    assert ("DATE_IN_FUTURE" in found) is odd


def test_numbers_that_fail_their_check_are_named_once_in_any_document() -> None:
    wrong = entity("iban", "DE00370400440532013000", valid=False, reason="checksum")
    vat = entity("vat_id", "DE000000000", valid=False, reason="checksum")
    context = context_of("Dear Sir, a letter.", entities=(wrong, wrong, vat))
    found = anomalies(context)
    assert set(found) == {"INVALID_IBAN", "INVALID_VAT_ID"}
    assert [each.evidence["value"] for each in found["INVALID_IBAN"]] == [wrong.value]


def test_an_account_abroad_is_remarked() -> None:
    assert "IBAN_COUNTRY_DIFFERS" in codes(fields(iban="FR7630006000011234567890189"))
    greek = fields(
        iban="GR1601101250000000012300695",
        vat_id="EL123456783",
        tax_total="24.00",
        total="124.00",
    )
    assert codes(greek) == set()


def rivals(**values: str) -> dict[str, list[Field]]:
    return {name: [field(value)] for name, value in values.items()}


def test_an_account_in_the_xml_that_the_text_does_not_show_is_an_error() -> None:
    context = context_of("Rechnung GB29NWBK60161331926819", fields=fields("xml"))
    context.state["field_candidates"] = rivals(iban="GB29NWBK60161331926819")
    found = evidence(context, "XML_TEXT_MISMATCH")
    assert (found["field"], found["text"]) == ("iban", "GB29NWBK60161331926819")


def test_fields_are_called_in_the_evidence_as_they_are_in_the_result() -> None:
    context = context_of("x", fields=fields("xml"))
    context.state["field_candidates"] = rivals(net_total="1.00")
    assert evidence(context, "XML_TEXT_MISMATCH")["field"] == "netTotal"


def test_wrong_numbers_over_the_limit_are_named() -> None:
    numbers = [f"DE{n:020d}" for n in range(MOST_WRONG_NUMBERS + 1)]
    wrong = tuple(entity("iban", number, valid=False) for number in numbers)
    context = context_of("A letter.", entities=wrong)
    assert len(anomalies(context)["INVALID_IBAN"]) == MOST_WRONG_NUMBERS
    assert context.limits_hit == ["anomalies"]


def test_the_account_of_the_text_is_also_known_from_its_entities() -> None:
    other = entity("iban", "GB29NWBK60161331926819", valid=True)
    context = context_of(fields=fields("qr"), entities=(other,))
    assert evidence(context, "QR_TEXT_MISMATCH")["qr"] == "DE89370400440532013000"


def test_a_value_that_stands_in_the_text_was_only_misread() -> None:
    context = context_of(
        "Rechnung RE-1 vom 01.11.2026",
        fields=fields("xml"),
        entities=(money("119.00"), entity("date", "2026-11-01")),
    )
    context.state["field_candidates"] = rivals(
        total="100.00", invoice_number="4711", issue_date="2026-11-15"
    )
    assert anomalies(context) == {}


def test_the_same_in_another_way_of_writing_is_no_mismatch() -> None:
    context = context_of("x", fields=fields("xml"))
    context.state["field_candidates"] = rivals(
        total="119.0", iban="de89 3704 0044 0532 0130 00", invoice_number="RE 1"
    )
    assert anomalies(context) == {}


def test_a_rival_that_is_not_sure_proves_nothing() -> None:
    context = context_of("x", fields=fields("xml"))
    weak = Field(value="1.00", confidence=0.3, source="text")
    context.state["field_candidates"] = {"total": [weak]}
    assert anomalies(context) == {}


def test_what_quality_found_out_about_pages_is_passed_on() -> None:
    context = context_of("A letter.")
    context.quality = quality(
        ("DUPLICATE_PAGE", 2), ("DUPLICATE_PAGE", 3), ("HIDDEN_TEXT", 1), ("SKEWED", 1)
    )
    found = anomalies(context)
    assert set(found) == {"DUPLICATE_PAGE", "HIDDEN_TEXT"}
    assert found["DUPLICATE_PAGE"][0].evidence == {"pages": "2, 3"}


def test_several_currencies_are_named() -> None:
    context = context_of(fields=fields(), entities=(money("1", "USD"), money("2")))
    assert evidence(context, "MIXED_CURRENCIES")["currencies"] == "EUR, USD"


def test_only_a_credit_note_may_be_negative() -> None:
    def negative(kind: str) -> Fields:
        return fields(
            "xml",
            document_kind=kind,
            net_total="-100.00",
            tax_total="-19.00",
            total="-119.00",
        )

    assert codes(negative("invoice")) == {"NEGATIVE_TOTAL"}
    assert codes(negative("credit_note")) == set()


def test_what_an_invoice_must_have_is_asked_for() -> None:
    context = context_of(fields=fields(invoice_number=None, total=None))
    found = anomalies(context)["MISSING_FIELD"]
    missing = {each.evidence["field"] for each in found}
    assert missing == {"invoiceNumber", "total"}


def test_nothing_is_missing_in_a_picture_that_was_not_read() -> None:
    context = context_of("", fields=Fields(total=field("5.00", "qr")))
    assert anomalies(context) == {}


def test_a_receipt_needs_no_number() -> None:
    context = context_of(
        "Receipt\nCashier 4\nCash 10.00\nChange due 2.00",
        fields=Fields(total=field("8.00"), issue_date=field("2026-11-01")),
    )
    assert anomalies(context) == {}


def test_nothing_is_asked_of_the_figures_of_a_letter() -> None:
    context = context_of(
        "Dear Sir,\nyour contract ends.\nYours sincerely\nA. Nother",
        fields=Fields(
            net_total=field("1.00"),
            tax_total=field("1.00"),
            total=field("-7.00"),
            issue_date=field("2030-01-01"),
        ),
        entities=(money("1", "USD"), money("2", "EUR")),
    )
    assert anomalies(context) == {}


@pytest.mark.parametrize("value", ["", "NaN", "1e999999", "ten"])
def test_an_amount_that_is_none_is_left_alone(value: str) -> None:
    assert "TOTAL_MISMATCH" not in codes(fields(total=value))


def test_a_number_that_only_the_xml_has_is_checked_too() -> None:
    stated = fields(vat_id="DE123456789", iban="DE89370400440532013000")
    found = anomalies(context_of("Invoice", fields=stated))
    assert found["INVALID_VAT_ID"][0].evidence["value"] == "DE123456789"
    assert "INVALID_IBAN" not in found
