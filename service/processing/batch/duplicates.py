"""Documents that are there twice, found without comparing each with each.

Each document is paired with one before it that is like it; so a hundred copies are
ninety-nine pairs. What is more certain goes first: bytes, text, fields, picture.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from service.processing.batch.record import Record
from service.processing.batch.similar import CANDIDATES_LIMIT, similar_texts
from service.processing.results import DuplicateInvoice, NearDuplicate

_HASH_BITS = 64
_QUARTER_BITS = 16
_MOST_BITS = 3
"""Two hashes that differ in no more bits share one of four quarters."""
_MOST_ALIKE = 50
"""Pictures of one quarter that are compared; more are mostly blank."""


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
    found.pairs += _by_fields_and_pictures(left, {pair.b for pair in found.pairs})
    return found


def _by_fields_and_pictures(
    records: Sequence[Record], paired: set[str]
) -> Iterator[NearDuplicate]:
    left = [record for record in records if record.id not in paired]
    matched = set()
    for first, same in _repeated((_invoice(record), record) for record in left):
        matched.add(same.id)
        yield NearDuplicate(a=first.id, b=same.id, similarity=1.0, basis="fields")
    pictures = _Pictures()
    for record in left:
        # Where there is text, it decides: two letters look alike.
        if record.image_hash is None or record.signature or record.id in matched:
            continue
        alike = pictures.add(record.id, record.image_hash)
        if alike is not None:
            a, share = alike
            yield NearDuplicate(
                a=a, b=record.id, similarity=round(share, 3), basis="image"
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


class _Pictures:
    """Hashes of pictures, in buckets by their quarters."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[int, int], list[tuple[int, str]]] = {}

    def add(self, document_id: str, own: int) -> tuple[str, float] | None:
        """Give the first picture so far that is alike."""
        found: tuple[str, float] | None = None
        for quarter in range(_HASH_BITS // _QUARTER_BITS):
            bits = own >> quarter * _QUARTER_BITS & (1 << _QUARTER_BITS) - 1
            bucket = self._buckets.setdefault((quarter, bits), [])
            for other, other_id in bucket:
                differing = (own ^ other).bit_count()
                if found is None and differing <= _MOST_BITS:
                    found = other_id, 1.0 - differing / _HASH_BITS
            if len(bucket) < _MOST_ALIKE:
                bucket.append((own, document_id))
        return found
