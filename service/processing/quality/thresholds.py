"""From which value something is an issue, and what it takes from the score.

The one table of it: ``docs/quality.md`` is made from it. A rule's penalty is for the
whole document; an issue on one page takes that page's share of it.
"""

from service.processing.quality.rule import Rule, at_least, fact, under
from service.processing.results import Grade, Severity

_PAGES = "measured on 25 real pages under synthetic blur and noise"
_OCR = "measured by OCR of receipts made smaller and blurred"
_SCANS = "set between clean and degraded pages; `python -m benchmarks quality`"
_OWN = "chosen: no measurement behind it"

# -- The file -----------------------------------------------------------------------

EMPTY_FILE = fact("EMPTY_FILE", "fatal", 100, "The file has no content.")
UNSUPPORTED_TYPE = fact(
    "UNSUPPORTED_TYPE", "fatal", 100, "There is no reader for this kind of file."
)
CORRUPT = fact(
    "CORRUPT", "fatal", 100, "The file is damaged beyond what can be opened."
)
PASSWORD_REQUIRED = fact(
    "PASSWORD_REQUIRED", "fatal", 100, "The file needs a password."
)
TOO_MUCH = fact(
    "LIMIT_REACHED",
    "fatal",
    100,
    "The document is larger than the limits of its format allow.",
)
NO_PAGES = fact("LIMIT_REACHED", "fatal", 100, "None of the chosen pages exists.")
LIMIT_REACHED = fact("LIMIT_REACHED", "error", 10, "A limit cut something off.")
TYPE_MISMATCH = fact(
    "TYPE_MISMATCH", "warning", 5, "The name's extension does not fit the content."
)
TRUNCATED = fact("TRUNCATED", "error", 30, "The file's end is missing.")
REPAIRED = fact(
    "REPAIRED", "warning", 10, "The file's structure was damaged and was rebuilt."
)
ENCRYPTED = fact(
    "ENCRYPTED", "info", 0, "The file is encrypted, but opens without a password."
)
MACROS = fact("MACROS", "warning", 5, "The file carries macros. None was run.")
JAVASCRIPT = fact("JAVASCRIPT", "warning", 5, "The file carries scripts. None was run.")
EXTERNAL_REFERENCES = Rule(
    "EXTERNAL_REFERENCES",
    "info",
    2,
    "Opening the file would fetch something from elsewhere. Nothing was.",
    at_least(1, "addresses"),
    "chosen: one is worth knowing",
)
EMBEDDED_UNREADABLE = fact(
    "EMBEDDED_UNREADABLE", "warning", 5, "An embedded file could not be read."
)
PART_UNREADABLE = fact(
    "PART_UNREADABLE", "error", 20, "A part of the document could not be read."
)
VALUE_NOT_STORED = fact(
    "VALUE_NOT_STORED",
    "error",
    20,
    "Formulas or fields have no stored value: what they show is not known.",
)
PAGES_MISSING = fact(
    "PAGES_MISSING", "warning", 5, "Some of the chosen pages do not exist."
)

# -- The text -----------------------------------------------------------------------

NO_TEXT_LAYER = fact(
    "NO_TEXT_LAYER", "error", 20, "There is a picture, but no text before OCR."
)
UNDECODED_TEXT = Rule(
    "BAD_TEXT_LAYER",
    "error",
    40,
    "Many characters of the text have no meaning outside the file's fonts.",
    at_least(0.05, "share of characters"),
    _OWN,
)
GIBBERISH = Rule(
    "BAD_TEXT_LAYER",
    "error",
    40,
    "The text is no words: letters stand for other letters.",
    under(0.26, "share of vowels among letters"),
    "text of nine languages: 0.32 to 0.47; with letters shifted mostly under 0.26",
)
SYMBOLS = Rule(
    "BAD_TEXT_LAYER",
    "error",
    40,
    "Most of the text is symbols.",
    at_least(0.3, "share of characters"),
    _OWN,
)
LOW_TEXT_DENSITY = Rule(
    "LOW_TEXT_DENSITY",
    "warning",
    10,
    "The page is a scan with hardly any text over it.",
    under(60, "characters"),
    _OWN,
)
ENCODING_UNSURE = fact("ENCODING_UNSURE", "warning", 10, "The encoding is not certain.")
UNDECODED_BYTES = Rule(
    "ENCODING_UNSURE",
    "warning",
    15,
    "Bytes could not be decoded.",
    at_least(0.0005, "share of characters"),
    _OWN,
)
MOJIBAKE = Rule(
    "MOJIBAKE",
    "warning",
    15,
    "The text was encoded twice: letters came out as two or three others.",
    at_least(0.0005, "share of characters"),
    "one such character in a page of text; correct text of Europe has none",
)
CONTROL_CHARACTERS = Rule(
    "CONTROL_CHARACTERS",
    "warning",
    5,
    "There are control characters in the text.",
    at_least(0.001, "share of characters"),
    _OWN,
)
HIDDEN_TEXT = Rule(
    "HIDDEN_TEXT",
    "warning",
    10,
    "There is text that cannot be seen. Only that of hidden sheets and slides was "
    "extracted.",
    at_least(10, "characters"),
    "a cropped spread had 2,747 of them; lone spaces and marks do not count",
)
RAGGED_TABLE = Rule(
    "RAGGED_TABLE",
    "warning",
    5,
    "Rows have more or fewer cells than most of the table.",
    at_least(1, "rows"),
    "RFC 4180 §2.4: each line has the same number of fields",
)

