"""What one receipt is about: a shop, its goods, the sums, and the day."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

CENT = Decimal("0.01")
_FIRST_DAY = date(2025, 1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """How receipts of a place are written."""

    language: str
    currency: str
    sign: str
    dates: tuple[str, ...]
    comma: bool
    rate: int


LOCALES = (
    Locale(language="en", currency="GBP", sign="£", dates=("%d/%m/%Y", "%d %b %Y"),
           comma=False, rate=20),
    Locale(language="en", currency="USD", sign="$", dates=("%m/%d/%Y", "%b %d, %Y"),
           comma=False, rate=8),
    Locale(language="de", currency="EUR", sign="EUR", dates=("%d.%m.%Y", "%d.%m.%y"),
           comma=True, rate=19),
    Locale(language="fr", currency="EUR", sign="EUR", dates=("%d/%m/%Y", "%d-%m-%Y"),
           comma=True, rate=20),
    Locale(language="it", currency="EUR", sign="EUR", dates=("%d/%m/%Y", "%d-%m-%y"),
           comma=True, rate=22),
    Locale(language="nl", currency="EUR", sign="EUR", dates=("%d-%m-%Y", "%d/%m/%Y"),
           comma=True, rate=21),
)  # fmt: skip
_SHOPS: Mapping[str, tuple[str, ...]] = {
    "en": ("HARBOUR STORES", "Blue Door Cafe", "Oakridge Hardware"),
    "de": ("Bäckerei Lindner", "NORDMARKT", "Café am Tor"),
    "fr": ("Boulangerie du Lac", "SUPER MARCHE VAL", "Le Petit Zinc"),
    "it": ("Trattoria Da Nino", "MERCATO ROSSI", "Bar Centrale"),
    "nl": ("Bakkerij de Hoek", "WATERLAND MARKT", "Eetcafe Noord"),
}
_PLACES: Mapping[str, tuple[str, str]] = {
    "en": ("14 Quay Road", "Tel. 0117 496 0123"),
    "de": ("Hauptstr. 27, 83024 Rosenheim", "Tel. 08031 4960123"),
    "fr": ("3 rue du Port, 69002 Lyon", "Tel 04 72 00 01 23"),
    "it": ("Via Roma 9, 20121 Milano", "Tel. 02 4960123"),
    "nl": ("Kade 8, 1012 AB Amsterdam", "Tel. 020 496 0123"),
}
_GOODS: Mapping[str, str] = {
    "en": "Coffee|Sandwich ham|Apples 1 kg|Notebook A5|Batteries AA|Cheddar 200 g|Tea",
    "de": "Kaffee|Brezel|Äpfel 1 kg|Vollmilch 1 l|Butter 250 g|Bratwurst|Müsli",
    "fr": "Café|Baguette|Pommes 1 kg|Lait demi-écrémé|Beurre doux|Croissant|Thé",
    "it": "Caffe|Panino|Mele 1 kg|Latte intero|Burro 250 g|Pizza margherita|Acqua",
    "nl": "Koffie|Broodje kaas|Appels 1 kg|Halfvolle melk|Roomboter|Stroopwafels|Thee",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One position."""

    name: str
    quantity: int
    price: Decimal

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a receipt says."""

    locale: Locale
    shop: str
    place: tuple[str, str]
    number: int
    day: date
    day_written: str
    time: str
    items: tuple[Item, ...]
    given: Decimal
    """In cash; what is over the total is given back."""

    @property
    def total(self) -> Decimal:
        """What was to be paid, tax included."""
        return sum((item.total for item in self.items), Decimal(0))

    @property
    def net(self) -> Decimal:
        """The total without tax."""
        return (self.total * 100 / (100 + self.locale.rate)).quantize(CENT)

    @property
    def tax(self) -> Decimal:
        """The tax in the total."""
        return self.total - self.net

    def money(self, amount: Decimal) -> str:
        """Write an amount without its currency."""
        written = str(amount.quantize(CENT))
        return written.replace(".", ",") if self.locale.comma else written

    def truth(self) -> dict[str, str | None]:
        """Give the value of each field as a result has it."""
        return {"total": str(self.total), "issue_date": self.day.isoformat()}


def make_facts(chance: random.Random, locale: Locale) -> Facts:
    """Make up a receipt."""
    goods = chance.sample(_GOODS[locale.language].split("|"), chance.randint(2, 6))
    items = tuple(
        Item(
            name,
            chance.choice((1, 1, 1, 2, 3)),
            Decimal(chance.randint(85, 1850)) / 100,
        )
        for name in goods
    )
    total = sum((item.total for item in items), Decimal(0))
    day = _FIRST_DAY + timedelta(days=chance.randint(0, 640))
    return Facts(
        locale=locale,
        shop=chance.choice(_SHOPS[locale.language]),
        place=_PLACES[locale.language],
        number=chance.randint(1_000, 99_999),
        day=day,
        day_written=day.strftime(chance.choice(locale.dates)),
        time=f"{chance.randint(7, 21):02}:{chance.randint(0, 59):02}",
        items=items,
        given=(total / 10).to_integral_value(rounding="ROUND_CEILING") * 10,
    )
