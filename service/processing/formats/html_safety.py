"""Finds what of a web page acts, and what of it would be fetched when it is shown."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from lxml import etree

from service.processing.formats.content import (
    EXTERNAL_REFERENCES_MAX,
    Safety,
    parsing,
    stated,
)

_FETCHED = {
    "audio": ("src",), "body": ("background",), "embed": ("src",), "frame": ("src",),
    "iframe": ("src",), "img": ("src", "srcset"), "input": ("src",),
    "link": ("href",), "object": ("data",), "script": ("src",),
    "source": ("src", "srcset"), "table": ("background",), "td": ("background",),
    "track": ("src",), "video": ("src", "poster"),
}  # fmt: skip
"""Which attributes of which elements are fetched when a page is shown."""
_FETCHING_LINKS = frozenset(
    {
        "stylesheet", "icon", "apple-touch-icon", "preload", "prefetch", "preconnect",
        "dns-prefetch", "modulepreload", "manifest",
    }
)  # fmt: skip
"""Relations of `link` that load something; others only point (HTML, 4.6.7)."""
_ADDRESS = re.compile(r"\s*((?:https?:)?//[^\s'\"<>)]+)", re.IGNORECASE)
_STYLE_ADDRESS = re.compile(
    r"(?:url\(|@import)\s{0,8}['\"]?((?:https?:)?//[^\s'\"<>)]{1,2000})", re.IGNORECASE
)
_REFRESH = re.compile(r"url\s{0,8}=\s{0,8}['\"]?([^\s'\"<>]{1,2000})", re.IGNORECASE)
_HANDLER = re.compile(r"on[a-z]{3,}")
_SCRIPT_TYPES = re.compile(r"(?:text|application)/(?:x-)?(?:java|ecma|j|live)script")
_NAMES = (*_FETCHED, "meta", "style")
_HANDLERS = etree.XPath("descendant-or-self::*/@*[starts-with(name(), 'on')]")
_SCRIPT_ADDRESS = etree.XPath(
    "boolean(descendant-or-self::*/@*[starts-with(translate(normalize-space(.),"
    " 'JAVSCRIPT', 'javscript'), 'javascript:')])"
)
_STYLED = etree.XPath("descendant-or-self::*/@style")


def safety(root: etree._Element) -> Safety:
    """Say what a page does and what it would fetch; nothing is fetched here."""
    with parsing():
        found: dict[str, None] = {}
        for address in _references(root):
            found.setdefault(stated(address) or address)
            if len(found) > EXTERNAL_REFERENCES_MAX:
                break
        return Safety(javascript=_has_script(root), external_references=tuple(found))


def _has_script(root: etree._Element) -> bool:
    for script in root.iter("script"):
        kind = (script.get("type") or "").strip().lower()
        if kind in {"", "module"} or _SCRIPT_TYPES.match(kind):
            return True
    handlers = cast("list[Any]", _HANDLERS(root))
    return bool(_SCRIPT_ADDRESS(root)) or any(
        _HANDLER.fullmatch(str(handler.attrname)) for handler in handlers
    )


def _references(root: etree._Element) -> Iterator[str]:
    for element in root.iter(*_NAMES):
        name = str(element.tag)
        if name == "meta":
            yield from _refresh(element)
        elif name == "style":
            yield from _found(_STYLE_ADDRESS, element.text)
        elif name != "link" or _FETCHING_LINKS & _words(element.get("rel")):
            for attribute in _FETCHED.get(name, ()):
                match = _ADDRESS.match(element.get(attribute) or "")
                if match:
                    yield match.group(1)
    for style in cast("list[Any]", _STYLED(root)):
        yield from _found(_STYLE_ADDRESS, str(style))


def _refresh(element: etree._Element) -> Iterator[str]:
    if (element.get("http-equiv") or "").strip().lower() == "refresh":
        for target in _found(_REFRESH, element.get("content")):
            if _ADDRESS.match(target):
                yield target


def _found(pattern: re.Pattern[str], text: str | None) -> Iterable[str]:
    return (match.group(1) for match in pattern.finditer(text or ""))


def _words(text: str | None) -> frozenset[str]:
    return frozenset((text or "").lower().split())
