import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.processing.media_types import (
    DOCX_TYPE,
    EMPTY_TYPE,
    ENCRYPTED_OFFICE_TYPE,
    EXTENSIONS,
    ODS_TYPE,
    OLE_TYPE,
    PPTX_TYPE,
    UNKNOWN_TYPE,
    XLSX_TYPE,
    ZIP_TYPE,
    extension_matches,
)
from service.processing.sniff import sniff, sniff_file
from tests.unit.processing.ole import message_msg, ole_file, workbook_xls
from tests.unit.processing.running import SAMPLES, corpus

MAIL = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Hi\r\n\r\nHello"


def kind(content: bytes) -> str:
    return sniff(io.BytesIO(content))


def zipped(*names: str, **contents: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
        for name, content in contents.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", EMPTY_TYPE),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"junk\n" * 100 + b"%PDF-1.4\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"MM\0*\0\0\0\x08", "image/tiff"),
        (b"GIF89a\x01\0\x01\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0" + bytes(20), "image/bmp"),
        (MAIL, "message/rfc822"),
        (b"From alice Mon Nov  9\n" + MAIL, "message/rfc822"),
        (b"<!doctype html><p>Hi", "text/html"),
        (b"<!-- note --> <html><body>Hi", "text/html"),
        (b"<?xml version='1.0'?><html xmlns='x'><body/></html>", "text/html"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"<note><p>Hi</p></note>", "application/xml"),
        ("\ufeff<?xml version='1.0'?><a/>".encode("utf-16"), "application/xml"),
        (b"< 3 is less than four", "text/plain"),
        (b'{"a": 1}', "application/json"),
        (b"[1, 2, 3]", "application/json"),
        (b"[1] See the first footnote.", "text/plain"),
        (b"a,b,c\n1,2,3\n4,5,6\n", "text/csv"),
        (b"name;amount\nbolt;1,20\n", "text/csv"),
        (b'a\tb\n"x\ty"\tz\n', "text/csv"),
        (b"Hello, Ann\nGood bye, Ben\n", "text/plain"),
        (b"just a line", "text/plain"),
        ("Grüße aus Köln".encode("iso-8859-1"), "text/plain"),
        ("Grüße aus Köln".encode("utf-16"), "text/plain"),
        ("Grüße aus Köln, alles Gute".encode("utf-16-le"), "text/plain"),
        (b"Key: value\nOther: value\n", "text/plain"),
        (bytes(1_000), UNKNOWN_TYPE),
        (bytes(range(256)), UNKNOWN_TYPE),
        (b"PK\x03\x04", ZIP_TYPE),
        (zipped("a.txt"), ZIP_TYPE),
        (zipped("[Content_Types].xml", "word/document.xml"), DOCX_TYPE),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), XLSX_TYPE),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), PPTX_TYPE),
        (zipped("[Content_Types].xml", "other/part.xml"), ZIP_TYPE),
        (zipped(mimetype=ODS_TYPE.encode()), ODS_TYPE),
        (
            zipped(mimetype=b"application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text",
        ),
        (workbook_xls([["a"]]), "application/vnd.ms-excel"),
        (
            message_msg(subject="s", body="b", sender="a@b.example", attached=b"x"),
            "application/vnd.ms-outlook",
        ),
        (ole_file({"WordDocument": b"x"}), "application/msword"),
        (ole_file({"PowerPoint Document": b"x"}), "application/vnd.ms-powerpoint"),
        (ole_file({"EncryptedPackage": b"x" * 5_000}), ENCRYPTED_OFFICE_TYPE),
        (ole_file({"Something": b"x"}), OLE_TYPE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE_TYPE),
    ],
)
def test_content_tells_the_type(content: bytes, media_type: str) -> None:
    assert kind(content) == media_type


MARKDOWN = """# Settings

| name | meaning |
|---|---|
| `port` | where it listens |
| `host` | on which address |
"""
CODE = """function add(a, b) {
  const sum = a + b;
  return sum;
}
const one = add(0, 1);
const two = add(one, 1);
const three = add(two, 1);
"""


@pytest.mark.parametrize(
    "text",
    [
        MARKDOWN,
        "name | amount\n--- | ---:\nbolt | 12\nnut | 13\nnail | 14\npin | 15\n",
        "- bolts; 12 mm\n- nuts; 12 mm\n- washers; 12 mm\n",
        "# Paris,Rome\n## Leeds,Hull\n## Bern,Basel\n",
        "> red|green\n> blue|white\n",
        CODE,
        "".join(f"const {name} = 1;\n" for name in "abcdefgh"),
        '"apples",\n"pears",\n"plums",\n',
        "Faktura\nNetto 9,00\nMoms 1,00\nSumma 10,00\nBetalt 2,00\nRest 8,00\n",
        "f(a,b)\ng(c,d)\nreturn x\nh(e,f)\nk(i,j)\n",
        "Dear reader,\n\n\tfirst paragraph.\n\tSecond one.\n\n\tThird one.\n",
        (
            "Open from nine; closed on Sundays.\nParking is behind the house.\n"
            "Bring your own cup; tea is free.\nDogs are welcome; cats are not.\n"
        ),
    ],
)
def test_text_that_merely_holds_separators_is_no_table(text: str) -> None:
    assert kind(text.encode()) == "text/plain"


