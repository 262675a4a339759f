"""Fields of FatturaPA, the electronic invoice of Italy (``FatturaElettronica`` 1.2).

Source: Agenzia delle Entrate, Specifiche tecniche, allegato A. A file may hold several
invoices of one sender: the first is read.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from lxml import etree

from service.processing.formats.archive import local_name
from service.processing.results import Evidence, Field

ROOT = "FatturaElettronica"
_CREDIT_NOTES = frozenset({"TD04", "TD08"})
_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,8})?")
_MAX_VALUE_CHARS = 500
_HEAD = "FatturaElettronicaHeader"
_SELLER = f"{_HEAD}/CedentePrestatore/DatiAnagrafici"
_BUYER = f"{_HEAD}/CessionarioCommittente/DatiAnagrafici"
_DOCUMENT = "DatiGenerali/DatiGeneraliDocumento"
_PAYMENT = "DatiPagamento/DettaglioPagamento"
_SUMMARY = "DatiBeniServizi/DatiRiepilogo"


def is_fattura(root: etree._Element) -> bool:
    """Say whether an XML document is a FatturaPA."""
    return local_name(root) == ROOT and any(
        local_name(child) == _HEAD for child in root
    )


def fattura_fields(root: etree._Element) -> dict[str, Field]:
    """Give the fields of the first invoice in a FatturaPA."""
    body = next(_at(root, "FatturaElettronicaBody"), None)
    if body is None:
        return {}
    kind = _text(body, f"{_DOCUMENT}/TipoDocumento")
    found = {
        "document_kind": "credit_note" if kind in _CREDIT_NOTES else "invoice",
        "invoice_number": _text(body, f"{_DOCUMENT}/Numero"),
        "issue_date": _date(_text(body, f"{_DOCUMENT}/Data")),
        "due_date": _date(_text(body, f"{_PAYMENT}/DataScadenzaPagamento")),
        "issuer": _name(root, _SELLER),
        "recipient": _name(root, _BUYER),
        "net_total": _sum(body, f"{_SUMMARY}/ImponibileImporto"),
        "tax_total": _sum(body, f"{_SUMMARY}/Imposta"),
        "total": _amount(_text(body, f"{_DOCUMENT}/ImportoTotaleDocumento")),
        "amount_due": _sum(body, f"{_PAYMENT}/ImportoPagamento"),
        "currency": _text(body, f"{_DOCUMENT}/Divisa"),
        "iban": _text(body, f"{_PAYMENT}/IBAN").replace(" ", "").upper(),
        "bic": _text(body, f"{_PAYMENT}/BIC").upper(),
        "vat_id": _text(root, f"{_SELLER}/IdFiscaleIVA/IdPaese")
        + _text(root, f"{_SELLER}/IdFiscaleIVA/IdCodice"),
        "payment_reference": _text(body, f"{_PAYMENT}/CodicePagamento"),
    }
    return {
        name: Field(
            value=value, confidence=1.0, source="xml", evidence=Evidence(text=value)
        )
        for name, value in found.items()
        if value
    }


def _at(root: etree._Element, path: str) -> Iterator[etree._Element]:
    elements: Sequence[etree._Element] = [root]
    for name in path.split("/"):
        elements = [
            child
            for element in elements
            for child in element
            if local_name(child) == name
        ]
    yield from elements


def _text(root: etree._Element, path: str) -> str:
    texts = (" ".join((each.text or "").split()) for each in _at(root, path))
    return next((text for text in texts if text), "")[:_MAX_VALUE_CHARS]


def _name(root: etree._Element, party: str) -> str:
    company = _text(root, f"{party}/Anagrafica/Denominazione")
    person = (_text(root, f"{party}/Anagrafica/{part}") for part in ("Nome", "Cognome"))
    return company or " ".join(part for part in person if part)


def _date(raw: str) -> str:
    try:
        return date.fromisoformat(raw[:10]).isoformat()
    except ValueError:
        return ""


def _amount(raw: str) -> str:
    return raw if _AMOUNT.fullmatch(raw) else ""


def _sum(root: etree._Element, path: str) -> str:
    """Add up what is stated for each rate, or each instalment."""
    texts = ["".join((each.text or "").split()) for each in _at(root, path)]
    if not texts or not all(_AMOUNT.fullmatch(text) for text in texts):
        return ""
    return str(sum((Decimal(text) for text in texts), Decimal(0)))
