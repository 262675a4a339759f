"""Languages that the recognition model in the wheel reads."""

from collections.abc import Sequence

from service.processing.context import StepContext

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
        "nl",
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
claimed without them, and neither Cyrillic, Greek nor Korean is there."""


def note_unread(context: StepContext, languages: Sequence[str]) -> None:
    """Say which of the chosen languages nobody here reads; the others are read."""
    unread = sorted(set(languages) - LANGUAGES)
    if unread:
        message = f"OCR does not read these languages: {', '.join(unread)}."
        context.add_issue("OCR_LANGUAGE_UNSUPPORTED", "warning", message)
