"""What a vision model is asked about a picture, and what of its answer is kept."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated

import msgspec
from stdnum import iban

from service.processing.formats.content import cleaned
from service.processing.llm.client import Model
from service.processing.llm.conversation import Reply
from service.processing.llm.patience import Patience
from service.processing.llm.prompts import Prompt
from service.processing.llm.reading import Judgement
from service.processing.results import Field, Fields

DESCRIPTION_CHARS = 2_000
TEXT_CHARS = 20_000
VALUE_CHARS = 200
FIELD_CONFIDENCE = 0.5
"""A model does not say how sure it is of a value; nobody has checked it."""
_INSTRUCTIONS = (
    "You look at a picture of a document or of anything else, or at pages of one "
    "document in their order. Describe in one to three sentences what is shown; give "
    "five to ten keywords, the most telling first; its kind, one of the list; how sure "
    "you are of the kind, from 0 to 1; the text in it, line by line, empty if there is "
    "none; and the fields of an invoice or receipt, null where they do not stand "
    "there. Dates as YYYY-MM-DD, amounts as decimal numbers with a point and no "
    "currency, the currency as its ISO 4217 code. Never guess a value."
)
_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class SeenFields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an invoice or receipt as the model read them."""

    invoice_number: str | None = None
    issue_date: str | None = None
    due_date: str | None = None
    issuer: str | None = None
    recipient: str | None = None
    net_total: str | None = None
    tax_total: str | None = None
    total: str | None = None
    amount_due: str | None = None
    currency: str | None = None
    iban: str | None = None
    payment_reference: str | None = None


class Look(Judgement, frozen=True, kw_only=True):
    """The answer about a picture."""

    description: Annotated[str, msgspec.Meta(min_length=1)]
    text: str
    fields: SeenFields | None


def look(model: Model, urls: tuple[str, ...], patience: Patience) -> Reply[Look]:
    """Ask what a picture, or pictures of pages, show.

    Raises:
        ModelError: There is no answer.
        ProcessingStoppedError: Told to stop while waiting.
    """
    prompt = Prompt(instructions=_INSTRUCTIONS, picture_urls=urls)
    return model.ask(prompt, Look, patience)


def checked_fields(seen: SeenFields | None) -> Fields | None:
    """Give the values that are of their form, as fields; None when there are none."""
    if seen is None:
        return None
    found = {
        name: Field(value=value, confidence=FIELD_CONFIDENCE, source="model")
        for name in seen.__struct_fields__
        if (value := _checked(name, getattr(seen, name)))
    }
    return Fields(**found) if found else None


def _checked(name: str, value: str | None) -> str | None:
    plain = " ".join(cleaned(value or "").split())[:VALUE_CHARS]
    check = _CHECKS.get(name)
    return plain if plain and (check is None or check(plain)) else None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_amount(text: str) -> bool:
    return _AMOUNT.fullmatch(text) is not None


def _is_currency(text: str) -> bool:
    return _CURRENCY.fullmatch(text) is not None


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "issue_date": _is_date,
    "due_date": _is_date,
    "net_total": _is_amount,
    "tax_total": _is_amount,
    "total": _is_amount,
    "amount_due": _is_amount,
    "currency": _is_currency,
    "iban": iban.is_valid,
}
