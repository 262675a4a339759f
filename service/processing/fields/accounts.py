"""Where to pay and who asks for it: IBAN, BIC, VAT number, payment reference."""

import re
from collections.abc import Iterator, Sequence

from service.processing.entities.folding import fold
from service.processing.entities.found import Found
from service.processing.entities.near import Neighbourhood
from service.processing.entities.numbers import labelled
from service.processing.entities.reading import PageReading
from service.processing.fields.candidates import (
    Place,
    confidence_of,
    distinct,
    field_at,
)
from service.processing.results import Field

ONLY, ONE_OF_SEVERAL, INVALID = 0.95, 0.75, 0.6
"""Confidence by whether there is another, and whether the checksum holds."""
_REFERENCE = re.compile(
    r"\bRF\d{2}(?: ?[A-Z0-9]{4}){0,5}(?: ?[A-Z0-9]{1,4})?\b|"
    r"\+{3}\d{3}/\d{4}/\d{5}\+{3}|"
    r"\b\d{2}(?: \d{5}){5}\b"
)
"""Structured references: ISO 11649, Belgian, Swiss QR."""
_RECIPIENTS = re.compile(
    r"(?:your|ihre?|votre|vos|vostr[oa]|suo|su|uw|customer|client|cliente|"
    r"kunden?|klant|"
    r"buyer|recipient|empfanger|afnemer|acheteur)\b[^\n]{0,30}$"
)
"""What stands before the VAT number of who is to pay."""
_BLOCK_PT = 80.0


def accounts(
    pages: Sequence[tuple[PageReading, Neighbourhood]], recipient: Place | None
) -> dict[str, list[Field]]:
    """Give the numbers of an invoice, best first.

    An IBAN or BIC whose checksum is wrong is no field: it is among the entities.

    Args:
        pages: Of the document.
        recipient: Where the recipient's name stands, whose numbers are not wanted.
    """
    ibans = _numbers(pages, "iban")
    country = ibans[0].value[:2] if ibans else None
    bics = _numbers(pages, "bic")
    bics.sort(key=lambda field: field.value[4:6] != country)
    return {
        "iban": ibans,
        "bic": bics,
        "vat_id": _vat_ids(pages, recipient),
        "payment_reference": list(_references(pages)),
    }


def _numbers(
    pages: Sequence[tuple[PageReading, Neighbourhood]], kind: str
) -> list[Field]:
    found = [
        (page, each)
        for page, _ in pages
        for each in page.identifiers
        if each.type == kind and each.valid
    ]
    sure = ONLY if len({each.value for _, each in found}) == 1 else ONE_OF_SEVERAL
    return distinct(_field(page, each, sure) for page, each in found)


def _vat_ids(
    pages: Sequence[tuple[PageReading, Neighbourhood]], recipient: Place | None
) -> list[Field]:
    found = [
        (page, each)
        for page, _ in pages
        for each in page.identifiers
        if each.type == "vat_id" and not is_recipients(page, each, recipient)
    ]
    sure = ONLY if len({each.value for _, each in found}) == 1 else ONE_OF_SEVERAL
    found.sort(key=lambda one: not one[1].valid)
    return distinct(
        _field(page, each, sure if each.valid else INVALID) for page, each in found
    )


def is_recipients(reading: PageReading, found: Found, recipient: Place | None) -> bool:
    """Say whether a VAT number is that of who is to pay."""
    text = reading.page.text
    line = fold(text[max(found.start - 60, 0) : found.start])
    if _RECIPIENTS.search(re.split(r"[\n\t]", line)[-1] or line.split("\n")[-1]):
        return True
    if recipient is None or recipient.page is not reading.page:
        return False
    one = reading.page.between(recipient.start, recipient.end)
    other = reading.page.between(found.start, found.end)
    if not one or not other:
        return False
    below = other[0].bbox[1] - one[0].bbox[1]
    beside = other[0].bbox[0] < one[0].bbox[2] and one[0].bbox[0] < other[0].bbox[2]
    return beside and 0 <= below <= _BLOCK_PT


def _references(
    pages: Sequence[tuple[PageReading, Neighbourhood]],
) -> Iterator[Field]:
    for reading, around in pages:
        for match in _REFERENCE.finditer(reading.page.text):
            place = Place(reading.page, match.start(), match.end())
            yield field_at(place, "".join(match[0].split()), ONLY)
        for near in labelled(reading, around, "payment_reference"):
            place = Place(reading.page, near.value.start, near.value.end)
            value = near.value.text
            yield field_at(
                place, value, confidence_of(near.fit), since=near.label.start
            )


def _field(reading: PageReading, found: Found, confidence: float) -> Field:
    return field_at(
        Place(reading.page, found.start, found.end), found.value, confidence
    )
