"""Who issued a document and whom it is for."""

import re
from collections.abc import Iterator, Sequence

from service.processing.entities.folding import fold
from service.processing.entities.labels import Label
from service.processing.entities.layout import PageText
from service.processing.entities.near import Neighbourhood
from service.processing.entities.pieces import Piece
from service.processing.entities.reading import PageReading
from service.processing.entities.roles import Role
from service.processing.fields.candidates import Place, confidence_of, field_at
from service.processing.results import Field

_LEGAL_FORM = re.compile(
    r"(?<![\w.])(?:GmbH(?: & Co\.? ?KG(?:aA)?)?|AG|SE|KG|OHG|"
    r"UG(?: \(haftungsbeschränkt\))?|"
    r"e\.? ?K\.|e\.? ?V\.|GbR|mbH|Ltd\.?|Limited|LLC|LLP|PLC|plc|Inc\.?|Corp\.?|"
    r"Corporation|Co\.|S\.?A\.?R\.?L\.?|SARL|SAS|S\.A\.S\.?|S\.A\.|SA|EURL|SNC|"
    r"S\.?r\.?l\.?|S\.?p\.?A\.?|S\.?n\.?c\.?|S\.?L\.?(?:U\.?)?|B\.?V\.?|N\.?V\.?|VOF|"
    r"Lda\.?|Ltda\.?|S\.?G\.?P\.?S\.?|Unipessoal(?:,? Lda\.?)?|ApS|A/S|AB|"
    r"AS|Oy|Pty Ltd|"
    r"Pvt\.? Ltd\.?|Sàrl)(?![\w])"
)
"""Endings of company names where our users are (national commercial registers)."""
_PARTS = re.compile(r"\s[·•|\u2013\u2014]\s|\s-\s|\t|\s{3,}|;\s")
_POSTAL = re.compile(
    r"(?:^|[\s,])(?:[A-Z]{1,2}-)?(?:\d{4,5}|\d{4} ?[A-Z]{2}|\d{4}-\d{3}|"
    r"\d{6})[ ,]+[A-ZÀ-Þ]"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|,? [A-Z]{2} \d{5}\b"
)
_LETTERS = re.compile(r"[^\W\d_]{2}")
_SALUTATION = re.compile(
    r"(?:herrn?|frau|firma|mr|mrs|ms|m|mme|sig|sig\.ra|dhr|mevr|an|to|attn|spett\.?le|"
    r"exmos?\.?|srs?\.?)\.?:?$"
)
_HEAD_SHARE, _FOOT_SHARE = 0.3, 0.8
_LARGE = 1.3
_MAX_CHARS = 100
_BLOCK_LINES = 6
_BY_LABEL, _BY_FORM, _BY_SIZE, _BY_ADDRESS = 1.0, 0.75, 0.35, 0.5
"""How surely a name is found by its label, its legal form, its size or its address."""


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
        recipient, fit = _addressed(page.page, around, issuer), _BY_ADDRESS
    if issuer is None:
        issuer, issuer_fit = _by_form(page.page, recipient), _BY_FORM
    if issuer is None:
        issuer, issuer_fit = _by_size(page.page, around, recipient), _BY_SIZE
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
    behind = page.text[label.end : piece.end]
    lead = re.match(r"[\s:.)\-]*(?:\([^)]{1,20}\))?[\s:]*", behind)
    start = label.end + (lead.end() if lead else 0)
    if start < piece.end:
        # Only a colon makes what follows a name: "Client copy" is no client.
        named = ":" in behind or label.words > 1
        return _named(page, start, piece.end) if named else None
    block = list(_block(around, piece))
    named_so = next((each for each in block if _is_name_label(around, each)), None)
    if named_so is not None:
        return _right_of(around, named_so)
    for other in _nearest(around, index, block):
        found = _named(page, other.start, other.end)
        if found is not None and not _labels_at(around, other):
            return found
    return None


def _nearest(
    around: Neighbourhood, index: int, block: Sequence[Piece]
) -> Sequence[Piece]:
    """Give the pieces right of and below a label, what is closer first."""
    piece = around.page.pieces[index]
    right = [
        other
        for other in around.page.pieces[index + 1 :][:1]
        if other.line == piece.line
    ]
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
    if _LETTERS.search(behind):
        return _named(page, piece.end - len(behind), piece.end)
    index = page.index_at(piece.start)
    following = page.pieces[(index or 0) + 1 :][:1]
    for other in following:
        if other.line == piece.line:
            return _named(page, other.start, other.end)
    return None


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
    return any(each.role == "name" for each in _labels_at(around, piece))


