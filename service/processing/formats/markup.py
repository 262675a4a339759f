"""HTML and XML."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from service.processing import invoice_xml
from service.processing.context import StepContext
from service.processing.formats import html_end, html_safety
from service.processing.formats.archive import xml_parser
from service.processing.formats.content import (
    Content,
    PageContent,
    Safety,
    cleaned,
    parsing,
    refused,
    stated,
)
from service.processing.formats.encoding import (
    declared_charset,
    decode,
    note_encoding,
)
from service.processing.formats.flow import Flow
from service.processing.formats.html_walk import HtmlWalk
from service.processing.results import Metadata

_HEAD_CHARS = 4_096
_LIMIT_ERRORS = frozenset(
    {"ERR_RESOURCE_LIMIT", "ERR_ENTITY_LOOP", "ERR_NAME_TOO_LONG"}
)
_NO_DATA = (
    "http://www.w3.org/",
    "http://schemas.microsoft.com/office/",
    "urn:oasis:names:tc:opendocument:",
)
"""Drawings, pages, style sheets and documents: their attributes are of looks."""
_NO_CONTENT = ("{http://www.w3.org/",)
"""Attributes about the XML itself, such as where its schema is."""
_CURRENCIES = ("Ccy", "currencyID", "currency")
"""What ISO 20022 (statements, payments), UBL, CII and others call it."""
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_OUTSIDE = re.compile(r"[\"'](https?://[^\"'\s]{1,1000})[\"']\s*>")
"""The address of a document type: the last thing said of it."""
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_MORE = b"amp;\n\n"
"""What can follow any content of XML and any reference that was cut off."""
_BROKEN_OFF = "The file's end is missing; what is there was read."


def read_html(context: StepContext) -> Content:
    """Read a web page as its reader sees it, without scripts and styles."""
    context.use_engine("lxml")
    data = _whole(context)
    declared = declared_charset(context.source.declared_media_type)
    head = data[:_HEAD_CHARS].decode("latin-1")
    decoded = decode(data, declared_charset(head) or declared)
    note_encoding(context, decoded)
    root = parse_html(context, decoded.text)
    if html_end.is_missing(decoded.text):
        context.add_issue("TRUNCATED", "error", _BROKEN_OFF)
    flow = Flow(context)
    if root is not None:
        HtmlWalk(flow).walk(root)
    return Content(
        pages=(flow.page(),),
        metadata=Metadata() if root is None else _metadata(root),
        encoding=decoded.encoding,
        encoding_confidence=decoded.confidence,
        safety=Safety() if root is None else html_safety.safety(root),
    )


def read_xml(context: StepContext) -> Content:
    """Read the text of an XML file; one that is an invoice gives its fields too."""
    return xml_content(context, _whole(context))


def xml_content(context: StepContext, data: bytes) -> Content:
    """Read XML as `read_xml` does, wherever it stood."""
    context.use_engine("lxml")
    root = _repaired(context, data)
    with parsing():
        lines = (" ".join(text.split()) for text in _said(root))
        text = "\n".join(line for line in lines if line)
    return Content(
        pages=(PageContent(text=text),),
        metadata=Metadata(language=stated(root.get(_XML_LANG))),
        invoice_xml=data if invoice_xml.is_invoice(root) else None,
        safety=_xml_safety(root),
    )


def _said(root: etree._Element) -> Iterator[str]:
    """Give the text of XML; attributes are what elements without text say.

    Of the others only the currency of an amount is text, behind it, unless it says it.
    """
    drawn = (etree.QName(root).namespace or "").startswith(_NO_DATA)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            if element is not root:
                yield element.tail or ""
            continue
        text = element.text or ""
        if not text.strip() and not drawn:
            for key, value in element.items():
                if not str(key).startswith(_NO_CONTENT):
                    yield f"{etree.QName(key).localname}: {value}"
        currency = next(filter(None, map(element.get, _CURRENCIES)), "")
        yield f"{text} {currency}" if text.strip() and currency not in text else text


def parse_html(context: StepContext, text: str) -> etree._Element | None:
    """Parse HTML; None when there is no element in it.

    Deep nesting makes the parser drop everything silently, so that is looked for.
    """
    parser = etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True)
    source = _XML_DECLARATION.sub("", cleaned(text), count=1)
    with parsing():
        root: etree._Element | None = etree.fromstring(source, parser)
    if any(entry.type_name in _LIMIT_ERRORS for entry in parser.error_log):
        message = "Elements are nested too deep; text below that is not read."
        context.hit_limit("nesting_depth", message)
    return root


def _whole(context: StepContext) -> bytes:
    """Give the file's content: a tree of it takes many times its size."""
    if context.source.path.stat().st_size > context.limits.max_part_bytes:
        raise refused("too_large")
    return context.source.path.read_bytes()


def _metadata(root: etree._Element) -> Metadata:
    named = {
        (element.get("name") or "").lower(): element.get("content")
        for element in root.iter("meta")
    }
    title = next(root.iter("title"), None)
    return Metadata(
        title=stated(title.text) if title is not None else None,
        author=stated(named.get("author")),
        producer=stated(named.get("generator")),
        language=stated(root.get("lang") or root.get(_XML_LANG)),
    )


def _xml_safety(root: etree._Element) -> Safety:
    """Say what an XML file would run (pictures in SVG do) or fetch."""
    docinfo: Any = root.getroottree().docinfo  # the stubs know it as empty
    outside = _OUTSIDE.search(docinfo.doctype)
    return Safety(
        javascript=next(root.iter("{*}script"), None) is not None,
        external_references=(outside.group(1),) if outside else (),
    )


def _repaired(context: StepContext, data: bytes) -> etree._Element:
    parser = xml_parser()
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if any(entry.type_name in _LIMIT_ERRORS for entry in parser.error_log):
            raise refused("too_large") from error
    with parsing():
        root: etree._Element | None = etree.fromstring(data, xml_parser(recover=True))
    if root is None or not any(True for _ in root.itertext()):
        raise refused("corrupt")
    if _breaks_off(data):
        context.add_issue("TRUNCATED", "error", _BROKEN_OFF)
    else:
        message = "The XML is not well-formed; what could be read was."
        context.add_issue("REPAIRED", "warning", message)
    return root


def _breaks_off(data: bytes) -> bool:
    """Say whether XML that is not well-formed only lacks its end.

    Then the first error is where the file ends, and goes away when more follows.
    """
    before, _, tag = data.rpartition(b"<")
    start = data if b">" in tag else before
    return _first_error(start) != _first_error(start + _MORE)


def _first_error(data: bytes) -> str:
    try:
        etree.fromstring(data, xml_parser())
    except etree.XMLSyntaxError as error:
        return error.msg
    return ""
