"""What stands before the values of business documents, in seven languages.

Written down from invoice templates and from the particulars that Directive 2006/112/EC
art. 226 makes invoices of the EU name; folded to ASCII. A phrase is a row of words:
what stands between them (points, hyphens, apostrophes) does not matter.
"""

from collections.abc import Mapping

from service.processing.entities.amount_words import AMOUNT_WORDS
from service.processing.entities.roles import Role

STRONG: Mapping[Role, str] = {
    "invoice_number": (
        "inv nr; invoice code; rechnungs id; re nummer; rg nummer; "
        "numero de la facture; n doc; doc n; "
        "nr documento; numero doc; no documento; numero do documento; n documento; "
        "num fra; n fra; "
        "nota nr; factuurkenmerk; factuurcode; fatura recibo; recibo n; "
        "invoice number; invoice no; invoice nr; invoice num; invoice #; invoice id; "
        "invoice ref; invoice reference; inv no; inv #; tax invoice no; bill number; "
        "bill no; receipt number; receipt no; receipt #; credit note number; "
        "credit note no; credit memo no; credit note #; document number; document no; "
        "quote number; statement number; reminder number; "
        "rechnungsnummer; rechnungsnr; rechnungs nr; rechnung nr; rechnungs nummer; "
        "rechnung nummer; rechn nr; rech nr; rg nr; re nr; belegnummer; beleg nr; "
        "belegnr; gutschriftsnummer; gutschriftnummer; gutschrift nr; quittung nr; "
        "rechnungs no; rechnung no; bon nr; mahnung nr; "
        "numero de facture; numero facture; facture numero; facture n; facture no; "
        "no de facture; n de facture; n facture; no facture; ref facture; "
        "reference facture; avoir n; avoir no; numero d avoir; n d avoir; recu n; "
        "numero fattura; fattura n; fattura nr; fattura numero; n fattura; nr fattura; "
        "numero documento; fattura no; documento n; nota di credito n; "
        "numero de factura; numero factura; factura n; factura no; n de factura; "
        "no de factura; no factura; n factura; factura numero; factura num; "
        "num factura; "
        "factuurnummer; factuurnr; factuur nr; factuur nummer; nota nummer; "
        "creditfactuurnummer; creditnota nr; creditnotanummer; factuur no; "
        "numero da fatura; fatura n; n da fatura; fatura no; fatura numero; n fatura; "
        "numero fatura; fatura recibo n; no da fatura; nota fiscal n; nota de credito n"
    ),
    "order_number": (
        "p o no; p o number; bestellung; ref commande; rif ordine; rif vs ordine; "
        "vs ordine n; s pedido; ref pedido; "
        "uw ref; inkoopordernr; v encomenda; nota de encomenda; commande; "
        "order number; order no; order #; order id; po number; po no; po #; po; "
        "purchase order; purchase order no; purchase order number; your order; "
        "your order no; your reference; your ref; customer po; p o; "
        "bestellnummer; bestell nr; bestellnr; auftragsnummer; auftrags nr; "
        "auftragsnr; "
        "ihre bestellung; ihr auftrag; bestellung nr; auftrag nr; ihr zeichen; "
        "numero de commande; commande n; commande no; n de commande; bon de commande; "
        "votre commande; no de commande; n commande; "
        "numero ordine; ordine n; n ordine; ordine nr; vostro ordine; vs ordine; "
        "numero de pedido; pedido n; n de pedido; no de pedido; su pedido; pedido; "
        "bestelnummer; ordernummer; order nr; uw bestelling; uw referentie; "
        "inkooporder; "
        "numero da encomenda; encomenda n; n da encomenda; pedido no; sua encomenda"
    ),
    "issue_date": (
        "inv date; bill dated; date of document; rg datum; re datum; ausstellung; "
        "erstellt am; "
        "date du document; data doc; data del documento; fecha de expedicion; "
        "fecha del documento; "
        "f factura; emitida; emision; dagtekening; factuur d d; datum van factuur; "
        "emissao; data doc; "
        "invoice date; date of invoice; date of issue; issue date; issued on; "
        "date issued; issued; billing date; bill date; document date; tax date; "
        "receipt date; credit note date; statement date; tax point; "
        "rechnungsdatum; rechnung vom; belegdatum; ausstellungsdatum; ausgestellt am; "
        "rechnungs datum; rg datum; gutschriftsdatum; datum der rechnung; "
        "date de facture; date de facturation; date facture; date d emission; "
        "date de la facture; emise le; emis le; facture du; etablie le; "
        "data fattura; data emissione; data di emissione; data documento; "
        "data della fattura; emessa il; fattura del; "
        "fecha de factura; fecha factura; fecha de emision; fecha emision; "
        "fecha de expedicion; emitida el; "
        "factuurdatum; datum factuur; factuur datum; creditnota datum; "
        "data da fatura; data fatura; data de emissao; data emissao; "
        "data do documento; "
        "emitida em; emitido em"
    ),
    "due_date": (
        "no later than; not later than; spatestens am; spatestens bis; bis spatestens; "
        "avant le; antes del; "
        "au plus tard le; entro e non oltre il; a mas tardar el; uiterlijk; "
        "uiterlijk op; o mais tardar em; "
        "falligkeitstermin; zahlung bis spatestens; zahlbar spatestens; terme; "
        "date limite; "
        "date limite de reglement; scad; entro il; vto; fecha de vto; fecha limite; "
        "vervalt op; "
        "uiterlijk betalen; venc; data limite; data venc; pagavel ate; zahlen bis; "
        "zahlen sie bis; "
        "due date; payment due; payment due date; due by; pay by; payable by; due on; "
        "please pay by; payment due by; date due; invoice due date; due; "
        "payment due on; due for payment; invoice due; "
        "zahlbar bis; zahlbar bis zum; fallig am; falligkeit; falligkeitsdatum; "
        "zahlung bis; fallig; fallig bis; zahlungsziel; zahlungstermin; zahlbar; "
        "zu zahlen bis; zahlungsfrist; falligkeit am; uberweisung bis; "
        "date d echeance; echeance; date echeance; a payer avant le; "
        "a regler avant le; "
        "payable avant le; date limite de paiement; payable le; a payer pour le; "
        "echeance le; a regler pour le; date de paiement; "
        "preleve le; prelevement le; date de prelevement; soit le; scadenze; "
        "scadenza; data scadenza; data di scadenza; scadenza pagamento; "
        "pagamento entro; "
        "da pagare entro; pagare entro il; scadenza il; "
        "fecha de vencimiento; vencimiento; fecha vencimiento; vence el; vence; "
        "pagar antes del; pagadero antes del; "
        "vervaldatum; uiterste betaaldatum; te betalen voor; betalen voor; vervaldag; "
        "betaaldatum; uiterlijk te betalen op; te voldoen voor; "
        "data de vencimento; vencimento; data vencimento; pagar ate; pagamento ate; "
        "vence em; data limite de pagamento"
    ),
    "iban": "iban; iban nr; iban no; kontonummer iban; account iban",
    "bic": "bic; swift; bic swift; swift bic; swift code",
    "vat_id": (
        "vat number; vat no; vat id; vat reg no; vat registration number; vat reg; "
        "vat registration; vat id no; gst no; gstin; tax id; "
        "ust idnr; ust id nr; ust id; umsatzsteuer id; uid; uid nummer; uid nr; "
        "umsatzsteuer identifikationsnummer; mwst nr; mwst nummer; ust idnr; ustid; "
        "n tva; no tva; tva intracommunautaire; n tva intracommunautaire; "
        "numero de tva; numero tva; id tva; tva intracom; "
        "p iva; partita iva; iva n; p iva c f; "
        "nif; cif; nif iva; n i f; c i f; nif cif; "
        "btw nummer; btw nr; btw id; btw identificatienummer; btw no; "
        "nipc; contribuinte; n contribuinte; nif nipc; n contrib; contrib"
    ),
    "payment_reference": (
        "payment reference; reference for payment; payment ref; remittance reference; "
        "bank reference; please quote; "
        "verwendungszweck; zahlungsreferenz; referenznummer; referenz; "
        "zahlungsreferenz; zahlungszweck; "
        "reference de paiement; reference paiement; reference a rappeler; "
        "communication; communication structuree; "
        "causale; riferimento pagamento; causale pagamento; "
        "referencia de pago; concepto; referencia pago; "
        "betalingskenmerk; betaalkenmerk; kenmerk betaling; "
        "gestructureerde mededeling; "
        "referencia de pagamento; referencia pagamento; referencia multibanco"
    ),
    "recipient": (
        "debtor; opdrachtgever; debiteur; geadresseerde; doit; facture pour; "
        "committente; "
        "exmo s sr s; exmos senhores; exmo senhor; destinatario da fatura; "
        "facturado para; "
        "credit to; credited to; "
        "bill to; billed to; invoice to; sold to; invoiced to; billing address; "
        "bill to address; customer; client; buyer; invoice address; billed party; "
        "rechnungsempfanger; rechnung an; rechnungsadresse; rechnungsanschrift; kunde; "
        "kaufer; leistungsempfanger; auftraggeber; kundenadresse; "
        "kaufer leistungsempfanger; "
        "vendu a; facture a; facturee a; adresse de facturation; client; destinataire; "
        "facturer a; acheteur; adresse facturation; "
        "fatturato a; intestatario; destinatario; cliente; fatturare a; spett le; "
        "intestata a; spettabile; cessionario committente; "
        "facturar a; cliente; facturado a; datos del cliente; "
        "direccion de facturacion; "
        "comprador; "
        "factuur aan; factuuradres; klant; gefactureerd aan; factureren aan; afnemer; "
        "faturar a; faturado a; exmo s; exmos srs; dados do cliente; adquirente"
    ),
    "issuer": (
        "seller; supplier; vendor; bill from; invoice from; issued by; from; "
        "verkaufer; lieferant; rechnungssteller; leistungserbringer; absender; "
        "vendeur; fournisseur; emetteur; emis par; prestataire; "
        "fornitore; cedente; emittente; venditore; cedente prestatore; "
        "proveedor; emisor; vendedor; emitido por; "
        "leverancier; verkoper; afzender; "
        "fornecedor; emitente; vendedor; prestador"
    ),
    **AMOUNT_WORDS,
}
"""Labels that mean their role wherever they stand."""

