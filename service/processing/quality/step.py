"""The steps of ``QUALITY_CHECK``: open the document, judge it.

Imported only inside the sandbox.
"""

import statistics
from collections import Counter
from collections.abc import Mapping

from service.errors import DocumentError
from service.processing import extraction
from service.processing.context import StepContext
from service.processing.formats import ole_metadata
from service.processing.formats.content import Content, PageContent, Safety
from service.processing.formats.pdf_safety import is_cut
from service.processing.media_types import LEGACY_TYPES
from service.processing.quality import page_rules, text, thresholds
from service.processing.quality.findings import Findings
from service.processing.quality.pages import measure_pages, number_of
from service.processing.quality.rule import Rule
from service.processing.results import Integrity, Metadata, Quality, TextQuality

_REFUSAL = "quality.refusal"
"""In the context's state: the code with which the document was refused."""

_NOTHING: tuple[None, Safety] = (None, Safety())
_RULE_OF: Mapping[str, Rule] = {
    "corrupt": thresholds.CORRUPT,
    "empty": thresholds.EMPTY_FILE,
    "encrypted": thresholds.PASSWORD_REQUIRED,
    "no_pages": thresholds.NO_PAGES,
    "too_large": thresholds.TOO_MUCH,
    "too_many_pages": thresholds.TOO_MUCH,
    "unsupported_type": thresholds.UNSUPPORTED_TYPE,
}
"""Codes of documents that cannot be opened, which is what their quality is."""


def open_document(context: StepContext) -> None:
    """Sniff and read the document; one that cannot be opened is judged, no error."""
    try:
        extraction.sniff(context)
        extraction.read(context)
    except DocumentError as error:
        if error.code not in _RULE_OF:
            raise
        context.state[_REFUSAL] = error.code


def judge(context: StepContext) -> None:
    """Measure the document and say how good it is."""
    refusal = context.state.get(_REFUSAL)
    if refusal is None:
        context.quality = _judged(context, context.read())
    else:
        context.quality = _refused(context, refusal)


def _refused(context: StepContext, code: str) -> Quality:
    findings = Findings(context, 1)
    findings.add(_RULE_OF[code])
    damaged_pdf = code == "corrupt" and context.media_type == "application/pdf"
    if damaged_pdf and is_cut(context.source.path):
        findings.add(thresholds.TRUNCATED)
    if context.extension_matches is False:
        findings.add(thresholds.TYPE_MISMATCH)
    locked = code == "encrypted"
    metadata, safety = _about(context) if code == "unsupported_type" else _NOTHING
    return Quality(
        score=0,
        grade=thresholds.grade_of(0),
        readable=False,
        issues=findings.issues(),
        pages=(),
        text=None,
        integrity=Integrity(
            openable=False,
            encrypted=locked,
            password_required=locked,
            truncated=findings.has("TRUNCATED"),
            has_macros=safety.macros,
        ),
        metadata=metadata,
    )


def _about(context: StepContext) -> tuple[Metadata | None, Safety]:
    """Give what a file of a kind that has no reader says of itself."""
    if context.media_type not in LEGACY_TYPES:
        return _NOTHING
    context.use_engine("olefile")
    try:
        return ole_metadata.about(context.source.path)
    except DocumentError:
        return _NOTHING


def _judged(context: StepContext, content: Content) -> Quality:
    pages = content.pages
    findings = Findings(context, len(pages))
    _check_file(findings, content)
    _check_tables(findings, context.media_type, pages)
    measured_text = _check_text(findings, context, content)
    measured = measure_pages(context, pages)
    if not measured.complete:
        if "measured_pages" not in context.limits_hit:
            context.limits_hit.append("measured_pages")
        findings.add(thresholds.UNMEASURED)
    judged = page_rules.judge_pages(findings, context, pages, measured)
    score = findings.score()
    return Quality(
        score=score,
        grade=thresholds.grade_of(score),
        readable=judged.readable,
        issues=findings.issues(),
        pages=judged.pages,
        text=measured_text,
        integrity=_integrity(findings, content),
    )


def _check_file(findings: Findings, content: Content) -> None:
    safety = content.safety
    if content.encrypted:
        findings.add(thresholds.ENCRYPTED)
    if safety.macros:
        findings.add(thresholds.MACROS)
    if safety.javascript:
        findings.add(thresholds.JAVASCRIPT)
    references = len(safety.external_references)
    findings.check([thresholds.EXTERNAL_REFERENCES], references)


def _check_tables(
    findings: Findings, media_type: str, pages: tuple[PageContent, ...]
) -> None:
    # Elsewhere cells may span others, so that rows rightly differ.
    if media_type != "text/csv":
        return
    for place, page in enumerate(pages):
        for table in page.tables:
            lengths = Counter(len(row) for row in table.rows if row)
            usual = max(lengths.values(), default=0)
            odd = lengths.total() - usual
            number = number_of(pages, place)
            findings.check([thresholds.RAGGED_TABLE], odd, page=number)


def _check_text(
    findings: Findings, context: StepContext, content: Content
) -> TextQuality:
    raw = _sample(content)
    measures = text.measure(raw, control_chars=content.control_chars)
    if content.encoding is not None:
        bound = thresholds.UNDECODED_BYTES
        findings.check([bound], measures.replacement_share)
    findings.check([thresholds.MOJIBAKE], text.mojibake_share(raw))
    findings.check([thresholds.CONTROL_CHARACTERS], measures.control_share)
    lengths = [len(page.text.strip()) for page in content.pages]
    return TextQuality(
        encoding=content.encoding,
        encoding_confidence=content.encoding_confidence,
        replacement_share=round(measures.replacement_share, 4),
        control_share=round(measures.control_share, 4),
        language=context.extraction.get("language"),
        language_confidence=context.state.get(extraction.LANGUAGE_CONFIDENCE),
        word_count=text.word_count(context.text),
        chars_per_page_median=float(statistics.median(lengths)) if lengths else 0.0,
    )


def _sample(content: Content) -> str:
    parts, left = [], text.SAMPLE_CHARS
    for page in content.pages:
        if left <= 0:
            break
        parts.append(page.text[:left])
        left -= len(parts[-1])
    return "\n".join(parts)


def _integrity(findings: Findings, content: Content) -> Integrity:
    return Integrity(
        openable=True,
        encrypted=content.encrypted,
        truncated=findings.has("TRUNCATED"),
        repaired=findings.has("REPAIRED"),
        unreadable_pages=findings.pages_with("PAGE_UNREADABLE"),
        has_javascript=content.safety.javascript,
        has_macros=content.safety.macros,
        embedded_files=len(content.embedded),
        external_references=len(content.safety.external_references),
    )
