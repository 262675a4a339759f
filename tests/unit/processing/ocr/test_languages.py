"""Languages that OCR does not read; needs no engine."""

import pytest

from service.domain.options import ProcessingOptions
from service.processing.ocr.languages import LANGUAGES, note_unread
from service.processing.options import refused_language
from tests.unit.processing.readers import context_of
from tests.unit.processing.running import SAMPLES


@pytest.mark.parametrize(
    ("languages", "severity", "named"),
    [
        (("en",), None, ""),
        (("nb", "zh"), None, ""),
        (("en", "ko", "ru"), "warning", "ko, ru"),
        (("ru",), "error", "ru"),
        (("ru", "ru", "el"), "error", "el, ru"),
    ],
)
def test_languages_that_are_not_read_are_named(
    languages: tuple[str, ...], severity: str | None, named: str
) -> None:
    options = ProcessingOptions(ocr_languages=languages)
    context = context_of(SAMPLES / "receipt.png", options=options)

    note_unread(context, context.options.ocr_languages)

    found = [(issue.code, issue.severity) for issue in context.issues]
    assert found == ([("OCR_LANGUAGE_UNSUPPORTED", severity)] if severity else [])
    assert all(named in issue.message for issue in context.issues)


def test_every_language_that_is_read_may_be_named() -> None:
    assert [code for code in LANGUAGES if refused_language(code)] == []
