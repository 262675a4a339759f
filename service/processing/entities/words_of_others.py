"""What stands before the values in Finnish, Hungarian, Romanian and Turkish.

As in `label_words`, which has seven other languages. Written down from what invoices
have to state in each country: the Finnish AVL 209 e, the Hungarian act CXXVII of 2007
§ 169, the Romanian Codul fiscal art. 319, the Turkish VUK art. 230.
"""

from collections.abc import Mapping

from service.processing.entities.roles import Role

OTHERS_STRONG: Mapping[Role, str] = {
    "invoice_number": (
        "laskun numero; laskunumero; lasku nro; laskun nro; lasku no; "
        "hyvityslaskun numero; tositenumero; kuitin numero; "
        "szamlaszam; szamla sorszama; szamla szama; bizonylatszam; "
        "bizonylat sorszama; szamla sorszam; "
        "numar factura; numarul facturii; nr factura; factura nr; factura numar; "
        "seria si numarul; nr facturii; factura fiscala nr; "
        "fatura no; fatura numarasi; belge no; fatura seri no"
    ),
    "order_number": (
        "tilausnumero; tilausnro; ostotilaus; viitteenne; viitteesi; "
        "rendelesszam; megrendeles szama; rendeles szama; "
        "numar comanda; nr comanda; comanda nr; "
        "siparis no; siparis numarasi"
    ),
    "issue_date": (
        "laskun paiva; laskun paivays; laskupaiva; laskun paivamaara; "
        "paivays; "
        "szamla kelte; kiallitas datuma; kiallitas kelte; szamla datuma; kelte; kelt; "
        "kiallitas napja; "
        "data facturii; data emiterii; data factura; data zi luna an; "
        "fatura tarihi; duzenleme tarihi; duzenlenme tarihi; belge tarihi"
    ),
    "due_date": (
        "erapaiva; erapv; maksettava viimeistaan; "
        "fizetesi hatarido; esedekesseg; fizetesi hatarideje; fizetes hatarideje; "
        "data scadentei; scadenta; data scadenta; termen de plata; scadent la; "
        "vade tarihi; son odeme tarihi; vade; odeme tarihi"
    ),
    "vat_id": (
        "alv nro; alv numero; y tunnus; "
        "adoszam; kozossegi adoszam; eu adoszam; "
        "cif; cod fiscal; c i f; cui; c u i; cod tva; "
        "vkn; vergi no; vergi numarasi; vergi kimlik no"
    ),
    "payment_reference": "viitenumero; viite; viitenro; kozlemeny; odeme referansi",
    "recipient": (
        "ostaja; laskutusosoite; laskun saaja; maksaja; "
        "vevo; vevo neve; szamlafizeto; "
        "cumparator; beneficiar; "
        "sayin; alici; musteri"
    ),
    "issuer": (
        "myyja; laskuttaja; "
        "elado; szallito; szolgaltato; kiallito; "
        "furnizor; vanzator; emitent; "
        "satici"
    ),
    "net_total": (
        "veroton yhteensa; yhteensa veroton; veroton summa; veroton hinta; "
        "yhteensa ilman alv; veroton; "
        "netto osszesen; netto osszeg; osszesen netto; adoalap; afa alapja; "
        "total fara tva; valoare fara tva; baza de impozitare; total net; "
        "mal hizmet toplam tutari; ara toplam; matrah; kdv matrahi; "
        "kdv haric toplam; vergi haric tutar"
    ),
    "tax_total": (
        "arvonlisavero; alv; alv yhteensa; vero yhteensa; arvonlisavero yhteensa; "
        "afa; afa osszesen; afa osszeg; afa osszege; "
        "total tva; valoare tva; valoarea tva; tva; "
        "kdv; hesaplanan kdv; toplam kdv; kdv tutari; kdv toplami"
    ),
    "total": (
        "verollinen yhteensa; yhteensa verollinen; lasku yhteensa; loppusumma; "
        "laskun summa; laskun loppusumma; "
        "brutto osszesen; vegosszeg; brutto vegosszeg; mindosszesen; szamla osszege; "
        "osszesen brutto; szamla vegosszege; brutto osszeg; "
        "total general; total cu tva; total factura; valoare totala; "
        "vergiler dahil toplam tutar; genel toplam; toplam tutar; kdv dahil toplam; "
        "kdv dahil tutar"
    ),
    "amount_due": (
        "maksettava; maksettavaa; maksettava yhteensa; maksettavaa yhteensa; "
        "fizetendo; fizetendo osszeg; fizetendo vegosszeg; fizetendo osszesen; "
        "osszesen fizetendo; "
        "total de plata; total plata; rest de plata; suma de plata; "
        "odenecek tutar; odenecek toplam; odenecek; odenecek toplam tutar"
    ),
    "paid": (
        "maksettu; ennakko; ennakkomaksu; suoritukset; "
        "fizetve; eloleg; befizetve; "
        "achitat; avans; incasat; "
        "odenen; tahsil edilen"
    ),
}
"""Labels that mean their role wherever they stand."""

OTHERS_WEAK: Mapping[Role, str] = {
    "number": "sorszam; numar; numara",
    "issue_date": "pvm; paivamaara; datum; tarih",
    "subtotal": "valisumma; reszosszeg; subtotal; ara tutar",
    "total": "yhteensa; summa; osszesen; toplam",
    "name": "nimi; nev; denumire; unvan; unvani",
}
"""Labels that only mean their role where nothing better stands."""

OTHERS_BLOCKING: Mapping[Role, str] = {
    "other_number": (
        "asiakasnumero; asiakasnro; asiakas nro; toimitusnumero; sivu; puhelin; puh; "
        "tilinumero; "
        "ugyfelszam; ugyfelazonosito; vevokod; szerzodesszam; cegjegyzekszam; "
        "bankszamlaszam; szamlaszamunk; szallitolevel szama; oldal; telefon; "
        "cod client; nr reg com; aviz nr; aviz de insotire; nr contract; pagina; "
        "musteri no; irsaliye no; ettn; sayfa; mersis no; ticaret sicil no; "
        "ozellestirme no; hesap no"
    ),
    "other_date": (
        "toimituspaiva; tilauspaiva; toimitusaika; laskutuskausi; "
        "teljesites; teljesites kelte; teljesites datuma; teljesites napja; "
        "elszamolasi idoszak; szallitas datuma; "
        "data livrarii; data comenzii; perioada; "
        "irsaliye tarihi; siparis tarihi; teslim tarihi; sevk tarihi; donem"
    ),
    "other_amount": (
        "alennus; rahti; toimituskulut; pyoristys; laskutuslisa; viivastyskorko; "
        "kedvezmeny; engedmeny; szallitasi dij; kerekites; "
        "reducere; discount; transport; "
        "iskonto; toplam iskonto; indirim; kargo"
    ),
    "column": (
        "kuvaus; maara; kpl; a hinta; yksikkohinta; tuote; hinta; selite; yksikko; "
        "megnevezes; menny; mennyiseg; egysegar; netto ar; brutto ar; afa kulcs; "
        "afa ertek; ertek; netto egysegar; "
        "denumirea produselor; denumire produs; cantitate; cantitatea; pret unitar; "
        "valoarea; nr crt; u m; cota tva; "
        "mal hizmet; miktar; birim fiyat; kdv orani; mal hizmet tutari; sira; aciklama"
    ),
    "other_party": (
        "toimitusosoite; szallitasi cim; adresa de livrare; teslimat adresi; "
        "sevk adresi"
    ),
}
"""Labels of what is no field: their values are not taken for one."""