# -- The pages ----------------------------------------------------------------------

PAGE_UNREADABLE = fact("PAGE_UNREADABLE", "error", 90, "The page could not be loaded.")
BLANK_PAGE = Rule(
    "BLANK_PAGE",
    "warning",
    20,
    "The page is blank.",
    under(0.0005, "share of ink"),
    "no characters, ink at 50 dpi; measured on 120 real PDFs",
)
BLANK_DOCUMENT = fact("BLANK_PAGE", "error", 80, "Every page is blank.")
NEARLY_BLANK_PAGE = Rule(
    "NEARLY_BLANK_PAGE",
    "info",
    5,
    "The page is nearly blank.",
    under(0.002, "share of ink"),
    "0.0019 on a real page that is nearly blank",
)
SOFT = Rule(
    "SOFT",
    "info",
    5,
    "Edges are soft.",
    under(0.6, "edge steepness"),
    f"{_PAGES}: sharp 0.65-1.00, Gaussian sigma of 1 pixel 0.42-0.49",
)
BLURRY = Rule(
    "BLURRY",
    "warning",
    25,
    "The page is blurry.",
    under(0.4, "edge steepness"),
    f"{_PAGES}: sigma 1.5 0.31-0.37, sigma 2 0.25-0.32",
)
BLURRED_AWAY = Rule(
    "BLURRY",
    "error",
    60,
    "The page is too blurry to be read.",
    under(0.24, "edge steepness"),
    f"{_PAGES}: sigma 3 0.19-0.23; {_OCR}: 4 of 7 totals",
)
LOW_CONTRAST = Rule(
    "LOW_CONTRAST",
    "warning",
    15,
    "Ink and paper are close to each other.",
    under(70, "levels of 255"),
    _SCANS,
)
NO_CONTRAST = Rule(
    "LOW_CONTRAST",
    "error",
    60,
    "Ink can hardly be told from paper.",
    under(20, "levels of 255"),
    _SCANS,
)
LOW_RESOLUTION = Rule(
    "LOW_RESOLUTION",
    "warning",
    20,
    "The letters have few pixels.",
    under(6, "pixels of letter height"),
    "10-point type at 90 dpi; text height matters, not dpi",
)
NO_RESOLUTION = Rule(
    "LOW_RESOLUTION",
    "error",
    60,
    "The letters have too few pixels to be read.",
    under(4, "pixels of letter height"),
    f"{_OCR}: at a quarter of the size 2 of 7 dates",
)
SKEWED = Rule(
    "SKEWED",
    "info",
    3,
    "The page is a little askew.",
    at_least(1.0, "degrees"),
    "99 % of angles are found within 1 degree",
)
FAR_SKEWED = Rule(
    "SKEWED", "warning", 15, "The page is askew.", at_least(4.0, "degrees"), _OWN
)
ROTATED = Rule(
    "ROTATED",
    "warning",
    15,
    "The page lies on its side or upside down.",
    at_least(90, "degrees clockwise"),
    f"only where letters and lines agree; {_SCANS}",
)
NOISY = Rule(
    "NOISY",
    "warning",
    15,
    "The page is noisy; its sharpness cannot be trusted.",
    at_least(6, "levels of 255, standard deviation"),
    f"{_PAGES}: a sigma of 10 makes blur look sharp; {_SCANS}",
)
DUPLICATE_PAGE = Rule(
    "DUPLICATE_PAGE",
    "warning",
    10,
    "The page is the same as an earlier one.",
    None,
    "equal text of 40 characters or more, or the same picture",
)
UNMEASURED = fact("LIMIT_REACHED", "info", 0, "Not every picture was measured.")

RULES: tuple[Rule, ...] = tuple(
    each for each in list(globals().values()) if isinstance(each, Rule)
)
"""All of them, in the order above."""

OTHER_PENALTIES: dict[Severity, float] = {
    "info": 0,
    "warning": 5,
    "error": 20,
    "fatal": 100,
}
"""For issues of steps that this table does not know."""

GRADES: tuple[tuple[int, Grade], ...] = (
    (90, "A"),
    (75, "B"),
    (60, "C"),
    (45, "D"),
    (25, "E"),
    (0, "F"),
)
"""The least score of each grade."""


def penalty_of(code: str, severity: Severity) -> float:
    """Give the points that an issue found by another step takes."""
    for rule in RULES:
        if rule.code == code and rule.severity == severity:
            return rule.penalty
    return OTHER_PENALTIES[severity]


def grade_of(score: int) -> Grade:
    """Give the grade of a score of 0-100."""
    return next(grade for least, grade in GRADES if score >= least)
