"""Who issued a document and whom it is for."""

import re
from collections.abc import Iterator, Sequence

from service.processing.entities.folding import fold
from service.processing.entities.labels import Label, labels
from service.processing.entities.layout import PageText
from service.processing.entities.near import Neighbourhood
from service.processing.entities.pieces import Piece
from service.processing.entities.reading import PageReading
from service.processing.entities.roles import Role
from service.processing.fields.accounts import is_recipients
from service.processing.fields.address import addressed, block_above
from service.processing.fields.candidates import Place, confidence_of, field_at
from service.processing.fields.names import (
    LEGAL_FORM,
    LETTERS,
    MAX_NAME_CHARS,
    has_form,
    named,
    text_of,
)
from service.processing.results import Field

_NUMBER = re.compile(r"(?:[A-Z]{1,3}[ .-]?)?\d[\w./-]*")
_HEAD_SHARE, _FOOT_SHARE = 0.3, 0.8
_LARGE = 1.3
_BLOCK_LINES = 6
_SHORTEST_NAME = 5
_BY_LABEL, _BY_FORM, _BY_SIZE, _BY_ADDRESS, _BY_VAT_NUMBER = 1.0, 0.75, 0.35, 0.5, 0.5
"""How surely a name is found by its label, legal form, size, address or VAT number."""


def parties(
    page: PageReading, around: Neighbourhood
) -> tuple[Field | None, Field | None, Place | None]:
    """Give issuer and recipient of a document by its first page.

    Returns:
        The issuer, the recipient, and where the recipient's name stands.
    """
    recipient, fit = _labelled(around, "recipient"), _BY_LABEL
    issuer, issuer_fit = _labelled(around, "issuer"), _BY_LABEL
    if recipient is None:
        recipient, fit = addressed(page.page, around, issuer), _BY_ADDRESS
    if issuer is None:
        issuer, issuer_fit = _by_form(page, recipient), _BY_FORM
    if issuer is None:
        issuer, issuer_fit = _by_size(page.page, around, recipient), _BY_SIZE
        issuer = _in_full(page.page, issuer, recipient) or issuer
    if issuer is None:
        issuer, issuer_fit = _by_vat_number(page, recipient), _BY_VAT_NUMBER
    return _field(issuer, issuer_fit), _field(recipient, fit), recipient


def _field(place: Place | None, fit: float) -> Field | None:
    if place is None:
        return None
    name = " ".join(place.page.text[place.start : place.end].split())
    return field_at(place, name, confidence_of(fit))


def _labelled(around: Neighbourhood, role: Role) -> Place | None:
    for label in around.labels:
        if label.role == role and _begins(around.page, label):
            found = _after(around, label)
            if found is not None:
                return found
    return None


def _begins(page: PageText, label: Label) -> bool:
    index = page.index_at(label.start)
    return index is not None and label.start - page.pieces[index].start <= 2


def _after(around: Neighbourhood, label: Label) -> Place | None:
    """Give the name behind a label or in the block below it."""
    page = around.page
    index = page.index_at(label.start)
    if index is None:
        return None
    piece = page.pieces[index]
    behind = page.text[_end_of(page, label, piece) : piece.end]
    lead = re.match(r"[\s:.)\-]*(?:\([^)]{1,20}\))?[\s:]*", behind)
    start = piece.end - len(behind) + (lead.end() if lead else 0)
    if start < piece.end:
        # Only a colon makes what follows a name: "Client copy" is no client.
        names = ":" in behind or label.words > 1
        return named(page, start, piece.end) if names else None
    block = list(_block(around, piece))
    if _is_customer_number(page, index, block):
        return None
    named_so = next((each for each in block if _is_name_label(around, each)), None)
    if named_so is not None:
        return _right_of(around, named_so)
    for other in _nearest(around, index, block):
        found = named(page, other.start, other.end)
        if found is not None and not around.labels_at(other):
            return found
    return None


def _end_of(page: PageText, label: Label, piece: Piece) -> int:
    """Give where a label ends that may be said again: "Vendu à / Sold to"."""
    behind = page.text[label.end : piece.end]
    again = next((each for each in labels(behind) if each.role == label.role), None)
    if again is None or not re.fullmatch(r"\s*[/|(]\s*", behind[: again.start]):
        return label.end
    return label.end + again.end


def _is_customer_number(page: PageText, index: int, block: Sequence[Piece]) -> bool:
    """Say whether a label names a number only: "Customer  D-20177".

    The customer may stand below, unless that is another label with its own value.
    """
    beside = _beside(page, page.pieces[index])
    if beside is None:
        return False
    if block and _NUMBER.fullmatch(block[0].text):
        return True  # the heads of columns
    if not _NUMBER.fullmatch(beside.text.strip(" :")):
        return False
    return not block or _beside(page, block[0]) is not None


def _beside(page: PageText, piece: Piece) -> Piece | None:
    index = page.index_at(piece.start) or 0
    following = page.pieces[index + 1 : index + 2]
    return next((other for other in following if other.line == piece.line), None)


