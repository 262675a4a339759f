"""Which parts of a mail are its text, and what their bytes say."""

import base64
from pathlib import Path

import pytest

from service.processing.pipeline import Outcome
from tests.unit.processing.running import extract, issues, text

HEAD = "From: a@b.example\nTo: c@d.example\nSubject: Hi\n"


def part(kind: str, body: str, *more: str) -> str:
    lines = "".join(f"{each}\n" for each in more)
    return f"--B\nContent-Type: {kind}\n{lines}\n{body}\n"


def sent(tmp_path: Path, kind: str, *parts: str) -> Outcome:
    path = tmp_path / "a.eml"
    head = f"{HEAD}Content-Type: multipart/{kind}; boundary=B\n\n"
    path.write_text(f"{head}{''.join(parts)}--B--\n")
    return extract(path)


def body_of(outcome: Outcome) -> str:
    return text(outcome).partition("\n\n")[2]


def names(outcome: Outcome) -> list[str]:
    return [each["name"] for each in outcome.data["embedded"]]


def test_texts_side_by_side_are_all_read(tmp_path: Path) -> None:
    outcome = sent(
        tmp_path,
        "mixed",
        part("text/plain", "First"),
        part("text/html", "<p>Second<script>x()</script></p>"),
        part("text/plain", "Third"),
        part("text/plain", "kept apart", "Content-Disposition: attachment"),
        part("text/plain; name=a.txt", "a file"),
    )

    assert body_of(outcome) == "First\n\nSecond\n\nThird"
    assert names(outcome) == ["unnamed", "a.txt"]


def test_alternatives_in_a_mail_inside_are_none_of_this_one(tmp_path: Path) -> None:
    inner = (
        "Content-Type: multipart/alternative; boundary=C\n\n--C\n\na\n--C\n"
        "Content-Type: text/html\n\n<p>a</p>\n--C--"
    )

    outcome = sent(
        tmp_path,
        "mixed",
        part("text/plain", "First"),
        part("text/html", "<p>Second</p>"),
        part("message/rfc822", inner),
    )

    assert body_of(outcome) == "First\n\nSecond"
    assert names(outcome) == ["message.eml"]


def test_scripts_of_a_page_below_the_body_are_named(tmp_path: Path) -> None:
    page = part("text/html", "<p>Second<script>x()</script></p>")
    sent(tmp_path, "mixed", part("text/plain", "First"), page)

    found = extract(tmp_path / "a.eml", job_type="QUALITY_CHECK")

    assert issues(found) == ["JAVASCRIPT"]


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("Your invoice of 5 EUR is attached.", "Your invoice of 5 EUR is attached."),
        ("Use another program.", "Your invoice of 5 EUR is attached."),
    ],
)
def test_the_page_is_read_where_the_plain_text_only_stands_for_it(
    tmp_path: Path, plain: str, shown: str
) -> None:
    page = "<style>p {a: b} i {c: d}</style><p>Your invoice of 5 EUR is attached.</p>"

    outcome = sent(
        tmp_path, "alternative", part("text/plain", plain), part("text/html", page)
    )

    assert body_of(outcome) == shown


def test_an_invitation_is_listed(tmp_path: Path) -> None:
    outcome = sent(
        tmp_path,
        "alternative",
        part("text/plain", "Come"),
        part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR"),
        part("text/x-amp-html", "<p>Come</p>"),
    )

    assert names(outcome) == ["invitation.ics"]


@pytest.mark.parametrize(
    ("cut", "kept"), [(1, 25), (2, 25), (3, 24)], ids=["pad", "pads", "within"]
)
def test_an_encoding_that_breaks_off_is_named(
    tmp_path: Path, cut: int, kept: int
) -> None:
    encoded = base64.b64encode(b"The whole of the document").decode()
    pdf = "application/octet-stream; name=a.bin", encoded[:-cut]

    outcome = sent(tmp_path, "mixed", part(*pdf, "Content-Transfer-Encoding: base64"))

    assert (outcome.status, issues(outcome)) == ("degraded", ["TRUNCATED"])
    assert outcome.data["embedded"][0]["sizeBytes"] == kept


def test_an_encoding_with_other_characters_is_named(tmp_path: Path) -> None:
    encoded = base64.b64encode(b"The whole of the document.").decode()
    damaged = f"{encoded[:8]}!{encoded[8:]}"

    outcome = sent(
        tmp_path,
        "mixed",
        part("x/y; name=a.bin", damaged, "Content-Transfer-Encoding: base64"),
    )

    assert (outcome.status, issues(outcome)) == ("ok", ["REPAIRED"])


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ("format=flowed", "Total 1,200.00 EUR\n> as you said\n-- \nme"),
        ("format=flowed; delsp=yes", "Total 1,200.00EUR\n> as yousaid\n-- \nme"),
        ("charset=utf-8", "Total 1,200.00 \nEUR\n> as you \n> said\n-- \nme"),
    ],
)
def test_lines_that_were_only_wrapped_are_one(
    tmp_path: Path, parameters: str, shown: str
) -> None:
    body = "Total 1,200.00 \nEUR\n> as you \n> said\n-- \nme"

    outcome = sent(tmp_path, "mixed", part(f"text/plain; {parameters}", body))

    assert body_of(outcome) == shown
