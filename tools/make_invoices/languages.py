"""How people of seven languages write invoices: words, numbers, dates, addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Words = Mapping[str, Sequence[str]]

_TERMS = (
    "invoice", "credit", "number", "date", "due", "order", "customer", "delivered",
    "bill_to", "net", "vat", "total", "paid", "to_pay", "item", "quantity", "price",
    "amount", "vat_id", "reference", "thanks",
)  # fmt: skip


def words(text: str) -> Words:
    """Read the words of a language: a line a term, `|` between what it may be."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return {
        term: [each.strip() for each in line.split("|")]
        for term, line in zip(_TERMS, lines, strict=True)
    }


WORDS: Mapping[str, Words] = {
    "en": words("""
        Invoice | INVOICE | Tax Invoice
        Credit Note | CREDIT NOTE
        Invoice number | Invoice No. | Invoice # | Number
        Invoice date | Date | Date of issue
        Due date | Payment due | Please pay by
        Order number | PO number | Your order
        Customer number | Account no.
        Delivery date | Date of supply
        Bill to | Invoice to | Customer
        Net total | Subtotal | Total excl. VAT
        VAT | VAT amount | Plus VAT
        Total | Grand total | Invoice total | Total incl. VAT
        Deposit paid | Less payments received
        Amount due | Balance due
        Description | Item
        Qty | Quantity
        Unit price | Price
        Amount | Line total
        VAT No. | VAT registration number
        Payment reference | Reference
        Thank you for your business. Please quote the invoice number with your payment.
    """),
    "de": words("""
        Rechnung | RECHNUNG
        Gutschrift | GUTSCHRIFT
        Rechnungsnummer | Rechnungs-Nr. | Rechnung Nr. | Belegnummer
        Rechnungsdatum | Datum | Belegdatum
        Zahlbar bis | Fällig am | Fälligkeitsdatum
        Bestellnummer | Ihre Bestellung | Auftragsnummer
        Kundennummer | Kunden-Nr.
        Lieferdatum | Leistungsdatum
        Rechnungsempfänger | Rechnung an | Kunde
        Nettobetrag | Zwischensumme | Summe netto
        MwSt. | USt. | zzgl. MwSt.
        Gesamtbetrag | Rechnungsbetrag | Gesamtsumme | Bruttobetrag
        Anzahlung | Bereits bezahlt
        Zahlbetrag | Zu zahlen | Restbetrag
        Bezeichnung | Leistung
        Menge | Anzahl
        Einzelpreis | E-Preis
        Betrag | Gesamt
        USt-IdNr. | USt.-ID
        Verwendungszweck | Referenz
        Wir danken für Ihren Auftrag. Bitte überweisen Sie den Betrag ohne Abzug.
    """),
    "fr": words("""
        Facture | FACTURE
        Avoir | AVOIR
        Numéro de facture | Facture N° | N° de facture
        Date de facture | Date | Date d'émission
        Date d'échéance | Échéance | À régler avant le
        N° de commande | Votre commande | Bon de commande
        N° client | Code client
        Date de livraison | Date de la prestation
        Facturé à | Adresse de facturation | Client
        Total HT | Montant HT | Total hors taxes
        TVA | Montant TVA | Total TVA
        Total TTC | Montant TTC | Total
        Acompte versé | Déjà réglé
        Net à payer | Reste à payer
        Désignation | Description
        Qté | Quantité
        Prix unitaire | PU HT
        Montant | Total
        N° TVA | TVA intracommunautaire
        Référence de paiement | Référence à rappeler
        Nous vous remercions de votre confiance. Merci de régler à réception.
    """),
    "it": words("""
        Fattura | FATTURA
        Nota di credito | NOTA DI CREDITO
        Numero fattura | Fattura n. | N. fattura
        Data fattura | Data | Data emissione
        Scadenza | Data scadenza | Da pagare entro
        Numero ordine | Vostro ordine | Ordine n.
        Codice cliente | N. cliente
        Data consegna | Data ordine
        Fatturato a | Destinatario | Cliente
        Imponibile | Totale imponibile | Totale netto
        IVA | Importo IVA | Totale IVA
        Totale fattura | Totale documento | Totale
        Acconto | Già pagato
        Totale da pagare | Netto a pagare
        Descrizione | Articolo
        Quantità | Q.tà
        Prezzo unitario | Prezzo
        Importo | Totale
        P. IVA | Partita IVA
        Causale | Riferimento pagamento
        Grazie per la fiducia accordata. Il pagamento si intende a mezzo bonifico.
    """),
    "es": words("""
        Factura | FACTURA
        Factura rectificativa | Abono
        Número de factura | Factura n.º | N.º de factura
        Fecha de factura | Fecha | Fecha de emisión
        Fecha de vencimiento | Vencimiento | Pagar antes del
        Número de pedido | Su pedido | Pedido n.º
        Número de cliente | N.º cliente
        Fecha de entrega | Fecha del pedido
        Facturar a | Facturado a | Cliente
        Base imponible | Total sin IVA | Subtotal
        IVA | Cuota IVA | Importe IVA
        Total factura | Importe total | Total
        Anticipo | Pagado
        Total a pagar | Importe a pagar
        Descripción | Concepto
        Cantidad | Cant.
        Precio unitario | Precio
        Importe | Total
        NIF | CIF
        Referencia de pago | Concepto
        Gracias por su confianza. El pago se realizará por transferencia bancaria.
    """),
    "nl": words("""
        Factuur | FACTUUR
        Creditnota | CREDITNOTA
        Factuurnummer | Factuur nr. | Factuurnr.
        Factuurdatum | Datum
        Vervaldatum | Te betalen voor | Uiterste betaaldatum
        Ordernummer | Uw bestelling | Bestelnummer
        Klantnummer | Debiteurnummer
        Leverdatum | Besteldatum
        Factuur aan | Factuuradres | Klant
        Totaal excl. btw | Subtotaal | Netto totaal
        Btw | BTW | Btw-bedrag
        Totaal incl. btw | Totaalbedrag | Totaal | Factuurbedrag
        Aanbetaling | Reeds betaald
        Te betalen | Openstaand bedrag
        Omschrijving | Artikel
        Aantal | Hoeveelheid
        Prijs | Stuksprijs
        Bedrag | Totaal
        Btw-nummer | BTW-nr.
        Betalingskenmerk | Kenmerk
        Bedankt voor uw opdracht. Wilt u het bedrag tijdig overmaken?
    """),
    "pt": words("""
        Fatura | FATURA
        Nota de crédito | NOTA DE CRÉDITO
        Número da fatura | Fatura n.º | N.º da fatura
        Data da fatura | Data | Data de emissão
        Data de vencimento | Vencimento | Pagar até
        Número da encomenda | Sua encomenda | Encomenda n.º
        Código de cliente | N.º de cliente
        Data de entrega | Data da encomenda
        Faturado a | Cliente
        Total sem IVA | Total líquido | Subtotal
        IVA | Valor do IVA | Total IVA
        Total com IVA | Total da fatura | Total | Valor total
        Adiantamento | Valor pago
        Total a pagar | Valor a pagar
        Descrição | Artigo
        Quantidade | Qtd.
        Preço unitário | Preço
        Valor | Total
        NIF | Contribuinte
        Referência de pagamento | Referência
        Obrigado pela sua preferência. O pagamento deve ser feito por transferência.
    """),
}
"""Each with the words of layouts that the rules were tuned on."""

