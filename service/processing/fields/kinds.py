"""Which kind of business document it is, by what it calls itself."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from service.processing.entities.folding import fold
from service.processing.entities.naming import without_names
from service.processing.entities.near import Neighbourhood
from service.processing.entities.pieces import Piece
from service.processing.entities.reading import PageReading
from service.processing.fields.candidates import Place, field_at
from service.processing.results import Field

_TITLES: Mapping[str, str] = {
    "credit_note": (
        "credit note|credit memo|creditnote|gutschrift|rechnungskorrektur|"
        "stornorechnung|facture d'avoir|avoir|note de credit|nota di credito|"
        "nota de credito|nota de abono|abono|factura rectificativa|creditnota|"
        "creditfactuur|kreditfaktura|kreditnota|faktura korygujaca|dobropis|"
        "opravny danovy doklad|hyvityslasku|iade faturasi|helyesbito szamla|"
        "factura de stornare|storno factura"
    ),
    "reminder": (
        "payment reminder|reminder|overdue notice|final notice|zahlungserinnerung|"
        "mahnung|[1-3]\\. mahnung|rappel|lettre de relance|relance|sollecito|"
        "recordatorio|betalingsherinnering|aanmaning|herinnering|aviso de pagamento|"
        "betalningspaminnelse|paminnelse|inkassokrav|rykker|betalingspaminnelse|purring|"
        "wezwanie do zaplaty|upominka"
    ),
    "delivery_note": (
        "delivery note|packing slip|packing list|lieferschein|bon de livraison|"
        "documento di trasporto|ddt|albaran|pakbon|afleverbon|guia de remessa|"
        "guia de transporte|foljesedel|folgeseddel|pakkeseddel|dodaci list"
    ),
    "quote": (
        "quotation|quote|estimate|proforma invoice|pro forma invoice|pro-forma|"
        "proforma|"
        "angebot|kostenvoranschlag|devis|preventivo|presupuesto|offerte|orcamento|"
        "facture proforma|fattura proforma|factura proforma|proformarechnung|"
        "offert|tilbud|oferta|nabidka|faktura pro ?forma|proformafaktura"
    ),
    "order": (
        "purchase order|order confirmation|sales order|bestellung|auftragsbestatigung|"
        "bon de commande|confirmation de commande|ordine di acquisto|conferma d'ordine|"
        "orden de compra|pedido|inkooporder|orderbevestiging|nota de encomenda|"
        "encomenda|orderbekraftelse|ordrebekraftelse|zamowienie|"
        "potwierdzenie zamowienia|objednavka"
    ),
    "statement": (
        "statement of account|account statement|statement|bank statement|kontoauszug|"
        "releve de compte|releve(?! d.identite)|estratto conto|extracto|"
        "rekeningoverzicht|"
        "extrato de conta|extrato|kontoutdrag|kontoudtog|kontoutskrift|wyciag|"
        "tiliote|szamlakivonat|extras de cont|hesap ozeti"
    ),
    "receipt": (
        "receipt|sales receipt|quittung|kassenbon|kassenbeleg|recu|ticket de caisse|"
        "ricevuta|scontrino|recibo|ticket|kassabon|bon de caisse|"
        "kvitto|kvittering|paragon|uctenka|kuitti|nyugta|bon fiscal"
    ),
    "invoice": (
        "invoice|tax invoice|vat invoice|commercial invoice|rechnung|"
        "(?!lohn|gehalt|entgelt|bezuge)[a-z]{3,14}rechnung|"
        "facture|fattura|factura|factuur|fatura|fatura-recibo|sales invoice|"
        "faktura|faktura vat|danovy doklad|lasku|szamla|factura fiscala|e-fatura|"
        "e-arsiv fatura|your bill|bill(?= (?:no|number)\\b)|bolletta|"
        "honorarnote|note d'honoraires|nota de honorarios|parcella|"
        "(?:your )?(?:electricity|gas|energy|water|phone|utility) bill"
    ),
}
"""The closed set of kinds, each with how documents of it are headed (folded)."""
_PATTERNS = {
    kind: re.compile(rf"\W{{0,3}}(?:{words})(?=$|[^a-z])")
    for kind, words in _TITLES.items()
}
_ANYWHERE = {
    kind: re.compile(rf"(?<![a-z'])(?:{words})(?![a-z])")
    for kind, words in _TITLES.items()
}
_NO_TITLES = frozenset({"order_number", "other_number", "other_date", "other_amount"})
"""Labels that begin like titles: "Order no." does not make an order."""
_LISTED = re.compile(r"\s*(?:\||[-*+•·]\s.*[^-*+•·\s]\s*$)")
"""Of a list or a table in text, which is no title; one between two dashes is."""
_SPACED = re.compile(r"\s*(?:[^\W\d_] ){4,30}[^\W\d_]\s*")
_HEAD_SHARE = 0.4
"""Of a page, above which its title stands; what is lower heads a part of it."""
_NUMBERED = re.compile(r"\W{0,3}(?:(?:number|nr|no|n|numero|c)\b|#)[.:°º ]{1,3}\w*\d")
"""What stands behind a title that gives the document its number."""
_HEAD_PIECES = 60
_TITLE_CHARS = 60
_AS_TITLE, _AS_WORD = 1.0, 0.45
_SURE = 0.5


def kind(first: PageReading, around: Neighbourhood) -> Field | None:
    """Give the kind of a document by the head of its first page; None = not sure.

    A title stands by itself, in large or bold type; the earlier kinds of the table win
    a tie, since a credit note speaks of the invoice it corrects.
    """
    scores: dict[str, tuple[float, Piece, int]] = {}
    pieces = [p for p in first.page.pieces if p.text.strip()][:_HEAD_PIECES]
    usual = _usual_height(pieces)
    labels = {each.start for each in around.labels if each.role in _NO_TITLES}
    lines = Counter(piece.line for piece in pieces)
    for number, piece in enumerate(pieces):
        folded = without_names(fold(_unspaced(piece.text[:200])))
        named = _named(folded)
        if named is None:
            continue
        name, match = named
        weight = _weight(piece, match, usual) - 0.002 * number
        valued = len(piece.text) > match.end() + 2 or lines[piece.line] > 1
        if piece.start in labels and valued:
            weight = min(weight, _AS_WORD)
        if piece.placed and piece.bbox[1] > _HEAD_SHARE * first.page.height:
            weight = min(weight, _AS_WORD)
        if name not in scores or weight > scores[name][0]:
            scores[name] = (weight, piece, match.end())
    if not scores:
        return None
    best = max(scores, key=lambda name: scores[name][0])
    weight, piece, end = scores[best]
    if weight < _SURE:
        return None
    place = Place(first.page, piece.start, piece.start + end)
    return field_at(place, best, min(0.6 + 0.3 * weight, 0.95))


def _named(folded: str) -> tuple[str, re.Match[str]] | None:
    """Give the kind that a piece begins with, else the one it speaks of."""
    for name, pattern in _PATTERNS.items():
        match = pattern.match(folded)
        if match is not None:
            return name, match
    for name, pattern in _ANYWHERE.items():
        match = pattern.search(folded)
        if match is not None:
            return name, match
    return None


def _unspaced(text: str) -> str:
    """Give a title without the spaces between its letters: "R E C H N U N G"."""
    return text.replace(" ", "") if _SPACED.fullmatch(text) else text


def _usual_height(pieces: Sequence[Piece]) -> float:
    heights = sorted(piece.height for piece in pieces)
    return heights[len(heights) // 2] if heights else 1.0


def _weight(piece: Piece, match: re.Match[str], usual: float) -> float:
    if match.start() > 3 or _LISTED.match(piece.text):
        return _AS_WORD * (1.2 if piece.height > 1.2 * usual else 1.0)
    numbered = bool(_NUMBERED.match(fold(piece.text), match.end()))
    rest = len(_unspaced(piece.text).strip()) - match.end()
    upright = piece.height <= piece.bbox[2] - piece.bbox[0] or rest + match.end() <= 3
    large = (upright and piece.height > 1.15 * usual) or piece.bold
    alone = rest <= 2 or numbered
    if len(piece.text) > _TITLE_CHARS and not numbered:
        return _AS_WORD
    return _AS_TITLE * (0.6 + 0.3 * alone + 0.35 * large)
