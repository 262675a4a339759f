"""What office documents carry beside their text: macros, addresses, other files."""

import struct
from pathlib import Path

import pytest

from service.errors import DocumentError
from service.processing.context import Limits
from service.processing.formats.content import Content
from service.processing.options import ProcessingOptions
from tests.unit.processing.ole import ole_file, workbook_xls
from tests.unit.processing.packed import docx, ods, packed, paragraph, xlsx
from tests.unit.processing.readers import context_of, read, read_in
from tests.unit.processing.running import SAMPLES, extract

_DOCUMENT = f"<w:d xmlns:w='urn:w'>{paragraph('x')}</w:d>"
_TYPES = "<Types/>"


def word(tmp_path: Path, parts: dict[str, str | bytes]) -> Path:
    own: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": _DOCUMENT,
    }
    path = tmp_path / "a.docx"
    path.write_bytes(packed(own | parts))
    return path


def relation(kind: str, target: str, *, external: bool = True) -> str:
    mode = " TargetMode='External'" if external else ""
    return f"<R Id='r' Type='http://x/{kind}' Target='{target}'{mode}/>"


def ole_package(name: str, data: bytes) -> bytes:
    """Give a file as Word wraps one that no program of Office made."""
    path = b"C:\\Temp\\" + name.encode()
    inner = (
        struct.pack("<H", 2) + name.encode() + b"\0" + path + b"\0" + b"\0\0\3\0"
        + struct.pack("<I", len(path) + 1) + path + b"\0"
        + struct.pack("<I", len(data)) + data
    )  # fmt: skip
    return ole_file({"\x01Ole10Native": struct.pack("<I", len(inner)) + inner})


@pytest.mark.parametrize(
    "part",
    ["word/vbaProject.bin", "xl/macrosheets/sheet1.xml", "word/custom/VBAPROJECT.BIN"],
)
def test_macros_are_found(tmp_path: Path, part: str) -> None:
    assert read(word(tmp_path, {part: b"x"})).safety.macros


def test_no_macros_are_invented() -> None:
    for name in ("agreement.docx", "kickoff.pptx", "expenses.xlsx"):
        safety = read(SAMPLES / name).safety
        assert (safety.macros, safety.external_references) == (False, ())


def test_macros_of_other_kinds_of_workbooks_are_found(tmp_path: Path) -> None:
    old = tmp_path / "a.xls"
    stream = ole_stream_of(workbook_xls([["a", "b"]]))
    old.write_bytes(ole_file({"Workbook": stream, "_VBA_PROJECT_CUR": {"x": b"x"}}))
    open_document = tmp_path / "a.ods"
    open_document.write_bytes(
        ods([["a", "b"]], others={"Basic/Standard/m.xml": "<m/>"})
    )

    assert read(old).safety.macros
    assert read(open_document).safety.macros


def ole_stream_of(file: bytes) -> bytes:
    return file[512 : 512 + 4096]


def test_addresses_that_are_fetched_are_listed_and_links_are_not(
    tmp_path: Path,
) -> None:
    relations = "".join(
        [
            relation("attachedTemplate", "http://a.example/t.dotm"),
            relation("image", "https://b.example/i.png"),
            relation("oleObject", "file:///c:/x.xls"),
            relation("image", "https://b.example/i.png"),
            relation("hyperlink", "https://c.example/"),
            relation("image", "media/External.png", external=False),
        ]
    )
    path = word(tmp_path, {"word/_rels/settings.xml.rels": f"<Rs>{relations}</Rs>"})

    assert read(path).safety.external_references == (
        "http://a.example/t.dotm",
        "https://b.example/i.png",
        "file:///c:/x.xls",
    )


def test_only_so_many_addresses_are_listed(tmp_path: Path) -> None:
    relations = "".join(relation("image", f"http://a/{n}") for n in range(500))
    path = word(tmp_path, {"word/_rels/document.xml.rels": f"<Rs>{relations}</Rs>"})

    outcome = extract(path, job_type="QUALITY_CHECK")

    assert outcome.data["integrity"]["externalReferences"] == 100
    assert outcome.data["limitsHit"] == ("external_references",)


def embedding(tmp_path: Path, *, expand: bool = False) -> Content:
    return read(
        word(
            tmp_path,
            {
                "word/embeddings/Sheet1.xlsx": xlsx("<row/>"),
                "word/embeddings/oleObject1.bin": ole_package("n.txt", b"notes here"),
                "word/embeddings/oleObject2.bin": ole_file({"Package": docx("<a/>")}),
                "word/embeddings/oleObject3.bin": ole_file({"WordDocument": b"x"}),
                "word/embeddings/oleObject4.bin": ole_package("n.txt", b"x" * 50)[:900],
                "word/media/image1.png": b"\x89PNG\r\n\x1a\n",
            },
        ),
        expand_attachments=expand,
    )


def test_embedded_files_are_listed_and_pictures_are_not(tmp_path: Path) -> None:
    files = embedding(tmp_path).embedded

    assert [file.name for file in files] == [
        "Sheet1.xlsx",
        "n.txt",
        "oleObject2.bin",
        "oleObject3.bin",
        "oleObject4.bin",
    ]
    assert files[0].media_type.endswith("spreadsheetml.sheet")
    assert (files[1].media_type, files[1].size_bytes) == ("text/plain", 10)
    assert files[2].media_type.endswith("wordprocessingml.document")
    assert files[3].media_type == "application/msword"
    assert all(file.data is None for file in files)


def test_embedded_files_come_with_their_content_when_asked_for(tmp_path: Path) -> None:
    files = embedding(tmp_path, expand=True).embedded

    assert files[1].data == b"notes here"
    assert files[2].data == docx("<a/>")


def test_embedded_files_over_the_limit_are_named(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {f"word/embeddings/{n}.txt": "x" for n in range(5)}
    context = context_of(word(tmp_path, parts), limits=Limits(max_embedded=3))

    assert len(read_in(context).embedded) == 3
    assert context.limits_hit == ["embedded"]


def test_a_choice_without_a_page_is_refused() -> None:
    path = SAMPLES / "kickoff.pptx"

    with pytest.raises(DocumentError) as caught:
        read(path, pages="4-9")
    assert caught.value.code == "no_pages"


@pytest.mark.parametrize(
    ("pages", "expected"), [("3-9", ["PAGES_MISSING"]), ("1,3", []), ("1-3", [])]
)
def test_chosen_pages_that_are_not_there_are_named(
    pages: str, expected: list[str]
) -> None:
    options = ProcessingOptions(pages=pages)

    context = context_of(SAMPLES / "kickoff.pptx", options=options)
    read_in(context)

    assert [issue.code for issue in context.issues] == expected
