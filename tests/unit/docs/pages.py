"""The pages of ``docs/``, and what tables on them say."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
ADRS = sorted((DOCS / "adr").glob("*.md"))
STATES = (DOCS / "state_machine.md").read_text(encoding="utf-8")
MESSAGES = (DOCS / "messages.md").read_text(encoding="utf-8")
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
PROCESSING = (DOCS / "processing.md").read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """Give the text below a heading, up to the next one."""
    _, found, after = page.partition(f" {title}\n")
    assert found, f"there is no heading {title!r}"
    return re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> Iterator[tuple[str, ...]]:
    """Give the cells of every table row but the headings."""
    tables = re.findall(r"^\|.*\n\|[-|]+\|\n((?:\|.*\n)*)", text, re.MULTILINE)
    for table in tables:
        for line in table.splitlines():
            yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)
