from typing import Literal

from service.processing.fields.codes import code_fields
from service.processing.results import Code

SWISS = (
    "SPC\n0200\n1\nCH5800791123000889012\nS\nRobert Schneider AG\nRue du Lac\n1268\n"
    "2501\nBiel\nCH\n\n\n\n\n\n\n\n3949.75\nCHF\nS\nPia Rutschmann\nMarktgasse\n28\n"
    "9400\nRorschach\nCH\nSCOR\nRF18539007547034\n\nEPD"
)
EPC = (
    "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.50\n\n"
    "RF18539007547034"
)


def values(text: str, kind: Literal["swiss_qr", "epc", "other"]) -> dict[str, str]:
    code = Code(format="QR Code", text=text, kind=kind, page=1)
    return {name: fields[0].value for name, fields in code_fields([code]).items()}


def test_a_swiss_bill_states_what_to_pay_to_whom() -> None:
    assert values(SWISS, "swiss_qr") == {
        "iban": "CH5800791123000889012",
        "issuer": "Robert Schneider AG",
        "total": "3949.75",
        "amount_due": "3949.75",
        "currency": "CHF",
        "recipient": "Pia Rutschmann",
        "payment_reference": "RF18539007547034",
    }


def test_lines_may_end_as_on_windows() -> None:
    assert values(SWISS.replace("\n", "\r\n"), "swiss_qr")["total"] == "3949.75"


def test_a_bill_may_leave_the_amount_open() -> None:
    found = values(SWISS.replace("3949.75", ""), "swiss_qr")

    assert "total" not in found
    assert found["currency"] == "CHF"


def test_an_invalid_account_is_not_taken() -> None:
    wrong = SWISS.replace("CH5800791123000889012", "CH5800791123000889013")

    assert "iban" not in values(wrong, "swiss_qr")


def test_a_european_payment_code_is_read() -> None:
    assert values(EPC, "epc") == {
        "bic": "BPOTBEB1",
        "issuer": "Red Cross of Belgium",
        "iban": "BE72000000001616",
        "currency": "EUR",
        "amount_due": "1.50",
        "total": "1.50",
        "payment_reference": "RF18539007547034",
    }


def test_other_codes_state_nothing() -> None:
    assert values("https://example.com", "other") == {}


def test_a_code_cut_short_states_what_is_there() -> None:
    assert values("SPC\n0200\n1\nCH5800791123000889012", "swiss_qr") == {
        "iban": "CH5800791123000889012"
    }
