"""Puts facts, layouts and pictures together into receipts with their truth."""

import random
from collections.abc import Iterator

from tools.make_invoices.making import Made
from tools.make_receipts.facts import LOCALES, make_facts
from tools.make_receipts.layouts import HELD_OUT, LAYOUTS, rows_of
from tools.make_receipts.printing import photograph

_SIGNATURES = {b"\x89PNG": "png", b"\xff\xd8\xff\xe0": "jpg"}


def make_all(seed: int) -> Iterator[Made]:
    """Make every layout in every locale."""
    for number, locale in enumerate(LOCALES):
        for held_out, layouts in ((False, LAYOUTS), (True, HELD_OUT)):
            for name, layout in layouts.items():
                chance = random.Random(f"{seed}-{number}-{name}")
                facts = make_facts(chance, locale)
                content = photograph(rows_of(layout, facts), chance)
                ending = _SIGNATURES[content[:4]]
                file = f"{name}-{number}-{locale.language}-{locale.currency}.{ending}"
                yield Made(file, content, name, held_out, facts.truth())
