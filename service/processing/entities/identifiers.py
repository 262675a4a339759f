"""Account and company numbers, with the verdict of their checksums.

What is no such number is not listed: where letters and digits may be anything, only one
that is labelled or whose checksum holds counts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType

from stdnum import bic, exceptions, iban, isin, lei

from service.processing.entities.found import Found
from service.processing.entities.national_vat import national_vat_numbers
from service.processing.results import EntityType

_IBAN_LENGTHS: Mapping[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22,
    "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27,
    "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24,
    "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN by country (SWIFT IBAN registry, release 99)."""
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}\d{2})((?:[ \u00a0-]?[A-Z0-9]){11,34})")
_BIC = re.compile(r"(?<![A-Z0-9])[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])")
_BIC_LABEL = re.compile(r"\b(?:BIC|SWIFT)\b", re.IGNORECASE)
_ISIN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[A-Z0-9]{9}\d(?![A-Za-z0-9])")
_LEI = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]{18}\d\d(?![A-Za-z0-9])")
_VAT_MODULES: Mapping[str, str] = {
    "AT": "at.uid", "BE": "be.vat", "BG": "bg.vat", "CY": "cy.vat", "CZ": "cz.dic",
    "DE": "de.vat", "DK": "dk.cvr", "EE": "ee.kmkr", "EL": "gr.vat", "ES": "es.nif",
    "FI": "fi.alv", "FR": "fr.tva", "GB": "gb.vat", "HR": "hr.oib", "HU": "hu.anum",
    "IE": "ie.vat", "IT": "it.iva", "LT": "lt.pvm", "LU": "lu.tva", "LV": "lv.pvn",
    "MT": "mt.vat", "NL": "nl.btw", "PL": "pl.nip", "PT": "pt.nif", "RO": "ro.cf",
    "SE": "se.vat", "SI": "si.ddv", "SK": "sk.dph", "CHE": "ch.vat",
}  # fmt: skip
_VAT_PATTERNS: Mapping[str, str] = {
    "AT": r"U ?\d{3} ?\d{3} ?\d{2}|U ?\d{4} ?\d{4}",
    "BE": r"[01]?\d{3}[. ]?\d{3}[. ]?\d{3}",
    "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}",
    "DE": r"\d{3} ?\d{3} ?\d{3}|\d{2} ?\d{3} ?\d{4}",
    "DK": r"\d{2} ?\d{2} ?\d{2} ?\d{2}",
    "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"-?[A-Z0-9]-?\d{7}-?[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2} ?\d{3} ?\d{3} ?\d{3}", "GB": r"\d{3} ?\d{4} ?\d{2}",
    "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}", "LT": r"\d{9}(?:\d{3})?", "LU": r"\d{8}", "LV": r"\d{11}",
    "MT": r"\d{8}", "NL": r"\d{9} ?B ?\d{2}|\d{4}\.\d{2}\.\d{3}\.B\.?\d{2}",
    "PL": r"\d{3}-?\d{3}-?\d{2}-?\d{2}", "PT": r"\d{3} ?\d{3} ?\d{3}",
    "RO": r"\d{6,10}",
    "SE": r"\d{6}-?\d{4}(?:01)?", "SI": r"\d{8}", "SK": r"\d{10}",
    "CHE": r"-?\d{3}\.?\d{3}\.?\d{3}(?: ?(?:MWST|TVA|IVA))?",
}  # fmt: skip
_VAT = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    + "|".join(
        f"(?P<{country}>{country}[ -]?(?:{pattern}))"
        for country, pattern in _VAT_PATTERNS.items()
    )
    + r")(?![A-Za-z0-9])"
)
_TAX_LABEL = re.compile(
    r"(?:VAT|TVA|IVA|BTW|USt|UID|MwSt|Umsatzsteuer|NIF|CIF|NIPC|GST|Tax)[^\n]{0,30}$",
    re.IGNORECASE,
)
_VAT_CHECKS: Mapping[str, ModuleType] = {
    country: import_module(f"stdnum.{name}") for country, name in _VAT_MODULES.items()
}
_LABEL_CHARS = 40


