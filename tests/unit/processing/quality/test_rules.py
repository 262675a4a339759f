import pytest

from service.processing.quality import text, thresholds
from service.processing.quality.rule import at_least, under
from tools.quality_page import quality_page

ENGLISH = (
    "The harbour ferry carried more passengers in every quarter of the year and the "
    "new vessels entered service as planned while cost per crossing fell by a tenth"
)
CZECH = (
    "Smlouva čtvrtá: zmrzlina, vlhkost, středa, čtvrtek, plátce, dodavatel, částka, "
    "všechny lidské bytosti se rodí svobodné a sobě rovné co do důstojnosti a práv, "
    "jsou nadány rozumem a svědomím a mají spolu jednat v duchu bratrství"
)


def shifted(words: str, by: int) -> str:
    """Give text as a font without a table of characters lets it come out."""
    return "".join(
        chr((ord(char) - 97 + by) % 26 + 97) if char.islower() else char
        for char in words
    )


def test_every_rule_is_on_the_page() -> None:
    page = quality_page()

    assert all(rule.message in page for rule in thresholds.RULES)
    assert "None" not in page.replace("None was run", "").replace("None of", "")


def test_every_issue_but_information_takes_points() -> None:
    for rule in thresholds.RULES:
        assert rule.penalty > 0 or rule.severity == "info"
        assert (rule.severity == "fatal") == (rule.penalty == 100)


def test_bounds_are_broken_from_their_value_or_under_it() -> None:
    assert at_least(4, "px").broken_by(4)
    assert not at_least(4, "px").broken_by(3.9)
    assert under(4, "px").broken_by(3.9)
    assert not under(4, "px").broken_by(4)


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "A"), (89, "B"), (60, "C"), (0, "F")]
)
def test_scores_have_grades(score: int, grade: str) -> None:
    assert thresholds.grade_of(score) == grade


def test_an_unknown_issue_takes_points_by_its_severity() -> None:
    assert thresholds.penalty_of("TRUNCATED", "error") == 30
    assert thresholds.penalty_of("SOMETHING_NEW", "error") == 20
    assert thresholds.penalty_of("SOMETHING_NEW", "info") == 0


@pytest.mark.parametrize("words", [ENGLISH, CZECH])
def test_words_are_words(words: str) -> None:
    measures = text.measure(words * 2)

    assert not thresholds.GIBBERISH.broken_by(measures.vowel_share)
    assert not thresholds.SYMBOLS.broken_by(measures.symbol_share)
    assert not thresholds.UNDECODED_TEXT.broken_by(measures.undecoded_share)


def test_a_few_words_on_every_line_say_nothing_about_letters() -> None:
    measures = text.measure("the third column, right words first\n" * 40)

    assert measures.vowel_share is None


@pytest.mark.parametrize("by", [3, 5, 9, 29])
def test_letters_taken_for_others_are_gibberish(by: int) -> None:
    measures = text.measure(shifted(ENGLISH, by) * 2)

    assert thresholds.GIBBERISH.broken_by(measures.vowel_share)


@pytest.mark.parametrize("glyph", ["\ufffd", "\ue042", "(cid:17)"])
def test_glyphs_without_a_meaning_are_a_bad_text_layer(glyph: str) -> None:
    measures = text.measure(ENGLISH + glyph * 12)

    assert thresholds.UNDECODED_TEXT.broken_by(measures.undecoded_share)


def test_figures_and_leaders_are_no_symbols() -> None:
    line = "1.234,56 EUR ............ 20,00 % | 12/10/2026 -- (net) = 5 * 4 / 2: #17"

    share = text.measure(line * 3).symbol_share

    assert share is not None
    assert share < 0.1
