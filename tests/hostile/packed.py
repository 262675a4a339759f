"""Hostile packed documents: bombs, lies in the directory, entities, formulas."""

import io
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage

from tests.unit.processing.running import SAMPLES

Maker = Callable[[str], bytes]

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument"


def _zip(parts: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _relations(*entries: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(entries)
        + "</Relationships>"
    )


def _types(part: str, kind: str) -> str:
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="{part}" ContentType="{_OFFICE}.{kind}.main+xml"/></Types>'
    )


def _docx(
    body: str, *, before: str = "", more: Mapping[str, str] | None = None
) -> bytes:
    document = f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    main = (
        f'<Relationship Id="r1" Type="{_R}/officeDocument" Target="word/document.xml"/>'
    )
    kind = "wordprocessingml.document"
    return _zip(
        {
            "[Content_Types].xml": _types("/word/document.xml", kind),
            "_rels/.rels": _relations(main),
            "word/document.xml": before + document,
            **(more or {}),
        }
    )


def _xlsx(sheet: str) -> bytes:
    book = (
        f'<workbook xmlns="{_S}" xmlns:r="{_R}"><sheets>'
        '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    main = (
        f'<Relationship Id="r1" Type="{_R}/officeDocument" Target="xl/workbook.xml"/>'
    )
    first = (
        f'<Relationship Id="r1" Type="{_R}/worksheet" Target="worksheets/sheet1.xml"/>'
    )
    return _zip(
        {
            "[Content_Types].xml": _types("/xl/workbook.xml", "spreadsheetml.sheet"),
            "_rels/.rels": _relations(main),
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": _relations(first),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_S}"><sheetData>{sheet}'
            "</sheetData></worksheet>",
        }
    )


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _bomb(_: str) -> bytes:
    """Write a gigabyte in a few megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _types("/word/document.xml", "x"))
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            piece = b"<w:p/>" * 170_000
            for _time in range(1_024):
                part.write(piece)
    return out.getvalue()


def _entity_bomb(_: str) -> bytes:
    levels = "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12)
    )
    before = f'<!DOCTYPE w:document [<!ENTITY e0 "ha">{levels}]>'
    return _docx(_paragraph("&e11;"), before=before)


def _external_entity(address: str) -> bytes:
    before = (
        f'<!DOCTYPE w:document [<!ENTITY a SYSTEM "{address}/entity">'
        '<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    )
    return _docx(_paragraph("&a;&b;"), before=before)


def _deep(_: str) -> bytes:
    depth = 90_000
    return _docx("<w:p>" * depth + "</w:p>" * depth)


def _traversal(_: str) -> bytes:
    return _docx(_paragraph("x"), more={"../../../tmp/docmill-was-here": "x"})


def _template(address: str) -> bytes:
    relation = (
        f'<Relationship Id="r9" Type="{_R}/attachedTemplate" '
        f'Target="{address}/template" TargetMode="External"/>'
    )
    more = {"word/_rels/document.xml.rels": _relations(relation)}
    return _docx(_paragraph("Hello"), more=more)


def _half(_: str) -> bytes:
    whole = (SAMPLES / "agreement.docx").read_bytes()
    return whole[: len(whole) // 2]


def _many_rows(_: str) -> bytes:
    row = '<row><c t="n"><v>1</v></c></row>'
    return _xlsx(row * 4_000_000)


def _last_corner(_: str) -> bytes:
    return _xlsx('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def _formulas(_: str) -> bytes:
    cell = '<c t="str"><f>HYPERLINK("http://x","=cmd|calc")</f><v>=cmd|calc</v></c>'
    return _xlsx(f"<row>{cell}</row>")


def _zip_in_zip(_: str) -> bytes:
    inner = _zip({"a.txt": bytes(1 << 20)})
    for _level in range(5):
        inner = _zip({f"{n}.zip": inner for n in range(10)})
    return inner


def _bombs_in_zip(_: str) -> bytes:
    """Write an archive of archives that each unpack to a hundred megabytes."""
    inner = _zip({f"{n}.txt": bytes(1 << 20) for n in range(95)})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1_000):
            archive.writestr(f"{number}.zip", inner)
    return out.getvalue()


def _bomb_in_mail(_: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.com", "See the report"
    mail.set_content("It is attached.")
    mail.add_attachment(
        _bomb(""), maintype="application", subtype="zip", filename="report.docx"
    )
    return mail.as_bytes()


PACKED: Mapping[str, Maker] = {
    "empty.docx": lambda _: b"",
    "bomb.docx": _bomb,
    "entity-bomb.docx": _entity_bomb,
    "external-entity.docx": _external_entity,
    "deep.docx": _deep,
    "traversal.docx": _traversal,
    "template.docx": _template,
    "half.docx": _half,
    "bare-header.docx": lambda _: b"PK\x03\x04",
    "picture.pdf": lambda _: (SAMPLES / "receipt.png").read_bytes(),
    "letter.xlsx": lambda _: (SAMPLES / "agreement.docx").read_bytes(),
    "invoice.html": lambda _: (SAMPLES / "invoice.pdf").read_bytes(),
    "many-rows.xlsx": _many_rows,
    "last-corner.xlsx": _last_corner,
    "formulas.xlsx": _formulas,
    "zip-in-zip.zip": _zip_in_zip,
    "many-bombs.zip": _bombs_in_zip,
    "with-bomb.eml": _bomb_in_mail,
}
