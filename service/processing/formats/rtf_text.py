"""Text of Rich Text Format: its code pages, and what stands for characters in it."""

from collections.abc import Mapping

CODE_PAGES: Mapping[int, str] = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "cp1361",
    134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
"""By the character set of a font (RTF specification 1.9.1, "Font Table")."""
SYMBOLS: Mapping[bytes, str] = {
    b"\\": "\\", b"{": "{", b"}": "}", b"~": "\u00a0", b"_": "\u2011", b"-": "",
    b"\t": "\t",
}  # fmt: skip
WORDS: Mapping[str, str] = {
    "tab": "\t", "line": "\n", "emdash": "\u2014", "endash": "\u2013",
    "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c",
    "rdblquote": "\u201d", "bullet": "\u2022", "emspace": " ", "enspace": " ",
}  # fmt: skip
"""Words that stand for characters."""
DESTINATIONS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable"),
            *("rsidtbl", "info", "pict", "object", "fldinst", "xmlnstbl", "filetbl"),
            *("themedata", "datastore", "latentstyles", "revtbl", "nonshppict"),
        ),
        "-",
    ),
    **{
        name: name
        for name in (
            *("title", "author", "creatim", "revtim", "generator", "objdata"),
            "htmltag",
        )
    },
    **dict.fromkeys(("shptxt", "result", "annotation"), ""),
}
"""Words that begin a destination, and where its text goes: "" to the document, "-"
nowhere, else it is kept under its name."""

PARTS = frozenset(
    {
        *("header", "headerl", "headerr", "headerf"),
        *("footer", "footerl", "footerr", "footerf", "footnote", "annotation"),
    }
)
"""Words that begin a part with paragraphs of its own."""


class Text:
    """Text that comes in pieces, some of them bytes in a code page."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._bytes = bytearray()
        self._page = ""

    def add(self, text: str) -> None:
        """Add characters, or halves of them in UTF-16."""
        self._decode()
        self._parts.append(text)

    def add_bytes(self, data: bytes, page: str) -> None:
        """Add bytes; those of one character may come one by one."""
        if page != self._page:
            self._decode()
            self._page = page
        self._bytes += data

    def value(self) -> str:
        """Give all of it."""
        self._decode()
        halves = "".join(self._parts).encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace")

    def _decode(self) -> None:
        if not self._bytes:
            return
        try:
            self._parts.append(self._bytes.decode(self._page, "replace"))
        except LookupError:
            self._parts.append(self._bytes.decode("cp1252", "replace"))
        self._bytes.clear()
