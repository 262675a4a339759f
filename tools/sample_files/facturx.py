"""The invoice data of the Factur-X sample (EN 16931 as UN/CEFACT CII)."""

from lxml import etree

from tools.sample_files import goods

NUMBER = "RE-2026-0815"
IBAN = "DE89370400440532013000"
BIC = "COBADEFFXXX"
_TAX_PERCENT = 19
_STANDARD = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "rsm": f"{_STANDARD}CrossIndustryInvoice:100",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_STANDARD}UnqualifiedDataType:100",
}


def xml() -> bytes:
    """Give the embedded XML."""
    root = _rsm(
        "CrossIndustryInvoice",
        _rsm(
            "ExchangedDocumentContext",
            _ram(
                "GuidelineSpecifiedDocumentContextParameter",
                _ram("ID", "urn:cen.eu:en16931:2017"),
            ),
        ),
        _rsm(
            "ExchangedDocument",
            _ram("ID", NUMBER),
            _ram("TypeCode", "380"),
            _ram("IssueDateTime", _date("20261002")),
        ),
        _rsm("SupplyChainTradeTransaction", *_lines(), _agreement(), _settlement()),
    )
    return bytes(
        etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    )


def _rsm(name: str, *content: str | etree._Element) -> etree._Element:
    return _element("rsm", name, content, {})


def _ram(name: str, *content: str | etree._Element, **given: str) -> etree._Element:
    return _element("ram", name, content, given)


def _element(
    prefix: str,
    name: str,
    content: tuple[str | etree._Element, ...],
    attributes: dict[str, str],
) -> etree._Element:
    tag = f"{{{_NAMESPACES[prefix]}}}{name}"
    element = etree.Element(tag, attributes, nsmap=_NAMESPACES)
    for part in content:
        if isinstance(part, str):
            element.text = part
        else:
            element.append(part)
    return element


def _date(value: str) -> etree._Element:
    return _element("udt", "DateTimeString", (value,), {"format": "102"})


def _lines() -> list[etree._Element]:
    return [
        _ram(
            "IncludedSupplyChainTradeLineItem",
            _ram("AssociatedDocumentLineDocument", _ram("LineID", str(number))),
            _ram("SpecifiedTradeProduct", _ram("Name", line.text)),
            _ram(
                "SpecifiedLineTradeAgreement",
                _ram(
                    "NetPriceProductTradePrice", _ram("ChargeAmount", str(line.price))
                ),
            ),
            _ram(
                "SpecifiedLineTradeDelivery",
                _ram("BilledQuantity", str(line.quantity), unitCode="C62"),
            ),
            _ram(
                "SpecifiedLineTradeSettlement",
                _ram(
                    "SpecifiedTradeSettlementLineMonetarySummation",
                    _ram("LineTotalAmount", str(line.total)),
                ),
            ),
        )
        for number, line in enumerate(goods.GERMAN_LINES, 1)
    ]


def _agreement() -> etree._Element:
    return _ram(
        "ApplicableHeaderTradeAgreement",
        _ram(
            "SellerTradeParty",
            _ram("Name", "Brunnthaler Haustechnik GmbH"),
            _ram("SpecifiedTaxRegistration", _ram("ID", "DE123456788", schemeID="VA")),
        ),
        _ram("BuyerTradeParty", _ram("Name", "Hausverwaltung Kögel & Söhne")),
    )


def _settlement() -> etree._Element:
    sums = goods.sums(goods.GERMAN_LINES, _TAX_PERCENT)
    return _ram(
        "ApplicableHeaderTradeSettlement",
        _ram("PaymentReference", NUMBER),
        _ram("InvoiceCurrencyCode", "EUR"),
        _ram(
            "SpecifiedTradeSettlementPaymentMeans",
            _ram("TypeCode", "58"),
            _ram("PayeePartyCreditorFinancialAccount", _ram("IBANID", IBAN)),
            _ram("PayeeSpecifiedCreditorFinancialInstitution", _ram("BICID", BIC)),
        ),
        _ram("SpecifiedTradePaymentTerms", _ram("DueDateDateTime", _date("20261016"))),
        _ram(
            "SpecifiedTradeSettlementHeaderMonetarySummation",
            _ram("LineTotalAmount", str(sums.net)),
            _ram("TaxBasisTotalAmount", str(sums.net)),
            _ram("TaxTotalAmount", str(sums.tax), currencyID="EUR"),
            _ram("GrandTotalAmount", str(sums.total)),
            _ram("DuePayableAmount", str(sums.total)),
        ),
    )