WEAK: Mapping[Role, str] = {
    "number": "number; #; no; nr; nummer; numero; num; n; ref; reference; beleg",
    "issue_date": "date; dated; datum; data; fecha",
    "subtotal": (
        "subtotal; sub total; items total; zwischensumme; sous total; subtotale; "
        "subtotaal; positionssumme; warenwert; sub totale; summe der positionen; "
        "sum; goods total; total lines; somma; totale merce; suma; merchandise"
    ),
    "total": "total; summe; gesamt; totale; totaal; insgesamt; celkem; suma total",
    "name": "name; nom; nome; nombre; naam; firma; company; ragione sociale; "
    "razon social; raison sociale; denominazione; bedrijf; empresa",
}
"""Labels that only mean their role where nothing better stands."""

BLOCKING: Mapping[Role, str] = {
    "other_number": (
        "cust id; kunde nr; debitor; debitor nr; compte client; ref cliente; "
        "cliente n; cod cliente; cliente no; "
        "relatienummer; klantcode; "
        "customer number; customer no; customer id; account number; account no; "
        "delivery note no; delivery note number; contract number; contract no; "
        "registered no; registered in england no; registered in england and wales no; "
        "company number; company no; registration number; reg no; company reg no; "
        "phone; tel; fax; customer ref; job no; project no; item no; article no; "
        "part no; sku; gln; page; serial no; routing number; sort code; client id; "
        "kundennummer; kunden nr; kundennr; lieferscheinnummer; lieferschein nr; "
        "steuernummer; steuer nr; st nr; hrb; handelsregister; vertragsnummer; "
        "artikelnummer; art nr; artikel nr; seite; telefon; projekt nr; konto nr; "
        "kontonummer; blz; bankleitzahl; vorgangsnummer; globale nummer; kd nr; "
        "handelsregisternummer; sachbearbeiter; projektnummer; "
        "numero client; n client; no client; code client; siret; siren; rcs; "
        "bon de livraison; ref client; reference client; telephone; "
        "codice cliente; n cliente; cod cliente; codice fiscale; c f; rea; ddt; ddt n; "
        "codice destinatario; cod art; "
        "numero de cliente; n cliente; codigo cliente; albaran; no cliente; "
        "klantnummer; klant nr; kvk; kvk nummer; pakbon; debiteurnummer; klantnr; "
        "debiteurnr; "
        "codigo de cliente; n de cliente; guia; atcud; codigo do cliente; "
        "numero de cliente"
    ),
    "other_date": (
        "despatch date; dispatch date; shipped on; leistung vom; lieferung am; "
        "datum der leistung; livraison du; "
        "prestation du; consegna del; ddt del; albaran del; geleverd op; "
        "datum levering; carga em; entregue em; "
        "delivery date; date of delivery; service date; order date; ship date; "
        "shipped; "
        "date of supply; supply date; period; service period; print date; valid until; "
        "date of birth; shipping date; from date; period from; date of order; "
        "date of original invoice; original invoice date; contract date; date paid; "
        "lieferdatum; leistungsdatum; leistungszeitraum; liefer und leistungsdatum; "
        "bestelldatum; auftragsdatum; lieferung vom; bestellung vom; druckdatum; "
        "gultig bis; leistung am; zeitraum; geburtsdatum; skonto bis; vertrag vom; "
        "date de livraison; date de commande; date de prestation; periode; "
        "date de la prestation; valable jusqu au; date de la commande; "
        "data consegna; data di consegna; data ordine; periodo; data ddt; "
        "data dell ordine; "
        "fecha de entrega; fecha de pedido; fecha del pedido; fecha de operacion; "
        "periodo; "
        "leverdatum; besteldatum; orderdatum; periode; geldig tot; leveringsdatum; "
        "data de entrega; data do pedido; data da encomenda; periodo; data de carga"
    ),
    "other_amount": (
        "shipping; freight; handling; discount; rounding; postage; carriage; delivery; "
        "tip; change; cash; late fee; total discount; total hours; total weight; "
        "total quantity; total items; total qty; carried forward; brought forward; "
        "previous balance; opening balance; surcharge; total savings; "
        "versand; versandkosten; rabatt; skonto; rundung; fracht; porto; ubertrag; "
        "nachlass; mahngebuhr; gesamtbetrag der zuschlage; gesamtbetrag der abschlage; "
        "steuersatz; ruckgeld; bar; gesamtgewicht; rechnung ohne mwst; "
        "frais de port; remise; livraison; escompte; report; arrondi; "
        "spedizione; sconto; trasporto; spese; arrotondamento; spese di spedizione; "
        "descuento; envio; portes; gastos de envio; transporte; "
        "verzendkosten; korting; afronding; verzending; "
        "desconto; portes de envio; transporte; arredondamento; total de descontos"
    ),
    "column": (
        "quantity; qty; unit price; price; rate; description; item; hours; unit; "
        "line total; amount; tax rate; vat rate; pos; details; "
        "menge; einzelpreis; preis; bezeichnung; beschreibung; leistung; betrag; "
        "artikel; position; e preis; anzahl; einheit; mwst satz; ust satz; "
        "quantite; prix unitaire; designation; pu ht; montant; qte; description; prix; "
        "taux tva; p u; "
        "quantita; prezzo; prezzo unitario; descrizione; importo; q ta; aliquota; "
        "aliquota iva; "
        "cantidad; precio; descripcion; precio unitario; importe; concepto; tipo iva; "
        "aantal; prijs; omschrijving; bedrag; stuksprijs; tarief; btw tarief; "
        "quantidade; preco; descricao; preco unitario; valor; taxa iva; qtd"
    ),
    "other_party": (
        "ship to; deliver to; delivery address; shipping address; remit to; "
        "lieferadresse; lieferanschrift; lieferung an; warenempfanger; "
        "adresse de livraison; livre a; destinazione merce; luogo di consegna; "
        "direccion de entrega; enviar a; afleveradres; bezorgadres; leveren aan; "
        "morada de entrega; local de entrega; entregar a"
    ),
}
"""Labels of what is no field: their values are not taken for one."""
