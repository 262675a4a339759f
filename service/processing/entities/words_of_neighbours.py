"""What stands before the values in Swedish, Danish, Norwegian, Polish and Czech.

As in `label_words`, which has seven other languages; words that are written the same
there ("netto", "total", "saldo") are not repeated.
"""

from collections.abc import Mapping

from service.processing.entities.roles import Role

NEIGHBOURS_STRONG: Mapping[Role, str] = {
    "invoice_number": (
        "fakturanummer; fakturanr; faktura nr; faktura nummer; faktura no; "
        "kreditfaktura nr; kreditfakturanr; kvittonummer; "
        "kreditnotanr; kreditnota nr; bilagsnummer; bilagsnr; bilag nr; "
        "kreditnotanummer; "
        "numer faktury; nr faktury; faktura vat nr; faktura vat numer; faktura numer; "
        "numer dokumentu; nr dokumentu; faktura korygujaca nr; "
        "cislo faktury; faktura c; faktura cislo; danovy doklad c; cislo dokladu; "
        "faktura danovy doklad c"
    ),
    "order_number": (
        "er referens; ert ordernr; er order; ordernr; inkopsorder; "
        "ordrenr; ordrenummer; deres reference; deres ref; rekvisitionsnr; "
        "bestillingsnummer; "
        "nr zamowienia; numer zamowienia; zamowienie nr; "
        "cislo objednavky; objednavka c; objednavka"
    ),
    "issue_date": (
        "fakturadatum; datum for faktura; utfardad; fakturans datum; "
        "fakturadato; faktura dato; udstedelsesdato; udstedt; kreditnotadato; "
        "utstedt; utstedelsesdato; "
        "data wystawienia; wystawiono; wystawiono dnia; data faktury; "
        "data wystawienia faktury; "
        "datum vystaveni; vystaveno; vystaveno dne; datum vystaveni dokladu"
    ),
    "due_date": (
        "forfallodatum; forfallodag; forfaller; betalas senast; "
        "sista betalningsdag; att betala senast; oss tillhanda; "
        "forfaldsdato; forfaldsdag; forfald; forfalder; betalingsfrist; "
        "betales senest; sidste rettidige betalingsdag; forfalder til betaling; "
        "senest betalt; "
        "forfallsdato; betalingsforfall; forfall; "
        "termin platnosci; termin zaplaty; platne do; platnosc do; zaplata do; "
        "zaplacic do; "
        "datum splatnosti; splatnost; splatno; splatno dne; splatne do"
    ),
    "vat_id": (
        "momsreg nr; momsregistreringsnummer; momsreg; momsnr; momsnummer; vat nr; "
        "cvr nr; cvr; cvr nummer; se nr; nip; dic"
    ),
    "payment_reference": (
        "ocr; ocr nummer; ocr nr; ocr referens; betalningsreferens; "
        "betalingsid; betalings id; fi kreditornr; kid; kid nummer; "
        "tytul przelewu; tytulem; variabilni symbol; var symbol"
    ),
    "recipient": (
        "faktureringsadress; fakturaadress; kopare; faktureras till; till; kund; "
        "faktureres til; faktura til; fakturaadresse; kober; modtager; kunde; "
        "faktureringsadresse; kjoper; "
        "nabywca; kupujacy; zamawiajacy; "
        "odberatel; zakaznik; fakturacni adresa"
    ),
    "issuer": (
        "saljare; leverantor; avsandare; saelger; salger; leverandor; selger; "
        "sprzedawca; wystawca; sprzedajacy; "
        "dodavatel; prodavajici"
    ),
    "net_total": (
        "summa exkl moms; exkl moms; totalt exkl moms; belopp exkl moms; "
        "momsunderlag; netto exkl moms; summa netto; nettobelopp; "
        "i alt ekskl moms; total ekskl moms; total eks moms; belob ekskl moms; "
        "momsgrundlag; nettobelob; subtotal ekskl moms; "
        "sum eks mva; sum ekskl mva; nettosum; grunnlag mva; nettobelop; "
        "razem netto; wartosc netto; suma netto; netto razem; ogolem netto; "
        "kwota netto; "
        "zaklad dane; celkem bez dph; cena bez dph; zaklad; celkem zaklad"
    ),
    "tax_total": (
        "moms; momsbelopp; summa moms; varav moms; moms kr; mervardesskatt; "
        "momsbelob; heraf moms; moms i alt; "
        "mva; merverdiavgift; mva belop; sum mva; herav mva; "
        "kwota vat; wartosc vat; podatek vat; suma vat; razem vat; podatek; w tym vat; "
        "dph; celkem dph; castka dph; dan celkem; vyse dane"
    ),
    "total": (
        "totalsumma; summa inkl moms; totalt inkl moms; fakturabelopp; "
        "totalbelopp; belopp inkl moms; "
        "i alt inkl moms; total inkl moms; totalbelob; fakturabelob; "
        "sum inkl mva; totalsum; fakturabelop; "
        "razem brutto; wartosc brutto; suma brutto; kwota brutto; ogolem brutto; "
        "celkem s dph; celkem vcetne dph; cena celkem; celkova castka"
    ),
    "amount_due": (
        "att betala; summa att betala; belopp att betala; kvar att betala; "
        "at betale; til betaling; belob til betaling; "
        "a betale; belop a betale; sum a betale; "
        "pozostaje do zaplaty; "
        "do zaplaty; kwota do zaplaty; razem do zaplaty; pozostalo do zaplaty; "
        "naleznosc; naleznosc ogolem; "
        "k uhrade; celkem k uhrade; zbyva uhradit; celkem k zaplaceni"
    ),
    "paid": (
        "inbetalt; forskott; a conto; betald; forudbetalt; betalt; "
        "zaplacono; wplacono; zaliczka; otrzymana zaliczka; "
        "uhrazeno; zaplaceno; zaloha; uhrazene zalohy"
    ),
}
"""Labels that mean their role wherever they stand."""

