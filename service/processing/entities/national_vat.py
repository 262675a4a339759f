"""VAT numbers as they are written at home: without the country, behind a local name.

"P.IVA 00743110157" is IT00743110157 elsewhere. Digits alone say little, so only those
behind such a name, on its line, and with the right checksum count.
"""

import re
from collections.abc import Iterator, Mapping

_ES = r"[A-Z]-? ?\d{7}-?[A-Z0-9]|\d{8}-? ?[A-Z]|\d{2}\.\d{3}\.\d{3}-?[A-Z]"
_PT = r"\d{3} ?\d{3} ?\d{3}"
_WRITTEN: Mapping[str, tuple[str, str]] = {
    "IT": (r"P(?:art(?:ita)?)?\.? ?I\.?V\.?A\.?(?: ?(?:/|e) ?C\.? ?F\.?)?", r"\d{11}"),
    "ES": (r"N\.?I\.?F\.?(?: ?/ ?C\.?I\.?F\.?)?|C\.?I\.?F\.?", _ES),
    "PT": (r"NIPC|N\.?I\.?F\.?|Contribuinte|Contrib\.", _PT),
    "PL": (r"NIP", r"\d{3}-?\d{3}-?\d{2}-?\d{2}|\d{3}-\d{2}-\d{2}-\d{3}"),
    "DK": (r"CVR|SE(?=[ -]n)", r"\d{2} ?\d{2} ?\d{2} ?\d{2}"),
    "NL": (r"BTW", r"\d{9} ?B ?\d{2}"),
    "GB": (r"VAT(?: Reg(?:istration)?\.?)?(?: ID)?", r"\d{3} ?\d{4} ?\d{2}"),
}
"""By country: what stands before the number, and the number.

Source: European Commission, VIES, structure of VAT identification numbers.
"""
_BETWEEN = r"[ \t:.-]{0,3}(?:(?:n\.?[ºo°]|nr|no|num|number|n)[ \t:.]{1,3})?"
_NATIONAL = re.compile(
    # Most places are none of their first letters: to say so at once is much faster.
    r"(?<![\w.])(?=[BCNPSV])(?:"
    + "|".join(
        rf"(?:{name}){_BETWEEN}(?P<{country}>{number})"
        for country, (name, number) in _WRITTEN.items()
    )
    + r")(?![\w-]|[.,]\d)",
    re.IGNORECASE,
)


def national_vat_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Give the places of such numbers, and each with its country before it."""
    for match in _NATIONAL.finditer(text):
        country = match.lastgroup or ""
        digits = "".join(char for char in match[country] if char.isalnum())
        yield *match.span(country), country + digits.upper()
