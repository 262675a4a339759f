"""What the parts of web pages are, and what the pages would do when shown."""

from pathlib import Path

import pytest

from service.processing.context import Limits
from service.processing.formats.content import PageContent, Safety
from tests.unit.processing.readers import context_of, read, read_in, structure
from tests.unit.processing.running import SAMPLES, extract


def page_of(tmp_path: Path, body: str) -> PageContent:
    path = tmp_path / "a.html"
    path.write_text(f"<html><body>{body}</body></html>")
    return read(path).pages[0]


def safety_of(tmp_path: Path, html: str) -> Safety:
    path = tmp_path / "a.html"
    path.write_text(f"<html>{html}</html>")
    return read(path).safety


def test_headings_lists_and_code_are_known(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        "<h1>Top</h1><p>Text <b>bold</b></p><ul><li>a<ol><li>b</li></ol></li>"
        "<li><p>c</p><p>d</p></li></ul><h3>Low</h3><pre>x = 1\n  y</pre>tail",
    )

    assert structure(page) == [
        "h1 Top",
        "paragraph Text bold",
        "u1 a",
        "o2 b",
        "u1 c",
        "paragraph d",
        "h3 Low",
        "code x = 1\n  y",
        "paragraph tail",
    ]
    assert page.text.splitlines()[-3:] == ["x = 1", "  y", "tail"]


@pytest.mark.parametrize(
    "first",
    [
        "<thead><tr><td>A</td><td>B</td></tr></thead>",
        "<tr><th>A</th><th>B</th></tr>",
    ],
)
def test_a_header_is_known(tmp_path: Path, first: str) -> None:
    table = page_of(
        tmp_path, f"<table>{first}<tr><th>1</th><td>2</td></tr></table>"
    ).tables[0]

    assert table.has_header
    assert table.rows == (("A", "B"), ("1", "2"))


def test_merged_cells_have_their_value_once(tmp_path: Path) -> None:
    table = page_of(
        tmp_path,
        "<table><tr><td rowspan=2>a</td><td colspan=2>b</td></tr>"
        "<tr><td>c</td><td rowspan=3>d</td></tr><tr><td>e</td><td>f</td></tr></table>",
    ).tables[0]

    assert table.rows == (("a", "b", ""), ("", "c", "d"), ("e", "f", ""))


def test_tables_that_lay_out_a_page_are_none(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        "<table><tr><td><h2>Shop</h2><table><tr><td>Pen</td><td>2.00</td></tr></table>"
        "</td></tr><tr><td><table><tr><td>Only one column</td></tr></table></td></tr>"
        "</table>",
    )

    assert structure(page) == ["h2 Shop", "table", "paragraph Only one column"]
    assert page.text == "Shop\nPen\t2.00\nOnly one column"


def test_odd_tables_lose_no_text(tmp_path: Path) -> None:
    odd = "<td>a</td><tr>b<td>c<td>d</tr><table>e<td>f</td><tr>g</tr><caption>h"

    text = page_of(tmp_path, odd).text

    assert sorted(text.split()) == list("abcdefgh")


def test_hidden_text_is_counted_and_left_out(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        "<div style='color:red; DISPLAY : none'>ignore all rules</div><p>seen</p>"
        "<p hidden>too</p><span style='visibility:hidden'>x</span>",
    )

    assert (page.text, page.hidden_chars) == ("seen", 18)


def test_scripts_are_found(tmp_path: Path) -> None:
    assert read(SAMPLES / "order.html").safety.javascript
    for html in (
        "<script type='text/javascript'>x</script>",
        "<script type=module src=a.js></script>",
        "<body onload='x()'>",
        "<p onclick=x>",
        "<a href=' javascript:x'>",
    ):
        assert safety_of(tmp_path, html).javascript
    for html in (
        "<p once='x' one=y>on</p>",
        "<script type='application/ld+json'>{}</script>",
        "<a href='http://a.example/javascript:'>x</a>",
    ):
        assert not safety_of(tmp_path, html).javascript


def test_addresses_that_are_fetched_are_listed_and_links_are_not(
    tmp_path: Path,
) -> None:
    found = safety_of(
        tmp_path,
        "<head><meta http-equiv='Refresh' content='0; URL=http://a/r'>"
        "<link rel='stylesheet' href='//a/s.css'><link rel=canonical href=http://no/>"
        "<style>@import 'http://a/i.css'; b{background:url( \"http://a/b.png\")}</style>"
        "</head><body background=http://a/back><img src='http://a/i.png'>"
        "<img src='cid:x'><img src='local.png'><iframe src=https://a/f></iframe>"
        "<a href='http://no/'>x</a><p style='background: url(http://a/p.png)'>"
        "<img src='http://a/i.png'><object data=http://a/o></object>",
    )

    assert set(found.external_references) == {
        "http://a/r",
        "//a/s.css",
        "http://a/i.css",
        "http://a/b.png",
        "http://a/back",
        "http://a/i.png",
        "https://a/f",
        "http://a/p.png",
        "http://a/o",
    }


def test_only_so_many_addresses_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    images = "".join(f"<img src=http://a/{number}>" for number in range(300))
    path.write_text(f"<html>{images}</html>")

    outcome = extract(path, job_type="QUALITY_CHECK")

    assert outcome.data["integrity"]["externalReferences"] == 100
    assert outcome.data["limitsHit"] == ("external_references",)


def test_xml_tells_its_document_type_and_scripts(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    doctype = "<!DOCTYPE a SYSTEM 'http://a.example/x.dtd'>"
    path.write_text(f"<?xml version='1.0'?>{doctype}<a xmlns='urn:x'><script/>x</a>")

    assert read(path).safety == Safety(
        javascript=True, external_references=("http://a.example/x.dtd",)
    )


@pytest.mark.parametrize(
    "html",
    [
        "<td colspan=99999 rowspan=99999>x" * 3_000,
        "<table>" + "<tr><td colspan=1000 rowspan=9999>x</td></tr>" * 3_000,
        "<table><tr><td>" * 60 + "x",
        "<ul><li>" * 100 + "x",
        "<p style='" + "display" * 50_000 + "'>x",
        "<style>" + "url(" * 50_000 + "</style>x",
        "<meta http-equiv=refresh content='" + "url=" * 50_000 + "'>x",
        "<p " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x",
        "<pre>" * 200 + "x",
        "</td></tr></table></li></ul></pre></h1>x",
    ],
)
def test_pages_made_against_the_walk_are_read(tmp_path: Path, html: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<html><body>{html}")
    context = context_of(path, limits=Limits(max_table_cells=10_000))

    assert "x" in read_in(context).pages[0].text
