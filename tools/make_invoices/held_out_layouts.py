"""Six layouts that were made after the rules, to see how far these carry."""

from collections.abc import Mapping

from tools.make_invoices.facts import Facts, grouped
from tools.make_invoices.layouts import (
    Layout,
    Pick,
    footer,
    shown_facts,
    sum_rows,
    sums,
    table,
    title,
)
from tools.make_invoices.sheet import Sheet


def sidebar(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """A narrow column at the left with labels above their values."""
    sheet.put(40, 60, facts.issuer, size=11, bold=True)
    for row, line in enumerate(facts.issuer_address):
        sheet.put(40, 74 + 11 * row, line, size=7.5)
    for row, (label, value) in enumerate(shown_facts(facts, pick)):
        sheet.put(40, 150 + 34 * row, label, size=7)
        sheet.put(40, 161 + 34 * row, value, size=9)
    sheet.put(200, 60, title(facts, pick), size=22)
    sheet.put(200, 100, pick("bill_to"), size=7)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(200, 112 + 12 * row, line)
    y = 180.0
    for item in facts.lines:
        sheet.put(200, y, item.text)
        amount = facts.locale.amount(item.total)
        sheet.put(550, y, amount, align="right")
        y += 16
    sums(sheet, facts, pick, y + 20, label_x=360, value_x=550)
    footer(sheet, facts, pick)


def grid(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """Labels set right against their values; two addresses side by side."""
    sheet.put(550, 55, title(facts, pick), size=24, align="right")
    for row, line in enumerate((facts.issuer, *facts.issuer_address)):
        sheet.put(40, 50 + 12 * row, line, bold=row == 0)
    for row, (label, value) in enumerate(shown_facts(facts, pick)):
        sheet.put(440, 85 + 13 * row, label, align="right")
        sheet.put(450, 85 + 13 * row, value)
    sheet.put(40, 170, pick("bill_to"), bold=True)
    sheet.put(300, 170, facts.customer)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(40, 184 + 12 * row, line)
    y = table(sheet, facts, pick, 250)
    for row, (label, value) in enumerate(sum_rows(facts, pick)):
        sheet.put(450, y + 20 + 15 * row, label, align="right")
        sheet.put(545, y + 20 + 15 * row, value, align="right")
    footer(sheet, facts, pick)


def summary(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """The sums side by side in a row under their labels."""
    sheet.put(56, 60, facts.issuer, size=12, bold=True)
    sheet.put(56, 74, ", ".join(facts.issuer_address), size=8)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(340, 130 + 12 * row, line, size=10)
    sheet.put(56, 200, title(facts, pick), size=14, bold=True)
    for column, (label, value) in enumerate(shown_facts(facts, pick)):
        sheet.put(56 + 102 * column, 225, label, size=7)
        sheet.put(56 + 102 * column, 236, value, size=7.5)
    y = table(sheet, facts, pick, 270)
    for column, (label, value) in enumerate(sum_rows(facts, pick)):
        sheet.put(140 + 100 * column, y + 40, label, size=7.5, align="right")
        sheet.put(140 + 100 * column, y + 53, value, size=9, align="right")
    footer(sheet, facts, pick)


def running(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """Number and date in one sentence, terms in another."""
    joint = {"en": "of", "de": "vom", "fr": "du", "it": "del", "es": "del",
             "nl": "van", "pt": "de"}[facts.locale.language]  # fmt: skip
    sign = {"en": "No.", "de": "Nr.", "nl": "nr.", "es": "n.º", "pt": "n.º",
            "fr": "n°", "it": "n."}[facts.locale.language]  # fmt: skip
    for row, line in enumerate((facts.issuer, *facts.issuer_address)):
        sheet.put(56, 60 + 12 * row, line)
    for row, line in enumerate((facts.recipient, *facts.recipient_address)):
        sheet.put(340, 130 + 12 * row, line, size=10)
    written = facts.locale.date
    sheet.put(
        56,
        220,
        f"{title(facts, pick)} {sign} {facts.number} {joint} {written(facts.issued)}",
        size=12,
        bold=True,
    )
    y = table(sheet, facts, pick, 250)
    y = sums(sheet, facts, pick, y + 10, label_x=75, value_x=540)
    terms = f"{pick('due')} {written(facts.due)}. {pick('order')} {facts.order}"
    sheet.put(56, y + 24, terms)
    footer(sheet, facts, pick)


def slip(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """A narrow slip: everything in two columns close together."""
    sheet.put(150, 50, facts.issuer, size=11, bold=True, align="centre")
    for row, line in enumerate(facts.issuer_address):
        sheet.put(150, 62 + 10 * row, line, size=7.5, align="centre")
    sheet.put(150, 95, title(facts, pick).upper(), size=10, align="centre")
    y = 115.0
    for label, value in shown_facts(facts, pick)[:3]:
        sheet.put(40, y, label, size=8)
        sheet.put(260, y, value, size=8, align="right")
        y += 11
    sheet.put(40, y + 8, pick("bill_to"), size=8)
    sheet.put(260, y + 8, facts.recipient, size=8, align="right")
    y += 30
    for item in facts.lines:
        sheet.put(40, y, f"{item.quantity} x {item.text}", size=8)
        amount = facts.locale.amount(item.total, bare=True)
        sheet.put(260, y, amount, size=8, align="right")
        y += 11
    for label, value in sum_rows(facts, pick):
        sheet.put(40, y + 6, label, size=8)
        sheet.put(260, y + 6, value, size=8, align="right")
        y += 12
    if facts.vat_id:
        sheet.put(40, y + 20, f"{pick('vat_id')}: {facts.vat_id}", size=7)
    if facts.iban:
        sheet.put(40, y + 30, f"IBAN: {facts.iban}", size=7)
        sheet.put(40, y + 40, f"BIC: {facts.bic}", size=7)


def framed(sheet: Sheet, facts: Facts, pick: Pick) -> None:
    """What is to be paid at the top, then the same again below the table."""
    locale = facts.locale
    sheet.put(545, 45, facts.issuer, size=10, bold=True, align="right")
    for row, line in enumerate(facts.issuer_address):
        sheet.put(545, 57 + 10 * row, line, size=8, align="right")
    sheet.put(50, 60, title(facts, pick), size=20, bold=True)
    due = facts.total - facts.paid
    sheet.put(50, 90, pick("to_pay"), size=8)
    sheet.put(50, 106, locale.amount(due), size=14, bold=True)
    for row, (label, value) in enumerate(shown_facts(facts, pick)):
        sheet.put(250, 90 + 12 * row, label, size=8)
        sheet.put(370, 90 + 12 * row, value, size=8)
    sheet.put(50, 160, f"{pick('bill_to')}: {facts.recipient}")
    sheet.put(50, 172, ", ".join(facts.recipient_address))
    y = table(sheet, facts, pick, 210)
    sums(sheet, facts, pick, y + 14, label_x=350, value_x=540)
    sheet.put(50, 740, f"{pick('reference')}: {facts.number}", size=8)
    footer(sheet, facts, pick)
    sheet.put(50, 755, grouped(facts.iban) if facts.iban else "", size=7)


HELD_OUT: Mapping[str, Layout] = {
    "sidebar": sidebar,
    "grid": grid,
    "summary": summary,
    "running": running,
    "slip": slip,
    "framed": framed,
}
