"""Names of companies and numbers of invoices, without what varies in writing."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_FORMS = """
    ab ag aps as bv co company corp corporation ek eg eu eurl gbr gesmbh gmbh inc
    incorporated kg kgaa kk lda limited llc llp lp ltd mbh nv ohg oy plc pte pty sa
    sarl sas sasu sca se sl slu snc sociedad societe spa sprl srl ug und
"""
_LEGAL_FORMS = frozenset(_FORMS.split())
"""What a company may leave away from its name; dots inside are dropped before."""


def bare_name(name: str) -> str:
    """Give the key under which a company's names are one.

    ``Müller & Söhne GmbH`` and ``MULLER & SOHNE G.m.b.H.`` are the same.
    """
    undotted = re.sub(r"(?<=\w)\.(?=\w)", "", name)
    plain = unicodedata.normalize("NFKD", undotted.casefold())
    words = _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))
    kept = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(kept or words)


def bare_number(number: str) -> str:
    """Give the key under which ways to write an invoice's number are one.

    ``RE-2026/0017`` and ``re 2026 0017`` are the same; zeros in front count.
    """
    return "".join(filter(str.isalnum, number.upper()))
