"""The step that finds entities."""

from collections.abc import Iterator
from itertools import chain, islice

from service.processing.context import StepContext
from service.processing.entities import contacts
from service.processing.entities.found import Found
from service.processing.entities.layout import PageText
from service.processing.entities.money import money
from service.processing.entities.near import Neighbourhood
from service.processing.entities.numbers import numbers
from service.processing.entities.reading import PageReading, Reading, reading_of
from service.processing.fields.stated import invoice_fields, known_dates
from service.processing.results import Entity, Money

_ENGINES = ("python-stdnum", "phonenumbers")


def find_entities(context: StepContext) -> None:
    """List what the document names: dates, amounts, numbers, addresses."""
    for engine in _ENGINES:
        context.use_engine(engine)
    reading = reading_of(context, known_dates(invoice_fields(context)))
    limit = context.limits.max_entities
    found = list(islice(_entities(reading), limit + 1))
    if len(found) > limit:
        message = f"Only the first {limit} entities are listed."
        context.hit_limit("entities", message)
    elif reading.cut or any(page.page.cut for page in reading.pages):
        message = "Entities were looked for in a part of the text only."
        context.hit_limit("entities", message)
    context.extraction["entities"] = tuple(found[:limit])


def _entities(reading: Reading) -> Iterator[Entity]:
    region = contacts.region_of(
        reading.language, reading.currency, reading.iban_country
    )
    for page in reading.pages:
        for found in sorted(_found(page, region), key=lambda each: each.start):
            yield _entity(found, page.page)


def _found(reading: PageReading, region: str | None) -> list[Found]:
    """Give what is named on a page; where two overlap, the surer kind stays."""
    text = reading.page.text
    around = Neighbourhood(reading.page, reading.labels)
    phones, complete = contacts.phones(text, region)
    reading.page.cut = reading.page.cut or not complete
    kept: list[Found] = []
    places: set[int] = set()
    for found in chain(
        contacts.emails(text),
        contacts.urls(text),
        reading.identifiers,
        reading.dates,
        numbers(reading, around),
        phones,
        (each for each in map(money, reading.amounts) if each is not None),
    ):
        place = range(found.start, min(found.end, found.start + 200))
        if places.isdisjoint(place):
            places.update(place)
            kept.append(found)
    return kept


def _entity(found: Found, page: PageText) -> Entity:
    start, end = page.offsets(found.start, found.end)
    source, recognised = page.source(found.start, found.end)
    value = found.value
    return Entity(
        type=found.type,
        raw=found.raw if page.placed else page.written[found.start : found.end],
        value=Money(amount=value, currency=found.currency)
        if found.type == "money"
        else value,
        valid=found.valid,
        reason=found.reason,
        ambiguous=found.ambiguous,
        page=page.number,
        bbox_pt=page.bbox(found.start, found.end),
        char_start=start,
        char_end=end,
        confidence=round(found.confidence * recognised, 3),
        source=source,
    )