MONTHS: Mapping[str, str] = {
    "en": "January February March April May June July August September October "
    "November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November "
    "Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre "
    "décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
    "novembre dicembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober "
    "november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro "
    "novembro dezembro",
}


@dataclass(frozen=True, slots=True)
class Locale:
    """How numbers and dates are written on one invoice."""

    language: str
    country: str
    currency: str
    point: str
    group: str
    money: str
    """With ``{}`` for the number."""
    day: str
    """``d.m.y`` and the like; ``long`` and ``short`` with the month's name."""

    def amount(self, value: Decimal, *, bare: bool = False) -> str:
        """Write an amount, without its currency when `bare`."""
        written = f"{abs(value):,.2f}".replace(",", "\0").replace(".", self.point)
        written = written.replace("\0", self.group)
        if value < 0:
            written = f"-{written}"
        return written if bare else self.money.format(written)

    def date(self, day: date) -> str:
        """Write a date."""
        names = MONTHS[self.language].split()
        name = names[day.month - 1]
        joined = " de " if self.language in {"es", "pt"} else " "
        dot = "." if self.language == "de" else ""
        match self.day:
            case "long":
                return f"{day.day}{dot}{joined}{name}{joined}{day.year}"
            case "us":
                return f"{name} {day.day}, {day.year}"
            case "short":
                return f"{day.day:02}-{name[:3]}-{day.year % 100:02}"
            case pattern:
                parts = {"d": f"{day.day:02}", "m": f"{day.month:02}"}
                parts |= {"y": str(day.year), "Y": f"{day.year % 100:02}"}
                return "".join(parts.get(char, char) for char in pattern)


LOCALES: tuple[Locale, ...] = (
    Locale("en", "GB", "GBP", ".", ",", "£{}", "long"),
    Locale("en", "GB", "GBP", ".", ",", "{}", "d/m/y"),
    Locale("en", "US", "USD", ".", ",", "${}", "us"),
    Locale("en", "US", "USD", ".", ",", "USD {}", "m/d/y"),
    Locale("en", "IE", "EUR", ".", ",", "€{}", "short"),
    Locale("de", "DE", "EUR", ",", ".", "{} €", "d.m.y"),
    Locale("de", "AT", "EUR", ",", ".", "EUR {}", "long"),
    Locale("de", "CH", "CHF", ".", "'", "CHF {}", "d.m.y"),
    Locale("fr", "FR", "EUR", ",", "\u00a0", "{} €", "d/m/y"),
    Locale("fr", "BE", "EUR", ",", ".", "{} EUR", "long"),
    Locale("fr", "CH", "CHF", ".", "'", "{} CHF", "d.m.y"),
    Locale("it", "IT", "EUR", ",", ".", "€ {}", "d/m/y"),
    Locale("it", "IT", "EUR", ",", ".", "{}", "long"),
    Locale("es", "ES", "EUR", ",", ".", "{} €", "d/m/y"),
    Locale("es", "ES", "EUR", ",", ".", "{} EUR", "long"),
    Locale("nl", "NL", "EUR", ",", ".", "€ {}", "d-m-y"),
    Locale("nl", "BE", "EUR", ",", ".", "EUR {}", "d/m/Y"),
    Locale("pt", "PT", "EUR", ",", ".", "{} €", "y-m-d"),
    Locale("pt", "PT", "EUR", ",", " ", "{} EUR", "d/m/y"),
)
