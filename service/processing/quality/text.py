"""What is wrong with text, told without a dictionary."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

SAMPLE_CHARS = 200_000
"""Characters of a document that are looked at: what is wrong is wrong all over."""
_WORDS_NEEDED = 20
_DIFFERENT_WORDS_NEEDED = 12
_CHARS_NEEDED = 50

_REPLACEMENT = "\ufffd"
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_CID = re.compile(r"\(cid:\d{1,6}\)")
"""What pdfminer writes for a glyph whose character the font does not tell."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""Tab, line ends and form feed are none."""
_LATIN_WORD = re.compile(r"(?<![^\W_])[A-Za-z\u00c0-\u024f]{5,30}(?![^\W_])")
_VOWELS = frozenset("aeiouy\xe6\xf8\u0153\u0131")
_ODD = frozenset("!\"#$%&'+;<>?@[\\]^`{}~")
"""What hardly stands in text, but does where letters are taken for others."""
_ODD_CATEGORIES = frozenset({"Cn", "Co", "Sk", "Sm", "So"})
_FOLLOWS = f"[\x80-\xbf{bytes(range(0x80, 0xA0)).decode('cp1252', 'ignore')}]"
"""What bytes of a character after its first are in Windows-1252 and ISO-8859-1."""
_TWICE = re.compile(f"[\u00c2-\u00df]{_FOLLOWS}|[\u00e2\u00ef]{_FOLLOWS}{{2}}")
"""Two bytes of a letter, three of punctuation, each as a character."""
_EUROPE = re.compile("[\xa0-\u017f\u0370-\u052f\u2000-\u2bff\ufb00-\ufb06\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMeasures:
    """Shares of a text's characters, 0-1, unless said otherwise."""

    replacement_share: float
    undecoded_share: float
    """Replacements, and what only the file's own fonts give a meaning."""
    control_share: float
    symbol_share: float | None
    """What text hardly has; None = too little text."""
    vowel_share: float | None
    """Of the letters of longer Latin words; None = too few of them."""


def measure(text: str, *, control_chars: int = 0) -> TextMeasures:
    """Measure a text; only its beginning when it is long.

    Args:
        text: The text.
        control_chars: How many control characters its reader left out of it.
    """
    length_in_file = max(len(text) + control_chars, 1)
    control_chars += len(_CONTROL.findall(text[:SAMPLE_CHARS]))
    text = text[:SAMPLE_CHARS]
    dense = "".join(text.split())
    length = max(len(dense), 1)
    replaced = dense.count(_REPLACEMENT)
    foreign = len(_PRIVATE.findall(dense))
    foreign += sum(len(found) for found in _CID.findall(dense))
    return TextMeasures(
        replacement_share=replaced / length,
        undecoded_share=(replaced + foreign) / length,
        control_share=control_chars / length_in_file,
        symbol_share=_symbol_share(dense),
        vowel_share=_vowel_share(text),
    )


def mojibake_share(text: str) -> float:
    """Give the share of characters that are letters encoded twice.

    They are only counted when they can be decoded back to letters or punctuation of
    Europe: a French quotation mark after an accent looks the same and cannot.
    """
    text = text[:SAMPLE_CHARS]
    found = sum(_was_encoded_twice(match) for match in _TWICE.findall(text))
    return found / max(len(text), 1)


def word_count(text: str) -> int:
    """Give how many words, numbers included, a text has."""
    return len(text.split())


def normalised(text: str) -> str:
    """Give a text without what two prints of it may differ in."""
    return " ".join(text.split()).casefold()


def _symbol_share(dense: str) -> float | None:
    if len(dense) < _CHARS_NEEDED:
        return None
    odd = sum(
        count
        for char, count in Counter(dense).items()
        if char in _ODD or unicodedata.category(char) in _ODD_CATEGORIES
    )
    return odd / len(dense)


def _vowel_share(text: str) -> float | None:
    found = _LATIN_WORD.findall(text.casefold())
    # Each once: a few words on every line of a list say little about its letters.
    words = set(found)
    if len(found) < _WORDS_NEEDED or len(words) < _DIFFERENT_WORDS_NEEDED:
        return None
    # Accents apart, so that those of any language are known.
    letters = Counter(unicodedata.normalize("NFD", "".join(words)))
    vowels = sum(letters[vowel] for vowel in _VOWELS)
    return vowels / sum(count for char, count in letters.items() if char.isalpha())


def _was_encoded_twice(found: str) -> bool:
    data = b"".join(_byte(char) for char in found)
    try:
        return _EUROPE.fullmatch(data.decode("utf-8")) is not None
    except UnicodeDecodeError:
        return False


def _byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")
