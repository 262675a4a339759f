"""What the sample invoices are about: orders priced once, shown in several files."""

from dataclasses import dataclass
from decimal import Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """One position of an invoice."""

    text: str
    quantity: int
    price: Decimal

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return (self.quantity * self.price).quantize(CENT)


@dataclass(frozen=True, slots=True)
class Sums:
    """The bottom of an invoice."""

    net: Decimal
    tax: Decimal
    total: Decimal


ENGLISH_LINES = (
    Line("Oak meeting table, 240 x 110 cm", 1, Decimal("1480.00")),
    Line("Conference chair, wool, anthracite", 8, Decimal("219.50")),
    Line("Acoustic wall panel, 60 x 120 cm", 12, Decimal("64.90")),
    Line("Cable tray, steel, white", 3, Decimal("38.25")),
    Line("Delivery and assembly on site", 1, Decimal("260.00")),
)
GERMAN_LINES = (
    Line("Wartung Heizungsanlage, Jahrespauschale", 1, Decimal("480.00")),
    Line("Umwälzpumpe Typ 25-60, Hocheffizienz", 2, Decimal("214.80")),
    Line("Arbeitsstunde Monteur", 6, Decimal("72.50")),
    Line("Anfahrt und Kleinmaterial", 1, Decimal("49.00")),
)


def sums(lines: tuple[Line, ...], tax_percent: int) -> Sums:
    """Add up an invoice."""
    net = sum((line.total for line in lines), Decimal(0))
    tax = (net * tax_percent / 100).quantize(CENT)
    return Sums(net, tax, net + tax)


def english(amount: Decimal) -> str:
    """Write an amount as in 1,234.50."""
    return f"{amount:,.2f}"


def german(amount: Decimal) -> str:
    """Write an amount as in 1.234,50."""
    return english(amount).translate(str.maketrans(",.", ".,"))
