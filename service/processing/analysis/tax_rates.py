"""Rates of value added tax that are usual in a country, in percent.

European Union: European Commission, Taxes in Europe Database, rates in force on
1 January 2025, and what has changed since 2020 as invoices of those years are still
processed. Switzerland and Liechtenstein: Federal Tax Administration, rates from 2018
and from 2024. United Kingdom: HM Revenue & Customs. Norway: Skatteetaten. Iceland:
Skatturinn. Zero is usual everywhere: exports, exemptions, reverse charge.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

_RATES: Final = {
    "AT": "20 19 13 10 5",
    "BE": "21 12 6",
    "BG": "20 9",
    "CH": "8.1 7.7 3.8 3.7 2.6 2.5",
    "CY": "19 9 5 3",
    "CZ": "21 15 12 10",
    "DE": "19 16 7 5",
    "DK": "25",
    "EE": "24 22 20 13 9 5",
    "ES": "21 10 7.5 5 4 2",
    "FI": "25.5 24 14 13.5 10",
    "FR": "20 13 10 8.5 5.5 2.1",
    "GB": "20 12.5 5",
    "GR": "24 17 13 9 6 4",
    "HR": "25 13 5",
    "HU": "27 18 5",
    "IE": "23 21 13.5 9 4.8",
    "IS": "24 11",
    "IT": "22 10 5 4",
    "LI": "8.1 7.7 3.8 3.7 2.6 2.5",
    "LT": "21 12 9 5",
    "LU": "17 16 14 13 8 7 3",
    "LV": "21 12 5",
    "MT": "18 12 7 5",
    "NL": "21 9",
    "NO": "25 15 12 11.11",
    "PL": "23 8 7 5",
    "PT": "23 22 16 13 12 9 6 5 4",
    "RO": "21 19 11 9 5",
    "SE": "25 12 6",
    "SI": "22 9.5 5",
    "SK": "23 20 19 10 5",
}
_OTHER_CODES: Final = {"EL": "GR", "XI": "GB"}
"""How VAT numbers write Greece and Northern Ireland."""

USUAL_RATES: Final[Mapping[str, tuple[Decimal, ...]]] = {
    country: tuple(map(Decimal, rates.split())) for country, rates in _RATES.items()
}
"""By ISO 3166 code; highest first."""


def country_of(code: str) -> str:
    """Give the ISO 3166 code of the country an IBAN or a VAT number begins with."""
    prefix = code[:2].upper()
    return _OTHER_CODES.get(prefix, prefix)
