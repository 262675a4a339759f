"""Hostile texts: depth, length, lies about the encoding, mails, markup that fetches."""

from collections.abc import Callable, Mapping
from email.message import EmailMessage

Maker = Callable[[str], bytes]


def _nested_mail(_: str) -> bytes:
    """Write a mail of three thousand parts, each inside the one before."""
    head = b"From: a@example.com\nSubject: deep\nMIME-Version: 1.0\n"
    parts = [
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
        for n in range(3_000)
    ]
    return head + b"".join(parts) + b"Content-Type: text/plain\n\nHello\n"


def _mail_in_itself(_: str) -> bytes:
    """Write a mail whose attachment is itself, twenty times over."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.com", "itself"
    mail.set_content("See attached.")
    for _level in range(20):
        outer = EmailMessage()
        outer["From"], outer["Subject"] = "a@example.com", "itself"
        outer.set_content("See attached.")
        outer.add_attachment(mail)
        mail = outer
    return mail.as_bytes()


def _fetching_mail(address: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.com", "Tracked"
    mail.set_content("Plain.")
    mail.add_alternative(f'<img src="{address}/pixel.gif">Hello', subtype="html")
    return mail.as_bytes()


def _fetching_page(address: str) -> bytes:
    return (
        f'<html><head><meta http-equiv="refresh" content="0;url={address}/next">'
        f'<link rel="stylesheet" href="{address}/style.css"><base href="{address}/">'
        f'<script src="{address}/run.js"></script></head><body>Hello'
        f'<img src="{address}/pixel.gif"><iframe src="{address}/frame"></iframe>'
        f"</body></html>"
    ).encode()


def _fetching_xml(address: str) -> bytes:
    return (
        f'<?xml version="1.0"?><!DOCTYPE a SYSTEM "{address}/a.dtd" '
        f'[<!ENTITY % p SYSTEM "{address}/p.dtd"> %p;]><a>Hello</a>'
    ).encode()


def _wrong_charset(_: str) -> bytes:
    head = b"From: a@example.com\nMIME-Version: 1.0\nSubject: =?utf-8?q?=ff=fe?=\n"
    kind = b"Content-Type: text/plain; charset=no-such-charset\n\n"
    return head + kind + "Grüße aus München".encode()


def _wrong_meta(_: str) -> bytes:
    head = b'<html><head><meta charset="utf-16"><title>Gr\xfc\xdfe</title></head>'
    return head + "<body>Grüße aus München</body></html>".encode("cp1252")


TEXTS: Mapping[str, Maker] = {
    "deep.json": lambda _: b"[" * 200_000 + b"]" * 200_000,
    "deep.html": lambda _: b"<div>" * 200_000 + b"end",
    "deep.xml": lambda _: b"<a>" * 200_000 + b"</a>" * 200_000,
    "one-line.txt": lambda _: b"word " * 4_000_000,
    "nothing.txt": lambda _: bytes(1 << 20),
    "regex-killer.txt": lambda _: (b"a" * 50_000 + b"! ") * 40,
    "digits.txt": lambda _: b"1" * 1_000_000 + b" " + b"1.1,1'" * 200_000,
    "dates-and-money.txt": lambda _: b"1.2.34 EUR 1.234,56- DE00 " * 40_000,
    "at-signs.txt": lambda _: b"a@" * 500_000 + b" http://" * 100_000,
    "open-quote.csv": lambda _: b'a,"' + b"x,y\n" * 2_600_000,
    "formulas.csv": lambda _: b"name,total\n=cmd|calc,1\n+1+1,2\n@SUM(A1),3\n",
    "no-mark.csv": lambda _: "Größe,Preis\nklein,1\n".encode("utf-16-le"),
    "nested.eml": _nested_mail,
    "in-itself.eml": _mail_in_itself,
    "fetching.eml": _fetching_mail,
    "wrong-charset.eml": _wrong_charset,
    "wrong-charset.html": _wrong_meta,
    "fetching.html": _fetching_page,
    "fetching.xml": _fetching_xml,
    "name\u202etxt.exe": lambda _: b"harmless",
    "new\nline.txt": lambda _: b"harmless",
    "n" * 251 + ".txt": lambda _: b"harmless",
}