@pytest.mark.parametrize(
    "text",
    [
        "name;amount;\nbolt;12;\nnut;13;\n",
        "name;amount;note\nbolt;12;\nnut;13;\nnail;14;\n",
        "\tname\tamount\n1\tbolt\t12\n2\tnut\t13\n",
        "id|name\n-|-\n1|bolt\n2|nut\n3|nail\n",
        "Account;DE00\n\nday;text;amount\n" + "1.2.;Rent;-9,00\n" * 4 + "end of list\n",
        "- 12,00;Rent\n+ 15,00;Wages\n- 13,00;Power\n",
        "name,note\nbolt,- round\nnut,# 4\n",
        "name,city,sum\nMeier,Bern,12\nKunz,Basel\nHuber,Zug,7\nFrei,Chur,9\n",
    ],
)
def test_tables_in_text_are_told_from_it(text: str) -> None:
    assert kind(text.encode()) == "text/csv"


def test_a_column_alone_is_text_whose_name_may_say_csv() -> None:
    media_type = kind(b"name\nbolt\nnut\n")

    assert media_type == "text/plain"
    assert extension_matches("names.csv", media_type) is True


def test_names_do_not_deceive(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes((SAMPLES / "agreement.docx").read_bytes())

    assert sniff_file(path) == DOCX_TYPE
    assert extension_matches(path.name, DOCX_TYPE) is False


def test_an_archive_that_begins_with_a_pdf_is_an_archive() -> None:
    content = zipped(pdf=b"%PDF-1.7 stored as it is")
    assert sniff(io.BytesIO(content)) == ZIP_TYPE


def test_a_zip_without_its_directory_is_judged_by_its_parts() -> None:
    whole = (SAMPLES / "agreement.docx").read_bytes()

    assert kind(whole[: len(whole) // 2]) == DOCX_TYPE


def test_the_last_of_many_ole_streams_is_found() -> None:
    streams = {f"s{number:02}": b"x" for number in range(40)}

    assert kind(ole_file({**streams, "WordDocument": b"x"})) == "application/msword"


@pytest.mark.parametrize(
    ("name", "media_type", "matches"),
    [
        ("a.PDF", "application/pdf", True),
        ("a.pdf", "text/html", False),
        ("a", "application/pdf", None),
        ("a.unheard", "application/pdf", None),
        ("a.pdf", UNKNOWN_TYPE, None),
        ("folder.txt\\a.pdf", "application/pdf", True),
        ("a.csv", "text/plain", True),
    ],
)
def test_an_extension_is_compared_with_the_content(
    name: str, media_type: str, *, matches: bool | None
) -> None:
    assert extension_matches(name, media_type) is matches


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("EN16931_Einfach.cii.xml", "application/xml"),
        ("EN16931_Einfach.pdf", "application/pdf"),
        ("invoice_image.png", "image/png"),
        ("mailgun_pdf_attachment.eml", "message/rfc822"),
        ("qr_bill_example.jpg", "image/jpeg"),
        ("word_tables.docx", DOCX_TYPE),
        ("xlsx_06_edge_cases_.xlsx", XLSX_TYPE),
    ],
)
def test_real_world_files_are_told_apart(name: str, media_type: str) -> None:
    assert sniff_file(corpus(name)) == media_type


_KNOWN = {*EXTENSIONS, EMPTY_TYPE, UNKNOWN_TYPE, OLE_TYPE}
_BEGINNINGS = st.sampled_from(
    [
        b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b"<!--", b"{", b"[", b"From: ",
        b"BM", b"RIFF",
    ]
)  # fmt: skip


@given(_BEGINNINGS, st.binary(max_size=2_000))
def test_any_bytes_get_a_type(start: bytes, rest: bytes) -> None:
    found = kind(start + rest)

    assert found in _KNOWN or found.startswith("application/vnd.oasis.")


@settings(max_examples=60)
@given(st.data())
def test_damaged_packed_files_still_get_a_type(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([workbook_xls([["a", 1.0]]), zipped("word/a")]))
    content = bytearray(whole[: data.draw(st.integers(8, len(whole)))])
    for _ in range(data.draw(st.integers(0, 30))):
        place = data.draw(st.integers(8, max(len(content) - 1, 8)))
        if place < len(content):
            content[place] = data.draw(st.integers(0, 255))

    assert kind(bytes(content)) in _KNOWN


@given(st.text(min_size=1, max_size=400))
def test_text_in_unicode_is_never_taken_for_a_picture_or_archive(text: str) -> None:
    found = kind(text.encode("utf-8", "replace"))

    assert not found.startswith("image/")
    assert found != OLE_TYPE


@given(st.dictionaries(st.text(max_size=20), st.integers(), min_size=1))
def test_json_objects_are_recognised(value: dict[str, int]) -> None:
    assert kind(json.dumps(value, indent=1).encode()) in {
        "application/json",
        "text/plain",  # a key with an escaped quote or of great length
    }
