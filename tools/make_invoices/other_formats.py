"""The same invoices as text, HTML, DOCX and XLSX."""

import html
import io
from collections.abc import Callable, Mapping

import docx
from openpyxl.workbook.workbook import Workbook

from tools.make_invoices.facts import Facts
from tools.make_invoices.layouts import Pick, shown_facts, sum_rows, title

_WIDTH = 72


def plain_text(facts: Facts, pick: Pick) -> bytes:
    """Lines of a printer: labels at the left, sums set right."""
    lines = [facts.issuer, ", ".join(facts.issuer_address), ""]
    lines += [facts.recipient, *facts.recipient_address, "", title(facts, pick), ""]
    lines += [f"{label:24}{value}" for label, value in shown_facts(facts, pick)]
    lines += ["", f"{facts.locale.currency:>{_WIDTH}}", "-" * _WIDTH]
    for line in facts.lines:
        amount = facts.locale.amount(line.total, bare=True)
        lines.append(f"{line.text:40}{line.quantity:6}{amount:>26}")
    lines += ["-" * _WIDTH]
    lines += [f"{label:>46}{value:>26}" for label, value in sum_rows(facts, pick)]
    lines += ["", _bank(facts), _tax(facts, pick)]
    return "\n".join(lines).encode()


def web_page(facts: Facts, pick: Pick) -> bytes:
    """A page with tables, as shops send them."""
    rows = "".join(_row(label, value) for label, value in shown_facts(facts, pick))
    goods = "".join(
        _row(line.text, str(line.quantity), facts.locale.amount(line.total))
        for line in facts.lines
    )
    below = "".join(_row(label, "", value) for label, value in sum_rows(facts, pick))
    amount = f"{pick('amount')} {facts.locale.currency}"
    heads = (pick("item"), pick("quantity"), amount)
    return (
        "<!doctype html><meta charset=utf-8><body>"
        f"<p><b>{html.escape(facts.issuer)}</b><br>"
        f"{', '.join(facts.issuer_address)}</p>"
        f"<h1>{title(facts, pick)}</h1><table>{rows}</table>"
        f"<h3>{pick('bill_to')}</h3><p>{html.escape(facts.recipient)}<br>"
        f"{', '.join(facts.recipient_address)}</p>"
        f"<table>{_row(*heads)}{goods}{below}</table>"
        f"<p>{_bank(facts)}<br>{_tax(facts, pick)}</p>"
    ).encode()


def word_file(facts: Facts, pick: Pick) -> bytes:
    """A document typed by hand: paragraphs, then a table."""
    document = docx.Document()
    document.add_paragraph(facts.issuer)
    document.add_paragraph(", ".join(facts.issuer_address))
    document.add_heading(f"{title(facts, pick)} {facts.number}", 1)
    document.add_paragraph(f"{pick('bill_to')}: {facts.recipient}")
    for label, value in shown_facts(facts, pick):
        document.add_paragraph(f"{label}: {value}")
    table = document.add_table(rows=0, cols=2)
    for line in facts.lines:
        cells = table.add_row().cells
        cells[0].text = f"{line.quantity} x {line.text}"
        cells[1].text = facts.locale.amount(line.total)
    for label, value in sum_rows(facts, pick):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = label, value
    document.add_paragraph(_bank(facts))
    document.add_paragraph(_tax(facts, pick))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def workbook(facts: Facts, pick: Pick) -> bytes:
    """A sheet with real numbers and dates."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([facts.issuer, None, None, title(facts, pick)])
    sheet.append([", ".join(facts.issuer_address)])
    sheet.append([])
    sheet.append([pick("bill_to"), facts.recipient])
    sheet.append([pick("number"), facts.number, None, pick("date"), facts.issued])
    sheet.append([pick("order"), facts.order, None, pick("due"), facts.due])
    sheet.append([])
    currency = facts.locale.currency
    sheet.append([pick("item"), pick("quantity"), pick("price"), currency])
    for line in facts.lines:
        sheet.append([line.text, line.quantity, float(line.price), float(line.total)])
    sums = [(pick("net"), facts.net), (f"{pick('vat')} {facts.rate} %", facts.tax)]
    sums += [(pick("total"), facts.total)]
    if facts.paid:
        due = facts.total - facts.paid
        sums += [(pick("paid"), -facts.paid), (pick("to_pay"), due)]
    for label, value in sums:
        sheet.append([None, None, label, float(value)])
    sheet.append([_bank(facts)])
    sheet.append([_tax(facts, pick)])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


Writer = Callable[[Facts, Pick], bytes]
OTHER: Mapping[str, tuple[Writer, bool]] = {
    "txt": (plain_text, False),
    "html": (web_page, False),
    "docx": (word_file, True),
    "xlsx": (workbook, True),
}
"""By the ending of the name; and whether it is held out."""


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def _bank(facts: Facts) -> str:
    return f"IBAN {facts.iban} BIC {facts.bic}" if facts.iban else ""


def _tax(facts: Facts, pick: Pick) -> str:
    return f"{pick('vat_id')} {facts.vat_id}" if facts.vat_id else ""
