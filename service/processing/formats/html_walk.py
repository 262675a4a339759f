"""Puts a web page into a flow as its reader sees it, without scripts and styles."""

import re
from collections.abc import Callable

from lxml import etree

from service.processing.formats.content import parsing
from service.processing.formats.flow import Flow, Kind

_UNSEEN = frozenset(
    {
        "head", "iframe", "noframes", "noscript", "object", "script", "style",
        "template", "title",
    }
)  # fmt: skip
_ABOUT_DRAWINGS = frozenset({"defs", "desc", "metadata"})
_UNWRITTEN = frozenset(
    {
        "button", "checkbox", "color", "file", "hidden", "image", "password", "radio",
        "range", "reset", "submit",
    }
)  # fmt: skip
"""Kinds of `input` in which nobody writes what is seen (HTML, 4.10.5)."""
_PAGES_DEEP = 3
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_TABLE_PARTS = frozenset({"table", "thead", "tr", "td", "th"})
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd",
        "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
        "form", "header", "hr", "li", "main", "nav", "option", "p", "pre", "section",
        "summary", "tbody", "tfoot", *_HEADINGS, *_LISTS, *_TABLE_PARTS,
    }
)  # fmt: skip
_SPACE = re.compile(r"\s+")
_SPACES = re.compile(" {2,}")
_SPACE_AROUND_BREAKS = re.compile(r"[ \t]*\n[ \t\n]*")


class HtmlWalk:
    """Walks the tree of a page once, from its beginning to its end.

    Args:
        flow: Where it goes.
        depth: In how many other pages it is written out (`srcdoc`).
    """

    def __init__(self, flow: Flow, *, depth: int = 0) -> None:
        self._flow = flow
        self._depth = depth
        self._pieces: list[str] = []
        self._lists: list[bool] = []
        """Whether each open list is numbered, from the outermost."""
        self._item = False
        """Whether a list item began that has no text yet."""
        self._headings: list[int] = []
        self._preformatted = 0
        self._in_head = 0
        """How many `thead` are open."""
        self._begin: dict[str, Callable[[etree._Element], None]] = {
            **dict.fromkeys(_LISTS, self._begin_list),
            **dict.fromkeys(_HEADINGS, self._begin_heading),
            "li": self._begin_item,
            "pre": self._begin_pre,
            "table": lambda _: flow.start_table(),
            "thead": self._begin_head,
            "tr": lambda _: flow.start_row(header=self._in_head > 0),
            "td": self._begin_cell,
            "th": self._begin_cell,
        }
        self._end: dict[str, Callable[[], object]] = {
            **dict.fromkeys(_LISTS, self._lists.pop),
            **dict.fromkeys(_HEADINGS, self._headings.pop),
            "li": self._end_item,
            "pre": self._end_pre,
            "table": flow.end_table,
            "thead": self._end_head,
            "tr": flow.end_row,
            "td": flow.end_cell,
            "th": flow.end_cell,
        }

    def walk(self, root: etree._Element) -> None:
        """Add what can be seen of the page."""
        with parsing():
            walk = etree.iterwalk(root, events=("start", "end"))
            for event, element in walk:
                tag = element.tag
                name = tag if isinstance(tag, str) else ""
                if event == "start":
                    if self._starts(name, element):
                        walk.skip_subtree()
                    continue
                if name in _BLOCKS:
                    if self._pieces:
                        self._flush()
                    if name in self._end:
                        self._end[name]()
                if element is not root and element.tail:
                    self._text(element.tail)
            if self._pieces:
                self._flush()

    def _starts(self, name: str, element: etree._Element) -> bool:
        """Begin an element; True leaves out what it holds."""
        if name in _BLOCKS:
            if self._pieces:
                self._flush()
            if name in self._begin:
                self._begin[name](element)
        elif name == "br":
            self._pieces.append("\n")
        if name == "iframe":
            self._inner_page(element.get("srcdoc"))
        if not name or name in _UNSEEN or _is_unseen_in_picture(name, element):
            return True
        if _is_hidden(element):
            hidden = "".join(map(str, element.itertext()))
            self._flow.hidden_chars += len(_SPACE.sub("", hidden))
            return True
        if name == "input" and _is_filled(element):
            self._text(f" {element.get('value')} ")
        if element.text:
            self._text(element.text)
        return False

    def _inner_page(self, source: str | None) -> None:
        """Add a page that is written out in this one."""
        if not source:
            return
        if self._depth >= _PAGES_DEEP:
            self._flow.hidden_chars += len(source)
            return
        if self._pieces:
            self._flush()
        parser = etree.HTMLParser(
            encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True
        )
        try:
            root: etree._Element | None = etree.fromstring(source.encode(), parser)
        except etree.XMLSyntaxError:
            return  # there is no element in it
        if root is not None:
            HtmlWalk(self._flow, depth=self._depth + 1).walk(root)

    def _text(self, text: str) -> None:
        self._pieces.append(text if self._preformatted else _SPACE.sub(" ", text))

    def _flush(self) -> None:
        """Add the text since the last block began or ended."""
        text = "".join(self._pieces)
        self._pieces.clear()
        if not text.strip():
            return
        if self._preformatted:
            self._flow.add(text.rstrip(), "code")
            return
        text = _SPACE_AROUND_BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()
        kind: Kind = "paragraph"
        level, ordered = 1, False
        if self._headings:
            kind, level = "heading", self._headings[-1]
        elif self._item and self._lists:
            kind, level, ordered = "list_item", len(self._lists), self._lists[-1]
        self._item = False
        self._flow.add(text, kind, level=level, ordered=ordered)

    def _begin_list(self, element: etree._Element) -> None:
        self._lists.append(element.tag == "ol")

    def _begin_item(self, _: etree._Element) -> None:
        self._item = True

    def _end_item(self) -> None:
        self._item = False

    def _begin_heading(self, element: etree._Element) -> None:
        self._headings.append(_HEADINGS[str(element.tag)])

    def _begin_pre(self, _: etree._Element) -> None:
        self._preformatted += 1

    def _end_pre(self) -> None:
        self._preformatted -= 1

    def _begin_head(self, _: etree._Element) -> None:
        self._in_head += 1

    def _end_head(self) -> None:
        self._in_head -= 1

    def _begin_cell(self, element: etree._Element) -> None:
        self._flow.start_cell(
            columns=_span(element.get("colspan")),
            rows=_span(element.get("rowspan")),
            header=element.tag == "th",
        )


def _is_unseen_in_picture(name: str, element: etree._Element) -> bool:
    """Whether it is a part of a drawing that only says something about it."""
    if name not in _ABOUT_DRAWINGS:
        return False
    return any(each.tag == "svg" for each in element.iterancestors())


def _is_filled(element: etree._Element) -> bool:
    """Whether a field of a form shows a value; buttons and ticks are none."""
    kind = (element.get("type") or "text").strip().lower()
    return kind not in _UNWRITTEN and bool(element.get("value"))


def _is_hidden(element: etree._Element) -> bool:
    attributes = element.attrib
    if not attributes:
        return False
    style = attributes.get("style")
    return "hidden" in attributes or bool(style and _HIDING.search(style[:10_000]))


def _span(text: str | None) -> int:
    known = text is not None and len(text) <= 5 and text.isascii() and text.isdigit()
    return int(text) if text is not None and known else 1
