"""HTML and XML."""

import re
from collections.abc import Iterator

from lxml import etree, html

from service.processing import invoice_xml
from service.processing.context import StepContext
from service.processing.formats.archive import local_name, xml_parser
from service.processing.formats.content import (
    Content,
    PageContent,
    cleaned,
    parsing,
    refused,
    stated,
)
from service.processing.formats.plain import (
    declared_charset,
    decode,
    note_encoding,
)
from service.processing.results import Metadata

_HEAD_CHARS = 4_096
_LIMIT_ERRORS = frozenset(
    {"ERR_RESOURCE_LIMIT", "ERR_ENTITY_LOOP", "ERR_NAME_TOO_LONG"}
)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HIDDEN = frozenset(
    {"script", "style", "head", "template", "noscript", "iframe", "object", "svg"}
)
_CELLS = frozenset({"td", "th"})
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "dd", "details",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
        "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
        "option", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead",
        "tr", "ul",
    }
)  # fmt: skip


def read_html(context: StepContext) -> Content:
    """Read a web page as its reader sees it, without scripts and styles."""
    context.use_engine("lxml")
    data = _whole(context)
    declared = declared_charset(context.source.declared_media_type)
    head = data[:_HEAD_CHARS].decode("latin-1")
    decoded = decode(data, declared_charset(head) or declared)
    note_encoding(context, decoded)
    root = parse_html(context, decoded.text)
    if root is None:
        page, metadata = PageContent(text=""), Metadata()
    else:
        page, metadata = PageContent(text=html_text(root)), _metadata(root)
    return Content(pages=(page,), metadata=metadata, encoding=decoded.encoding)


def read_xml(context: StepContext) -> Content:
    """Read the text of an XML file; one that is an invoice gives its fields too."""
    context.use_engine("lxml")
    data = _whole(context)
    root = _repaired(context, data)
    with parsing():
        lines = (" ".join(str(text).split()) for text in root.itertext())
        text = "\n".join(line for line in lines if line)
    return Content(
        pages=(PageContent(text=text),),
        metadata=Metadata(language=stated(root.get(_XML_LANG))),
        invoice_xml=data if invoice_xml.is_invoice(root) else None,
    )


def parse_html(context: StepContext, text: str) -> etree._Element | None:
    """Parse HTML; None when there is no element in it.

    Deep nesting makes the parser drop everything silently, so that is looked for.
    """
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True)
    source = _XML_DECLARATION.sub("", cleaned(text), count=1)
    with parsing():
        try:
            root = html.document_fromstring(source, parser=parser)
        except etree.ParserError:
            return None  # "Document is empty"
    if any(entry.type_name in _LIMIT_ERRORS for entry in parser.error_log):
        message = "Elements are nested too deep; text below that is not read."
        context.hit_limit("nesting_depth", message)
    return root


def html_text(root: etree._Element) -> str:
    """Give the visible text: a line a block, cells of a row apart by tabs."""
    with parsing():
        text = "".join(_pieces(root))
    text = re.sub(r"[ \t]*\n[ \t\n]*", "\n", text)
    return re.sub(r" ?\t ?", "\t", text).strip()


def _whole(context: StepContext) -> bytes:
    """Give the file's content: a tree of it takes many times its size."""
    if context.source.path.stat().st_size > context.limits.max_part_bytes:
        raise refused("too_large")
    return context.source.path.read_bytes()


def _pieces(root: etree._Element) -> Iterator[str]:
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = local_name(element)
        if event == "start":
            if name in _HIDDEN or not name:
                walk.skip_subtree()
                continue
            yield "\n" if name in _BLOCKS or name == "br" else ""
            yield _inline(element.text)
        else:
            yield "\t" if name in _CELLS else "\n" if name in _BLOCKS else ""
            yield _inline(element.tail) if element is not root else ""


def _inline(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


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
    message = "The XML is not well-formed; what could be read was."
    context.add_issue("REPAIRED", "warning", message)
    return root
