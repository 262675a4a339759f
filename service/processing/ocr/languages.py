"""Languages that the recognition model in the wheel reads."""

from collections.abc import Sequence

from service.processing.context import StepContext
from service.processing.results import Severity

LANGUAGES = frozenset(
    (
        "af",
        "ca",
        "cs",
        "cy",
        "da",
        "de",
        "en",
        "es",
        "et",
        "eu",
        "fi",
        "fr",
        "ga",
        "gl",
        "hr",
        "hu",
        "id",
        "is",
        "it",
        "ja",
        "lb",
        "lt",
        "lv",
        "ms",
        "mt",
        "nb",
        "nl",
        "nn",
        "no",
        "pl",
        "pt",
        "ro",
        "sk",
        "sl",
        "sq",
        "sv",
        "sw",
        "tr",
        "zh",
    )
)
"""ISO 639-1. What PP-OCRv6 claims and whose letters the small model has: Vietnamese is
claimed without them, and neither Cyrillic, Greek nor Korean is there. Norwegian has
three codes."""


def note_unread(context: StepContext, languages: Sequence[str]) -> None:
    """Say which of the chosen languages nobody here reads; the others are read.

    It is an error when nobody reads any: what is recognised then is no text.
    """
    unread = sorted(set(languages) - LANGUAGES)
    if unread:
        message = f"OCR does not read these languages: {', '.join(unread)}."
        none = LANGUAGES.isdisjoint(languages)
        severity: Severity = "error" if none else "warning"
        context.add_issue("OCR_LANGUAGE_UNSUPPORTED", severity, message)
