"""Numbers of invoices and orders: what a label says they are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.processing.entities.folding import fold
from service.processing.entities.found import Found
from service.processing.entities.labels import Label
from service.processing.entities.layout import PageText
from service.processing.entities.months import MONTHS
from service.processing.entities.near import RIGHT, Near, Neighbourhood
from service.processing.entities.pieces import Piece
from service.processing.entities.reading import PageReading
from service.processing.entities.tokens import Token, is_number

_FURTHER_GROUPS = re.compile(r"(?: \d{2,8}){1,4}(?=\s*$)")
"""The rest of a cell with a number in groups: "730 218"."""
_LIKE_DATE = re.compile(r"\d{1,4}([/-])\d\d\1\d{2,4}")
_FILL = re.compile(
    r"[\s:.#°º\-\u2013]{0,12}(?:(?:nr|no|n|number|num|numer|c)\b[\s:.°º]{0,4})?"
)
_TITLES = (
    "[a-z]*(?:rechnung|gutschrift|quittung|mahnung)|rechnungskorrektur|"
    "invoice|facture|avoir|fattura|factura|[a-z]*factuur|fatura(?:[-/]recibo)?|receipt|"
    "(?:kredit)?faktura(?: vat)?|kreditnota|"
    "credit (?:note|memo)|note? (?:de|di) (?:credit|abono|accredit)[a-z]*|creditnota|"
    "reminder|quote|statement"
)
_SIGN = "(?:number|nummer|numero|numer|nr|no|n)[.:°º]{0,3} ?|# ?"
_NAMED = (
    rf"\W{{0,3}}(?:[a-z-]{{1,20}} ){{0,2}}(?:{_TITLES})(?: ?/ ?(?:{_TITLES}))?"
    rf"(?: \(\d{{1,4}}\)| 20\d\d(?= {_SIGN}))?"
)
_HEADING = re.compile(
    _NAMED + rf"(?P<label>(?: [a-z]{{1,15}}){{0,2}}[ :]{{1,3}}(?:{_SIGN}))?"
    r"[ :-]{0,3}(?P<n>(?:(?P<series>[a-z]{1,4}) (?=[a-z]{0,3}\d))?"
    r"[a-z0-9][\w/.-]{1,38})"
)
"""The name of the kind of document, then its number, with or without a sign."""
_DATED_HEADING = re.compile(
    _NAMED + r" (?:du|vom|of|dated|del|van|de|da|do|z dnia|av|fra)[ :]"
    rf"[\w ./]{{6,20}}?[ ,:|-]{{1,3}}(?:{_SIGN})"
    r"(?P<n>[a-z0-9](?:[\w/.-]{0,38}[a-z0-9])?(?: \d{2,8}){0,4})\W*$"
)
"""The name, the date, and then the number: "Facture du 12/03/2026 n° 7"."""
_OTHER = re.compile(
    r"\W*(?:betreft|betrifft|betr|concerne|vedr|dotyczy|regarding|zu)\b"
)
"""What makes a document the subject of another."""
_TITLE_ALONE = re.compile(_NAMED + r"\W{0,3}")
_NUMBER_ALONE = re.compile(r"\W{0,3}((?:[A-Z]{1,4} )?[A-Z0-9][\w/.-]{2,38}?)\W{0,2}")
_SIGNED_ALONE = re.compile(
    r"\W{0,3}(?:[Nn](?:o|r|um|º|°|umber|ummer|umero|úmero|uméro)?\b[.:º° ]{1,3}|# ?)"
    r"((?:[A-Z]{1,4} )?[A-Za-z0-9](?:[\w/.-]{0,38}\w)?)\W{0,2}"
)
_ONE_NUMBER = re.compile(r"\W*(?:\w[\w/.-]*)?\d")
_PREPOSITION = re.compile(
    r"to|for|of|de|du|del|da|do|no|vom|von|am|per|par|an|van|na|za"
)
HEADING_FIT, BESIDE_HEADING_FIT = 0.8, 0.75
_SHORTEST_HEADED = 4
"""Characters of a number that has only the document's title, no sign."""
_SHORTEST_WEAK = 3
"""Characters of a number that only a label like "No." speaks for."""
_NUMBER_LABEL = Label("invoice_number", 0, 0, HEADING_FIT, 1)


def labelled(
    reading: PageReading, around: Neighbourhood, role: str
) -> Iterator[Near[Token]]:
    """Give the numbers that labels of a role name, best first for each label."""
    dates = None
    for label in around.labels:
        if label.role == role:
            dates = dates if dates is not None else _like_dates(reading)
            dated = _dated(reading, around, label, dates)
            for near in (dated,) if dated else around.near(label, reading.tokens):
                short = len(near.value.text) < _SHORTEST_WEAK and label.weight < 1
                if not short and _adjoins(reading.page.text, near):
                    yield _whole(reading, near) if label.weight == 1 else near
                break


def _whole(reading: PageReading, near: Near[Token]) -> Near[Token]:
    """Give a number with the groups of digits that stand behind it in its cell."""
    index = reading.page.index_at(near.value.start)
    token = near.value
    if index is None or not token.text[-1].isdigit():
        return near
    piece = reading.page.pieces[index]
    behind = _FURTHER_GROUPS.match(reading.page.text[token.end : piece.end])
    if behind is None:
        return near
    end = token.end + behind.end()
    text = reading.page.text[token.start : end]
    return replace(near, value=Token(token.start, end, text))


