"""Text formats: a web page, an e-mail, a table, and notes in two encodings."""

from email.message import EmailMessage
from email.policy import SMTP

from tools.sample_files import pdfs

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Order confirmation 55-20193</title>
  <meta name="author" content="Paper &amp; Quill">
  <style>td { padding: 2px 8px }</style>
  <script>document.title += " ✓"</script>
</head>
<body>
  <h1>Thank you for your order</h1>
  <p>Hello Amara,<br>we received your order <b>55-20193</b> on 6 October 2026 and will
  send it within two working days. You can change the address until it is packed.</p>
  <table>
    <tr><th>Article</th><th>Quantity</th><th>Price</th></tr>
    <tr><td>Fountain pen, fine nib</td><td>1</td><td>€42.00</td></tr>
    <tr><td>Notebook A5, dotted</td><td>3</td><td>€38.70</td></tr>
    <tr><td>Shipping</td><td></td><td>€4.90</td></tr>
    <tr><td>Total</td><td></td><td>€85.60</td></tr>
  </table>
  <p>Questions? Answer this message or call us on weekdays between nine and five.</p>
</body>
</html>
"""
_MAIL = """\
Dear Ms Lindqvist,

thank you for your visit last week. Attached you find our invoice for the furniture
of your meeting room; the chairs were delivered yesterday and the table follows on
Thursday. Please tell us if the invoice should go to another address.

Kind regards
Oliver Finch
Hartwell & Finch Interiors Ltd
"""
_STOCK = (
    ("article", "name", "warehouse", "stock", "reorder_at", "unit_price"),
    ("10-204", "Hex bolt M8 x 40, zinc plated", "Leeds", 4200, 1500, "0.14"),
    ("10-311", "Washer M8, stainless", "Leeds", 9800, 3000, "0.04"),
    ("22-007", 'Pipe clamp 1/2"', "Bristol", 310, 400, "1.85"),
    ("22-019", "Ball valve 3/4 inch, brass", "Bristol", 95, 60, "11.20"),
    ("31-550", "Cable gland M20, grey", "Leeds", 1260, 500, "0.92"),
    ("40-002", "Safety gloves, size 9", "Hull", 180, 200, "3.75"),
)
_MINUTES = """\
Minutes of the residents' meeting, 8 October 2026

Present: Zoë Brandt, José Núñez, Agnieszka Łukasik, Þóra Jónsdóttir, 山田 太郎

1. Heating. The boiler will be replaced before the winter; the offer of 18 400 €
   was accepted with seven votes to one.
2. Courtyard. Two lime trees are to be planted where the old shed stood. Agnieszka
   asks three nurseries for prices.
3. Bicycles. Whoever does not label a bicycle until the end of November will find it
   in the cellar. “Labels are at my door”, says José.

Next meeting: 14 January 2027, 19:00, in the laundry room.
"""
_LETTER = """\
Sehr geehrte Frau Müller,

vielen Dank für Ihre Anfrage vom 3. September. Gerne übernehmen wir die Prüfung der
Brandschutztüren in Ihrem Bürogebäude in der Schloßstraße. Für die jährliche Wartung
der vierzehn Türen berechnen wir pauschal 980,00 EUR zuzüglich Umsatzsteuer.

Ein Termin wäre ab der zweiten Oktoberwoche möglich. Bitte geben Sie uns bis Ende des
Monats Bescheid, ob wir Sie einplanen dürfen.

Mit freundlichen Grüßen
Jörg Schäfer
"""


def page_html() -> bytes:
    """Give a web page with a table, a style and a script."""
    return _PAGE.encode()


def mail_eml() -> bytes:
    """Give an e-mail with a PDF attached."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Oliver Finch <oliver@hartwell-finch.example>"
    mail["To"] = "Karin Lindqvist <karin.lindqvist@meridian.example>"
    mail["Subject"] = "Your invoice HF-2026-04711"
    mail["Date"] = "Mon, 14 Sep 2026 16:20:00 +0100"
    mail["Message-ID"] = "<20260914162000.4711@hartwell-finch.example>"
    mail.set_content(_MAIL)
    mail.add_attachment(
        pdfs.invoice(),
        maintype="application",
        subtype="pdf",
        filename="invoice-HF-2026-04711.pdf",
    )
    mail.set_boundary("=_docmill-sample")
    return mail.as_bytes()


def stock_csv() -> bytes:
    """Give a table with quoted fields."""
    rows = [[str(cell) for cell in row] for row in _STOCK]
    return "".join(
        ",".join(
            '"' + cell.replace('"', '""') + '"' if set(cell) & set('",') else cell
            for cell in row
        )
        + "\r\n"
        for row in rows
    ).encode()


def minutes_utf8() -> bytes:
    """Give an English text with names from all over the world."""
    return _MINUTES.encode()


def letter_latin1() -> bytes:
    """Give a German letter as older programs store it."""
    return _LETTER.encode("iso-8859-1")
