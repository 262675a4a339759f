"""E-mail: messages as sent (.eml) and as Outlook keeps them (.msg)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime

import oxmsg

from service.processing.context import StepContext
from service.processing.formats.content import (
    Content,
    EmbeddedFile,
    PageContent,
    attachment,
    cleaned_name,
    parsing,
    stated,
)
from service.processing.formats.markup import html_text, parse_html
from service.processing.formats.plain import decode
from service.processing.results import Metadata, Timestamp, timestamp
from service.processing.sniff_text import text_encoding

_SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def read_eml(context: StepContext) -> Content:
    """Read a message: its main headers, its body, and what is attached."""
    data = context.source.path.read_bytes()
    marked = text_encoding(data)
    if marked is not None:
        data = data.decode(marked, "replace").lstrip("\ufeff").encode()
    with parsing():
        mail = message_from_bytes(data, policy=policy.default)
        headers = {name: _header(mail, name) for name in _SHOWN_HEADERS}
        producer = _header(mail, "X-Mailer") or _header(mail, "User-Agent")
        body = _body(context, mail)
        embedded = tuple(_limited(context, _attachments(mail)))
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    return Content(
        pages=(PageContent(text="\n".join([*lines, "", body])),),
        metadata=Metadata(
            title=headers["Subject"],
            author=headers["From"],
            producer=producer,
            created_at=_sent(headers["Date"]),
        ),
        embedded=embedded,
    )


def read_msg(context: StepContext) -> Content:
    """Read a message as Outlook stores it."""
    context.use_engine("python-oxmsg")
    with parsing():
        mail = oxmsg.Message.load(str(context.source.path))
        sender, subject = stated(mail.sender), stated(mail.subject)
        to = ", ".join(recipient.email_address for recipient in mail.recipients)
        body = mail.body or _from_html(context, mail.html_body or "")
        sent = mail.sent_date
        embedded = tuple(_limited(context, _msg_attachments(mail)))
    shown = {"From": sender, "To": stated(to), "Subject": subject}
    lines = [f"{name}: {value}" for name, value in shown.items() if value]
    return Content(
        pages=(PageContent(text="\n".join([*lines, "", body])),),
        metadata=Metadata(
            title=subject,
            author=sender,
            created_at=timestamp(sent) if isinstance(sent, datetime) else None,
        ),
        embedded=embedded,
    )


def _header(mail: Message, name: str) -> str | None:
    try:
        return stated(mail.get(name))
    except (ValueError, LookupError, AttributeError, TypeError):
        # The strict header parser stumbles over some broken headers: take them raw.
        raw = {key.lower(): value for key, value in mail.raw_items()}
        return stated(raw.get(name.lower()))


def _body(context: StepContext, mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = _part_text(part)
    if part.get_content_type() == "text/html":
        return _from_html(context, text)
    return text


def _part_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return decode(payload, part.get_content_charset()).text


def _from_html(context: StepContext, text: str) -> str:
    context.use_engine("lxml")
    root = parse_html(context, text)
    return "" if root is None else html_text(root)


def _attachments(mail: EmailMessage) -> Iterator[EmbeddedFile]:
    for part in mail.iter_attachments():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield attachment(part.get_filename(), payload)
        else:  # A message inside the message, or a part with parts.
            yield EmbeddedFile(
                name=cleaned_name(part.get_filename() or "message.eml"),
                media_type=part.get_content_type(),
                size_bytes=len(part.as_bytes()),
            )


def _msg_attachments(mail: oxmsg.Message) -> Iterator[EmbeddedFile]:
    for part in mail.attachments:
        yield attachment(part.file_name, part.file_bytes or b"")


def _limited(
    context: StepContext, files: Iterable[EmbeddedFile]
) -> Iterator[EmbeddedFile]:
    limit = context.limits.max_embedded
    for number, file in enumerate(files):
        if number >= limit:
            message = f"Only the first {limit} attachments are listed."
            context.hit_limit("embedded", message)
            return
        yield file


def _sent(value: str | None) -> Timestamp | None:
    try:
        return timestamp(parsedate_to_datetime(value or ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
