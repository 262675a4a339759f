"""Fields out of QR codes: the Swiss QR bill and the European payment code.

Sources: SIX, Swiss Implementation Guidelines QR-bill 2.3, chapter 4; EPC069-12
version 3.
"""

import re
from collections.abc import Mapping, Sequence

from service.processing.entities.identifiers import verdict
from service.processing.results import Code, Evidence, Field

CONFIDENCE = 0.98
_SWISS = {"iban": 3, "issuer": 5, "total": 18, "currency": 19, "recipient": 21}
_SWISS_REFERENCE_TYPE, _SWISS_REFERENCE = 27, 28
_EPC = {"bic": 4, "issuer": 5, "iban": 6}
_EPC_AMOUNT, _EPC_REFERENCE, _EPC_TEXT = 7, 9, 10
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,2})?")
_EPC_SUM = re.compile(r"([A-Z]{3})(\d{1,12}(?:\.\d{1,2})?)")
_MAX_CHARS = 140


def code_fields(codes: Sequence[Code]) -> dict[str, list[Field]]:
    """Give the fields that payment codes state.

    What a code asks for is the amount due; without other sums that is the total.
    """
    found: dict[str, list[Field]] = {}
    for code in codes:
        values: Mapping[str, str] = {}
        lines = [line.strip() for line in code.text.splitlines()]
        if code.kind == "swiss_qr":
            values = _swiss(lines)
        elif code.kind == "epc":
            values = _epc(lines)
        for name, value in values.items():
            found.setdefault(name, []).append(_field(code, value))
    return found


def _swiss(lines: Sequence[str]) -> Mapping[str, str]:
    values = {name: _line(lines, index) for name, index in _SWISS.items()}
    if _line(lines, _SWISS_REFERENCE_TYPE) in {"QRR", "SCOR"}:
        values["payment_reference"] = _line(lines, _SWISS_REFERENCE)
    values["amount_due"] = values["total"]
    return _kept(values)


def _epc(lines: Sequence[str]) -> Mapping[str, str]:
    values = {name: _line(lines, index) for name, index in _EPC.items()}
    amount = _EPC_SUM.fullmatch(_line(lines, _EPC_AMOUNT))
    if amount is not None:
        values |= {"currency": amount[1], "amount_due": amount[2], "total": amount[2]}
    reference = _line(lines, _EPC_REFERENCE) or _line(lines, _EPC_TEXT)
    return _kept({**values, "payment_reference": reference})


def _kept(values: Mapping[str, str]) -> Mapping[str, str]:
    """Leave out what is empty or cannot be."""
    kept = {name: value for name, value in values.items() if value}
    for name in ("iban", "bic"):
        if name in kept:
            kept[name] = kept[name].replace(" ", "").upper()
    if verdict("iban", kept.get("iban", "")) is not None:
        kept.pop("iban", None)
    if verdict("bic", kept.get("bic", "")) is not None:
        kept.pop("bic", None)
    for name in ("total", "amount_due"):
        if not _AMOUNT.fullmatch(kept.get(name, "")):
            kept.pop(name, None)
    return kept


def _line(lines: Sequence[str], index: int) -> str:
    return lines[index][:_MAX_CHARS] if index < len(lines) else ""


def _field(code: Code, value: str) -> Field:
    evidence = Evidence(page=code.page, bbox_pt=code.bbox_pt, text=value)
    return Field(value=value, confidence=CONFIDENCE, source="qr", evidence=evidence)
