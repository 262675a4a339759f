"""Real invoices and what they say, written down by hand while looking at them."""

from collections.abc import Mapping

ZUGFERD = "EN16931_Einfach.pdf"
QR_BILL = "qr_bill_example.jpg"
PICTURE = "invoice_image.png"
KNOWN: Mapping[str, Mapping[str, str]] = {
    ZUGFERD: {
        "document_kind": "invoice",
        "invoice_number": "471102",
        "issue_date": "2018-03-05",
        "due_date": "2018-04-04",
        "issuer": "Lieferant GmbH",
        "recipient": "Kunden AG Mitte",
        "net_total": "473.00",
        "tax_total": "56.87",
        "total": "529.87",
        "amount_due": "529.87",
        "currency": "EUR",
        "vat_id": "DE123456789",
    },
    QR_BILL: {
        "document_kind": "invoice",
        "invoice_number": "3139",
        "issue_date": "2020-07-01",
        "due_date": "2020-07-31",  # "within 30 days"
        "issuer": "Robert Schneider AG",
        "recipient": "Pia Rutschmann",
        "net_total": "3667.35",
        "tax_total": "282.40",
        "total": "3949.75",
        "currency": "CHF",
        "iban": "CH5800791123000889012",
    },
    PICTURE: {
        "document_kind": "invoice",
        "invoice_number": "123",
        "issue_date": "2025-07-10",
        "recipient": "John Doe",
    },
}
"""Fields by file of the corpus; one that is left out does not stand there."""
