import struct
from pathlib import Path

import pytest

from service.processing.formats.compressed_rtf import unpacked
from service.processing.formats.content import Content
from tests.unit.processing.ole import message_msg, ole_file
from tests.unit.processing.readers import read
from tests.unit.processing.running import extract, issues


def rtf(tmp_path: Path, body: str, *, name: str = "a.rtf") -> Content:
    path = tmp_path / name
    path.write_bytes(("{\\rtf1\\ansi\\ansicpg1252 " + body + "}").encode("latin-1"))
    return read(path)


def text(content: Content) -> str:
    return content.pages[0].text


def packed(rich: bytes) -> bytes:
    """Pack rich text as an Outlook would that finds nothing to refer to."""
    out = bytearray()
    for start in range(0, len(rich), 8):
        out += b"\0" + rich[start : start + 8]
    return struct.pack("<IIII", len(out) + 12, len(rich), 0x75465A4C, 0) + bytes(out)


def test_paragraphs_and_characters_are_read(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        r"{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial Cyr;}}{\colortbl;\red0;}"
        r"\pard Gr\'fc\'dfe \u8364 ?5\~000\par {\b Bold} \{x\}\tab y\par"
        r"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}\par \u-10179?\u-8704? smile\par",
    )

    assert text(found).split("\n") == [
        "Grüße €5\u00a0000",
        "Bold {x}\ty",
        "Привет",
        "😀 smile",
    ]


def test_a_character_of_two_bytes_is_one(tmp_path: Path) -> None:
    found = rtf(tmp_path, r"{\fonttbl{\f0\fcharset128 MS Mincho;}}\f0 \'93\'fa\'96\'7b")

    assert text(found) == "日本"


def test_comments_are_read_without_what_is_said_of_them(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        r"The price{\*\atnid JD}{\*\atnauthor Jane}\chatn{\*\annotation{\*\atnref 1}"
        r"{\*\atndate 12345}\pard\plain{\cs16\chatn}Too high?}\par is fixed.\par",
    )

    assert text(found) == "The priceToo high?\n\nis fixed."


def test_what_is_no_text_is_left_out(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        r"{\stylesheet{\s0 Normal;}}{\*\unknown secret}{\pict\pngblip 89504e47}"
        "{\\object{\\*\\objdata 414243}{\\result shown}}{\\bin5 }}{{x\\par}"
        r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}{\v un seen}",
    )

    assert text(found) == "shown\nlink"
    assert found.pages[0].hidden_chars == len("unseen")
    assert found.pages[0].picture
    assert [(each.name, each.size_bytes) for each in found.embedded] == [
        ("object.bin", 3)
    ]


def test_embedded_files_are_taken_out_of_their_objects(tmp_path: Path) -> None:
    packet = b"\1\5\0\0" + ole_file({"Package": b"PK\x05\x06" + bytes(18)})
    found = rtf(tmp_path, rf"{{\object{{\*\objdata {packet.hex()}}}}}")

    assert [each.media_type for each in found.embedded] == ["application/zip"]


def test_tables_and_headings_are_known(tmp_path: Path) -> None:
    row = r"\trowd\cellx1\cellx2\cellx3\pard\intbl %s\cell %s\cell %s\cell\row"
    found = rtf(
        tmp_path,
        r"{\header\pard Müller GmbH\par}\pard\outlinelevel0 Invoice\par\pard"
        + row % ("Item", "Number", "Price")
        + row % (r"Screw\par long", "2", "3.00")
        + r"\pard Thanks\par",
    )
    (page,) = found.pages

    assert [block.kind for block in page.blocks] == [
        "paragraph",
        "heading",
        "table",
        "paragraph",
    ]
    assert page.tables[0].rows == (
        ("Item", "Number", "Price"),
        ("Screw\nlong", "2", "3.00"),
    )
    assert page.text.startswith("Müller GmbH\n")


def test_what_it_says_of_itself_is_read(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        r"{\info{\title Offer}{\author Ann}{\creatim\yr2026\mo2\dy3\hr4\min5}"
        r"{\revtim\yr0}}{\*\generator Writer 1;}x",
    ).metadata

    assert (found.title, found.author, found.producer) == ("Offer", "Ann", "Writer 1")
    assert found.created_at == "2026-02-03T04:05:00.000Z"
    assert found.modified_at is None


@pytest.mark.parametrize("name", ["a.rtf", "a.doc"])
def test_rich_text_is_analysed_like_any_document(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"{\\rtf1 Invoice no. 4711\\par Total: 12.00 EUR\\par}")

    outcome = extract(path, job_type="FULL_ANALYSIS")

    assert outcome.media_type == "application/rtf"
    assert issues(outcome) == []
    assert outcome.data["extraction"]["fields"]["total"]["value"] == "12.00"


def test_groups_nested_without_end_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(b"{\\rtf1 seen\\par" + b"{" * 5_000 + b"unseen")

    outcome = extract(path)

    assert outcome.data["limitsHit"] == ("nesting_depth",)
    assert issues(outcome) == ["LIMIT_REACHED"]
    assert outcome.data["text"]["preview"] == "seen"


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_rich_body_of_an_outlook_message_is_read(
    tmp_path: Path, wrapped: bool
) -> None:
    rich = b"{\\rtf1\\ansi\\ansicpg1252 Gr\\'fc\\'dfe\\par Bob}"
    if wrapped:
        rich = (
            b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf \\b "
            b"hidden\\htmlrtf0 Gr\\'fc\\'dfe{\\*\\htmltag72 </p>}{\\*\\htmltag84 <br>}"
            b"{\\*\\mhtmltag84 <img src=x>}Bob}"
        )
    path = tmp_path / "a.msg"
    path.write_bytes(
        message_msg(
            subject="s",
            body="",
            sender="a@b.example",
            attached=b"x",
            rich_text=packed(rich),
        )
    )

    outcome = extract(path)

    assert issues(outcome) == []
    assert outcome.data["text"]["preview"].split()[-2:] == ["Grüße", "Bob"]


def test_the_example_of_the_specification_is_unpacked() -> None:
    # [MS-OXRTFCP] §3.1: a simple and a crossing reference.
    simple = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c09"
        "00206277 05b06c647d0a800fa0"
    )
    crossing = bytes.fromhex(
        "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
    )

    assert unpacked(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert unpacked(simple) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize("data", [b"", b"short", bytes(40)])
def test_what_is_packed_in_no_known_way_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"header|known"):
        unpacked(data)


def test_an_uncompressed_body_is_taken_as_it_is() -> None:
    assert unpacked(struct.pack("<IIII", 9, 5, 0x414C454D, 0) + b"{\\rtf") == b"{\\rtf"
