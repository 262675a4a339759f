"""How receipts are laid out: what stands on which line.

Those in `HELD_OUT` were made before the reading of receipts was looked at, and nothing
was changed in it for them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tools.make_receipts.facts import Facts


class Row(NamedTuple):
    """A line: its left and right ends, or one text in the middle."""

    left: str = ""
    right: str = ""
    middle: str = ""
    large: bool = False


Words = Mapping[str, str]
Layout = Callable[[Facts, Words], Iterator[Row]]

RULE = Row(middle="-" * 32)
WORDS: Mapping[str, Words] = {
    "en": {"total": "TOTAL", "sub": "Subtotal", "tax": "VAT", "cash": "CASH",
           "change": "CHANGE", "date": "Date", "receipt": "Receipt",
           "thanks": "Thank you for your visit", "net": "Net", "gross": "Gross",
           "due": "Amount due", "card": "VISA DEBIT", "till": "Till",
           "guests": "Covers"},
    "de": {"total": "SUMME", "sub": "Zwischensumme", "tax": "MwSt", "cash": "BAR",
           "change": "RÜCKGELD", "date": "Datum", "receipt": "Bon-Nr.",
           "thanks": "Vielen Dank für Ihren Einkauf", "net": "Netto", "gross": "Brutto",
           "due": "Zu zahlen", "card": "Girocard", "till": "Kasse", "guests": "Tisch"},
    "fr": {"total": "TOTAL", "sub": "Sous-total", "tax": "TVA", "cash": "ESPECES",
           "change": "RENDU", "date": "Date", "receipt": "Ticket",
           "thanks": "Merci de votre visite", "net": "HT", "gross": "TTC",
           "due": "A payer", "card": "CB", "till": "Caisse", "guests": "Couverts"},
    "it": {"total": "TOTALE", "sub": "Subtotale", "tax": "IVA", "cash": "CONTANTI",
           "change": "RESTO", "date": "Data", "receipt": "Scontrino",
           "thanks": "Grazie e arrivederci", "net": "Imponibile", "gross": "Lordo",
           "due": "Da pagare", "card": "Bancomat", "till": "Cassa",
           "guests": "Coperti"},
    "nl": {"total": "TOTAAL", "sub": "Subtotaal", "tax": "BTW", "cash": "CONTANT",
           "change": "WISSELGELD", "date": "Datum", "receipt": "Bonnr.",
           "thanks": "Bedankt en tot ziens", "net": "Netto", "gross": "Bruto",
           "due": "Te betalen", "card": "PIN", "till": "Kassa", "guests": "Tafel"},
}  # fmt: skip


def till(facts: Facts, words: Words) -> Iterator[Row]:
    """A shop's till: the day below, cash and change."""
    yield Row(middle=facts.shop, large=True)
    yield from (Row(middle=line) for line in facts.place)
    yield RULE
    for item in facts.items:
        name = f"{item.quantity} x {item.name}" if item.quantity > 1 else item.name
        yield Row(name, facts.money(item.total))
    yield RULE
    yield Row(f"{words['total']} {facts.locale.sign}", facts.money(facts.total))
    yield Row(words["cash"], facts.money(facts.given))
    yield Row(words["change"], facts.money(facts.given - facts.total))
    yield Row()
    yield Row(f"{facts.day_written} {facts.time}", f"{words['till']} 3")
    yield Row(middle=words["thanks"])


def restaurant(facts: Facts, words: Words) -> Iterator[Row]:
    """A restaurant's bill: the day above, prices each, tax below."""
    yield Row(middle=facts.shop, large=True)
    yield from (Row(middle=line) for line in facts.place)
    yield Row()
    yield Row(f"{words['receipt']} {facts.number}", f"{words['guests']} 4")
    yield Row(f"{words['date']}: {facts.day_written}", facts.time)
    yield RULE
    for item in facts.items:
        yield Row(item.name)
        each = f"  {item.quantity} x {facts.money(item.price)}"
        yield Row(each, facts.money(item.total))
    yield RULE
    yield Row(words["sub"], facts.money(facts.net))
    yield Row(f"{words['tax']} {facts.locale.rate}%", facts.money(facts.tax))
    yield Row(
        words["total"], f"{facts.locale.sign} {facts.money(facts.total)}", large=True
    )
    yield Row(middle=words["thanks"])


