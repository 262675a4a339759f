import random
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import islice

from PIL import Image

from tools.make_receipts.facts import LOCALES, make_facts
from tools.make_receipts.layouts import HELD_OUT, LAYOUTS, rows_of
from tools.make_receipts.making import make_all


def test_the_same_seed_makes_the_same_receipts_with_their_truth() -> None:
    layouts = len(LAYOUTS) + len(HELD_OUT)
    made = list(islice(make_all(seed=5), layouts))
    assert made == list(islice(make_all(seed=5), layouts))
    assert {each.held_out for each in made} == {False, True}
    for each in made:
        with Image.open(BytesIO(each.content)) as picture:
            assert picture.width > 400
        assert Decimal(each.truth["total"] or "") > 0
        assert date.fromisoformat(each.truth["issue_date"] or "")


def test_every_layout_prints_what_is_true() -> None:
    for layout in (*LAYOUTS.values(), *HELD_OUT.values()):
        for number, locale in enumerate(LOCALES):
            facts = make_facts(random.Random(number), locale)
            printed = " ".join(
                " ".join(map(str, row)) for row in rows_of(layout, facts)
            )
            assert facts.money(facts.total) in printed
            assert facts.day_written in printed
