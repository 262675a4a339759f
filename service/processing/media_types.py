"""The media types that sniffing can tell, and the extensions that go with them."""

from pathlib import PurePosixPath

EMPTY_TYPE = "application/x-empty"
"""A file without a byte."""
UNKNOWN_TYPE = "application/octet-stream"
"""A file that nothing fits."""
ENCRYPTED_OFFICE_TYPE = "application/encrypted"
"""What is behind a password or a key: its own type is inside the cipher."""
OLE_TYPE = "application/x-ole-storage"
LEGACY_TYPES = frozenset(
    {"application/msword", "application/vnd.ms-powerpoint", OLE_TYPE}
)
"""Kinds of Office files of before 2007 that no reader is there for."""
SIGNED_TYPE = "application/pkcs7-mime"
"""A file inside its signature (CMS)."""
ZIP_TYPE = "application/zip"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RTF_TYPE = "application/rtf"
PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

EXTENSIONS: dict[str, frozenset[str]] = {
    "application/json": frozenset({"json", "geojson", "txt"}),
    "application/msword": frozenset({"doc", "dot"}),
    RTF_TYPE: frozenset({"rtf", "doc"}),
    "application/pdf": frozenset({"pdf", "ai"}),
    "application/vnd.ms-excel": frozenset({"xls", "xlt"}),
    "application/vnd.ms-outlook": frozenset({"msg", "oft"}),
    "application/vnd.ms-powerpoint": frozenset({"ppt", "pps", "pot"}),
    ODS_TYPE: frozenset({"ods", "ots"}),
    PPTX_TYPE: frozenset({"pptx", "pptm", "ppsx", "potx"}),
    XLSX_TYPE: frozenset({"xlsx", "xlsm", "xltx", "xltm"}),
    DOCX_TYPE: frozenset({"docx", "docm", "dotx"}),
    ENCRYPTED_OFFICE_TYPE: frozenset(
        {"docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "p7m"}
    ),
    SIGNED_TYPE: frozenset({"p7m", "p7s"}),
    "application/xml": frozenset({"xml", "xsl", "xsd", "rdf", "rss", "svg"}),
    ZIP_TYPE: frozenset({"zip", "jar"}),
    "image/avif": frozenset({"avif"}),
    "image/bmp": frozenset({"bmp", "dib"}),
    "image/gif": frozenset({"gif"}),
    "image/heic": frozenset({"heic", "heif"}),
    "image/jpeg": frozenset({"jpg", "jpeg", "jpe", "jfif"}),
    "image/png": frozenset({"png"}),
    "image/tiff": frozenset({"tif", "tiff"}),
    "image/webp": frozenset({"webp"}),
    "message/rfc822": frozenset({"eml", "mht", "mhtml"}),
    "text/csv": frozenset({"csv", "tsv", "tab", "txt"}),
    "text/html": frozenset({"html", "htm", "xhtml"}),
    "text/plain": frozenset({"txt", "text", "md", "log", "rst", "csv", "tsv"}),
}
"""The extensions that fit each type."""

_TELL_NOTHING = frozenset({EMPTY_TYPE, UNKNOWN_TYPE, OLE_TYPE})


def extension_matches(name: str, media_type: str) -> bool | None:
    """Say whether a file name's extension fits its content; None = cannot tell."""
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix(".")
    if not extension or media_type in _TELL_NOTHING:
        return None
    if extension in EXTENSIONS.get(media_type, frozenset()):
        return True
    known = any(extension in group for group in EXTENSIONS.values())
    return False if known else None