def _dated(
    reading: PageReading, around: Neighbourhood, label: Label, dates: Sequence[Token]
) -> Near[Token] | None:
    """Give a number that looks like a date behind its label: "no. 12/03/2026"."""
    if label.role != "invoice_number" or label.words < 2:
        return None
    near = next(around.near(label, dates), None)
    beside = near is not None and near.fit >= RIGHT
    return near if near and beside and _adjoins(reading.page.text, near) else None


def _like_dates(reading: PageReading) -> Sequence[Token]:
    return [
        Token(each.start, each.end, each.raw)
        for each in reading.dates
        if _LIKE_DATE.fullmatch(each.raw)
    ]


def headings(reading: PageReading) -> Iterator[Near[Token]]:
    """Give the numbers behind, or right of, the name of the kind of document."""
    for piece in reading.page.pieces:
        folded = fold(piece.text[:120])
        match = _DATED_HEADING.match(folded) or _HEADING.match(folded)
        token = None
        if match is not None:
            token = None if _OTHER.match(folded) else _in_heading(piece, match)
        elif _TITLE_ALONE.fullmatch(folded):
            token = _beside(reading.page, piece) or _under(reading.page, piece)
        if token is not None and is_number(token, reading.is_free):
            fit = BESIDE_HEADING_FIT if match is None else HEADING_FIT
            yield _whole(reading, Near(token, _NUMBER_LABEL, fit))


def _in_heading(piece: Piece, match: re.Match[str]) -> Token | None:
    series = match.groupdict().get("series") or ""
    # "Fatura FT 2026/12" has a series, "Rechnung vom 12" a preposition.
    if series and (
        _PREPOSITION.fullmatch(series)
        or series in MONTHS
        or not piece.text[match.start("n")].isupper()
    ):
        return None
    start = match.start("n")
    text = piece.text[start : match.end("n")].rstrip(".-/")
    groups = _FURTHER_GROUPS.match(piece.text, start + len(text))
    if groups is not None and text.isdigit():
        text = piece.text[start : groups.end()]
    signed = match.re is _DATED_HEADING or match["label"]
    if not signed and len(text) < _SHORTEST_HEADED:
        return None
    return Token(piece.start + start, piece.start + start + len(text), text)


def _beside(page: PageText, title: Piece) -> Token | None:
    """Give what stands alone right of a title: "Facture / Invoice    F-88213"."""
    index = page.index_at(title.start) or 0
    following = page.pieces[index + 1 : index + 2]
    match = _NUMBER_ALONE.fullmatch(following[0].text) if following else None
    if match is None or following[0].line != title.line:
        return None
    start = following[0].start + match.start(1)
    if len(match[1]) < _SHORTEST_HEADED or not any(map(str.isdigit, match[1])):
        return None
    return Token(start, start + len(match[1]), match[1])


def _right_under(page: PageText, title: Piece) -> Piece | None:
    """Give the piece that stands on the next line under another, close to it."""
    for piece in page.lines[title.line + 1] if title.line + 1 < len(page.lines) else ():
        left, top, right, _ = piece.bbox
        close = top - title.bbox[3] <= title.height
        if left < title.bbox[2] and right > title.bbox[0] and close:
            return piece
    return None


def _under(page: PageText, title: Piece) -> Token | None:
    """Give what stands alone right below a title: a number, with a sign or without.

    A column of numbers is that of other documents.
    """
    piece = _right_under(page, title)
    if piece is None:
        return None
    match = _SIGNED_ALONE.fullmatch(piece.text) or _NUMBER_ALONE.fullmatch(piece.text)
    if match is None or not any(map(str.isdigit, match[1])):
        return None
    if match.re is _NUMBER_ALONE:
        further = _right_under(page, piece)
        column = further is not None and _ONE_NUMBER.fullmatch(further.text)
        dated = further is not None and re.search(r"\d[./-]\d", further.text)
        if len(match[1]) < _SHORTEST_HEADED or (column and not dated):
            return None
    start = piece.start + match.start(1)
    return Token(start, start + len(match[1]), match[1])


def numbers(reading: PageReading, around: Neighbourhood) -> Iterator[Found]:
    """Give the numbers of invoices and orders as entities."""
    for near in (*labelled(reading, around, "invoice_number"), *headings(reading)):
        yield _found(near, order=False)
    for near in labelled(reading, around, "order_number"):
        yield _found(near, order=True)


def _found(near: Near[Token], *, order: bool) -> Found:
    return Found(
        type="order_number" if order else "invoice_number",
        start=near.value.start,
        end=near.value.end,
        raw=near.value.text,
        value=near.value.text,
        confidence=round(near.fit, 2),
    )


def _adjoins(text: str, near: Near[Token]) -> bool:
    """Say whether the value is all there is between the label and it.

    Not so in "Invoice number and date of 3 copies". What lies apart was paired by its
    place already: it only has to be the first there.
    """
    between = text[near.label.end : near.value.start]
    last = re.split(r"[\t\n]| {2,}", between)
    behind = fold(last[0])
    fill = _FILL.fullmatch(behind) if len(last) == 1 else None
    if len(last) == 1:
        return fill is not None
    # Right of or below: nothing before it in its own piece.
    return not re.search(r"\w", last[-1])
