"""Files made to do harm: each ends quickly with a named reason or a result."""

import random
import struct
import zipfile
from pathlib import Path

import pytest

from service.errors import DocumentError
from service.processing.context import Limits
from tests.unit.processing.packed import docx, packed, paragraph, xlsx
from tests.unit.processing.running import SAMPLES, extract, issues, refusal


def saved(tmp_path: Path, content: bytes, name: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def ending(path: Path) -> str:
    """Give the status of the result, or the code of the refusal."""
    try:
        return extract(path).status
    except DocumentError as error:
        return error.code


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.png", "a.txt", "a"])
def test_a_file_without_a_byte_is_empty(tmp_path: Path, name: str) -> None:
    assert refusal(saved(tmp_path, b"", name)) == "empty"


@pytest.mark.parametrize(
    "content",
    [
        bytes(1_000_000),
        b"\x7fELF" + bytes(range(256)),
        b"\x1f\x8b\x08\0" + bytes(range(256)),
        packed({"mimetype": "application/vnd.oasis.opendocument.text"}),
    ],
)
def test_what_no_reader_knows_is_unsupported(tmp_path: Path, content: bytes) -> None:
    assert refusal(saved(tmp_path, content, "a.bin")) == "unsupported_type"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + bytes(500)])
def test_a_bare_beginning_of_an_archive_is_corrupt(
    tmp_path: Path, content: bytes
) -> None:
    assert refusal(saved(tmp_path, content, "a.zip")) == "corrupt"


def test_a_document_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    body = f"<w:p><w:r><w:t>{'a' * 60_000_000}</w:t></w:r></w:p>"

    assert refusal(saved(tmp_path, docx(body), "a.docx")) == "too_large"


def test_a_high_ratio_is_refused(tmp_path: Path) -> None:
    content = docx(paragraph("a" * 3_000_000))

    assert refusal(saved(tmp_path, content, "a.docx")) == "too_large"


def test_a_directory_that_lies_about_a_size_is_found_out(tmp_path: Path) -> None:
    content = bytearray(docx(paragraph("a" * 900_000)))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.rindex(signature)  # the last part is word/document.xml
        content[at + offset : at + offset + 4] = struct.pack("<I", 10)

    limits = Limits(max_part_bytes=100_000)
    code = refusal(saved(tmp_path, bytes(content), "a.docx"), limits=limits)
    assert code in {"too_large", "corrupt"}


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {f"p{number}": "" for number in range(60)}
    content = packed({"[Content_Types].xml": "", "word/document.xml": "", **parts})

    limits = Limits(max_archive_entries=50)
    assert refusal(saved(tmp_path, content, "a.docx"), limits=limits) == "too_large"


def test_many_parts_that_add_up_are_refused(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {f"xl/p{n}": "x" * 900 for n in range(9)}
    content = packed({"[Content_Types].xml": "", **parts})

    limits = Limits(max_archive_bytes=5_000)
    assert refusal(saved(tmp_path, content, "a.xlsx"), limits=limits) == "too_large"


def test_names_that_climb_out_are_never_unpacked(tmp_path: Path) -> None:
    content = packed(
        {
            "[Content_Types].xml": "",
            "word/document.xml": "<d/>",
            "../../climbed.txt": "x",
        }
    )

    extract(saved(tmp_path, content, "a.docx"))

    assert not (tmp_path.parent / "climbed.txt").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.docx"]


def test_an_encrypted_part_is_named(tmp_path: Path) -> None:
    content = bytearray(docx(paragraph("x")))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1

    assert refusal(saved(tmp_path, bytes(content), "a.docx")) == "encrypted"


@pytest.mark.parametrize("depth", [300, 90_000])
def test_depth_in_a_document_is_refused(tmp_path: Path, depth: int) -> None:
    body = "<w:p>" * depth + "</w:p>" * depth

    path = saved(tmp_path, docx(body), "a.docx")
    assert refusal(path) in {"corrupt", "too_large"}


def test_entities_that_multiply_in_a_document_are_refused(tmp_path: Path) -> None:
    laughs = "<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
    )
    document = f"<!DOCTYPE d [{laughs}]><w:d xmlns:w='urn:w'>{paragraph('x&a9;')}</w:d>"
    content = packed({"[Content_Types].xml": "", "word/document.xml": document})

    assert refusal(saved(tmp_path, content, "a.docx")) == "corrupt"


def test_a_sheet_of_many_rows_is_cut(tmp_path: Path) -> None:
    rows = "".join(f"<row><c t='str'><v>{n}</v></c></row>" for n in range(30_000))

    outcome = extract(
        saved(tmp_path, xlsx(rows), "a.xlsx"), limits=Limits(max_cells=1_000)
    )

    assert outcome.data["limitsHit"] == ("cells",)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_json_is_only_text(tmp_path: Path, opening: str) -> None:
    outcome = extract(saved(tmp_path, (opening * 200_000).encode(), "a.json"))

    assert outcome.media_type == "application/json"
    assert outcome.status == "ok"


def test_one_endless_line_is_read(tmp_path: Path) -> None:
    outcome = extract(saved(tmp_path, b"abc " * 2_000_000, "a.txt"))

    assert outcome.data["text"]["charCount"] == 8_000_000


def test_an_open_quote_in_a_table_is_read(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n3,"' + b"xxxxxxxxx,yyyyyyyyy\n" * 550_000

    outcome = extract(saved(tmp_path, content, "a.csv"))

    assert issues(outcome)[0] == "REPAIRED"
    assert set(outcome.data["limitsHit"]) >= {"cells", "table_cells"}


@pytest.mark.parametrize("content", [b"<!--" * 50_000, b"<" * 200_000, b"[" * 65_536])
def test_text_made_against_patterns_is_quick(tmp_path: Path, content: bytes) -> None:
    assert ending(saved(tmp_path, content, "a.txt")) in {"ok", "corrupt", "too_large"}


@pytest.mark.parametrize(
    "name",
    ["invoice.pdf", "agreement.docx", "expenses.xlsx", "fax.tiff", "receipt.png"],
)
@pytest.mark.parametrize("seed", range(4))
def test_changed_bytes_end_with_a_result_or_a_name(
    tmp_path: Path, name: str, seed: int
) -> None:
    draw = random.Random(seed)
    content = bytearray((SAMPLES / name).read_bytes())
    for _ in range(200):
        content[draw.randrange(len(content))] = draw.randrange(256)

    assert ending(saved(tmp_path, bytes(content), name)) in {
        "ok",
        "degraded",
        "corrupt",
        "encrypted",
        "too_large",
        "unsupported_type",
    }


@pytest.mark.parametrize("percent", [10, 50, 90, 99])
def test_a_pdf_cut_anywhere_ends_with_a_result_or_a_name(
    tmp_path: Path, percent: int
) -> None:
    whole = (SAMPLES / "report-tables.pdf").read_bytes()
    path = saved(tmp_path, whole[: len(whole) * percent // 100], "a.pdf")

    assert ending(path) in {"degraded", "corrupt"}


def test_deeply_nested_pdf_arrays_end_with_a_name(tmp_path: Path) -> None:
    content = (
        b"%PDF-1.4\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\ntrailer<</Root 1 0 R>>"
    )

    assert refusal(saved(tmp_path, content, "a.pdf")) == "corrupt"


def test_a_zip_that_is_many_formats_is_only_one(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"):
            archive.writestr(name, "<d/>")

    assert extract(path).media_type.endswith("wordprocessingml.document")
