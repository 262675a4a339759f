"""Writes packed office files part by part, also such as no program would write."""

import io
import zipfile

CONTENT_TYPES = (
    "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_WORD = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def packed(parts: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            # OpenDocument §3.3: the type comes first and stays uncompressed.
            kind = zipfile.ZIP_STORED if name == "mimetype" else None
            archive.writestr(name, content, kind)
    return target.getvalue()


def docx(body: str, *, namespace: str = WORD, **parts: str) -> bytes:
    document = f"<w:document xmlns:w='{namespace}'><w:body>{body}</w:body></w:document>"
    others = {name.replace("__", "/") + ".xml": part for name, part in parts.items()}
    return packed(
        {"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": document, **others}
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(sheet_rows: str, *, calculation: str = "") -> bytes:
    """Give a workbook whose one sheet has these rows, as XML."""
    return packed(
        {
            "[Content_Types].xml": CONTENT_TYPES,
            "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": (
                f"<workbook xmlns='{_SHEET}' xmlns:r='{_RELATIONS}'><sheets>"
                "<sheet name='One' sheetId='1' r:id='r1'/></sheets>"
                f"{calculation}</workbook>"
            ),
            "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/s1.xml"),
            "xl/worksheets/s1.xml": (
                f"<worksheet xmlns='{_SHEET}'><sheetData>{sheet_rows}"
                "</sheetData></worksheet>"
            ),
        }
    )


def _relation(kind: str, target: str) -> str:
    return (
        f"<Relationships xmlns='{_PACKAGE}/relationships'>"
        f"<Relationship Id='r1' Type='{_RELATIONS}/{kind}' Target='{target}'/>"
        "</Relationships>"
    )


def ods(
    rows: list[list[str]],
    *,
    manifest: str = "<manifest/>",
    others: dict[str, str] | None = None,
) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            "<table:table-cell office:value-type='string'>"
            f"<text:p>{value}</text:p></table:table-cell>"
            for value in row
        )
        + "</table:table-row>"
        for row in rows
    )
    return ods_of(cells, manifest=manifest, others=others)


def ods_of(
    cells: str,
    *,
    manifest: str = "<manifest/>",
    others: dict[str, str] | None = None,
) -> bytes:
    """Give a workbook whose one sheet has these rows, as XML."""
    names = f"xmlns:office='{_OFFICE}' xmlns:table='{_TABLE}' xmlns:text='{_TEXT}'"
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": (
                f"<office:document-content {names}><office:body><office:spreadsheet>"
                f"<table:table table:name='Eins'>{cells}</table:table>"
                "</office:spreadsheet></office:body></office:document-content>"
            ),
            "meta.xml": (
                "<m xmlns:dc='http://purl.org/dc/elements/1.1/'>"
                "<dc:title>Bestand</dc:title><creation-date>2026-01-02T03:04:05"
                "</creation-date></m>"
            ),
            **(others or {}),
        }
    )