def _labels_at(around: Neighbourhood, piece: Piece) -> Sequence[Label]:
    return [
        each
        for each in around.labels
        if piece.start <= each.start <= piece.start + 2 and each.role != "column"
    ]


def _named(page: PageText, start: int, end: int) -> Place | None:
    """Give the part of a piece that is a name; None when it is none."""
    text = page.text[start:end]
    part = _PARTS.split(text, maxsplit=1)[0]
    form = _LEGAL_FORM.search(part)
    comma = part.find(", ", form.end() if form else 0)
    if comma > 0:
        part = part[:comma]
    part = part.rstrip(" ,;:")
    if not _LETTERS.search(part) or len(part) > _MAX_CHARS or "@" in part:
        return None
    if _SALUTATION.fullmatch(fold(part)) or (part[:1].isdigit() and not form):
        return None
    lead = len(text) - len(text.lstrip())
    return Place(page, start + lead, start + len(part))


def _by_form(page: PageText, recipient: Place | None) -> Place | None:
    """Give the first company name at the head, else at the foot, of a page."""
    other = _text_of(recipient)
    head: list[Place] = []
    foot: list[Place] = []
    height = _height(page)
    for piece in page.pieces:
        if len(piece.text) > 2 * _MAX_CHARS or not _LEGAL_FORM.search(piece.text):
            continue
        if recipient is not None and piece.start <= recipient.start < piece.end:
            continue
        found = _named(page, piece.start, piece.end)
        if found is None or _text_of(found) == other or not _has_form(found):
            continue
        if piece.bbox[1] < _HEAD_SHARE * height:
            head.append(found)
        elif piece.bbox[1] > _FOOT_SHARE * height:
            foot.append(found)
    return next(iter((*head, *foot)), None)


def _has_form(place: Place) -> bool:
    return bool(_LEGAL_FORM.search(place.page.text[place.start : place.end]))


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
        if piece.bbox[1] < _HEAD_SHARE * _height(page)
        and piece.height >= _LARGE * usual
        and not _labels_at(around, piece)
        and not any(char.isdigit() for char in piece.text)
        and not _TITLE.match(fold(piece.text).strip())
    ]
    for piece in sorted(head, key=lambda each: -each.height):
        found = _named(page, piece.start, piece.end)
        if found is not None and _text_of(found) != _text_of(recipient):
            return found
    return None


_TITLE = re.compile(
    r"\W*(?:tax |vat |sales |commercial )?(?:invoice|receipt|credit (?:note|"
    r"memo)|statement|reminder|quot|"
    r"[a-z]*rechnung|[a-z]*gutschrift|[a-z]*mahnung|quittung|angebot|lieferschein|"
    r"facture|avoir|devis|recu|fattura|nota |ricevuta|preventivo|factura|recibo|abono|"
    r"factuur|credit|fatura|orcamento|offerte|purchase|order|delivery|bon )"
)


def _addressed(
    page: PageText, around: Neighbourhood, issuer: Place | None
) -> Place | None:
    """Give the first line of the address that a letter shows in its window."""
    height = _height(page)
    for piece in page.pieces:
        if piece.bbox[1] > 0.45 * height:
            return None
        if len(piece.text) > 50 or not _POSTAL.search(piece.text):
            continue
        top = _top_of_block(page, piece)
        found = None if top is piece else _named(page, top.start, top.end)
        if found is None or _labels_at(around, top):
            continue
        if top.line <= 1 or _text_of(found) == _text_of(issuer):
            continue  # the letterhead itself
        return found
    return None


def _top_of_block(page: PageText, piece: Piece) -> Piece:
    top = piece
    for line in reversed(page.lines[max(piece.line - 5, 0) : piece.line]):
        above = next((p for p in line if abs(p.bbox[0] - top.bbox[0]) < 3), None)
        if above is None or top.bbox[1] - above.bbox[3] > 0.9 * top.height:
            break
        if abs(above.height - top.height) > 0.3 * top.height:
            break
        top = above
    return top


def _height(page: PageText) -> float:
    return page.height_pt or max((p.bbox[3] for p in page.pieces), default=1.0)


def _text_of(place: Place | None) -> str:
    if place is None:
        return ""
    return fold(" ".join(place.page.text[place.start : place.end].split()))
