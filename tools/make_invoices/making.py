"""Puts facts, words and layouts together into documents with their truth."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tools.make_invoices.facts import make_facts
from tools.make_invoices.held_out_layouts import HELD_OUT
from tools.make_invoices.held_out_words import HELD_OUT_WORDS
from tools.make_invoices.languages import LOCALES, WORDS, Locale
from tools.make_invoices.layouts import LAYOUTS, Layout, Pick, picker
from tools.make_invoices.other_formats import OTHER
from tools.make_invoices.sheet import Sheet

Truth = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Made:
    """A document and what it says."""

    name: str
    content: bytes
    layout: str
    held_out: bool
    """Whether the rules were made before it was looked at."""
    truth: Truth


def make_all(seed: int) -> Iterator[Made]:
    """Make every layout and format in every locale."""
    for number, locale in enumerate(LOCALES):
        for held_out, layouts in ((False, LAYOUTS), (True, HELD_OUT)):
            for name, layout in layouts.items():
                yield _drawn(seed, number, locale, (name, layout), held_out=held_out)
        for ending in OTHER:
            yield _written(seed, number, locale, ending)


def _drawn(
    seed: int,
    number: int,
    locale: Locale,
    named: tuple[str, Layout],
    *,
    held_out: bool,
) -> Made:
    name, layout = named
    chance, pick = _chances(f"{seed}-{number}-{name}", locale, held_out=held_out)
    facts = make_facts(chance, locale)
    sheet = Sheet(chance)
    layout(sheet, facts, pick)
    content = sheet.pdf(shuffled=chance.random() < 0.5)
    truth = facts.truth()
    if name == "framed":
        truth["amount_due"] = str(facts.total - facts.paid)
    return Made(_name(name, number, locale, "pdf"), content, name, held_out, truth)


def _written(seed: int, number: int, locale: Locale, ending: str) -> Made:
    write, held_out = OTHER[ending]
    chance, pick = _chances(f"{seed}-{number}-{ending}", locale, held_out=held_out)
    facts = make_facts(chance, locale)
    name = _name("written", number, locale, ending)
    return Made(name, write(facts, pick), ending, held_out, facts.truth())


def _chances(
    seed: str, locale: Locale, *, held_out: bool
) -> tuple[random.Random, Pick]:
    chance = random.Random(seed)
    words = HELD_OUT_WORDS if held_out else WORDS
    return chance, picker(words[locale.language], chance)


def _name(layout: str, number: int, locale: Locale, ending: str) -> str:
    return f"{layout}-{number:02}-{locale.language}-{locale.currency}.{ending}"
