"""The address that a letter shows in the window of its envelope."""

import re
from collections.abc import Sequence

from service.processing.entities.folding import fold
from service.processing.entities.layout import PageText
from service.processing.entities.near import Neighbourhood
from service.processing.entities.pieces import Piece
from service.processing.fields.candidates import Place
from service.processing.fields.names import SALUTATION, named, text_of

_POSTAL = re.compile(
    r"(?:^|[\s,])(?:[A-Z]{1,2}-)?(?:\d{4,5}|\d{4} ?[A-Z]{2}|\d{4}-\d{3}|"
    r"\d{6}|\d{3} \d{2}|\d{2}-\d{3})[ ,]+[A-ZÀ-Ž]"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|,? [A-Z]{2} \d{5}\b"
    r"|\b[AC-FHKNPRTV-Y]\d[\dW] [A-Z\d]{4}\b"
    r"|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|\b(?:NSW|VIC|QLD|SA|WA|TAS|ACT|NT) \d{4}\b"
)
"""A postal code and its town, as in Europe, North America and Australia."""
_LOWEST = 0.45
"""Share of the page above which windows are."""
_BLOCK_LINES, _LINES_BESIDE = 6, 12
"""Of an address, and with those that only stand beside it."""


def addressed(
    page: PageText, around: Neighbourhood, issuer: Place | None
) -> Place | None:
    """Give the first line of the address that a letter shows in its window."""
    for piece in page.pieces:
        if piece.bbox[1] > _LOWEST * page.height:
            return None
        if len(piece.text) > 50 or not _POSTAL.search(piece.text):
            continue
        block = block_above(page, piece)
        if not block or around.labels_at(block[0]):
            continue
        found = named(page, block[0].start, block[0].end)
        if found is None or text_of(found) == text_of(issuer):
            continue
        if not _is_letterhead(page, block[0]):
            return found
    return None


def _is_letterhead(page: PageText, top: Piece) -> bool:
    """Say whether nobody else's address stands above the first address of a page."""
    above = page.pieces[: page.index_at(top.start)]
    return top.line <= 1 and not any(_POSTAL.search(each.text) for each in above)


def block_above(page: PageText, piece: Piece) -> Sequence[Piece]:
    """Give the lines above the last of an address, without a salutation, from the top.

    What stands beside the address has lines of its own.
    """
    block = [piece]
    for line in reversed(page.lines[max(piece.line - _LINES_BESIDE, 0) : piece.line]):
        top = block[0]
        above = next((p for p in line if abs(p.bbox[0] - top.bbox[0]) < 3), None)
        if above is None:
            continue
        if top.bbox[1] - above.bbox[3] > 0.9 * top.height or len(block) > _BLOCK_LINES:
            break
        if abs(above.height - top.height) > 0.3 * top.height:
            break
        if _POSTAL.search(above.text) and _POSTAL.search(piece.text):
            break  # the sender's line
        block.insert(0, above)
    while block and SALUTATION.fullmatch(fold(block[0].text.strip())):
        del block[0]
    return block if block[:1] != [piece] else ()
