"""Add a job type of your own: count the words of a document, and the longest of them.

Try it on files right here, without queue or store:

    .venv/bin/python docs/examples/02_own_processing.py samples/order.html

To have it in the service, put it into a package that names it in its pyproject.toml,
and install that beside Docmill:

    [project.entry-points."docmill.processors"]
    words = "my_package.words:count_words"

Then `docmill submit --type WORDS FILES…` runs it, and `GET /api/v1/job-types` lists it
with the schema of its result.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.processors import processor
from service.processing.testing import run_processor


class Words(msgspec.Struct, frozen=True):
    """What the type finds in each document."""

    word_count: int
    longest_word: str


@processor("WORDS", result=Words, limits={"max_pages": 100})
def count_words(context: StepContext) -> Words:
    """Count; the text was read before, whatever the document's format."""
    pages = context.read().pages
    words = []
    for number, page in enumerate(pages, 1):
        context.report_page(number, len(pages))
        words += page.text.split()
    if not words:
        raise DocumentError("There are no words in it.", code="empty")
    context.log(f"{len(words)} words on {len(pages)} pages")
    return Words(word_count=len(words), longest_word=max(words, key=len))


def main(files: Sequence[str]) -> None:
    """Run the type over files and print what comes of it."""
    for file in files:
        path = Path(file)
        run = run_processor(count_words, path.read_bytes(), name=path.name)
        found = run.result
        print(f"{path.name}: {found['wordCount']} words ({', '.join(run.log)})")
        print(f"  the longest is {found['longestWord']}")


if __name__ == "__main__":
    main(sys.argv[1:])
