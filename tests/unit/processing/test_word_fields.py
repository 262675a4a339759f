from pathlib import Path

import pytest

from service.processing.pipeline import Outcome
from tests.unit.processing.packed import docx
from tests.unit.processing.running import extract, text


def read(tmp_path: Path, body: str) -> Outcome:
    path = tmp_path / "a.docx"
    path.write_bytes(docx(body))
    return extract(path)


def run(inner: str) -> str:
    return f"<w:r>{inner}</w:r>"


def mark(kind: str, inner: str = "") -> str:
    return run(f"<w:fldChar w:fldCharType='{kind}'>{inner}</w:fldChar>")


def instructions(code: str) -> str:
    return run(f"<w:instrText>{code}</w:instrText>")


def shown(words: str) -> str:
    return run(f"<w:t>{words}</w:t>")


def test_the_result_of_a_field_is_its_text(tmp_path: Path) -> None:
    inner = (
        mark("begin")
        + instructions("DATE")
        + mark("separate")
        + shown("2 May")
        + mark("end")
    )
    outer = (
        mark("begin")
        + instructions(" IF ")
        + inner
        + mark("separate")
        + shown("yes")
        + mark("end")
    )
    simple = f"<w:fldSimple w:instr=' TITLE '>{shown('Offer')}</w:fldSimple>"

    outcome = read(
        tmp_path, f"<w:p>{inner}{shown(' ')}{simple}</w:p><w:p>{outer}</w:p>"
    )

    assert text(outcome).splitlines()[0] == "2 May Offer"
    assert text(outcome).endswith("yes")
    assert outcome.status == "ok"


def test_fields_without_a_result_are_named(tmp_path: Path) -> None:
    total = mark("begin") + instructions(" =SUM(") + instructions("ABOVE)")
    simple = "<w:fldSimple w:instr=' DOCPROPERTY Number '/>"

    outcome = read(tmp_path, f"<w:p>{total}{mark('end')}{simple}{simple}</w:p>")

    [issue] = outcome.data["issues"]
    assert (issue["code"], outcome.status) == ("VALUE_NOT_STORED", "degraded")
    assert "no stored result (3): formula, DOCPROPERTY." in issue["message"]
    assert text(outcome) == ""


@pytest.mark.parametrize("code", ["PAGE", " TOC \\o ", "XE entry", ""])
def test_fields_that_are_no_content_need_no_result(tmp_path: Path, code: str) -> None:
    field = f"<w:p>{mark('begin')}{instructions(code)}{mark('end')}{mark('end')}</w:p>"

    assert read(tmp_path, field).status == "ok"


def test_what_was_chosen_in_a_form_is_read(tmp_path: Path) -> None:
    entries = "<w:listEntry w:val='Net'/><w:listEntry w:val='Gross'/>"
    chosen = f"<w:ffData><w:ddList><w:result w:val='1'/>{entries}</w:ddList></w:ffData>"
    first = f"<w:ffData><w:ddList>{entries}</w:ddList></w:ffData>"
    ticked = "<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>"
    empty = "<w:ffData><w:checkBox><w:default w:val='0'/></w:checkBox></w:ffData>"
    body = "".join(
        f"<w:p>{mark('begin', data)}{instructions('FORM…')}{mark('end')}</w:p>"
        for data in (chosen, first, ticked, empty)
    )

    assert text(read(tmp_path, body)) == "Gross\nNet\n☒\n☐"
