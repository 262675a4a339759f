"""Invoice fields from machine-readable invoices: CII, UBL and FatturaPA.

UN/CEFACT CII is what Factur-X, ZUGFeRD and XRechnung embed (ZUGFeRD 1 under older
names), OASIS UBL is the other syntax of EN 16931. Values are taken as stated; whether
they agree with each other or with what is printed is for others to judge.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from lxml import etree

from service.processing.fields.fattura import fattura_fields, is_fattura
from service.processing.formats.archive import local_name, parse_xml
from service.processing.results import Evidence, Field, Fields

EMBEDDED_NAMES = frozenset(
    {"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "cii.xml", "ubl.xml"}
)
"""What the standards call the file inside a PDF, in lower case."""

_CREDIT_NOTES = frozenset(
    {
        "81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502",
        "503", "532",
    }
)  # fmt: skip
"""Codes of UNTDID 1001 that EN 16931 counts as credit notes."""
_MAX_VALUE_CHARS = 500

_HEAD = "ExchangedDocument|HeaderExchangedDocument"
_TRADE = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
_AGREED = f"{_TRADE}/ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_PAID = f"{_TRADE}/ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMS = (
    f"{_PAID}/SpecifiedTradeSettlementHeaderMonetarySummation"
    "|SpecifiedTradeSettlementMonetarySummation"
)
_MEANS = f"{_PAID}/SpecifiedTradeSettlementPaymentMeans"
_TERMS = f"{_PAID}/SpecifiedTradePaymentTerms"
_CII: Mapping[str, str] = {
    "document_kind": f"{_HEAD}/TypeCode",
    "invoice_number": f"{_HEAD}/ID",
    "issue_date": f"{_HEAD}/IssueDateTime/DateTimeString",
    "due_date": f"{_TERMS}/DueDateDateTime/DateTimeString",
    "issuer": f"{_AGREED}/SellerTradeParty/Name",
    "recipient": f"{_AGREED}/BuyerTradeParty/Name",
    "net_total": f"{_SUMS}/TaxBasisTotalAmount",
    "tax_total": f"{_SUMS}/TaxTotalAmount",
    "total": f"{_SUMS}/GrandTotalAmount",
    "amount_due": f"{_SUMS}/DuePayableAmount",
    "currency": f"{_PAID}/InvoiceCurrencyCode",
    "iban": f"{_MEANS}/PayeePartyCreditorFinancialAccount/IBANID",
    "bic": f"{_MEANS}/PayeeSpecifiedCreditorFinancialInstitution/BICID",
    "vat_id": f"{_AGREED}/SellerTradeParty/SpecifiedTaxRegistration/ID",
    "payment_reference": f"{_PAID}/PaymentReference",
}
_SELLER = "AccountingSupplierParty/Party"
_BUYER = "AccountingCustomerParty/Party"
_UBL: Mapping[str, str] = {
    "document_kind": "InvoiceTypeCode|CreditNoteTypeCode",
    "invoice_number": "ID",
    "issue_date": "IssueDate",
    "due_date": "DueDate",
    "issuer": f"{_SELLER}/PartyLegalEntity/RegistrationName",
    "recipient": f"{_BUYER}/PartyLegalEntity/RegistrationName",
    "net_total": "LegalMonetaryTotal/TaxExclusiveAmount",
    "tax_total": "TaxTotal/TaxAmount",
    "total": "LegalMonetaryTotal/TaxInclusiveAmount",
    "amount_due": "LegalMonetaryTotal/PayableAmount",
    "currency": "DocumentCurrencyCode",
    "iban": "PaymentMeans/PayeeFinancialAccount/ID",
    "bic": "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID",
    "vat_id": f"{_SELLER}/PartyTaxScheme/CompanyID",
    "payment_reference": "PaymentMeans/PaymentID",
}
_TRADING_NAMES: Mapping[str, str] = {
    "issuer": f"{_SELLER}/PartyName/Name",
    "recipient": f"{_BUYER}/PartyName/Name",
}
"""Of UBL: BT-28 and BT-45 of EN 16931, for want of the names BT-27 and BT-44."""
_SYNTAXES: Mapping[str, Mapping[str, str]] = {
    "CrossIndustryInvoice": _CII,
    "CrossIndustryDocument": _CII,
    "Invoice": _UBL,
    "CreditNote": _UBL,
}


def is_invoice(root: etree._Element) -> bool:
    """Say whether an XML document is an invoice in a syntax that is read here."""
    name = local_name(root)
    if name not in _SYNTAXES:
        return is_fattura(root)
    namespace = etree.QName(root).namespace or ""
    return _SYNTAXES[name] is _CII or namespace.startswith("urn:oasis:names:spec")


def read_fields(content: bytes) -> Fields:
    """Give the fields of an invoice.

    Raises:
        DocumentError: ``corrupt``: it is no XML.
    """
    root = parse_xml(content)
    if not is_invoice(root):
        return Fields()
    if is_fattura(root):
        return Fields(**fattura_fields(root))
    paths = _SYNTAXES[local_name(root)]
    currency = next(_texts(root, paths["currency"]), ("", {}))[0]
    found: dict[str, Field] = {}
    for name, path in paths.items():
        value_of = _VALUES.get(name, _plain)
        otherwise = _TRADING_NAMES.get(name, "")
        for raw, attributes in (*_texts(root, path), *_texts(root, otherwise)):
            value = value_of(raw, attributes, currency)
            if value is not None:
                evidence = Evidence(text=raw)
                found[name] = Field(
                    value=value, confidence=1.0, source="xml", evidence=evidence
                )
                break
    return Fields(**found)


def _texts(root: etree._Element, path: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give the texts at a path of element names, `|` between alternatives."""
    elements = [root]
    for names in path.split("/"):
        wanted = names.split("|")
        elements = [
            child
            for element in elements
            for child in element
            if local_name(child) in wanted
        ]
    for element in elements:
        text = " ".join((element.text or "").split())[:_MAX_VALUE_CHARS]
        if text:
            yield text, {str(key): str(value) for key, value in element.attrib.items()}


