"""Six layouts that the rules were tuned on; `held_out` has those that they were not."""

import random
from collections.abc import Callable, Iterator, Mapping

from tools.make_invoices.facts import Facts, Line, grouped
from tools.make_invoices.languages import Words
from tools.make_invoices.sheet import Sheet

Pick = Callable[[str], str]
Layout = Callable[[Sheet, Facts, Pick], None]


def letter(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """A business letter: address window, facts at the right, sums below the table."""
    _sender_line(sheet, facts, 56, 60)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(56, 130 + 13 * row, line, size=10)
    for row, (label, value) in enumerate(shown_facts(facts, pick)):
        sheet.put(350, 130 + 14 * row, f"{label}:")
        sheet.put(540, 130 + 14 * row, value, align="right")
    sheet.put(56, 250, title(facts, pick), size=16, bold=True)
    y = table(sheet, facts, pick, 280)
    sums(sheet, facts, pick, y + 10, label_x=330, value_x=540)
    footer(sheet, facts, pick)


def modern(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """Large title at the left, company at the right, labels above their values."""
    sheet.put(50, 70, title(facts, pick), size=26, bold=True)
    for row, line in enumerate((facts.issuer, *facts.issuer_address)):
        sheet.put(545, 60 + 12 * row, line, align="right", bold=row == 0)
    for column, (label, value) in enumerate(shown_facts(facts, pick)[:4]):
        sheet.put(50 + 128 * column, 130, label, size=8)
        sheet.put(50 + 128 * column, 144, value, size=10, bold=True)
    sheet.put(50, 185, pick("bill_to"), size=8)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(50, 199 + 12 * row, line)
    y = table(sheet, facts, pick, 270)
    sums(sheet, facts, pick, y + 12, label_x=400, value_x=545)
    footer(sheet, facts, pick)


def boxed(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """A head of columns over one line of values, as printed forms have it."""
    sheet.put(50, 50, facts.issuer, size=14, bold=True)
    sheet.put(50, 64, " · ".join(facts.issuer_address), size=8)
    sheet.put(300, 100, title(facts, pick), size=14, bold=True, align="centre")
    sheet.put(50, 130, f"{pick('bill_to')}:", bold=True)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(50, 143 + 12 * row, line)
    for column, (label, value) in enumerate(shown_facts(facts, pick)):
        sheet.put(95 + 100 * column, 205, label, size=7, align="centre", bold=True)
        sheet.put(95 + 100 * column, 220, value, size=7.5, align="centre")
    y = table(sheet, facts, pick, 250)
    sums(sheet, facts, pick, y + 10, label_x=380, value_x=540)
    footer(sheet, facts, pick)


def sentence(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """Label and value in one run: "Invoice number: 123"."""
    sheet.put(297, 50, facts.issuer, size=15, bold=True, align="centre")
    sheet.put(297, 64, ", ".join(facts.issuer_address), size=8, align="centre")
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(60, 120 + 13 * row, line, size=10)
    sheet.put(60, 190, title(facts, pick), size=13, bold=True)
    for row, (label, value) in enumerate(shown_facts(facts, pick)):
        sheet.put(60, 210 + 13 * row, f"{label}: {value}")
    y = table(sheet, facts, pick, 300)
    for row, (label, value) in enumerate(sum_rows(facts, pick)):
        sheet.put(540, y + 12 + 14 * row, f"{label}: {value}", align="right")
    footer(sheet, facts, pick)


def banded(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """Two columns of facts under the title, the sum shown at the top as well."""
    sheet.put(50, 50, facts.issuer, size=18, bold=True)
    sheet.put(545, 50, title(facts, pick), size=18, align="right")
    rows = shown_facts(facts, pick)
    for index, (label, value) in enumerate(rows):
        x = 50 if index % 2 == 0 else 320
        top = 100 + 16 * (index // 2)
        sheet.put(x, top, label, bold=True)
        sheet.put(x + 130, top, value)
    sheet.put(50, 160, pick("bill_to"), bold=True)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(180, 160 + 12 * row, line)
    y = table(sheet, facts, pick, 230)
    sums(sheet, facts, pick, y + 14, label_x=300, value_x=430)
    footer(sheet, facts, pick)


def heading(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """The number behind the title, the date in the line of the town."""
    _sender_line(sheet, facts, 56, 50)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(56, 120 + 13 * row, line, size=10)
    town = facts.issuer_address[1].split(" ")[-1]
    sheet.put(540, 200, f"{town}, {facts.locale.date(facts.issued)}", align="right")
    sheet.put(56, 230, f"{title(facts, pick)} {facts.number}", size=14, bold=True)
    below = table(sheet, facts, pick, 260)
    y = sums(sheet, facts, pick, below + 10, label_x=330, value_x=540)
    sheet.put(56, y + 30, f"{pick('due')}: {facts.locale.date(facts.due)}")
    footer(sheet, facts, pick)


LAYOUTS: Mapping[str, Layout] = {
    "letter": letter,
    "modern": modern,
    "boxed": boxed,
    "sentence": sentence,
    "banded": banded,
    "heading": heading,
}


def title(facts: Facts, pick: Pick) -> str:
    """Give what the document calls itself."""
    return pick("credit") if facts.credit else pick("invoice")


def shown_facts(facts: Facts, pick: Pick) -> list[tuple[str, str]]:
    """Give the facts of the head, each with its label."""
    written = facts.locale.date
    return [
        (pick("number"), facts.number),
        (pick("date"), written(facts.issued)),
        (pick("due"), written(facts.due)),
        (pick("order"), facts.order),
        (pick("delivered"), written(facts.delivered)),
    ]


def sum_rows(facts: Facts, pick: Pick) -> Iterator[tuple[str, str]]:
    """Give the sums below the table."""
    locale = facts.locale
    yield pick("net"), locale.amount(facts.net)
    yield f"{pick('vat')} {facts.rate} %", locale.amount(facts.tax)
    yield pick("total"), locale.amount(facts.total)
    if facts.paid:
        yield pick("paid"), locale.amount(-facts.paid)
        yield pick("to_pay"), locale.amount(facts.total - facts.paid)


def sums(
    sheet: Sheet, facts: Facts, pick: Pick, y: float, *, label_x: float, value_x: float
) -> float:
    """Draw the sums; give where they end."""
    rows = list(sum_rows(facts, pick))
    for row, (label, value) in enumerate(rows):
        bold = row == 2
        sheet.put(label_x, y + 14 * row, label, bold=bold)
        sheet.put(value_x, y + 14 * row, value, bold=bold, align="right")
    return y + 14 * len(rows)


def table(sheet: Sheet, facts: Facts, pick: Pick, y: float) -> float:
    """Draw the positions; give where they end."""
    # Where amounts stand without their currency, the head of their column names it.
    bare = facts.locale.money == "{}"
    amount = f"{pick('amount')} {facts.locale.currency}" if bare else pick("amount")
    heads = ("#", pick("item"), pick("quantity"), pick("price"), amount)
    columns = (50, 75, 340, 440, 540)
    for column, (x, head) in enumerate(zip(columns, heads, strict=True)):
        sheet.put(x, y, head, bold=True, align="right" if column > 1 else "left")
    for number, line in enumerate(facts.lines, 1):
        y += 15
        cells = (str(number), line.text, str(line.quantity), *_amounts(facts, line))
        for column, (x, cell) in enumerate(zip(columns, cells, strict=True)):
            sheet.put(x, y, cell, align="right" if column > 1 else "left")
    return y + 15


def footer(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """Draw thanks, the bank and the company's numbers."""
    sheet.put(56, 700, pick("thanks"), size=8)
    company = f"{facts.issuer} · {', '.join(facts.issuer_address)}"
    if facts.vat_id:
        company += f" · {pick('vat_id')} {facts.vat_id}"
    sheet.put(56, 780, company, size=7)
    if facts.iban:
        sheet.put(56, 790, f"IBAN {grouped(facts.iban)} · BIC {facts.bic}", size=7)


def picker(words: Words, chance: random.Random) -> Pick:
    """Give a function that chooses a word for a term, the same one each time."""
    chosen: dict[str, str] = {}

    def pick(term: str) -> str:
        return chosen.setdefault(term, chance.choice(words[term]))

    return pick


def _sender_line(sheet: Sheet, facts: Facts, x: float, y: float) -> None:
    sheet.put(x, y, facts.issuer, size=13, bold=True)
    address = " · ".join((facts.issuer, *facts.issuer_address))
    sheet.put(x, y + 50, address, size=6.5)


def _amounts(facts: Facts, line: Line) -> tuple[str, str]:
    locale = facts.locale
    return locale.amount(line.price, bare=True), locale.amount(line.total, bare=True)
