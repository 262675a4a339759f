"""Names of companies and people as they stand in a document."""

import re

from service.processing.entities.folding import fold
from service.processing.entities.layout import PageText
from service.processing.fields.candidates import Place

MAX_NAME_CHARS = 100
LEGAL_FORM = re.compile(
    r"(?<![\w.])(?<!\d )(?:GmbH(?: & Co\.? ?KG(?:aA)?)?|AG|SE|KG|OHG|"
    r"UG(?: \(haftungsbeschränkt\))?|"
    r"e\.? ?K\.|e\.? ?V\.|GbR|mbH|Ltd\.?|Limited|LLC|LLP|PLC|plc|Inc\.?|Corp\.?|"
    r"Corporation|Co\.|S\.?A\.?R\.?L\.?|SARL|SAS|S\.A\.S\.?|S\.A\.|SA|EURL|SNC|"
    r"S\.?r\.?l\.?|S\.?p\.?A\.?|S\.?n\.?c\.?|S\.?L\.?(?:U\.?)?|B\.?V\.?|N\.?V\.?|VOF|"
    r"Lda\.?|Ltda\.?|S\.?G\.?P\.?S\.?|Unipessoal(?:,? Lda\.?)?|ApS|A/S|AB|"
    r"AS|ASA|Oyj?|K/S|P/S|I/S|HB|Pty Ltd|"
    r"Pvt\.? Ltd\.?|Sàrl|[Ii]nc\.|[Ll]tée|e\. ?U\.|OG(?=$|[,\t])|S\.?L\.?[LP]\.?|"
    r"S\.?r\.?l\.?s\.?|Soc\. ?Coop\.|Sp\. ?z ?o\. ?o\.|Sp\. ?[jkp]\.|"
    r"s\. ?r\. ?o\.|a\. ?s\.)(?![\w])"
)
"""Endings of company names where our users are (national commercial registers).

Behind digits it is a Dutch postal code: "7411 AB Deventer".
"""
_PARTS = re.compile(r"\s[·•|\u2013\u2014]\s|\s-\s|\t|\s{3,}|;\s")
_DASHES = frozenset("-\u2013\u2014")
_BEHIND_FORM = re.compile(r"\. | (?:au|con|com) capital\b")
"""What belongs to no name any more: "SAS au capital de 40 000 €"."""
_STREET = re.compile(r"\d+\w? .{2,40} SE")
"""An American address in the south-east of its town, no Societas Europaea."""
LETTERS = re.compile(r"[^\W\d_]{2}")
SALUTATION = re.compile(
    r"(?:herrn?|frau|firma|familie|mr|mrs|ms|messrs|m|mme|monsieur|madame|sig|sig\.ra|"
    r"gentile|dhr|mevr|pan|pani|an(?: die(?: firma)?)?|to|attn|spett\.?le|"
    r"exmos?\.?(?:\(s\))?|srs?\.?(?:\(s\))?)\.?:?"
)
"""What stands before a name, on a line of its own."""


def named(page: PageText, start: int, end: int) -> Place | None:
    """Give the part of a piece that is a name; None when it is none."""
    text = page.text[start:end]
    part = _first_part(text)
    form = LEGAL_FORM.search(part)
    if form and _BEHIND_FORM.match(part, form.end()):
        part = part[: form.end()]
    comma = part.find(", ", form.end() if form else 0)
    if comma > 0:
        part = part[:comma]
    part = part.rstrip(" ,;:")
    if not LETTERS.search(part) or len(part) > MAX_NAME_CHARS or "@" in part:
        return None
    if SALUTATION.fullmatch(fold(part)) or _STREET.fullmatch(part):
        return None
    if part[:1].isdigit() and not form:
        return None
    lead = len(text) - len(text.lstrip())
    return Place(page, start + lead, start + len(part))


def _first_part(text: str) -> str:
    """Give what stands before the first mark that parts; a name may have a dash."""
    mark = _PARTS.search(text)
    if mark is None:
        return text
    if mark[0].strip() in _DASHES and not LEGAL_FORM.search(text, 0, mark.start()):
        further = _PARTS.split(text[mark.end() :], maxsplit=1)[0]
        form = LEGAL_FORM.search(further)
        if form and not any(char.isdigit() for char in further[: form.start()]):
            return text[: mark.end() + form.end()]
    return text[: mark.start()]


def has_form(place: Place) -> bool:
    """Say whether a name ends like that of a company."""
    return bool(LEGAL_FORM.search(place.page.text[place.start : place.end]))


def text_of(place: Place | None) -> str:
    """Give a name for comparing; empty for none."""
    if place is None:
        return ""
    return fold(" ".join(place.page.text[place.start : place.end].split()))
