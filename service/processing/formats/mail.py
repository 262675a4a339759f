"""E-mail as it is sent (.eml)."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes, policy
from email.errors import CloseBoundaryNotFoundDefect
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime

from service.errors import DocumentError
from service.processing.context import StepContext
from service.processing.formats import html_safety
from service.processing.formats.attachments import Attachments
from service.processing.formats.content import (
    Content,
    Safety,
    parsing,
    refused,
    stated,
    tidy,
)
from service.processing.formats.flow import Flow
from service.processing.formats.html_walk import HtmlWalk
from service.processing.formats.mail_parts import (
    bodies,
    content_of,
    decoded,
    is_fuller,
    is_text,
)
from service.processing.formats.markup import parse_html
from service.processing.formats.signed import signed_content
from service.processing.results import Metadata, Timestamp, timestamp
from service.processing.sniff_text import text_encoding

_SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_ENCRYPTED_TYPES = frozenset({"multipart/encrypted"})  # RFC 1847 §2.2: PGP
_SMIME_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
_MESSAGES = frozenset({"message/rfc822", "message/global"})
"""What else is called so reports on one (RFC 3464, RFC 8098)."""
_PARTS_MAX = 10_000
_MAILBOX = re.compile(
    rb"(?<=\n)\r?\n(?=From \S[^\n]{0,200}\d:\d\d[^\n]{0,200}\n[!-9;-~]{1,76}:)"
)
"""Between two messages (RFC 4155): who sent the next one and when, then a header."""
_AS_IT_CAME = policy.default.clone(refold_source="none")


def read_eml(context: StepContext) -> Content:
    """Read a message: its main headers, its body, and what is attached.

    Of a mailbox (mbox) it is the first one; the others are listed as attached.
    """
    data, *others = _messages(context)
    with parsing():
        mail = message_from_bytes(data, policy=policy.default)
        if _is_encrypted(mail):
            raise refused("encrypted")
        headers = {name: _header(mail, name) for name in _SHOWN_HEADERS}
        producer = _header(mail, "X-Mailer") or _header(mail, "User-Agent")
        shown = _inside_signature(context, mail)
        _note_cut(context, shown)
        plain, html = bodies(shown)
        found = Attachments(context)
        more = _attach(context, found, shown, shown=(plain, html))
        for other in others:
            found.add("message.eml", other, media_type="message/rfc822")
        plain_text = None if plain is None else decoded(context, plain)
        html_text = None if html is None else decoded(context, html)
    flow = Flow(context)
    flow.add("\n".join(f"{name}: {value}" for name, value in headers.items() if value))
    body, safety = read_body(
        context,
        flow,
        plain=plain_text.text if plain_text else None,
        html=html_text.text if html_text else None,
    )
    for part in more:
        safety = _add_text(context, flow, part, safety)
    read = html_text if body == "html" else plain_text
    return Content(
        pages=(flow.page(),),
        metadata=_metadata(headers, producer),
        embedded=found.files(),
        encoding=read.encoding if read else None,
        encoding_confidence=read.confidence if read else None,
        safety=safety,
    )


def _messages(context: StepContext) -> list[bytes]:
    data = context.source.path.read_bytes()
    marked = text_encoding(data)
    if marked is not None:
        data = data.decode(marked, "replace").lstrip("\ufeff").encode()
    return _MAILBOX.split(data) if data.startswith(b"From ") else [data]


def _metadata(headers: Mapping[str, str | None], producer: str | None) -> Metadata:
    return Metadata(
        title=stated(headers["Subject"]),
        author=stated(headers["From"]),
        producer=stated(producer),
        created_at=_sent(headers["Date"]),
    )


def read_body(
    context: StepContext, flow: Flow, *, plain: str | None, html: str | None
) -> tuple[str, Safety]:
    """Add a message's body to its page: the plain one, if it says as much.

    Returns:
        Which one was added, and what the other would do when it is shown.
    """
    root = None
    if html is not None:
        context.use_engine("lxml")
        root = parse_html(context, html)
    flow.add("")
    added = "plain"
    said = plain is not None and plain.strip()
    if plain is not None and said and (root is None or not is_fuller(root, plain)):
        flow.add(plain)
    elif root is not None:
        HtmlWalk(flow).walk(root)
        added = "html"
    return added, Safety() if root is None else html_safety.safety(root)


def _is_encrypted(mail: EmailMessage) -> bool:
    kind = mail.get_content_type()
    if kind in _SMIME_TYPES:
        # RFC 8551 §3.2.2: other kinds are signed, which hides nothing.
        return str(mail.get_param("smime-type") or "").lower() in {
            "enveloped-data",
            "authenveloped-data",
        }
    return kind in _ENCRYPTED_TYPES


def _inside_signature(context: StepContext, mail: EmailMessage) -> EmailMessage:
    """Give what a signature encloses (RFC 8551 §3.5.2), else the message itself."""
    if mail.get_content_type() not in _SMIME_TYPES:
        return mail
    with suppress(DocumentError):  # then it is listed as it is
        content = signed_content(content_of(context, mail))
        if content is not None:
            return message_from_bytes(content, policy=policy.default)
    return mail


def _note_cut(context: StepContext, mail: Message) -> None:
    if any(map(_is_cut, mail.walk())):
        message = "The message's end is missing; what is there was read."
        context.add_issue("TRUNCATED", "error", message)


def _is_cut(part: Message) -> bool:
    """Whether nothing says that the parts of a message end (RFC 2046 §5.1.1)."""
    return any(
        isinstance(defect, CloseBoundaryNotFoundDefect) for defect in part.defects
    )


def _header(mail: Message, name: str) -> str | None:
    try:
        return tidy(mail.get(name))
    except (ValueError, LookupError, AttributeError, TypeError):
        # The strict header parser stumbles over some broken headers: take them raw.
        raw = {key.lower(): value for key, value in mail.raw_items()}
        return tidy(raw.get(name.lower()))


def _add_text(
    context: StepContext, flow: Flow, part: Message, safety: Safety
) -> Safety:
    """Add a text that stands below the body; gives what all of them would do."""
    with parsing():
        text = decoded(context, part).text
    html = part.get_content_type() == "text/html"
    _, own = read_body(
        context, flow, plain=None if html else text, html=text if html else None
    )
    references = (*safety.external_references, *own.external_references)
    return replace(
        safety,
        javascript=safety.javascript or own.javascript,
        external_references=tuple(dict.fromkeys(references)),
    )


def _attach(
    context: StepContext,
    found: Attachments,
    mail: EmailMessage,
    *,
    shown: tuple[Message | None, ...],
) -> list[Message]:
    """List what is attached; gives the texts that are shown below the body."""
    texts: list[Message] = []
    for part in _leaves(mail):
        if part is None:
            found.leave_out()
            break
        if any(part is body for body in shown) or _is_picture_of_body(part):
            continue
        if is_text(part):
            texts.append(part)
            continue
        if found.full():
            break
        name = part.get_filename()
        kind = part.get_content_type()
        if part.get_content_maintype() == "message":
            name = name or ("message.eml" if kind in _MESSAGES else "report.txt")
            found.add(name, _inner(part), media_type=kind)
        else:
            name = name or ("invitation.ics" if kind == "text/calendar" else None)
            signature = kind in _SIGNATURES
            found.add(name, content_of(context, part), listed_only=signature)
    return texts


def _leaves(mail: Message) -> Iterator[Message | None]:
    """Give the parts that are no containers; None when there are too many of both.

    Messages inside the message are closed.
    """
    waiting: list[Message] = [mail]
    for _ in range(_PARTS_MAX):
        if not waiting:
            return
        part = waiting.pop()
        inside = part.get_payload() if part.is_multipart() else None
        if isinstance(inside, list) and part.get_content_maintype() == "multipart":
            chosen = part.get_content_subtype() == "alternative"
            # Of alternatives only those count that hold more than another body.
            waiting += [
                each
                for each in reversed(inside)
                if isinstance(each, Message) and (not chosen or _is_more(each))
            ]
        elif part is not mail or part.get_content_maintype() != "text":
            yield part
    if waiting:
        yield None


def _is_more(part: Message) -> bool:
    """Whether one of several alternatives is more than another body."""
    kind = part.get_content_maintype()
    calendar = part.get_content_type() == "text/calendar"
    return bool(kind != "text" or calendar or part.get_filename())


def _is_picture_of_body(part: Message) -> bool:
    """Whether it is a picture that the body shows (RFC 2392), such as a logo."""
    return (
        part.get_content_maintype() == "image"
        and part["Content-ID"] is not None
        and part.get_content_disposition() != "attachment"
    )


def _inner(part: Message) -> bytes:
    """Give a message inside a message, or all that a report says."""
    payload = part.get_payload()
    inside = payload if isinstance(payload, list) and payload else [part]
    return b"".join(
        each.as_bytes(policy=_AS_IT_CAME)
        for each in inside
        if isinstance(each, Message)
    )


def _sent(value: str | None) -> Timestamp | None:
    try:
        return timestamp(parsedate_to_datetime(value or ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
