"""Text for comparing: lower case, without accents, every character in its place."""

import unicodedata


def _folded() -> dict[int, str]:
    table = {
        ord("ß"): "s",
        ord("İ"): "i",
        ord("\u0131"): "i",
        ord("ø"): "o",
        ord("Ø"): "o",
        ord("æ"): "a",
        ord("Æ"): "a",
        ord("ł"): "l",
        ord("Ł"): "l",
        ord("\u2019"): "'",
    }
    for code in range(0xC0, 0x21C):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base.lower()
    return table | {0xA0: " ", 0x202F: " ", 0x2011: "-"}


_TABLE = _folded()


def fold(text: str) -> str:
    """Give text of the same length in lower case without Latin accents."""
    return text.translate(_TABLE).lower()
