"""What stands in parts of their own beside the body of a document or a slide."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE

from tests.unit.processing.packed import CONTENT_TYPES, WORD, packed, paragraph
from tests.unit.processing.readers import read
from tests.unit.processing.running import SAMPLES, extract, issues, text

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWN = "xmlns:c='urn:chart' xmlns:a='urn:drawing'"
CHART = f"""<c:chartSpace {DRAWN}>
<c:title><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:title>
<c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>North</c:v></c:pt></c:strCache>
</c:strRef></c:tx><c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>May</c:v></c:pt>
<c:pt idx='1'><c:v>June</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef>
<c:numCache><c:pt idx='1'><c:v>0.30000000000000004</c:v></c:pt></c:numCache></c:numRef>
</c:val></c:ser></c:chartSpace>"""
DIAGRAM = f"<d {DRAWN}><a:p><a:r><a:t>Boxes</a:t></a:r></a:p></d>"


def relations(*parts: tuple[str, str]) -> str:
    each = "".join(
        f"<Relationship Id='r{number}' Type='{RELATIONS}/{kind}' Target='{target}'/>"
        for number, (kind, target) in enumerate(parts)
    )
    return f"<Relationships>{each}</Relationships>"


def word(name: str, inner: str) -> str:
    return f"<w:{name} xmlns:w='{WORD}'>{inner}</w:{name}>"


def document(
    path: Path,
    *parts: tuple[str, str],
    body: str = paragraph("Body"),
    main: str = "document.xml",
    others: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Write a document whose body has relations to parts in its folder."""
    path.write_bytes(
        packed(
            {
                "[Content_Types].xml": CONTENT_TYPES,
                "_rels/.rels": relations(("officeDocument", f"word/{main}")),
                f"word/{main}": word("document", f"<w:body>{body}</w:body>"),
                f"word/_rels/{main}.rels": relations(*parts),
                **{f"word/{name}": content for name, content in (others or {}).items()},
            }
        )
    )
    return path


def test_parts_are_found_whatever_they_are_called(tmp_path: Path) -> None:
    path = document(
        tmp_path / "a.docx",
        ("header", "kopf.xml"),
        ("footnotes", "/word/n.xml"),
        main="document2.xml",
        others={
            "kopf.xml": word("hdr", paragraph("Head")),
            "n.xml": word("footnotes", paragraph("Note")),
        },
    )

    assert text(extract(path)) == "Body\nHead\nNote"


def test_charts_and_diagrams_are_read(tmp_path: Path) -> None:
    path = document(
        tmp_path / "a.docx",
        ("chart", "c.xml"),
        ("diagramData", "d.xml"),
        others={"c.xml": CHART, "d.xml": DIAGRAM},
    )

    [page] = read(path).pages

    assert page.text == "Body\nSales\n\tNorth\nMay\nJune\t0.3\nBoxes"
    assert page.tables[0].rows == (("", "North"), ("May", ""), ("June", "0.3"))


def test_names_in_charts_stay_although_they_look_like_numbers(tmp_path: Path) -> None:
    chart = CHART.replace("North", "007").replace("May", "1e3")
    path = document(tmp_path / "a.docx", ("chart", "c.xml"), others={"c.xml": chart})

    rows = read(path).pages[0].tables[0].rows

    assert rows == (("", "007"), ("1e3", ""), ("June", "0.3"))


def _series(count: int, points: int) -> str:
    drawn = "".join(
        f"<c:pt idx='{place}'><c:v>{place}</c:v></c:pt>" for place in range(points)
    )
    series = f"<c:ser><c:val><c:numLit>{drawn}</c:numLit></c:val></c:ser>"
    return f"<c:chartSpace {DRAWN}>{series * count}</c:chartSpace>"


@pytest.mark.parametrize(
    ("series", "points", "cut"),
    [(255, 2, False), (256, 2, True), (1, 10_000, False), (1, 10_001, True)],
)
def test_a_chart_that_is_cut_off_says_so(
    tmp_path: Path, series: int, points: int, *, cut: bool
) -> None:
    others = {"c.xml": _series(series, points)}
    found = extract(document(tmp_path / "a.docx", ("chart", "c.xml"), others=others))

    assert ("table_cells" in found.data["limitsHit"]) == cut


