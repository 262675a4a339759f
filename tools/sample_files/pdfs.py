"""PDFs with a text layer: invoices, a report, one protected, one cut in half."""

import io
from decimal import Decimal
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus.doctemplate import SimpleDocTemplate
from reportlab.platypus.flowables import PageBreak, Spacer
from reportlab.platypus.paragraph import Paragraph
from reportlab.platypus.tables import Table, TableStyle

from tools.sample_files import facturx, goods

_STYLES = getSampleStyleSheet()
_BODY = ParagraphStyle("body", parent=_STYLES["BodyText"], fontSize=9.5, leading=13)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7.5, leading=10)
_HEAD = ParagraphStyle("head", parent=_STYLES["Title"], alignment=0, fontSize=20)
_SUB = ParagraphStyle("sub", parent=_STYLES["Heading2"], fontSize=12)
_ACCENT = colors.HexColor("#1f4e5f")


def invoice() -> bytes:
    """Give a one-page English invoice."""
    lines = goods.ENGLISH_LINES
    sums = goods.sums(lines, 20)
    rows = [["Pos.", "Description", "Qty", "Unit price", "Amount"]]
    rows += [
        [
            str(number),
            line.text,
            str(line.quantity),
            goods.english(line.price),
            goods.english(line.total),
        ]
        for number, line in enumerate(lines, 1)
    ]
    rows += [
        ["", "", "", "Net total", goods.english(sums.net)],
        ["", "", "", "VAT 20 %", goods.english(sums.tax)],
        ["", "", "", "Total GBP", goods.english(sums.total)],
    ]
    story = [
        Paragraph("Hartwell &amp; Finch Interiors Ltd", _HEAD),
        Paragraph("14 Tannery Lane, Bristol BS1 6XN · VAT No. GB 123 4567 82", _SMALL),
        Spacer(1, 10 * mm),
        Paragraph(
            "Meridian Survey Partners LLP<br/>Accounts Payable<br/>"
            "3rd Floor, 27 Quayside<br/>Newcastle upon Tyne NE1 3DE",
            _BODY,
        ),
        Spacer(1, 8 * mm),
        Paragraph("Invoice", _SUB),
        _facts(
            [
                ("Invoice number", "HF-2026-04711"),
                ("Invoice date", "14 September 2026"),
                ("Your order", "PO 88-3021 of 28 August 2026"),
                ("Due date", "14 October 2026"),
            ]
        ),
        Spacer(1, 6 * mm),
        _table(rows, [12, 86, 14, 30, 32], summary_rows=3),
        Spacer(1, 8 * mm),
        Paragraph(
            "Please pay the total within 30 days, quoting the invoice number. Goods "
            "remain our property until they are paid for in full. Thank you for "
            "furnishing your meeting room with us.",
            _BODY,
        ),
        Spacer(1, 4 * mm),
        Paragraph(
            "IBAN GB29 NWBK 6016 1331 9268 19 · BIC NWBKGB2L · "
            "Payment reference HF202604711",
            _SMALL,
        ),
    ]
    return _pdf(story, title="Invoice HF-2026-04711", author="Hartwell & Finch")


def facturx_invoice() -> bytes:
    """Give a one-page German invoice with the same facts as embedded XML."""
    lines = goods.GERMAN_LINES
    sums = goods.sums(lines, 19)
    rows = [["Pos.", "Leistung", "Menge", "Einzelpreis", "Betrag EUR"]]
    rows += [
        [
            str(number),
            line.text,
            str(line.quantity),
            goods.german(line.price),
            goods.german(line.total),
        ]
        for number, line in enumerate(lines, 1)
    ]
    rows += [
        ["", "", "", "Nettobetrag", goods.german(sums.net)],
        ["", "", "", "USt. 19 %", goods.german(sums.tax)],
        ["", "", "", "Gesamtbetrag", goods.german(sums.total)],
    ]
    story = [
        Paragraph("Brunnthaler Haustechnik GmbH", _HEAD),
        Paragraph("Lindenstraße 8, 83024 Rosenheim · USt-IdNr. DE123456788", _SMALL),
        Spacer(1, 10 * mm),
        Paragraph(
            "Hausverwaltung Kögel &amp; Söhne<br/>Am Mühlbach 21<br/>83022 Rosenheim",
            _BODY,
        ),
        Spacer(1, 8 * mm),
        Paragraph("Rechnung", _SUB),
        _facts(
            [
                ("Rechnungsnummer", facturx.NUMBER),
                ("Rechnungsdatum", "02.10.2026"),
                ("Leistungszeitraum", "September 2026"),
                ("Zahlbar bis", "16.10.2026"),
            ]
        ),
        Spacer(1, 6 * mm),
        _table(rows, [12, 86, 16, 30, 30], summary_rows=3),
        Spacer(1, 8 * mm),
        Paragraph(
            "Wir danken für Ihren Auftrag und bitten um Überweisung des "
            "Gesamtbetrags innerhalb von 14 Tagen ohne Abzug. Die gesetzliche "
            "Gewährleistung beträgt zwei Jahre.",
            _BODY,
        ),
        Spacer(1, 4 * mm),
        Paragraph(
            f"IBAN DE89 3704 0044 0532 0130 00 · BIC {facturx.BIC} · "
            f"Verwendungszweck {facturx.NUMBER}",
            _SMALL,
        ),
    ]
    page = _pdf(story, title=f"Rechnung {facturx.NUMBER}", author="Brunnthaler")
    return _attach(page, "factur-x.xml", facturx.xml())


