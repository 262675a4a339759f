import time

import pytest

from service.processing.analysis import step
from service.processing.analysis.keywords import find_terms
from service.processing.analysis.step import analyse
from service.processing.analysis.summary import summarise
from service.processing.formats.content import Block, Content, PageContent, TableContent
from service.processing.options import ProcessingOptions
from service.processing.results import Metadata, ModelUse
from tests.unit.processing.analysis.documents import context_of

ARTICLE = """Harbour ferries in 2026

The harbour ferries carried more passengers than in any year before. Most of the new
passengers came from the northern quarter, where a new pier was opened in March.

Route | Passengers | Share
North | 120 000 | 40
South | 180 000 | 60

The council had expected the new pier to draw passengers away from the southern route.
Instead the southern ferries grew as well, by a twentieth of what they carried before.
Page 1 of 2 of the report on harbour ferries for the council.
See https://example.org for all the figures of the harbour ferries.
A second pier is planned. The council will decide in spring whether the harbour can pay
for it from the fares of the ferries.
"""


def test_the_terms_of_a_text_are_its_topics() -> None:
    terms = [keyword.term.lower() for keyword in find_terms(ARTICLE).keywords]
    assert "harbour ferries" in terms
    assert "passengers" in terms
    assert {"the", "and", "of"}.isdisjoint(terms)
    assert len(terms) <= 10


def test_scores_fall_from_one() -> None:
    scores = [keyword.score for keyword in find_terms(ARTICLE).keywords]
    assert scores[0] == 1.0
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Die Wartung der Pumpe. Für die Pumpe und die Pumpe ist gesorgt.", "Pumpe"),
        ("La pompe est là. Pour la pompe et avec la pompe.", "pompe"),
        ("La bomba está aquí. Para la bomba y con la bomba.", "bomba"),
        ("La pompa è qui. Per la pompa e con la pompa.", "pompa"),
        ("De pomp is hier. Voor de pomp en met de pomp.", "pomp"),
        ("A bomba está aqui. Para a bomba e com a bomba.", "bomba"),
    ],
)
def test_stop_words_of_seven_languages_are_no_topics(text: str, topic: str) -> None:
    assert find_terms(text).keywords[0].term == topic


def test_no_words_are_no_terms() -> None:
    assert find_terms("12 34 | 56").keywords == ()
    assert find_terms("").keywords == ()


def test_a_summary_is_a_few_whole_sentences_in_their_order() -> None:
    summary = summarise(None, ARTICLE, find_terms(ARTICLE).weights)
    assert summary is not None
    assert 1 <= summary.sentences <= 5
    assert summary.method == "extractive"
    assert summary.text.endswith(".")
    whole = " ".join(ARTICLE.split())
    for sentence in summary.text.split(". "):
        assert sentence.rstrip(".") in whole


def test_tables_and_boilerplate_are_not_summed_up() -> None:
    text = ARTICLE + "A paragraph that goes with the others and ends.\n" * 20
    summary = summarise(None, text, find_terms(text).weights)
    assert summary is not None
    assert not {"|", "https", "Page 1"} & set(summary.text.split())
    assert summary.text.count("A paragraph that goes") <= 1


def test_only_prose_is_taken_where_the_structure_is_known() -> None:
    page = PageContent(
        text="",
        blocks=(
            Block(kind="heading", text="A heading of the document goes on and on."),
            Block(kind="table", table=0),
            Block(kind="paragraph", text="The pump was repaired on Monday by us."),
        ),
    )
    content = Content(pages=(page,), metadata=Metadata())
    summary = summarise(content, "not looked at", {})
    assert summary is not None
    assert summary.text == "The pump was repaired on Monday by us."


def test_a_full_stop_after_an_abbreviation_ends_no_sentence() -> None:
    text = "Please quote our VAT No. GB 123 and Mr. Finch in all that you write to us."
    summary = summarise(None, text, {})
    assert summary is not None
    assert (summary.text, summary.sentences) == (text, 1)


def test_a_text_without_sentences_has_no_summary() -> None:
    assert summarise(None, "Total 5.00\nThank you", {}) is None


def test_the_same_text_is_analysed_the_same() -> None:
    first, second = context_of(ARTICLE), context_of(ARTICLE)
    analyse(first)
    analyse(second)
    assert first.analysis == second.analysis


@pytest.mark.parametrize(
    ("model", "reason"), [("off", None), ("auto", "not_configured")]
)
def test_why_no_model_took_part_is_said(model: str, reason: str | None) -> None:
    options = ProcessingOptions(model="off" if model == "off" else "auto")
    context = context_of(options=options)
    analyse(context)
    assert context.analysis["llm"] == ModelUse(used=False, fallback_reason=reason)
    assert context.analysis["image"] is None
    assert context.analysis["embeddings"] is None


def test_a_longer_text_is_cut_and_the_limit_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(step, "TEXT_CHARS", 100)
    context = context_of(ARTICLE)
    analyse(context)
    assert context.limits_hit == ["analysis_chars"]
    assert [(each.code, each.severity) for each in context.issues] == [
        ("LIMIT_REACHED", "info")
    ]


def test_hostile_text_takes_linear_time() -> None:
    for text in (
        "a" * 1_000_000,
        "a " * 500_000,
        "A. " * 333_000,
        "_" * 1_000_000,
        "<" * 1_000_000,
        "1." * 500_000,
        "\n" * 1_000_000,
        "total " * 160_000,
        "x.\n" * 330_000,
    ):
        began = time.process_time()  # other processes do not count
        analyse(context_of(text))
        assert time.process_time() - began < 5


def test_no_term_goes_across_the_cells_of_a_table() -> None:
    row = ("Crossings", "Passengers", "Punctual")
    page = PageContent(
        text="\n".join([" ".join(row)] * 3),
        blocks=(Block(kind="table", table=0),),
        tables=(TableContent(rows=(row, ("Harbour ferries",), ("harbour ferries",))),),
    )
    context = context_of(page.text)
    context.content = Content(pages=(page,), metadata=Metadata())
    analyse(context)
    terms = [keyword.term for keyword in context.analysis["keywords"]]
    assert "Harbour ferries" in terms
    assert not any("Passengers" in term for term in terms if " " in term)


def test_what_every_page_repeats_counts_once() -> None:
    said = "The ferries of the harbour carried more than ever in the whole spring."
    note = "Figures are counted at the gates; late crossings are left out."
    blocks = [Block(kind="paragraph", text=text) for text in (said, note)]
    pages = [PageContent(text="", blocks=(blocks[0],))]
    pages += [PageContent(text="", blocks=(blocks[1],))] * 6
    context = context_of(" ".join([said, *[note] * 6]))
    context.content = Content(pages=tuple(pages), metadata=Metadata())
    analyse(context)
    summary = context.analysis["summary"]
    assert summary is not None
    assert summary.text == said


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("Dear Ms Lindqvist, thank you for your visit of our rooms.",
         "Thank you for your visit of our rooms."),
        ("Sehr geehrte Frau Müller, wir prüfen Ihre Türen im Mai.",
         "Wir prüfen Ihre Türen im Mai."),
        ("Hi-tech pumps, which we make, are sold to all harbours.",
         "Hi-tech pumps, which we make, are sold to all harbours."),
    ],
)  # fmt: skip
def test_a_greeting_is_not_summed_up(text: str, summary: str) -> None:
    found = summarise(None, text, {})
    assert found is not None
    assert found.text == summary
