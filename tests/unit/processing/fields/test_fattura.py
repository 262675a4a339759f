from service.processing.invoice_xml import read_fields
from service.processing.results import Fields

XML = """<p:FatturaElettronica versione="FPR12"
 xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader>
<CedentePrestatore><DatiAnagrafici>
<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>00743110157</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>Officine Rossetti S.r.l.</Denominazione></Anagrafica>
</DatiAnagrafici></CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici>
<Anagrafica><Nome>Lucia</Nome><Cognome>Bianchi</Cognome></Anagrafica>
</DatiAnagrafici></CessionarioCommittente>
</FatturaElettronicaHeader>
<FatturaElettronicaBody>
<DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento>
<Divisa>EUR</Divisa><Data>2026-03-01</Data><Numero>12/A</Numero>
<ImportoTotaleDocumento>171.00</ImportoTotaleDocumento>
</DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi>
<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA>
<ImponibileImporto>50.00</ImponibileImporto><Imposta>11.00</Imposta></DatiRiepilogo>
<DatiRiepilogo><AliquotaIVA>10.00</AliquotaIVA>
<ImponibileImporto>100.00</ImponibileImporto><Imposta>10.00</Imposta></DatiRiepilogo>
</DatiBeniServizi>
<DatiPagamento><DettaglioPagamento>
<DataScadenzaPagamento>2026-03-31</DataScadenzaPagamento>
<ImportoPagamento>171.00</ImportoPagamento>
<IBAN>IT60X0542811101000000123456</IBAN>
</DettaglioPagamento></DatiPagamento>
</FatturaElettronicaBody>
</p:FatturaElettronica>"""


def values(fields: Fields) -> dict[str, str]:
    return {
        name: field.value
        for name in fields.__struct_fields__
        if (field := getattr(fields, name)) is not None
    }


def test_an_italian_electronic_invoice_is_read() -> None:
    assert values(read_fields(XML.format(kind="TD01").encode())) == {
        "document_kind": "invoice",
        "invoice_number": "12/A",
        "issue_date": "2026-03-01",
        "due_date": "2026-03-31",
        "issuer": "Officine Rossetti S.r.l.",
        "recipient": "Lucia Bianchi",
        "net_total": "150.00",
        "tax_total": "21.00",
        "total": "171.00",
        "amount_due": "171.00",
        "currency": "EUR",
        "iban": "IT60X0542811101000000123456",
        "vat_id": "IT00743110157",
    }


def test_its_credit_notes_are_told_from_invoices() -> None:
    fields = read_fields(XML.format(kind="TD04").encode())

    assert values(fields)["document_kind"] == "credit_note"


def test_amounts_that_are_none_are_left_out() -> None:
    text = XML.format(kind="TD01").replace("10.00</Imposta>", "dieci</Imposta>")

    assert "tax_total" not in values(read_fields(text.encode()))


def test_one_without_a_body_has_no_fields() -> None:
    head = "<FatturaElettronicaHeader/>"

    xml = f"<FatturaElettronica>{head}</FatturaElettronica>"

    assert read_fields(xml.encode()) == Fields()