def _nearest(
    around: Neighbourhood, index: int, block: Sequence[Piece]
) -> Sequence[Piece]:
    """Give the pieces right of and below a label, what is closer first."""
    piece = around.page.pieces[index]
    beside = _beside(around.page, piece)
    right = [beside] if beside is not None else []
    close = block and block[0].bbox[1] - piece.bbox[3] <= piece.height
    if close and piece.placed and not piece.text.rstrip().endswith(":"):
        return [*block[:3], *right]
    return [*right, *block[:3]]


def _right_of(around: Neighbourhood, piece: Piece) -> Place | None:
    page = around.page
    label = next(
        each for each in around.labels if piece.start <= each.start < piece.end
    )
    behind = page.text[label.end : piece.end].lstrip(" :.")
    if LETTERS.search(behind):
        return named(page, piece.end - len(behind), piece.end)
    beside = _beside(page, piece)
    return None if beside is None else named(page, beside.start, beside.end)


def _block(around: Neighbourhood, piece: Piece) -> Iterator[Piece]:
    """Give the pieces below one in its column, down to the next gap."""
    last = piece
    first = piece.line + 1
    for line in around.page.lines[first : first + _BLOCK_LINES]:
        if line and line[0].line in around.table_heads:
            return
        left, _, right, _ = piece.bbox
        inside = [p for p in line if p.bbox[0] <= right and left < p.bbox[2]]
        for below in inside[:1]:
            gap = below.bbox[1] - last.bbox[3]
            if gap > 3.5 * max(last.height, 1.0):
                return
            yield below
            last = below


def _is_name_label(around: Neighbourhood, piece: Piece) -> bool:
    return any(each.role == "name" for each in around.labels_at(piece))


def _by_form(reading: PageReading, recipient: Place | None) -> Place | None:
    """Give the first company name at the head, else at the foot, of a page.

    Before both comes the one at the foot that states its VAT number: it issues.
    """
    page = reading.page
    vat_ids = [each.start for each in reading.identifiers if each.type == "vat_id"]
    head: list[Place] = []
    foot: list[Place] = []
    stating: list[Place] = []
    amid: list[Place] = []
    for piece in page.pieces:
        found = _company(page, piece, recipient)
        if found is None:
            continue
        states = any(piece.start <= start < piece.end for start in vat_ids)
        if piece.bbox[1] < _HEAD_SHARE * page.height:
            head.append(found)
        elif piece.bbox[1] > _FOOT_SHARE * page.height:
            foot.append(found)
            if states:
                stating.append(found)
        elif states:
            amid.append(found)  # the end of a short letter
    return next(iter((*stating, *head, *foot, *amid)), None)


def _in_full(
    page: PageText, name: Place | None, recipient: Place | None
) -> Place | None:
    """Give where the company of that name is called with its legal form."""
    begins = text_of(name)
    if len(begins) < _SHORTEST_NAME:
        return None
    companies = (_company(page, piece, recipient) for piece in page.pieces)
    return next((c for c in companies if c and text_of(c).startswith(begins)), None)


def _company(page: PageText, piece: Piece, recipient: Place | None) -> Place | None:
    if len(piece.text) > 2 * MAX_NAME_CHARS or not LEGAL_FORM.search(piece.text):
        return None
    if recipient is not None and piece.start <= recipient.start < piece.end:
        return None
    found = named(page, piece.start, piece.end)
    if found is None or not has_form(found):
        return None
    # "Customer: Miller Ltd" is the recipient too.
    if recipient is not None and text_of(found).endswith(text_of(recipient)):
        return None
    return found


def _by_vat_number(reading: PageReading, recipient: Place | None) -> Place | None:
    """Give the first line of the head's block that has a VAT number in it."""
    page = reading.page
    for each in reading.identifiers:
        index = page.index_at(each.start)
        if index is None or each.type != "vat_id":
            continue
        block = block_above(page, page.pieces[index])
        if block and block[0].bbox[1] < _HEAD_SHARE * page.height:
            found = named(page, block[0].start, block[0].end)
            if not is_recipients(reading, each, recipient):
                return found
    return None


def _by_size(
    page: PageText, around: Neighbourhood, recipient: Place | None
) -> Place | None:
    """Give the largest type at the head of a page that is no label and no title."""
    if not page.placed:
        return None
    heights = sorted(piece.height for piece in page.pieces)
    usual = heights[len(heights) // 2] if heights else 0.0
    head = [
        piece
        for piece in page.pieces
        if piece.bbox[1] < _HEAD_SHARE * page.height
        and piece.height >= _LARGE * usual
        and not around.labels_at(piece)
        and not any(char.isdigit() for char in piece.text)
        and not _TITLE.match(fold(piece.text).strip())
    ]
    for piece in sorted(head, key=lambda each: -each.height):
        found = named(page, piece.start, piece.end)
        if found is not None and text_of(found) != text_of(recipient):
            return found
    return None


_TITLE = re.compile(
    r"\W*(?:tax |vat |sales |commercial )?(?:invoice|receipt|credit (?:note|"
    r"memo)|statement|reminder|quot|"
    r"[a-z]*rechnung|[a-z]*gutschrift|[a-z]*mahnung|quittung|angebot|lieferschein|"
    r"facture|avoir|devis|recu|fattura|nota |ricevuta|preventivo|factura|recibo|abono|"
    r"factuur|credit|fatura|(?:kredit)?faktura|kreditnota|"
    r"orcamento|offerte|purchase|order|delivery|bon )"
)
