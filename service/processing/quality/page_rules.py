"""Applies the rules of pages to what was measured on them."""

from dataclasses import dataclass
from functools import partial

import msgspec

from service.processing.context import StepContext
from service.processing.formats.content import PageContent
from service.processing.quality import text, thresholds
from service.processing.quality.findings import Findings
from service.processing.quality.measures import PageMeasures, same_picture
from service.processing.quality.pages import Measured, number_of
from service.processing.results import PageQuality

_TELLING_CHARS = 40
"""Shorter texts may be equal on pages that are not."""
_FAILING = frozenset({"error", "fatal"})


@dataclass(frozen=True, slots=True)
class JudgedPages:
    """What came of judging all pages."""

    pages: tuple[PageQuality, ...]
    readable: bool


def judge_pages(
    findings: Findings,
    context: StepContext,
    pages: tuple[PageContent, ...],
    measured: Measured,
) -> JudgedPages:
    """Check every page, and give what was measured on each."""
    lost = frozenset(findings.pages_with("PAGE_UNREADABLE"))
    judged = [
        _quality(number_of(pages, place), page, measured.pages.get(place), lost)
        for place, page in enumerate(pages)
    ]
    if judged and all(page.blank for page in judged):
        findings.add(thresholds.BLANK_DOCUMENT)
    for place, quality in enumerate(judged):
        _check_page(findings, context, place, pages[place], quality, measured)
    _check_duplicates(findings, pages, judged, measured)
    return JudgedPages(tuple(judged), _readable(findings, judged))


def _check_page(
    findings: Findings,
    context: StepContext,
    place: int,
    page: PageContent,
    quality: PageQuality,
    measured: Measured,
) -> None:
    measures = measured.pages.get(place)
    if page.picture or context.media_type == "application/pdf":
        _check_emptiness(findings, quality, measures)  # an empty sheet is usual
    if measures is not None and not quality.blank:
        _check_picture(findings, quality, measured.stands_for)
    hidden = page.hidden_chars
    findings.check([thresholds.HIDDEN_TEXT], hidden, page=quality.page)
    if place in measured.scans:
        density = [thresholds.LOW_TEXT_DENSITY]
        findings.check(density, quality.char_count, page=quality.page)
    if context.media_type == "application/pdf":
        _check_layer(findings, page, quality)


def _quality(
    number: int,
    page: PageContent,
    measures: PageMeasures | None,
    lost: frozenset[int],
) -> PageQuality:
    chars = len(page.text.strip())
    blank: bool | None = None
    if number in lost:
        blank = None
    elif chars or page.tables:
        blank = False
    elif not page.picture:
        blank = None if page.pictures else True
    elif measures is not None:
        blank = thresholds.BLANK_PAGE.broken_by(measures.emptiness())
    bare = PageQuality(
        page=number,
        width_pt=page.width_pt,
        height_pt=page.height_pt,
        rotation_deg=page.rotation_deg,
        char_count=chars,
        blank=blank,
        image_only=page.picture and not chars,
        effective_dpi=page.effective_dpi,
        orientation_deg=page.lies_deg,
        ocr_confidence=page.ocr_confidence,
    )
    return bare if measures is None else _with_measures(bare, measures)


def _with_measures(page: PageQuality, measures: PageMeasures) -> PageQuality:
    turned_deg = page.orientation_deg  # as reading it showed
    if turned_deg is None and not thresholds.BLURRED_AWAY.broken_by(measures.sharpness):
        turned_deg = measures.orientation_deg
    return msgspec.structs.replace(
        page,
        ink_share=round(measures.ink_share, 5),
        text_height_px=_rounded(measures.text_height_px, 1),
        sharpness=_rounded(measures.sharpness, 3),
        contrast_levels=_rounded(measures.contrast_levels, 1),
        skew_deg=_rounded(measures.skew_deg, 1),
        noise_sigma=_rounded(measures.noise_sigma, 2),
        orientation_deg=turned_deg,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _check_emptiness(
    findings: Findings, page: PageQuality, measures: PageMeasures | None
) -> None:
    if page.blank:
        share = measures.ink_share if measures else 0.0
        findings.add(thresholds.BLANK_PAGE, page=page.page, measured=share)
    elif page.blank is False and not page.char_count and measures is not None:
        rules = [thresholds.NEARLY_BLANK_PAGE]
        findings.check(rules, measures.emptiness(), page=page.page)


def _check_picture(findings: Findings, page: PageQuality, stands_for: float) -> None:
    check = partial(findings.check, page=page.page, stands_for=stands_for)
    noisy = check([thresholds.NOISY], page.noise_sigma)
    blurred = check([thresholds.BLURRED_AWAY, thresholds.BLURRY], page.sharpness)
    if not blurred and not noisy:
        check([thresholds.SOFT], page.sharpness)
    # Blur spreads thin strokes until they are faint, and noise hides blur.
    if not blurred and not (noisy and thresholds.SOFT.broken_by(page.sharpness)):
        contrast = [thresholds.NO_CONTRAST, thresholds.LOW_CONTRAST]
        check(contrast, page.contrast_levels)
    resolution = [thresholds.NO_RESOLUTION, thresholds.LOW_RESOLUTION]
    check(resolution, page.text_height_px)
    skew = [thresholds.FAR_SKEWED, thresholds.SKEWED]
    check(skew, abs(page.skew_deg or 0.0))
    check([thresholds.ROTATED], page.orientation_deg)


def _check_layer(findings: Findings, page: PageContent, quality: PageQuality) -> None:
    if page.text_source == "ocr" or not quality.char_count:
        return
    number, measures = quality.page, text.measure(page.text)
    # They are of one code, of which a page has one issue.
    undecoded = measures.undecoded_share
    findings.check([thresholds.UNDECODED_TEXT], undecoded, page=number)
    findings.check([thresholds.GIBBERISH], measures.vowel_share, page=number)
    findings.check([thresholds.SYMBOLS], measures.symbol_share, page=number)


def _check_duplicates(
    findings: Findings,
    pages: tuple[PageContent, ...],
    judged: list[PageQuality],
    measured: Measured,
) -> None:
    seen: dict[str, int] = {}
    pictures: list[tuple[int, PageMeasures]] = []
    for place, quality in enumerate(judged):
        words = text.normalised(pages[place].text)
        first = None
        if len(words) >= _TELLING_CHARS:
            first = seen.setdefault(words, quality.page)
        elif not words and quality.blank is False and place in measured.pages:
            first = _seen_picture(pictures, quality.page, measured.pages[place])
        if first is not None and first != quality.page:
            message = f"The page is the same as page {first}."
            findings.add(thresholds.DUPLICATE_PAGE, page=quality.page, message=message)


def _seen_picture(
    seen: list[tuple[int, PageMeasures]], number: int, measures: PageMeasures
) -> int:
    for first, other in seen:
        if same_picture(other, measures):
            return first
    seen.append((number, measures))
    return number


def _readable(findings: Findings, judged: list[PageQuality]) -> bool:
    """Say whether at least half of what is on the pages can be made out."""
    failing = {
        issue.page
        for issue in findings.issues()
        if issue.severity in _FAILING and issue.code not in _HARMLESS
    }
    shown = [page.page not in failing for page in judged if not page.blank]
    return bool(shown) and 2 * sum(shown) >= len(shown)


_HARMLESS = frozenset({"NO_TEXT_LAYER", "LIMIT_REACHED", "TRUNCATED"})
"""Errors of pages that can be made out nevertheless."""
