import pytest

from service.errors import DocumentError
from service.processing.invoice_xml import read_fields
from service.processing.results import Fields
from tests.unit.processing.running import corpus
from tools.sample_files import facturx

CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
UBL = "urn:oasis:names:specification:ubl:schema:xsd"


def values(fields: Fields) -> dict[str, str]:
    return {
        name: field.value
        for name in fields.__struct_fields__
        if (field := getattr(fields, name)) is not None
    }


def cii(head: str = "", settled: str = "", agreed: str = "") -> bytes:
    return (
        f"<CrossIndustryInvoice xmlns='{CII}'><ExchangedDocument>{head}"
        "</ExchangedDocument><SupplyChainTradeTransaction>"
        f"<ApplicableHeaderTradeAgreement>{agreed}</ApplicableHeaderTradeAgreement>"
        f"<ApplicableHeaderTradeSettlement>{settled}</ApplicableHeaderTradeSettlement>"
        "</SupplyChainTradeTransaction></CrossIndustryInvoice>"
    ).encode()


def test_all_fields_of_a_full_invoice_are_read() -> None:
    assert values(read_fields(facturx.xml())) == {
        "document_kind": "invoice",
        "invoice_number": "RE-2026-0815",
        "issue_date": "2026-10-02",
        "due_date": "2026-10-16",
        "issuer": "Brunnthaler Haustechnik GmbH",
        "recipient": "Hausverwaltung Kögel & Söhne",
        "net_total": "1393.60",
        "tax_total": "264.78",
        "total": "1658.38",
        "amount_due": "1658.38",
        "currency": "EUR",
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
        "vat_id": "DE123456788",
        "payment_reference": "RE-2026-0815",
    }


def test_a_real_invoice_is_read() -> None:
    found = values(read_fields(corpus("EN16931_Einfach.cii.xml").read_bytes()))

    assert found["net_total"] == "473.00"
    assert found["vat_id"] == "DE123456789"


def test_the_older_names_of_zugferd_1_are_read() -> None:
    xml = (
        "<CrossIndustryDocument xmlns='urn:ferd:CrossIndustryDocument:invoice:1p0'>"
        "<HeaderExchangedDocument><ID>7</ID><TypeCode>380</TypeCode>"
        "</HeaderExchangedDocument><SpecifiedSupplyChainTradeTransaction>"
        "<ApplicableSupplyChainTradeSettlement>"
        "<SpecifiedTradeSettlementMonetarySummation>"
        "<GrandTotalAmount currencyID='EUR'>11.90</GrandTotalAmount>"
        "</SpecifiedTradeSettlementMonetarySummation>"
        "</ApplicableSupplyChainTradeSettlement>"
        "</SpecifiedSupplyChainTradeTransaction></CrossIndustryDocument>"
    )

    found = values(read_fields(xml.encode()))

    assert found == {
        "document_kind": "invoice",
        "invoice_number": "7",
        "total": "11.90",
    }


def test_ubl_is_read() -> None:
    xml = (
        f"<Invoice xmlns='{UBL}:Invoice-2' xmlns:c='{UBL}:CommonAggregateComponents-2'>"
        "<ID>U-1</ID><IssueDate>2026-03-01</IssueDate>"
        "<InvoiceTypeCode>380</InvoiceTypeCode>"
        "<DocumentCurrencyCode>SEK</DocumentCurrencyCode>"
        "<AccountingSupplierParty><Party><PartyTaxScheme>"
        "<CompanyID>SE556677889901</CompanyID></PartyTaxScheme>"
        "<PartyLegalEntity><RegistrationName>Säljare AB</RegistrationName>"
        "</PartyLegalEntity></Party></AccountingSupplierParty>"
        "<PaymentMeans><PayeeFinancialAccount><ID>se 4550000000058398257466</ID>"
        "</PayeeFinancialAccount></PaymentMeans>"
        "<TaxTotal><TaxAmount currencyID='EUR'>2.20</TaxAmount></TaxTotal>"
        "<TaxTotal><TaxAmount currencyID='SEK'>25.00</TaxAmount></TaxTotal>"
        "<LegalMonetaryTotal><PayableAmount currencyID='SEK'>-125.00</PayableAmount>"
        "</LegalMonetaryTotal></Invoice>"
    )

    assert values(read_fields(xml.encode())) == {
        "document_kind": "invoice",
        "invoice_number": "U-1",
        "issue_date": "2026-03-01",
        "issuer": "Säljare AB",
        "tax_total": "25.00",
        "amount_due": "-125.00",
        "currency": "SEK",
        "iban": "SE4550000000058398257466",
        "vat_id": "SE556677889901",
    }


@pytest.mark.parametrize(
    ("registered", "issuer"),
    [
        (("<PartyLegalEntity><RegistrationName>Säljare Handels AB</RegistrationName>"
         "</PartyLegalEntity>"), "Säljare Handels AB"),
        ("", "Säljarens"),
        ("<PartyLegalEntity><RegistrationName/></PartyLegalEntity>", "Säljarens"),
    ],
)  # fmt: skip
def test_the_registered_name_comes_before_the_trading_name(
    registered: str, issuer: str
) -> None:
    xml = (
        f"<Invoice xmlns='{UBL}:Invoice-2'><AccountingSupplierParty><Party>"
        f"<PartyName><Name>Säljarens</Name></PartyName>{registered}"
        "</Party></AccountingSupplierParty></Invoice>"
    )

    found = read_fields(xml.encode()).issuer

    assert found is not None
    assert found.value == issuer


@pytest.mark.parametrize(
    ("code", "kind"), [("380", "invoice"), ("384", "invoice"), ("381", "credit_note")]
)
def test_credit_notes_are_told_from_invoices(code: str, kind: str) -> None:
    fields = read_fields(cii(head=f"<TypeCode>{code}</TypeCode>"))

    assert values(fields) == {"document_kind": kind}


def test_values_that_cannot_be_are_left_out() -> None:
    fields = read_fields(
        cii(
            head="<ID> </ID><IssueDateTime><DateTimeString>20261332</DateTimeString>"
            "</IssueDateTime>",
            settled="<SpecifiedTradeSettlementHeaderMonetarySummation>"
            "<GrandTotalAmount>1.234,50</GrandTotalAmount>"
            "<DuePayableAmount>NaN</DuePayableAmount>"
            "</SpecifiedTradeSettlementHeaderMonetarySummation>",
            agreed="<SellerTradeParty><SpecifiedTaxRegistration>"
            "<ID schemeID='FC'>201/113</ID></SpecifiedTaxRegistration>"
            "</SellerTradeParty>",
        )
    )

    assert values(fields) == {}


def test_other_xml_has_no_fields() -> None:
    assert read_fields(b"<Invoice><ID>1</ID></Invoice>") == Fields()


def test_broken_xml_is_named() -> None:
    with pytest.raises(DocumentError) as caught:
        read_fields(b"<CrossIndustryInvoice>")
    assert caught.value.code == "corrupt"
