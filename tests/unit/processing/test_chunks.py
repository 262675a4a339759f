"""Passages for search: whole, complete, and where they say they are."""

from hypothesis import given
from hypothesis import strategies as st

from service.processing.chunks import CHUNK_CHARS, chunks
from service.processing.formats.content import Block, PageContent
from service.processing.results import Chunk


def passages(
    *texts: str, headings: tuple[str, ...] = (), limit: int = 1_000
) -> tuple[list[Chunk], str]:
    blocks = tuple(Block(kind="heading", text=heading) for heading in headings)
    pages = [PageContent(text=text, blocks=blocks) for text in texts]
    starts, whole = [], ""
    for text in texts:
        whole += "\n\n" if whole else ""
        starts.append(len(whole))
        whole += text
    return chunks(whole, pages, starts, limit)[0], whole


SENTENCE = "This is sentence number {} of a text that goes on for a while. "


def test_sentences_stay_whole() -> None:
    found, _ = passages("".join(SENTENCE.format(n) for n in range(60)))

    assert len(found) > 3
    assert all(chunk.text.endswith("a while.") for chunk in found)
    assert all(len(chunk.text) <= CHUNK_CHARS for chunk in found)
    assert [chunk.index for chunk in found] == list(range(len(found)))


def test_rows_stay_whole() -> None:
    found, _ = passages("\n".join(f"Row {n}\t{n * 3}.50\tEUR" for n in range(200)))

    assert all(chunk.text.startswith("Row ") for chunk in found)
    assert all(chunk.text.endswith("EUR") for chunk in found)


def test_each_page_begins_a_passage() -> None:
    found, _ = passages("Page one.", "", "Page three.")

    assert [(chunk.page, chunk.text) for chunk in found] == [
        (1, "Page one."),
        (3, "Page three."),
    ]


def test_chosen_pages_keep_their_numbers() -> None:
    pages = [PageContent(text="Seven", number=7), PageContent(text="Nine", number=9)]

    found, _ = chunks("Seven\n\nNine", pages, [0, 7], 10)

    assert [chunk.page for chunk in found] == [7, 9]


def test_a_passage_knows_its_heading() -> None:
    text = "Before.\nTerms  of\npayment\nWithin 30 days.\nDelivery\nBy ship."
    found, _ = passages(text, headings=("Terms of payment", "Not there", "Delivery"))

    assert [chunk.heading for chunk in found] == [None, "Terms of payment", "Delivery"]
    assert found[2].text == "Delivery\nBy ship."


def test_headings_that_are_nowhere_cost_little() -> None:
    found, _ = passages("word " * 5_000, headings=("absent",) * 5_000)

    assert found[0].heading is None


def test_text_without_sentences_is_cut_between_words() -> None:
    found, whole = passages("word " * 1_000)

    assert all(
        chunk.text.split() == ["word"] * (len(chunk.text) // 5 + 1) for chunk in found
    )
    assert sum(chunk.text.count("word") for chunk in found) == 1_000
    assert whole.startswith("word")


def test_one_endless_word_is_cut_too() -> None:
    found, _ = passages("x" * 10_000)

    assert sum(len(chunk.text) for chunk in found) == 10_000


def test_the_limit_is_told() -> None:
    pages = [PageContent(text="a. " * 2_000)]

    found, complete = chunks(pages[0].text, pages, [0], 2)

    assert len(found) == 2
    assert not complete


def test_no_text_has_no_passages() -> None:
    assert passages("", " \n ") == ([], "\n\n \n ") or passages("") == ([], "")


@given(st.lists(st.text(alphabet="ab .!?\n\t\u3002\u00e9", max_size=400), max_size=4))
def test_passages_are_slices_that_leave_nothing_out(texts: list[str]) -> None:
    found, whole = passages(*texts)

    for chunk in found:
        assert whole[chunk.char_start : chunk.char_end] == chunk.text
        assert chunk.text.strip() == chunk.text != ""
    places = [(chunk.char_start, chunk.char_end) for chunk in found]
    assert places == sorted(places)
    assert "".join("".join(chunk.text.split()) for chunk in found) == "".join(
        whole.split()
    )