def taxed(facts: Facts, words: Words) -> Iterator[Row]:
    """A supermarket's: paid by card, a table of the taxes."""
    yield Row(middle=facts.shop)
    yield Row(middle=facts.place[0])
    yield Row("", facts.locale.sign)
    for item in facts.items:
        yield Row(item.name, f"{facts.money(item.total)} A")
    yield RULE
    yield Row(words["total"], facts.money(facts.total), large=True)
    yield Row(words["card"], facts.money(facts.total))
    yield Row()
    yield Row(f"{words['tax']}%   {words['net']}   {words['tax']}", words["gross"])
    taxes = (
        f"A {facts.locale.rate}%  {facts.money(facts.net)}  {facts.money(facts.tax)}"
    )
    yield Row(taxes, facts.money(facts.total))
    yield Row()
    yield Row(f"{words['receipt']} {facts.number}")
    yield Row(f"{words['date']} {facts.day_written}", facts.time)


def slip(facts: Facts, words: Words) -> Iterator[Row]:
    """A small shop's: label and amount in the middle of a line."""
    yield Row(middle=facts.shop, large=True)
    yield Row(middle=f"{facts.day_written}   {facts.time}")
    yield Row(middle=f"{words['receipt']} {facts.number}")
    yield Row()
    for item in facts.items:
        yield Row(f"{item.quantity} {item.name}", facts.money(item.total))
    yield Row()
    amount = f"{facts.money(facts.total)} {facts.locale.sign}"
    yield Row(middle=f"{words['total']}: {amount}", large=True)
    yield Row(middle=f"({words['tax']} {facts.locale.rate}%: {facts.money(facts.tax)})")


def fuel(facts: Facts, words: Words) -> Iterator[Row]:
    """A filling station's: labels with dots, what is due, the card's own slip."""
    yield Row(facts.shop)
    yield from (Row(line) for line in facts.place)
    yield RULE
    yield Row(f"{words['receipt']}: {facts.number}", facts.day_written)
    for item in facts.items:
        yield Row(f"*{item.name}", facts.money(item.total))
    yield Row(f"{words['due']} ....", f"{facts.locale.sign} {facts.money(facts.total)}")
    yield RULE
    yield Row(middle=f"** {words['card']} **")
    yield Row("AID A0000000031010")
    yield Row("Terminal 61234567", "Trace 004711")
    yield Row(f"{facts.locale.currency} {facts.money(facts.total)}")
    yield Row(middle="APPROVED 00")


def market(facts: Facts, words: Words) -> Iterator[Row]:
    """A market's: quantities behind, a subtotal equal to the total, points."""
    yield Row(middle=f"*** {facts.shop} ***")
    yield Row(middle=facts.place[0])
    yield Row(f"{words['till']} 07  {facts.time}", facts.day_written)
    yield RULE
    for item in facts.items:
        yield Row(f"{item.name} x{item.quantity}", f"{facts.money(item.total)} B")
    yield Row("", "--------")
    yield Row(f"{words['sub']} ({len(facts.items)})", facts.money(facts.total))
    yield Row(words["total"], f"{facts.money(facts.total)} {facts.locale.currency}")
    yield Row(f"{words['card']} **** 4711", facts.money(facts.total))
    yield Row("Bonus 120", "1.250")


def columns(facts: Facts, words: Words) -> Iterator[Row]:
    """A kiosk's: the head of the table, then the tax, the sum alone on its line."""
    yield Row(middle=facts.shop, large=True)
    yield Row(middle=facts.place[1])
    yield Row(f"{words['date']}", f"{facts.day_written} {facts.time}")
    yield Row(words["receipt"], f"#{facts.number}")
    yield RULE
    for number, item in enumerate(facts.items, 1):
        yield Row(
            f"{number:02} {item.name}", f"{facts.locale.sign} {facts.money(item.total)}"
        )
    yield RULE
    yield Row(f"{words['net']}", facts.money(facts.net))
    yield Row(f"{words['tax']} ({facts.locale.rate}%)", facts.money(facts.tax))
    yield Row(middle=words["total"])
    amount = f"{facts.locale.sign} {facts.money(facts.total)}"
    yield Row(middle=amount, large=True)


LAYOUTS: Mapping[str, Layout] = {
    "till": till, "restaurant": restaurant, "taxed": taxed, "slip": slip,
}  # fmt: skip
HELD_OUT: Mapping[str, Layout] = {"fuel": fuel, "market": market, "columns": columns}


def rows_of(layout: Layout, facts: Facts) -> Sequence[Row]:
    """Give a receipt line by line."""
    return tuple(layout(facts, WORDS[facts.locale.language]))