def identifiers(text: str) -> Iterator[Found]:
    """Give the account and company numbers of a text; none lies inside another."""
    taken: list[tuple[int, int]] = []
    for find in (_ibans, _vat_ids, _leis, _isins, _bics):
        for found in find(text):
            if all(found.end <= start or end <= found.start for start, end in taken):
                taken.append((found.start, found.end))
                yield found


def verdict(kind: EntityType, value: str) -> str | None:
    """Say what is wrong with a number; None when its checksum holds.

    Returns:
        ``checksum``, ``length``, ``format`` or ``component`` (an unknown country).
    """
    check = _CHECKS.get(kind)
    if kind == "vat_id":
        country = "CHE" if value.startswith("CHE") else value[:2]
        module = _VAT_CHECKS.get(country)
        check = module.validate if module is not None else None
        if country in {"GB", "AT", "SE"}:
            value = value[2:]
    if check is None:
        return "component"
    try:
        check(value)
    except exceptions.InvalidChecksum:
        return "checksum"
    except exceptions.InvalidLength:
        return "length"
    except exceptions.InvalidComponent:
        return "component"
    except exceptions.ValidationError:
        return "format"
    return None


def _valid_iban(value: str) -> object:
    return iban.validate(value, check_country=False)


_CHECKS: Mapping[EntityType, Callable[[str], object]] = {
    "iban": _valid_iban,
    "bic": bic.validate,
    "isin": isin.validate,
    "lei": lei.validate,
}


def judged(
    kind: EntityType, text: str, start: int, end: int, value: str | None = None
) -> Found:
    """Give a number as an entity with its verdict."""
    raw = text[start:end]
    value = value or "".join(char for char in raw if char.isalnum()).upper()
    reason = verdict(kind, value)
    return Found(
        type=kind,
        start=start,
        end=end,
        raw=raw,
        value=value,
        valid=reason is None,
        reason=reason,
        confidence=0.99 if reason is None else 0.7,
    )


def _ibans(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[1][:2])
        if length is None:
            continue
        end = _end_of(text, match.start(), match.end(), length)
        labelled = "iban" in _before(text, match.start()).lower()
        if end is None and labelled:
            end = match.end()
        if end is None:
            continue
        found = judged("iban", text, match.start(), end)
        # Without a label only what is right, or spelt in groups of four, is one.
        if found.valid or labelled or found.raw[4:5] in {" ", "\u00a0"}:
            yield found


def _end_of(text: str, start: int, end: int, chars: int) -> int | None:
    """Give where so many letters and digits end, at the end of a word."""
    for place in range(start, end):
        chars -= text[place].isalnum()
        if chars == 0:
            whole = place + 1 == len(text) or not text[place + 1].isalnum()
            return place + 1 if whole else None
    return None


def _bics(text: str) -> Iterator[Found]:
    """Give the BICs: words in capitals are only those behind their label."""
    for label in _BIC_LABEL.finditer(text):
        match = _BIC.search(text, label.end(), label.end() + 60)
        if match is not None:
            yield judged("bic", text, match.start(), match.end())


def _isins(text: str) -> Iterator[Found]:
    for match in _ISIN.finditer(text):
        yield from _right_or_labelled("isin", text, match)


def _leis(text: str) -> Iterator[Found]:
    for match in _LEI.finditer(text):
        if not match[0].isdigit():
            yield from _right_or_labelled("lei", text, match)


def _right_or_labelled(
    kind: EntityType, text: str, match: re.Match[str]
) -> Iterator[Found]:
    found = judged(kind, text, match.start(), match.end())
    label = re.search(rf"\b{kind}\b", _before(text, match.start()), re.IGNORECASE)
    if found.valid or label:
        yield found


def _vat_ids(text: str) -> Iterator[Found]:
    for match in _VAT.finditer(text):
        value = "".join(char for char in match[0] if char.isalnum())
        if match.lastgroup == "CHE":
            value = value[:12] + value[12:]
        found = judged("vat_id", text, match.start(), match.end(), value)
        if found.valid or _TAX_LABEL.search(_before(text, match.start())):
            yield found
    for start, end, value in national_vat_numbers(text):
        found = judged("vat_id", text, start, end, value)
        if found.valid:
            yield found


def _before(text: str, place: int) -> str:
    return text[max(place - _LABEL_CHARS, 0) : place]
