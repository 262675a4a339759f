"""The result of ``QUALITY_CHECK``."""

from typing import Literal

from service.processing.results.common import Issue, Part, result_of
from service.processing.results.extraction import Metadata

Grade = Literal["A", "B", "C", "D", "E", "F"]


class QualityIssue(Issue, frozen=True, kw_only=True):
    """An issue, and what it was judged by."""

    measured: float | None = None
    """What was measured, in `unit`."""
    unit: str | None = None
    threshold: float | None = None
    """The value of the same unit from which it is an issue."""
    penalty: float = 0.0
    """Points it takes from the score."""


class PageQuality(Part, frozen=True, kw_only=True):
    """What was measured on one page; null = not measured, or no such thing here."""

    page: int
    width_pt: float | None = None
    height_pt: float | None = None
    rotation_deg: int | None = None
    """As the document declares it."""
    char_count: int
    ink_share: float | None = None
    """Share of the page's area that is darker than paper."""
    blank: bool | None = None
    image_only: bool | None = None
    """Something is drawn, nothing of it is text."""
    effective_dpi: float | None = None
    """Of the largest picture on the page."""
    text_height_px: float | None = None
    """Median height of what looks like letters."""
    sharpness: float | None = None
    """Edge steepness, 0-1."""
    contrast_levels: float | None = None
    """Mean paper minus mean ink, 0-255."""
    skew_deg: float | None = None
    noise_sigma: float | None = None
    """Standard deviation of the noise, in levels of 0-255."""
    orientation_deg: int | None = None
    """How far the content is turned: 0, 90, 180 or 270, clockwise."""
    ocr_confidence: float | None = None


class TextQuality(Part, frozen=True, kw_only=True):
    """What was measured on the text."""

    encoding: str | None = None
    encoding_confidence: float | None = None
    replacement_share: float
    """Share of characters that stand for undecodable bytes."""
    control_share: float
    language: str | None = None
    language_confidence: float | None = None
    word_count: int
    chars_per_page_median: float


class Integrity(Part, frozen=True, kw_only=True):
    """Whether the file is whole, and what it carries that is not content."""

    openable: bool
    encrypted: bool = False
    password_required: bool = False
    truncated: bool = False
    repaired: bool = False
    unreadable_pages: tuple[int, ...] = ()
    has_javascript: bool = False
    has_macros: bool = False
    embedded_files: int = 0
    external_references: int = 0


class Quality(Part, frozen=True, kw_only=True):
    """How good a document is for being read by a program."""

    score: int
    """0-100; 0 when it cannot be opened."""
    grade: Grade
    readable: bool
    issues: tuple[QualityIssue, ...]
    pages: tuple[PageQuality, ...]
    text: TextQuality | None
    """Null when it cannot be opened."""
    integrity: Integrity
    metadata: Metadata | None = None
    """What a document that cannot be read says of itself; null for all others."""


QualityResult = result_of("QualityResult", Quality)
"""The result of ``QUALITY_CHECK``."""
