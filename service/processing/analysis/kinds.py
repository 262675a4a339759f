"""The words by which kinds of documents are told apart, in seven languages.

Headings and labels that documents of a kind carry by custom or by law, written down
from how such documents are titled; the weights are ours: 3 names the kind, 2 hardly
stands in any other, 1 supports it. Phrases have up to three words.
"""

from collections.abc import Mapping
from typing import Final

OTHER: Final = "other"
NAMES: Final = 3.0
TYPICAL: Final = 2.0
SUPPORTS: Final = 1.0

_CUES: Final[Mapping[str, Mapping[float, str]]] = {
    "invoice": {
        NAMES: "invoice; rechnung; tax invoice; facture; factura; fattura; factuur; "
        "fatura; vat invoice; proforma invoice; sammelrechnung; schlussrechnung; "
        "abschlagsrechnung; honorarnote",
        TYPICAL: "invoice number; invoice no; invoice date; rechnungsnummer; "
        "rechnungsnr; rechnungs-nr; rechnungsdatum; numéro de facture; facture n; "
        "date de facture; número de factura; fecha de factura; numero fattura; data "
        "fattura; factuurnummer; factuurdatum; número da fatura; bill to; "
        "rechnungsbetrag; leistungszeitraum; empfangsschein; zahlteil",
        SUPPORTS: "amount due; total due; balance due; zahlbar; zahlungsziel; "
        "nettobetrag; mwst; ust; vat; tva; iva; btw; payment terms; due date; "
        "fälligkeit; iban; subtotal; zwischensumme; net à payer",
    },
    "credit_note": {
        NAMES: "credit note; credit memo; gutschrift; rechnungskorrektur; "
        "stornorechnung; avoir; note de crédit; nota de crédito; abono; nota di "
        "credito; creditnota; factura rectificativa; facture d'avoir",
        TYPICAL: "credit note number; gutschriftsnummer; gutschriftnummer; "
        "creditnotanummer; numéro d'avoir; gutschriftsbetrag",
        SUPPORTS: "refund; erstattung; remboursement; reembolso; rimborso",
    },
    "receipt": {
        NAMES: "receipt; sales receipt; quittung; kassenbon; kassenbeleg; "
        "kassenzettel; ticket de caisse; reçu; recibo; ricevuta; scontrino; kassabon; "
        "documento commerciale; bon",
        TYPICAL: "cashier; kassierer; caissier; cajero; tse-signatur; cash; change "
        "due; rückgeld; gegeben; rendu; cambio; wisselgeld; change; tendered; carte "
        "bancaire; merci de votre visite; gracias por su visita; grazie e arrivederci",
        SUPPORTS: "total; summe; visa; mastercard; terminal; table; tisch; kasse; "
        "approval code; beleg-nr; bon-nr; subtotal; tip; card",
    },
    "reminder": {
        NAMES: "payment reminder; reminder; mahnung; zahlungserinnerung; letzte "
        "mahnung; rappel; lettre de relance; recordatorio de pago; sollecito; "
        "sollecito di pagamento; aanmaning; betalingsherinnering; aviso de cobrança; "
        "past due notice; overdue notice; dunning notice",
        TYPICAL: "overdue; überfällig; mahngebühr; mahngebühren; mahnstufe; en retard "
        "de; impayé; vencida; scaduta; achterstallig; past due; verzugszinsen; "
        "rückständig",
        SUPPORTS: "outstanding; offene posten; offener betrag; late fee; pénalités de "
        "retard; bereits bezahlt",
    },
    "quote": {
        NAMES: "quotation; quote; estimate; angebot; kostenvoranschlag; offerte; "
        "devis; presupuesto; cotización; preventivo; offerta; orçamento; proposal",
        TYPICAL: "quote number; quotation no; angebotsnummer; angebots-nr; valid "
        "until; gültig bis; devis n; valable jusqu; válido hasta; geldig tot; "
        "angebotsdatum; freibleibend; unverbindlich",
        SUPPORTS: "we are pleased; bieten wir; gerne bieten; nous vous proposons; "
        "lieferzeit; scope of work",
    },
    "order": {
        NAMES: "purchase order; order confirmation; bestellung; auftragsbestätigung; "
        "bestellbestätigung; bon de commande; commande; pedido; orden de compra; "
        "ordine; ordine di acquisto; inkooporder; bestelling; orderbevestiging; sales "
        "order; auftrag",
        TYPICAL: "your order; ihre bestellung; votre commande; po number; purchase "
        "order number; order number; bestellnummer; bestell-nr; auftragsnummer; "
        "numéro de commande; número de pedido; numero ordine; ordernummer; "
        "bestelldatum; ship to; order date",
        SUPPORTS: "quantity; menge; liefertermin; delivery date; artikelnummer; sku",
    },
    "delivery_note": {
        NAMES: "delivery note; packing slip; packing list; lieferschein; "
        "warenausgang; bon de livraison; albarán; nota de entrega; documento di "
        "trasporto; pakbon; afleverbon; leveringsbon; guia de remessa; delivery slip; "
        "waybill; frachtbrief; bill of lading",
        TYPICAL: "lieferscheinnummer; lieferschein-nr; delivery note number; ware "
        "erhalten; goods received; received by; erhalten am; gross weight; "
        "bruttogewicht; ddt",
        SUPPORTS: "packages; colli; delivered; geliefert; livré; gewicht; weight; "
        "carrier; spediteur; tracking number",
    },
    "contract": {
        NAMES: "contract; agreement; vertrag; kaufvertrag; mietvertrag; "
        "arbeitsvertrag; rahmenvertrag; dienstvertrag; vereinbarung; contrat; "
        "contrato; contratto; overeenkomst; service agreement; lease agreement; "
        "employment contract; nondisclosure agreement; werkvertrag",
        TYPICAL: "hereinafter; hereby agree; the parties; die parteien; "
        "vertragsparteien; nachfolgend; les parties; las partes; le parti; partijen; "
        "governing law; gerichtsstand; kündigungsfrist; termination; salvatorische "
        "klausel; severability; whereas; in witness whereof; vertragsgegenstand",
        SUPPORTS: "clause; article; paragraph; signature; unterschrift; liability; "
        "haftung; confidentiality; obligations; witness; effective date",
    },
    "bank_statement": {
        NAMES: "bank statement; account statement; statement of account; kontoauszug; "
        "relevé de compte; relevé bancaire; extracto bancario; estado de cuenta; "
        "estratto conto; rekeningafschrift; bankafschrift; extrato bancário; "
        "kontoübersicht; depotauszug",
        TYPICAL: "opening balance; closing balance; anfangssaldo; endsaldo; "
        "kontostand; alter kontostand; neuer kontostand; solde précédent; nouveau "
        "solde; saldo anterior; saldo iniziale; saldo finale; beginsaldo; eindsaldo; "
        "ending balance; wertstellung",
        SUPPORTS: "balance; saldo; solde; buchungstag; valuta; debit; credit; soll; "
        "haben; transactions; umsätze; withdrawals; deposits; lastschrift",
    },
    "payslip": {
        NAMES: "payslip; pay slip; payroll; pay stub; gehaltsabrechnung; "
        "lohnabrechnung; entgeltabrechnung; verdienstabrechnung; lohnausweis; "
        "bulletin de paie; fiche de paie; nómina; busta paga; cedolino; loonstrook; "
        "salarisstrook; recibo de vencimento; verdienstbescheinigung",
        TYPICAL: "gross pay; net pay; bruttolohn; nettolohn; bruttogehalt; "
        "auszahlungsbetrag; lohnsteuer; sozialversicherung; salaire brut; salaire "
        "net; salario bruto; stipendio; brutoloon; nettoloon; national insurance; "
        "steuerklasse; personalnummer; gesamtbrutto",
        SUPPORTS: "employee; arbeitnehmer; employer; arbeitgeber; salaire; "
        "deductions; pension; krankenversicherung; pay period; hours worked",
    },
    "letter": {
        TYPICAL: "dear sir; dear madam; dear mr; dear ms; dear mrs; sehr geehrte "
        "damen; sehr geehrter herr; sehr geehrte frau; yours sincerely; yours "
        "faithfully; sincerely yours; mit freundlichen grüßen; mit freundlichem gruß; "
        "freundliche grüße; cher monsieur; chère madame; veuillez agréer; estimado "
        "señor; estimada señora; atentamente; gentile signora; egregio signore; "
        "distinti saluti; cordiali saluti; geachte heer; geachte mevrouw; met "
        "vriendelijke groet; hoogachtend; prezado senhor; atenciosamente; kind "
        "regards; best regards; sincerely; cordialement",
        SUPPORTS: "dear; enclosed; betreff; subject; anlage; re; objet; asunto; "
        "oggetto; betreft; liebe; lieber; regards; sehr geehrte; sehr geehrter",
    },
    "email": {
        SUPPORTS: "sent; gesendet; wrote; envoyé; enviado; inviato; verzonden",
    },
    "report": {
        NAMES: "report; annual report; bericht; jahresbericht; geschäftsbericht; "
        "prüfbericht; rapport; rapport annuel; informe; relazione; verslag; "
        "jaarverslag; relatório; whitepaper; white paper; studie; minutes; protokoll; "
        "sitzungsprotokoll; procès-verbal",
        TYPICAL: "executive summary; table of contents; inhaltsverzeichnis; abstract; "
        "zusammenfassung; management summary; sommaire; résumé; índice; indice; "
        "inhoudsopgave; conclusions; methodology; references; literaturverzeichnis; "
        "teilnehmer; attendees; agenda; tagesordnung",
        SUPPORTS: "introduction; einleitung; conclusion; fazit; chapter; kapitel; "
        "figure; abbildung; results; ergebnisse; appendix; anhang; findings; analysis",
    },
    "form": {
        NAMES: "application form; form; formular; antrag; antragsformular; "
        "formulaire; formulario; modulo; formulier; formulário; questionnaire; "
        "fragebogen; registration form; claim form; anmeldeformular; demande de",
        TYPICAL: "please tick; please complete; please fill; zutreffendes ankreuzen; "
        "bitte ankreuzen; bitte ausfüllen; cocher la case; marque con; barrare la "
        "casella; aankruisen; in block letters; in blockschrift; for office use; "
        "ankreuzen",
        SUPPORTS: "date of birth; geburtsdatum; date de naissance; fecha de "
        "nacimiento; applicant; antragsteller; signature of; marital status; "
        "nationality; familienstand; first name; last name; vorname; nachname",
    },
    "id_document": {
        NAMES: "passport; reisepass; passeport; pasaporte; passaporto; paspoort; "
        "identity card; personalausweis; identitätskarte; carte d'identité; carte "
        "nationale; documento nacional; carta d'identità; identiteitskaart; driving "
        "licence; driver license; führerschein; permis de conduire; residence permit; "
        "aufenthaltstitel",
        TYPICAL: "date of expiry; place of birth; geburtsort; lieu de naissance; "
        "lugar de nacimiento; given names; surname; passport no; ausstellende "
        "behörde; issuing authority; gültigkeitsdatum; date d'expiration",
        SUPPORTS: "nationality; staatsangehörigkeit; nationalité; nacionalidad; sex; "
        "geschlecht; authority; behörde; height; größe",
    },
}

KINDS: Final = (*_CUES, "spreadsheet", "presentation", OTHER)
"""Every label there is."""


def _by_phrase() -> dict[tuple[str, ...], tuple[tuple[str, float], ...]]:
    found: dict[tuple[str, ...], tuple[tuple[str, float], ...]] = {}
    for kind, by_weight in _CUES.items():
        for weight, phrases in by_weight.items():
            for phrase in phrases.split("; "):
                words = tuple(phrase.split())
                found[words] = (*found.get(words, ()), (kind, weight))
    return found


CUES: Final = _by_phrase()
"""Phrases, as words in lower case, to the kinds they speak for and their weight."""
LONGEST: Final = max(map(len, CUES))
"""Words of the longest phrase."""