NEIGHBOURS_WEAK: Mapping[Role, str] = {
    "number": "numer; cislo",
    "issue_date": "dato",
    "subtotal": "delsumma; delsum; mellemtotal; mezisoucet; varor; suma czesciowa",
    "total": "summa; totalt; i alt; tillsammans; razem; suma; ogolem; lacznie; sum",
    "name": "namn; navn; nazwa firmy; jmeno; nazev",
}
"""Labels that only mean their role where nothing better stands."""

NEIGHBOURS_BLOCKING: Mapping[Role, str] = {
    "other_number": (
        "kundnummer; kundnr; kund nr; org nr; orgnr; organisationsnummer; "
        "organisationsnr; bankgiro; plusgiro; postgiro; sida; telefonnummer; "
        "artikelnr; kontonr; clearingnr; offertnr; vart ordernr; "
        "kundenr; debitornr; varenr; vare nr; side; reg nr; konto; tlf; "
        "ean nr; ean; ordre nr; sagsnr; vedr faktura; foretaksregisteret; "
        "kundenummer; prosjektnr; "
        "nr konta; numer konta; nr rachunku; rachunek; regon; krs; bdo; strona; "
        "nr klienta; numer klienta; nr rejestracyjny; "
        "ic; ico; cislo uctu; strana; zakaznicke cislo; cislo zakaznika; spisova znacka"
    ),
    "other_date": (
        "leveransdatum; orderdatum; bestallningsdatum; period; utskriftsdatum; "
        "leveringsdato; ordredato; periode; udskriftsdato; "
        "data sprzedazy; data dostawy; data wykonania uslugi; okres; "
        "data zamowienia; data zakonczenia dostawy; data wykonania; data zaplaty; "
        "duzp; datum uskutecneni plneni; datum zdanitelneho plneni; "
        "datum objednavky; datum dodani"
    ),
    "other_amount": (
        "frakt; rabatt; oresutjamning; oresavrundning; oresutj; avrundning; "
        "expeditionsavgift; paminnelseavgift; "
        "fragt; rabat; afrunding; oreafrunding; gebyr; porto; "
        "avrunding; orediff; faktureringsgebyr; "
        "upust; koszty wysylki; zaokraglenie; "
        "sleva; doprava; zaokrouhleni; postovne"
    ),
    "column": (
        "antal; a pris; pris; benamning; beskrivning; belopp; enhet; artikel; "
        "art nr; lev ant; "
        "enhedspris; enhed; beskrivelse; belob; stk pris; varetekst; tekst; "
        "antall; enhetspris; belop; "
        "lp; nazwa; nazwa towaru; nazwa uslugi; ilosc; jm; j m; cena; cena netto; "
        "stawka; stawka vat; opis; jednostka; pkwiu; "
        "mnozstvi; popis; polozka; mj; cena za mj; sazba dph; oznaceni"
    ),
    "other_party": (
        "leveransadress; leveres til; leveringsadresse; leveringssted; "
        "adres dostawy; odbiorca; adres wysylki; "
        "dodaci adresa; misto dodani; prijemce"
    ),
}
"""Labels of what is no field: their values are not taken for one."""
