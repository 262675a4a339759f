"""Reads Rich Text Format (specification 1.9.1), and HTML inside it ([MS-OXRTFEX])."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from service.processing.context import StepContext
from service.processing.formats.content import stated
from service.processing.formats.flow import Flow
from service.processing.formats.rtf_text import (
    CODE_PAGES,
    DESTINATIONS,
    PARTS,
    SYMBOLS,
    WORDS,
    Text,
)
from service.processing.formats.rtf_tokens import Kind, Token, tokens
from service.processing.results import Metadata, timestamp

_DEPTH_MAX = 1_000
_TIME = ("yr", "mo", "dy", "hr", "min")


@dataclass(slots=True)
class _Group:
    """What holds until the end of a group."""

    destination: str = ""
    """Where its text goes: "" the document, "-" nowhere, else under its name."""
    page: str = "cp1252"
    after_unicode: int = 1
    """How many characters stand for one of Unicode, for programs that know none."""
    hidden: bool = False
    """Left out: hidden text, or what only repeats HTML as rich text."""
    in_table: bool = False
    is_part: bool = False
    """Whether its end also ends a paragraph, as of a header."""
    level: int | None = None


@dataclass(slots=True)
class _Line:
    """A paragraph, or a row of a table."""

    text: str = ""
    cells: tuple[str, ...] | None = None
    level: int | None = None


@dataclass(slots=True)
class _Fonts:
    """The code page of each font."""

    pages: dict[int, str] = field(default_factory=dict)
    present: int = 0


class RichText:
    """A rich text that was read.

    Attributes:
        complete: Whether all that was opened in it is closed.
        html: The web page that it wraps, where it does.
        objects: Embedded objects, as they are stored.
        has_pictures: Whether it shows any.
        hidden_chars: Characters that are there and not shown.
    """

    def __init__(self, context: StepContext, data: bytes) -> None:
        """Read it; never raises for what is in it."""
        self._context = context
        self._lines: list[_Line] = []
        self._cells: list[str] = []
        self._paragraph, self._hidden = Text(), Text()
        self._kept: dict[str, Text] = {}
        self._times: dict[str, dict[str, int]] = {}
        self._fonts = _Fonts()
        self._ansi = "cp1252"
        self._group = _Group()
        self._around: list[_Group] = []
        self._ignorable = False
        self._to_skip = 0
        self._wraps_html = False
        self.objects: list[bytes] = []
        self.has_pictures = False
        self._read(data)
        self.html = self._paragraph.value() if self._wraps_html else None
        hidden = "" if self._wraps_html else self._hidden.value()
        self.hidden_chars = len("".join(hidden.split()))

    def write(self, flow: Flow) -> None:
        """Add it to a page."""
        flow.hidden_chars += self.hidden_chars
        rows: list[tuple[str, ...]] = []
        for line in (*self._lines, _Line()):
            if line.cells is not None:
                rows.append(line.cells)
                continue
            if rows:
                flow.add_table(rows, has_header=False)
                rows = []
            if line.level is not None and line.text.strip():
                flow.add(line.text, "heading", level=line.level)
            else:
                flow.add(line.text)

    def text(self) -> str:
        """Give it as plain text."""
        lines = ("\t".join(line.cells or ()) or line.text for line in self._lines)
        return "\n".join(lines)

    def metadata(self) -> Metadata:
        """Give what it says of itself."""
        said = {name: text.value() for name, text in self._kept.items()}
        return Metadata(
            title=stated(said.get("title")),
            author=stated(said.get("author")),
            producer=stated(said.get("generator", "").rstrip(";")),
            created_at=self._time("creatim"),
            modified_at=self._time("revtim"),
        )

    def _read(self, data: bytes) -> None:
        actions: dict[Kind, Callable[[Token], None]] = {
            Kind.OPEN: self._open,
            Kind.CLOSE: self._close,
            Kind.WORD: self._word,
            Kind.SYMBOL: self._symbol,
            Kind.TEXT: self._bytes,
        }
        for token in tokens(data):
            if len(self._around) > _DEPTH_MAX:
                message = "Groups are nested too deep; text below that is not read."
                self._context.hit_limit("nesting_depth", message)
                break
            actions[token.kind](token)
        # What is nested too deep is another matter than what breaks off.
        self.complete = not 0 < len(self._around) <= _DEPTH_MAX
        if not self._wraps_html:
            self._end_paragraph()
            self._end_row()

    def _open(self, _: Token) -> None:
        self._around.append(self._group)
        self._group = replace(self._group, is_part=False)
        self._ignorable = False
        self._to_skip = 0

    def _close(self, _: Token) -> None:
        ended = self._group
        if ended.destination == "objdata":
            self._keep_object()
        if ended.is_part:
            self._end_paragraph()
        if self._around:
            self._group = self._around.pop()
        self._ignorable = False
        self._to_skip = 0

    def _keep_object(self) -> None:
        digits = "".join(self._kept.pop("objdata", Text()).value().split())
        try:
            self.objects.append(bytes.fromhex(digits))
        except ValueError:
            message = "An embedded object could not be read."
            self._context.add_issue("EMBEDDED_UNREADABLE", "warning", message)

    def _symbol(self, token: Token) -> None:
        if token.data == b"*":
            self._ignorable = True
        elif token.data in b"\r\n":
            self._end_paragraph()
        elif self._to_skip:
            self._to_skip -= 1
        else:
            self._say(SYMBOLS.get(token.data, ""))

    def _bytes(self, token: Token) -> None:
        data = token.data
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        target = self._target()
        if target is not None and data:
            target.add_bytes(data, self._group.page)

    def _say(self, text: str) -> None:
        target = self._target()
        if target is not None:
            target.add(text)

    def _target(self) -> Text | None:
        """Give where text goes now; None = nowhere."""
        name = self._group.destination
        if name == "":
            return self._hidden if self._group.hidden else self._paragraph
        if name == "htmltag":
            return self._paragraph if self._wraps_html else None
        return None if name == "-" else self._kept.setdefault(name, Text())

    def _word(self, token: Token) -> None:
        name, number = token.data.decode("ascii"), token.number
        ignorable, self._ignorable = self._ignorable, False
        if name in DESTINATIONS or ignorable:
            self._group.destination = DESTINATIONS.get(name, "-")
            self.has_pictures |= name == "pict"
        elif name == "u" and number is not None:
            self._say(chr(number & 0xFFFF))
            self._to_skip = self._group.after_unicode
        elif name in WORDS:
            self._say(WORDS[name])
        elif self._group.destination in {"creatim", "revtim"} and name in _TIME:
            self._times.setdefault(self._group.destination, {})[name] = number or 0
        elif self._group.destination == "":
            self._lay_out(name, number)
        self._group.is_part |= name in PARTS and self._group.destination == ""
        self._set(name, number)

    def _lay_out(self, name: str, number: int | None) -> None:
        """Follow a word that ends or shapes a paragraph of the document."""
        match name:
            case "par" | "sect" | "page" | "column":
                self._end_paragraph()
            case "cell" | "nestcell":
                self._cells.append(self._paragraph.value().strip())
                self._paragraph = Text()
            case "row" | "nestrow":
                self._end_row()
            case "pard":
                self._group.in_table, self._group.level = False, None
            case "intbl":
                self._group.in_table = True
            case "outlinelevel" if number is not None and 0 <= number < 6:
                self._group.level = number + 1

    def _set(self, name: str, number: int | None) -> None:
        """Follow a word that says how what comes is to be read."""
        group = self._group
        match name:
            case "uc" if number is not None:
                group.after_unicode = min(max(number, 0), 10)
            case "v" | "htmlrtf":
                group.hidden = number != 0
            case "plain":
                group.hidden = False
            case "fromhtml":
                self._wraps_html = True
            case "ansicpg" if number:
                self._ansi = group.page = f"cp{number}"
            case "mac":
                self._ansi = group.page = "mac_roman"
            case "f" if number is not None:
                self._fonts.present = number
                group.page = self._fonts.pages.get(number, self._ansi)
            case "fcharset" if number is not None:
                page = CODE_PAGES.get(number, self._ansi)
                self._fonts.pages[self._fonts.present] = page

    def _end_paragraph(self) -> None:
        if self._wraps_html or self._group.in_table:
            self._paragraph.add("\n")
            return
        self._lines.append(_Line(self._paragraph.value(), level=self._group.level))
        self._paragraph = Text()

    def _end_row(self) -> None:
        if self._cells:
            self._lines.append(_Line(cells=tuple(self._cells)))
            self._cells = []

    def _time(self, name: str) -> str | None:
        said = self._times.get(name, {})
        try:
            year, month, day, hour, minute = (said.get(part, 0) for part in _TIME)
            return timestamp(datetime(year, month, day, hour, minute, tzinfo=UTC))
        except (ValueError, OverflowError):
            return None
