import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import ADRS, DOCS, ROOT, STATES, rows

PAGES = (
    *sorted(DOCS.glob("*.md")),
    *ADRS,
    ROOT / "rabbitmq" / "README.md",
    ROOT / "k8s" / "README.md",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors(linked), f"{target} has no such heading"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    folders = "actors|benchmarks|docs|gateway|samples|service|tests|tools"
    for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", text):
        assert (ROOT / path).exists(), f"{path} is not there"


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.name)
def test_a_decision_has_its_parts_and_fits_on_a_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]} ")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == ["Status", "Context", "Options", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 75


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in ADRS]
    assert numbers == list(range(1, len(ADRS) + 1))


def test_words_in_the_glossary_are_sorted_and_explained_once() -> None:
    page = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = [row[0].strip("*") for row in rows(page)]
    assert words == sorted(set(words), key=str.lower)


def test_words_in_italics_on_the_page_of_states_are_in_the_glossary() -> None:
    page = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = {row[0].strip("*") for row in rows(page)}
    italic = set(re.findall(r"(?<!\*)\*(\w+)\*(?!\*)", STATES))
    assert italic - {"italics"} <= words
