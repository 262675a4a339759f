"""Whether what a machine reads in a document is what a person sees in it.

An embedded invoice or a payment code that says something else than the printed text is
how invoices are forged: a program pays one account, a person has checked another.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from service.processing.analysis.amounts import amounts_among, decimal_of
from service.processing.results import (
    FIELD_NAMES,
    Anomaly,
    AnomalyCode,
    Entity,
    Field,
    Fields,
)

_AMOUNTS = frozenset({"net_total", "tax_total", "total", "amount_due"})
_DATES = frozenset({"issue_date", "due_date"})
_COMPARED = (
    "invoice_number",
    "issue_date",
    "due_date",
    "net_total",
    "tax_total",
    "total",
    "amount_due",
    "currency",
    "iban",
    "vat_id",
)
"""Not names: they are written in too many ways."""
_SURE = 0.6
"""A rival less sure than this proves nothing."""
_CODES: Mapping[str, AnomalyCode] = {
    "xml": "XML_TEXT_MISMATCH",
    "qr": "QR_TEXT_MISMATCH",
}
_SAID_BY = {"xml": "The embedded invoice", "qr": "The payment code"}


class Visible:
    """What a person sees of a document.

    Args:
        text: The whole text.
        entities: Found in it.
        rivals: Values of fields that came from it and lost, by the field's name.
    """

    def __init__(
        self,
        text: str,
        entities: Sequence[Entity],
        rivals: Mapping[str, Sequence[Field]],
    ) -> None:
        self._text = text
        self._seen = [each for each in entities if each.source in {"text", "ocr"}]
        self._rivals = rivals
        self._bare: str | None = None

    def rival(self, name: str, field: Field) -> str | None:
        """Give another value that is seen in place of a field's, if it is not seen."""
        others = [
            rival.value
            for rival in self._rivals.get(name, ())
            if rival.source in {"text", "ocr"}
            and rival.confidence >= _SURE
            and not rival.ambiguous
        ]
        if not others and name == "iban":
            others = [
                each.value
                for each in self._seen
                if each.type == "iban" and each.valid and isinstance(each.value, str)
            ]
        if not others or any(_same(name, field.value, other) for other in others):
            return None
        return None if self._is_seen(name, field.value) else others[0]

    def _is_seen(self, name: str, value: str) -> bool:
        """Whether the value stands anywhere: then its rival was only misread."""
        if name in _AMOUNTS:
            return decimal_of(value) in amounts_among(self._seen)
        if name in _DATES:
            return any(
                each.type == "date" and (each.value == value or each.ambiguous)
                for each in self._seen
            )
        if self._bare is None:
            self._bare = _bare(self._text)
        return _bare(value) in self._bare


def check_agreement(fields: Fields, visible: Visible) -> Iterator[Anomaly]:
    """Compare the fields from XML and payment codes with what is seen."""
    for name in _COMPARED:
        field: Field | None = getattr(fields, name)
        if field is None or field.source not in _CODES:
            continue
        other = visible.rival(name, field)
        if other is not None:
            yield Anomaly(
                code=_CODES[field.source],
                severity="error",
                message=(
                    f"{_SAID_BY[field.source]} and the text differ in the "
                    f"{name.replace('_', ' ')}."
                ),
                evidence={
                    "field": FIELD_NAMES[name],
                    field.source: field.value,
                    "text": other,
                },
            )


def _same(name: str, one: str, other: str) -> bool:
    if name in _AMOUNTS:
        first, second = decimal_of(one), decimal_of(other)
        return first is not None and second is not None and _equal(first, second)
    return _bare(one) == _bare(other)


def _equal(one: Decimal, other: Decimal) -> bool:
    # A credit note may be printed with a sign that its XML does not need.
    return abs(one) == abs(other)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.upper()))