@pytest.mark.parametrize(
    ("content", "shown"),
    [("<html><p>Pasted <b>page</b></p></html>", "Pasted page"), ("Notes", "Notes")],
)
def test_files_that_are_parts_of_the_text_are_read(
    tmp_path: Path, content: str, shown: str
) -> None:
    path = document(
        tmp_path / "a.docx", ("aFChunk", "c.htm"), others={"c.htm": content}
    )

    assert text(extract(path)) == f"Body\n{shown}"


def test_parts_of_the_text_of_other_kinds_are_named(tmp_path: Path) -> None:
    inner = (SAMPLES / "agreement.docx").read_bytes()
    path = document(
        tmp_path / "a.docx", ("aFChunk", "c.docx"), others={"c.docx": inner}
    )

    outcome = extract(path)

    assert (text(outcome), issues(outcome)) == ("Body", ["PART_UNREADABLE"])


def test_symbols_are_read(tmp_path: Path) -> None:
    symbols = "".join(
        f"<w:p><w:r><w:sym w:font='{font}' w:char='{code}'/><w:t>x</w:t></w:r></w:p>"
        for font, code in (
            ("Wingdings", "F0FE"),
            ("Symbol", "A0"),
            ("Arial", "20AC"),
            ("Webdings", "F061"),
            ("Arial", "none"),
        )
    )

    path = document(tmp_path / "a.docx", body=symbols)

    assert text(extract(path)) == "☑x\n€x\n€x\n\ufffdx\nx"


def test_a_document_of_pictures_alone_is_named(tmp_path: Path) -> None:
    scan = (SAMPLES / "receipt.png").read_bytes()
    parts = {"media/image1.png": scan}
    only = document(tmp_path / "a.docx", ("image", "x"), body="<w:p/>", others=parts)
    both = document(tmp_path / "b.docx", ("image", "x"), others=parts)

    outcome = extract(only, job_type="QUALITY_CHECK")

    assert issues(outcome) == ["NO_TEXT_LAYER"]
    assert extract(only).status == "degraded"
    assert extract(both).status == "ok"


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    """A deck of a slide with a chart, a hidden one, and one that is a picture."""
    made = pptx.Presentation()
    slides = [made.slides.add_slide(made.slide_layouts[6]) for _ in range(3)]
    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("North", (1.5, 2))
    slides[0].shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 914400, 914400, data
    )
    slides[1].shapes.add_textbox(0, 0, 914400, 914400).text_frame.text = "Not shown yet"
    slides[1].element.set("show", "0")
    slides[2].shapes.add_picture(str(SAMPLES / "receipt.png"), 0, 0)
    target = io.BytesIO()
    made.save(target)
    with zipfile.ZipFile(target) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    name = "ppt/slides/_rels/slide2.xml.rels"
    comment = f"<Relationship Id='c' Type='{RELATIONS}/comments' Target='../c.xml'/>"
    related = parts[name].replace(
        b"</Relationships>", f"{comment}</Relationships>".encode()
    )
    path = tmp_path / "a.pptx"
    path.write_bytes(
        packed({**parts, name: related, "ppt/c.xml": "<l><text>Why?</text></l>"})
    )
    return path


def test_charts_and_comments_of_slides_are_read(deck: Path) -> None:
    first, second, third = read(deck).pages

    assert first.text == "\tNorth\nMay\t1.5\nJune\t2"
    assert second.text == "Not shown yet\nWhy?"
    assert (third.text, third.pictures) == ("", 1)


def test_slides_that_nobody_sees_or_reads_are_named(deck: Path) -> None:
    outcome = extract(deck, job_type="QUALITY_CHECK")

    found = [(each["code"], each["page"]) for each in outcome.data["issues"]]
    assert found == [("NO_TEXT_LAYER", 3), ("HIDDEN_TEXT", 2)]