_Value = Callable[[str, Mapping[str, str], str], str | None]


def _plain(raw: str, _attributes: Mapping[str, str], _currency: str) -> str | None:
    return raw


def _kind(raw: str, _attributes: Mapping[str, str], _currency: str) -> str | None:
    return "credit_note" if raw in _CREDIT_NOTES else "invoice"


def _date(raw: str, _attributes: Mapping[str, str], _currency: str) -> str | None:
    # Format 102 of CII is YYYYMMDD, UBL has XML Schema dates: both are ISO 8601.
    try:
        return date.fromisoformat(raw[:10]).isoformat()
    except ValueError:
        return None


def _amount(raw: str, attributes: Mapping[str, str], currency: str) -> str | None:
    # A tax total may stand there a second time, in the seller's tax currency.
    stated = attributes.get("currencyID")
    if stated and currency and stated != currency:
        return None
    return raw.lstrip("+") if re.fullmatch(r"[+-]?\d+(\.\d+)?", raw) else None


def _code(raw: str, _attributes: Mapping[str, str], _currency: str) -> str | None:
    return raw.replace(" ", "").upper()


def _vat_id(raw: str, attributes: Mapping[str, str], _currency: str) -> str | None:
    scheme = attributes.get("schemeID")
    if scheme is not None:
        return _code(raw, attributes, "") if scheme == "VA" else None
    # UBL names the scheme beside the number; a VAT number starts with its country.
    return raw.replace(" ", "") if re.match(r"[A-Za-z]{2}", raw) else None


_VALUES: Mapping[str, _Value] = {
    "document_kind": _kind,
    "issue_date": _date,
    "due_date": _date,
    "net_total": _amount,
    "tax_total": _amount,
    "total": _amount,
    "amount_due": _amount,
    "currency": _code,
    "iban": _code,
    "bic": _code,
    "vat_id": _vat_id,
}
