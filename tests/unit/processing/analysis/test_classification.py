import pytest

from service.processing.analysis.kinds import KINDS
from service.processing.analysis.step import analyse
from service.processing.results import Classification, Fields
from tests.unit.processing.analysis.documents import context_of, field
from tests.unit.processing.running import SAMPLES, extract


def kind_of(text: str, media_type: str = "text/plain") -> Classification | None:
    context = context_of(text, media_type=media_type)
    analyse(context)
    found: Classification | None = context.analysis["classification"]
    return found


TEXTS = [
    ("invoice", "INVOICE\nInvoice number: 17\nInvoice date: 1 May 2026\nAmount due 5"),
    ("invoice", "Rechnung\nRechnungsnr. 17\nRechnungsdatum 1.5.2026\nMwSt 19 %"),
    ("invoice", "FACTURE\nDate de facture 1/5/2026\nTVA 20 %\nNet à payer 120"),
    ("invoice", "Fattura n. 5\nData fattura 1/5/2026\nIVA 22%"),
    ("invoice", "Factuur\nFactuurnummer 5\nBTW 21%"),
    ("credit_note", "Gutschrift\nGutschriftsnummer 5\nzu Rechnung 17"),
    ("credit_note", "Credit note\nfor invoice 17\nRefund 5.00"),
    ("receipt", "Café Sol\nTicket de caisse\nTotal 3,50\nRendu 1,50"),
    ("receipt", "Café Central\nTotal TTC 7,10\nCarte bancaire\nMerci de votre visite"),
    ("receipt", "RECEIPT\nCashier: 4\nCash 10.00\nChange due 2.00"),
    ("reminder", "Mahnung\nDie Rechnung 17 ist überfällig.\nMahngebühr 5,00"),
    ("reminder", "Payment reminder\nInvoice 17 is overdue since May."),
    ("quote", "Angebot\nAngebotsnummer 5\ngültig bis 1.6.2026\nfreibleibend"),
    ("order", "Purchase order\nPO number 5\nShip to: us\nDelivery date 1 May"),
    ("delivery_note", "Lieferschein\nLieferschein-Nr. 5\nBruttogewicht 20 kg"),
    ("contract", "Mietvertrag\nDie Parteien vereinbaren\nKündigungsfrist drei Monate"),
    ("bank_statement", "Kontoauszug\nalter Kontostand 5,00\nneuer Kontostand 6,00"),
    ("payslip", "Gehaltsabrechnung\nSteuerklasse 1\nLohnsteuer 500,00"),
    ("payslip", "Bulletin de paie\nSalaire brut 3000\nSalaire net 2400"),
    ("letter", "Sehr geehrte Frau Kunz,\nvielen Dank.\nMit freundlichen Grüßen"),
    ("report", "Annual report\nTable of contents\nExecutive summary\nMethodology"),
    ("form", "Antrag\nbitte ausfüllen\nName ________ Ort ________\n☐ ja ☐ nein"),
    (
        "id_document",
        "REISEPASS\nP<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<<\n",
    ),
    ("other", "Lorem ipsum dolor sit amet, and nothing else of a kind."),
]


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_a_document_is_told_by_its_words(kind: str, text: str) -> None:
    found = kind_of(text)
    assert found is not None
    assert found.label == kind
    assert found.label == found.candidates[0].label
    assert 0 < found.confidence <= 1
    scores = [each.score for each in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= 5
    assert {each.label for each in found.candidates} <= set(KINDS)


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [("text/csv", "spreadsheet"), ("message/rfc822", "email")],
)
def test_a_format_says_what_it_is(media_type: str, kind: str) -> None:
    found = kind_of("total; 5", media_type)
    assert found is not None
    assert found.label == kind


def test_a_machine_readable_invoice_is_believed() -> None:
    context = context_of(
        "Dear Sir\nYours sincerely",
        fields=Fields(document_kind=field("credit_note", "xml")),
    )
    analyse(context)
    assert context.analysis["classification"].label == "credit_note"


def test_an_order_spoken_of_in_a_letter_does_not_make_it_one() -> None:
    text = (
        "Dear Ms Ray,\nin order to check your report and the form we ask for a receipt "
        "and for the contract of the order.\nKind regards\nA. Nother"
    )
    found = kind_of(text)
    assert found is not None
    assert found.label == "letter"


def test_without_text_nothing_is_said() -> None:
    assert kind_of(" \n") is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("invoice-facturx.pdf", "invoice"),
        ("invoice.pdf", "invoice"),
        ("agreement.docx", "contract"),
        ("expenses.xlsx", "spreadsheet"),
        ("kickoff.pptx", "presentation"),
        ("letter-latin1.txt", "letter"),
        ("mail-with-invoice.eml", "email"),
        ("minutes-utf8.txt", "report"),
        ("order.html", "order"),
        ("report-tables.pdf", "report"),
        ("stock.csv", "spreadsheet"),
    ],
)
def test_the_samples_are_what_they_are(name: str, kind: str) -> None:
    outcome = extract(SAMPLES / name, job_type="FULL_ANALYSIS")
    assert outcome.data["classification"]["label"] == kind
    assert outcome.data["anomalies"] == ()


def test_a_list_of_files_is_of_no_kind_that_it_names() -> None:
    found = extract(SAMPLES / "expected.json", job_type="FULL_ANALYSIS").data

    assert found["classification"]["label"] == "other"
    assert found["extraction"]["fields"]["documentKind"] is None


def test_a_word_in_data_is_no_title() -> None:
    text = "invoice\nreceipt"

    as_text, as_data = kind_of(text), kind_of(text, media_type="application/json")

    assert as_text is not None
    assert as_data is not None
    assert (as_text.label, as_data.label) == ("invoice", "other")