def report() -> bytes:
    """Give a report of four pages, three of them with tables."""
    story: list[Any] = [
        Paragraph("Harbour Ferries: operating report 2025", _HEAD),
        Paragraph(
            "Passenger numbers recovered in every quarter of the year. The new "
            "electric vessels entered service in May and carried a third of all "
            "crossings by December. This report sets out traffic, punctuality and "
            "cost by route, and what is planned for the coming year.",
            _BODY,
        ),
    ]
    for number, route in enumerate(("North Quay", "Island Loop", "Airport"), 1):
        story += [
            PageBreak(),
            Paragraph(f"{number}. Route {route}", _SUB),
            Paragraph(
                "Figures are counted at the gates; cancelled crossings are left out. "
                "Punctual means no more than three minutes behind the timetable.",
                _BODY,
            ),
            Spacer(1, 5 * mm),
            _table(_traffic(number), [30, 32, 32, 36, 36], summary_rows=1),
        ]
    return _pdf(story, title="Operating report 2025", author="Harbour Ferries")


def protected() -> bytes:
    """Give a payslip that opens only with a password."""
    story = [
        Paragraph("Payslip October 2026", _HEAD),
        _facts([("Employee", "1044"), ("Gross", "4,210.00"), ("Net", "2,938.11")]),
    ]
    lock = StandardEncryption("open-sesame", ownerPassword="owner", strength=128)
    return _pdf(story, title="Payslip", author="Payroll", encrypt=lock)


def cut_in_half() -> bytes:
    """Give the first half of a PDF: without its catalog, no reader can open it."""
    whole = report()
    return whole[: len(whole) // 2]


def _traffic(seed: int) -> list[list[str]]:
    rows = [["Quarter", "Crossings", "Passengers", "Punctual (%)", "Cost (EUR)"]]
    all_crossings, all_passengers, all_cost = 0, 0, Decimal(0)
    for quarter in range(1, 5):
        crossings = 1_180 + 37 * seed * quarter
        passengers = crossings * (61 + 5 * seed + 3 * quarter)
        cost = Decimal(crossings * (148 + 9 * seed)) + Decimal("0.50") * quarter
        all_crossings += crossings
        all_passengers += passengers
        all_cost += cost
        share = Decimal(930 + 7 * quarter + 3 * seed) / 10
        rows.append(
            [
                f"Q{quarter} 2025",
                f"{crossings:,}",
                f"{passengers:,}",
                f"{share}",
                goods.english(cost),
            ]
        )
    rows.append(
        [
            "Year",
            f"{all_crossings:,}",
            f"{all_passengers:,}",
            "",
            goods.english(all_cost),
        ]
    )
    return rows


def _facts(facts: list[tuple[str, str]]) -> Table:
    table = Table(facts, colWidths=[42 * mm, 90 * mm], hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONTSIZE", (0, 0), (-1, -1), 9.5),
                ("TEXTCOLOR", (0, 0), (0, -1), colors.HexColor("#555555")),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ]
        )
    )
    return table


def _table(rows: list[list[str]], widths_mm: list[int], *, summary_rows: int) -> Table:
    table = Table(rows, colWidths=[width * mm for width in widths_mm], hAlign="LEFT")
    first_summary = len(rows) - summary_rows
    table.setStyle(
        TableStyle(
            [
                ("FONTSIZE", (0, 0), (-1, -1), 9),
                ("BACKGROUND", (0, 0), (-1, 0), _ACCENT),
                ("TEXTCOLOR", (0, 0), (-1, 0), colors.white),
                ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
                ("LINEBELOW", (0, 1), (-1, first_summary - 1), 0.3, colors.grey),
                ("FONTNAME", (0, -1), (-1, -1), "Helvetica-Bold"),
                ("LINEABOVE", (0, -1), (-1, -1), 0.8, _ACCENT),
            ]
        )
    )
    return table


def _pdf(
    story: list[Any],
    *,
    title: str,
    author: str,
    encrypt: StandardEncryption | None = None,
) -> bytes:
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        title=title,
        author=author,
        creator="Docmill samples",
        encrypt=encrypt,
        invariant=1,
    )
    document.build(story)
    return target.getvalue()


def _attach(pdf: bytes, name: str, content: bytes) -> bytes:
    """Embed a file as PDF/A-3 wants it: named, and associated with the document."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.add_attachment(name, content)
    catalog: Any = writer.root_object
    filespec = catalog["/Names"]["/EmbeddedFiles"]["/Names"][1]
    filespec.get_object()[NameObject("/AFRelationship")] = NameObject("/Alternative")
    catalog[NameObject("/AF")] = ArrayObject([filespec])
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()
