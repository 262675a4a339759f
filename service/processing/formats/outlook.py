"""E-mail as Outlook keeps it (.msg, [MS-OXMSG])."""

from datetime import datetime
from email.message import EmailMessage
from typing import cast

import oxmsg
from oxmsg.attachment import Attachment
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from service.processing.context import StepContext
from service.processing.formats import compressed_rtf
from service.processing.formats.attachments import Attachments
from service.processing.formats.content import (
    Content,
    parsing,
    stated,
    tidy,
)
from service.processing.formats.encoding import decode
from service.processing.formats.flow import Flow
from service.processing.formats.mail import read_body
from service.processing.formats.rich_text import RichText
from service.processing.results import Metadata, timestamp

_HTML = 0x1013  # PidTagHtml ([MS-OXPROPS] §2.745)
_RTF = 0x1009  # PidTagRtfCompressed (§2.943)
_INNER_MESSAGE = "__substg1.0_3701000D"
_INNER_HEADER_BYTES = 24  # [MS-OXMSG] §2.4.1.2; 32 in a message of its own
_DEPTH_MAX = 10


class _InnerMessage(oxmsg.Message):
    """A message that is an attachment of another."""

    @property
    def properties(self) -> Properties:
        return Properties(self._storage, properties_header_offset=_INNER_HEADER_BYTES)


def read_msg(context: StepContext) -> Content:
    """Read a message: its main headers, its body, and what is attached."""
    context.use_engine("python-oxmsg")
    found = Attachments(context)
    with parsing():
        mail = oxmsg.Message.load(str(context.source.path))
        sender, subject = tidy(mail.sender), tidy(mail.subject)
        to = _recipients(mail)
        plain, html = mail.body, _html(mail)
        sent = mail.sent_date
        for part in mail.attachments:
            if found.full():
                break
            _attach(context, found, part)
        rich = None if plain or html else _rich(context, mail)
    shown = {"From": sender, "To": to, "Subject": subject}
    flow = Flow(context)
    flow.add("\n".join(f"{name}: {value}" for name, value in shown.items() if value))
    if rich is not None:
        html = rich.html
    _, safety = read_body(context, flow, plain=plain, html=html)
    if rich is not None and html is None:
        rich.write(flow)
    return Content(
        pages=(flow.page(),),
        metadata=Metadata(
            title=stated(subject),
            author=stated(sender),
            created_at=timestamp(sent) if isinstance(sent, datetime) else None,
        ),
        embedded=found.files(),
        safety=safety,
    )


def _recipients(mail: oxmsg.Message) -> str | None:
    return tidy(", ".join(each.email_address for each in mail.recipients))


def _html(mail: oxmsg.Message) -> str | None:
    data = mail.properties.binary_prop_value(_HTML)
    if data:
        return decode(data, mail.properties.body_encoding).text
    return mail.html_body


def _attach(context: StepContext, found: Attachments, part: Attachment) -> None:
    inner = _inner(part)
    if inner is None:
        found.add(part.file_name, part.file_bytes or b"")
        return
    mail = _as_mail(context, found, inner, depth=1)
    name = f"{stated(inner.subject) or 'message'}.eml"
    found.add(name, mail.as_bytes(), media_type="message/rfc822")


def _inner(part: Attachment) -> _InnerMessage | None:
    # The library reads the storages of messages inside messages but offers no way in.
    own = cast("Storage", part._storage)  # noqa: SLF001 - see above
    for storage in own.storages:
        if storage.name == _INNER_MESSAGE:
            return _InnerMessage(storage)
    return None


def _rich(context: StepContext, mail: oxmsg.Message) -> RichText | None:
    """Give the body of a message that has only a rich one, if it can be read."""
    data = mail.properties.binary_prop_value(_RTF)
    if not data:
        return None
    try:
        return RichText(context, compressed_rtf.unpacked(data))
    except ValueError:
        message = "The message's body is rich text that could not be unpacked."
        context.add_issue("PART_UNREADABLE", "error", message)
        return None


def _add_rich(context: StepContext, mail: EmailMessage, inner: _InnerMessage) -> None:
    rich = _rich(context, inner)
    if rich is not None and rich.html is not None:
        mail.set_content(rich.html, subtype="html")
    else:
        mail.set_content("" if rich is None else rich.text())


def _as_mail(
    context: StepContext, found: Attachments, inner: _InnerMessage, *, depth: int
) -> EmailMessage:
    """Give a message inside a message as a file of its own: as one that is sent."""
    mail = EmailMessage()
    for name, value in (
        ("From", stated(inner.sender)),
        ("To", _recipients(inner)),
        ("Subject", stated(inner.subject)),
        ("Date", inner.sent_date),
    ):
        if value is not None:
            mail[name] = value
    plain, html = inner.body, _html(inner)
    if plain:
        mail.set_content(plain)
    if html:
        add = mail.add_alternative if plain else mail.set_content
        add(html, subtype="html")
    if not plain and not html:
        _add_rich(context, mail, inner)
    for part in inner.attachments:
        deeper = _inner(part)
        if deeper is not None and depth < _DEPTH_MAX:
            mail.add_attachment(_as_mail(context, found, deeper, depth=depth + 1))
        elif deeper is not None:
            found.leave_out()
        else:
            mail.add_attachment(
                part.file_bytes or b"",
                maintype="application",
                subtype="octet-stream",
                filename=part.file_name or "unnamed",
            )
    return mail
