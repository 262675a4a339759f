"""Documents that are there twice, found without comparing each with each.

Each document is paired with one before it that is like it; so a hundred copies are
ninety-nine pairs. What is more certain goes first: bytes, text, fields, picture.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from service.processing.batch.alike import alike_scans
from service.processing.batch.record import Record
from service.processing.batch.similar import CANDIDATES_LIMIT, similar_texts
from service.processing.results import DuplicateInvoice, NearDuplicate


@dataclass(slots=True)
class Duplicates:
    """What was found.

    Attributes:
        pairs: Documents that say the same.
        copies: Ids of documents that are copies of others, byte for byte.
        limits_hit: Names of what was cut off.
    """

    pairs: list[NearDuplicate] = field(default_factory=list)
    copies: set[str] = field(default_factory=set)
    limits_hit: list[str] = field(default_factory=list)


def find_duplicates(records: Sequence[Record]) -> Duplicates:
    """Pair the documents that say the same."""
    found = Duplicates()
    left = list(records)
    for first, copy in _repeated((record.digest, record) for record in left):
        found.copies.add(copy.id)
        found.pairs.append(
            NearDuplicate(a=first.id, b=copy.id, similarity=1.0, basis="bytes")
        )
    left = [record for record in left if record.id not in found.copies]
    texts = [record for record in left if record.signature is not None]
    similar, cut = similar_texts(
        [record.signature for record in texts if record.signature is not None]
    )
    if cut:
        found.limits_hit.append(CANDIDATES_LIMIT)
    for first_place, place, share in similar:
        a, b = texts[first_place].id, texts[place].id
        found.pairs.append(
            NearDuplicate(a=a, b=b, similarity=round(share, 3), basis="text")
        )
    left = _unpaired(left, found)
    found.pairs += _by_fields(left)
    _pair_scans(_unpaired(left, found), found)
    return found


def _unpaired(records: Sequence[Record], found: Duplicates) -> list[Record]:
    paired = {pair.b for pair in found.pairs}
    return [record for record in records if record.id not in paired]


def _by_fields(records: Sequence[Record]) -> list[NearDuplicate]:
    return [
        NearDuplicate(a=first.id, b=same.id, similarity=1.0, basis="fields")
        for first, same in _repeated((_invoice(record), record) for record in records)
    ]


def _pair_scans(records: Sequence[Record], found: Duplicates) -> None:
    scans = [record for record in records if record.looks]

    def contradict(one: int, other: int) -> bool:
        return _contradict(scans[one], scans[other])

    alike, cut = alike_scans([record.looks for record in scans], contradict)
    if cut and CANDIDATES_LIMIT not in found.limits_hit:
        found.limits_hit.append(CANDIDATES_LIMIT)
    for earlier, later, share in alike:
        a, b = scans[earlier].id, scans[later].id
        pair = NearDuplicate(a=a, b=b, similarity=round(share, 3), basis="image")
        found.pairs.append(pair)


def _contradict(one: Record, other: Record) -> bool:
    """Say whether two scans say different things, however alike they look."""
    return any(
        None not in values and len(set(values)) > 1
        for values in (
            (one.number_key, other.number_key),
            (one.issued, other.issued),
            (one.total, other.total),
        )
    )


def duplicate_invoices(records: Iterable[Record]) -> list[DuplicateInvoice]:
    """Give the invoices that several documents are, by issuer and number."""
    by_invoice: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.issuer_key and record.number_key:
            key = record.issuer_key, record.number_key
            by_invoice.setdefault(key, []).append(record)
    return [
        DuplicateInvoice(
            issuer=str(same[0].issuer),
            invoice_number=str(same[0].number),
            document_ids=tuple(record.id for record in same),
        )
        for same in by_invoice.values()
        if len(same) > 1
    ]


def _invoice(record: Record) -> Hashable:
    """Give what makes two documents one invoice; None when too little is known."""
    key = record.number_key, record.issued, record.total, record.currency
    return None if None in key else key


def _repeated(
    keyed: Iterable[tuple[Hashable, Record]],
) -> Iterator[tuple[Record, Record]]:
    """Give each record whose key was there before, behind the first that had it."""
    firsts: dict[Hashable, Record] = {}
    for key, record in keyed:
        if key is None:
            continue
        first = firsts.setdefault(key, record)
        if first is not record:
            yield first, record
