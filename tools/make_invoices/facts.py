"""What one invoice is about: parties, positions, sums, numbers."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from stdnum import iban as iban_numbers
from stdnum.iso7064 import mod_97_10

from tools.make_invoices.languages import Locale

CENT = Decimal("0.01")

_RATES: Mapping[str, tuple[int, ...]] = {
    "GB": (20,), "US": (8,), "IE": (23,), "DE": (19, 7), "AT": (20, 10), "CH": (8,),
    "FR": (20, 10), "BE": (21, 6), "IT": (22, 10), "ES": (21, 10), "NL": (21, 9),
    "PT": (23, 6),
}  # fmt: skip
_BBANS: Mapping[str, str] = {
    "GB": "NWBK60161331926819", "IE": "AIBK93115212345678", "DE": "370400440532013000",
    "AT": "1904300234573201", "CH": "00762011623852957",
    "FR": "20041010050500013M02606",
    "BE": "539007547034", "IT": "X0542811101000000123456", "ES": "21000418450200051332",
    "NL": "ABNA0417164300", "PT": "000201231234567890154",
}  # fmt: skip
"""The national parts of the registry's example accounts."""
_BICS: Mapping[str, str] = {
    "GB": "NWBKGB2L", "IE": "AIBKIE2D", "DE": "COBADEFFXXX", "AT": "BKAUATWW",
    "CH": "UBSWCHZH80A", "FR": "BNPAFRPP", "BE": "GEBABEBB", "IT": "BCITITMM",
    "ES": "CAIXESBBXXX", "NL": "ABNANL2A", "PT": "BCOMPTPL",
}  # fmt: skip
_VAT_IDS: Mapping[str, str] = {
    "GB": "GB980780684", "IE": "IE6433435F", "DE": "DE136695976", "AT": "ATU13585627",
    "CH": "CHE-100.155.212", "FR": "FR40303265045", "BE": "BE0428759497",
    "IT": "IT00743110157", "ES": "ESB58378431", "NL": "NL004495445B01",
    "PT": "PT501964843",
}  # fmt: skip
_NAMES: Mapping[str, tuple[str, ...]] = {
    "en": ("Hartwell & Finch", "Northgate Supplies", "Blue Heron Studio", "Oakridge"),
    "de": ("Brunnthaler Haustechnik", "Müller & Söhne", "Nordlicht Medien", "Kögel"),
    "fr": ("Atelier Beaulieu", "Menuiserie Dupré", "Les Jardins du Lac", "Carré Bleu"),
    "it": ("Officine Rossetti", "Studio Bianchi", "Pastificio Lodi", "Tessuti Verdi"),
    "es": ("Talleres Ibáñez", "Muebles Castaño", "Viveros del Sur", "Imprenta Soler"),
    "nl": ("Van Dijk Techniek", "De Groene Hoek", "Waterland Bouw", "Jansen Advies"),
    "pt": ("Cerâmica Lourenço", "Oficina Central", "Casa Pinheiro", "Gráfica Moura"),
}
_FORMS: Mapping[str, str] = {
    "GB": "Ltd", "US": "Inc.", "IE": "Limited", "DE": "GmbH", "AT": "GmbH", "CH": "AG",
    "FR": "SARL", "BE": "SA", "IT": "S.r.l.", "ES": "S.L.", "NL": "B.V.", "PT": "Lda.",
}  # fmt: skip
_TOWNS: Mapping[str, tuple[str, ...]] = {
    "GB": ("Bristol BS1 6XN", "Leeds LS1 4AP"), "IE": ("Dublin 2", "Cork T12 X8N9"),
    "US": ("Springfield, IL 62701", "Portland, OR 97201"),
    "DE": ("83024 Rosenheim", "20095 Hamburg"), "AT": ("1010 Wien", "5020 Salzburg"),
    "CH": ("8001 Zürich", "1003 Lausanne"), "FR": ("69002 Lyon", "44000 Nantes"),
    "BE": ("1000 Bruxelles", "9000 Gent"), "IT": ("20121 Milano", "50122 Firenze"),
    "ES": ("28013 Madrid", "46002 Valencia"), "NL": ("1012 AB Amsterdam",
    "3511 Utrecht"),
    "PT": ("1100-148 Lisboa", "4000-322 Porto"),
}  # fmt: skip
_STREETS: Mapping[str, str] = {
    "en": "{} Tannery Lane", "de": "Lindenstraße {}", "fr": "{} rue des Tanneurs",
    "it": "Via Garibaldi {}", "es": "Calle Mayor {}", "nl": "Keizersgracht {}",
    "pt": "Rua das Flores {}",
}  # fmt: skip
_GOODS: Mapping[str, str] = {
    "en": "Oak desk 160 x 80|Delivery and assembly|Task chair|Desk lamp LED 12 W",
    "de": "Wartung Heizung|Anfahrt Zone 2|Thermostat T 400|Dichtungssatz 3-teilig",
    "fr": "Pose de parquet 24 m2|Colle 10 kg|Plinthes chêne|Main-d'oeuvre",
    "it": "Revisione impianto|Filtro olio 5W30|Manodopera|Guarnizione 40 mm",
    "es": "Mesa de roble 160|Montaje y transporte|Silla de oficina|Lámpara LED 12 W",
    "nl": "Onderhoud ketel|Voorrijkosten zone 2|Thermostaat T400|Montageset 3-delig",
    "pt": "Azulejo 20 x 20|Cola 25 kg|Mão de obra|Transporte zona 2",
}
_NUMBERS = (
    "{year}-{n:05}", "INV-{n:06}", "{n:08}", "RE{year}/{n:04}", "{year}{n:04}",
    "F{short}-{n:04}", "{n}", "HF-{year}-{n:05}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One position."""

    text: str
    quantity: int
    price: Decimal

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that an invoice says."""

    locale: Locale
    credit: bool
    number: str
    issued: date
    due: date
    delivered: date
    order: str
    customer: str
    issuer: str
    issuer_address: tuple[str, str]
    recipient: str
    recipient_address: tuple[str, str]
    lines: tuple[Line, ...]
    rate: int
    paid: Decimal
    iban: str
    bic: str
    vat_id: str

    @property
    def net(self) -> Decimal:
        """Sum of the positions."""
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """Tax on the net total."""
        return (self.net * self.rate / 100).quantize(CENT)

    @property
    def total(self) -> Decimal:
        """Net and tax."""
        return self.net + self.tax

    def truth(self) -> dict[str, str | None]:
        """Give the value of each field as a result has it."""
        return {
            "document_kind": "credit_note" if self.credit else "invoice",
            "invoice_number": self.number,
            "issue_date": self.issued.isoformat(),
            "due_date": self.due.isoformat(),
            "issuer": self.issuer,
            "recipient": self.recipient,
            "net_total": str(self.net),
            "tax_total": str(self.tax),
            "total": str(self.total),
            "amount_due": str(self.total - self.paid) if self.paid else None,
            "currency": self.locale.currency,
            "iban": self.iban or None,
            "bic": self.bic or None,
            "vat_id": "".join(filter(str.isalnum, self.vat_id)) or None,
        }


def make_facts(chance: random.Random, locale: Locale) -> Facts:
    """Make up what an invoice says."""
    language, country = locale.language, locale.country
    issued = date(2025, 1, 2) + timedelta(days=chance.randrange(700))
    credit = chance.random() < 0.12
    goods = _GOODS[language].split("|")
    sign = -1 if credit else 1
    lines = tuple(
        Line(
            text,
            chance.randint(1, 12),
            sign * Decimal(chance.randint(350, 98_000)) / 100,
        )
        for text in chance.sample(goods, chance.randint(2, 4))
    )
    seller, buyer = chance.sample(_NAMES[language], 2)
    number = chance.choice(_NUMBERS).format(
        year=issued.year, short=issued.year % 100, n=chance.randint(117, 9_876)
    )
    return Facts(
        locale=locale,
        credit=credit,
        number=number,
        issued=issued,
        due=issued + timedelta(days=chance.choice((10, 14, 21, 30, 45))),
        delivered=issued - timedelta(days=chance.randint(1, 20)),
        order=chance.choice(("PO-{}", "{}", "B{}/26")).format(
            chance.randint(4_000, 99_999)
        ),
        customer=f"K{chance.randint(1_000, 99_999)}",
        issuer=f"{seller} {_FORMS[country]}",
        issuer_address=_address(chance, locale),
        recipient=f"{buyer} {_FORMS[country]}",
        recipient_address=_address(chance, locale),
        lines=lines,
        rate=chance.choice(_RATES[country]),
        paid=_paid(chance, lines)
        if not credit and chance.random() < 0.15
        else Decimal(0),
        iban=_iban(country),
        bic=_BICS.get(country, ""),
        vat_id=_VAT_IDS.get(country, ""),
    )


def grouped(iban: str) -> str:
    """Write an IBAN in groups of four."""
    return iban_numbers.format(iban)


def _iban(country: str) -> str:
    bban = _BBANS.get(country)
    if bban is None:
        return ""
    return country + mod_97_10.calc_check_digits(bban + country) + bban


def _paid(chance: random.Random, lines: tuple[Line, ...]) -> Decimal:
    whole = sum((line.total for line in lines), Decimal(0))
    return (whole * chance.choice((10, 25, 50)) / 100).quantize(CENT)


def _address(chance: random.Random, locale: Locale) -> tuple[str, str]:
    street = _STREETS[locale.language].format(chance.randint(1, 98))
    return street, chance.choice(_TOWNS[locale.country])
