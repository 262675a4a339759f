"""ZIP archives as documents: lists of files."""

import io
import zipfile
from pathlib import Path

import pytest

from service.errors import DocumentError
from service.processing.context import Limits
from service.processing.formats import attachments
from service.processing.options import ProcessingOptions
from tests.unit.processing.packed import packed
from tests.unit.processing.readers import context_of, read, read_in
from tests.unit.processing.running import SAMPLES, extract, refusal, text


def saved(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    return path


def test_an_archive_is_the_list_of_its_files(tmp_path: Path) -> None:
    invoice = (SAMPLES / "invoice.pdf").read_bytes()
    parts = {
        "2026/invoice.pdf": invoice,
        "2026/": b"",
        "notes.txt": b"hello",
        "__MACOSX/2026/._invoice.pdf": b"x",
        "2026/Thumbs.db": b"x",
    }

    outcome = extract(saved(tmp_path, packed(dict(parts))))

    assert outcome.media_type == "application/zip"
    assert text(outcome) == "2026/invoice.pdf\nnotes.txt"
    assert [
        (file["name"], file["mediaType"], file["sizeBytes"])
        for file in outcome.data["embedded"]
    ] == [
        ("invoice.pdf", "application/pdf", len(invoice)),
        ("notes.txt", "text/plain", 5),
    ]


def test_files_come_with_their_content_when_they_become_documents(
    tmp_path: Path,
) -> None:
    inner = packed({"deep.txt": "deep"})
    path = saved(tmp_path, packed({"inner.zip": inner, "../../climb.txt": "x"}))

    listed = read(path).embedded
    expanded = read(path, expand_attachments=True).embedded

    assert [file.data for file in listed] == [None, None]
    assert [(file.name, file.data) for file in expanded] == [
        ("inner.zip", inner),
        ("climb.txt", b"x"),
    ]


def test_an_empty_archive_is_fine(tmp_path: Path) -> None:
    outcome = extract(saved(tmp_path, packed({})))

    assert (outcome.status, text(outcome)) == ("ok", "")


def test_a_password_is_named(tmp_path: Path) -> None:
    content = bytearray(packed({"a.txt": "x"}))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1

    assert refusal(saved(tmp_path, bytes(content))) == "encrypted"


def test_files_that_need_a_password_are_named_and_the_others_read(
    tmp_path: Path,
) -> None:
    content = bytearray(packed({"2026/locked.txt": "x", "open.txt": "hello"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    outcome = extract(saved(tmp_path, bytes(content)))

    assert outcome.status == "degraded"
    assert [(each["code"], each["message"]) for each in outcome.data["issues"]] == [
        ("PART_UNREADABLE", "Files in the archive need a password (1): locked.txt.")
    ]
    assert [file["name"] for file in outcome.data["embedded"]] == ["open.txt"]
    assert text(outcome) == "2026/locked.txt\nopen.txt"


def test_bombs_are_refused_by_the_directory(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, packed({"a": bytes(60_000_000)}))) == "too_large"
    many: dict[str, str | bytes] = {f"{number}": "" for number in range(10_001)}
    assert refusal(saved(tmp_path, packed(many))) == "too_large"


def test_a_member_that_is_damaged_is_corrupt(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", b"some content to damage")
    content = target.getvalue().replace(b"content", b"contemt", 1)

    assert refusal(saved(tmp_path, content)) == "corrupt"


def test_files_over_the_limit_are_named(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {f"{number}.txt": "x" for number in range(9)}
    context = context_of(saved(tmp_path, packed(parts)), limits=Limits(max_embedded=4))

    content = read_in(context)

    assert len(content.embedded) == 4
    assert len(content.pages[0].text.splitlines()) == 9
    assert context.limits_hit == ["embedded"]


def test_content_over_the_limit_is_named_and_listed(tmp_path: Path) -> None:
    large = bytes(range(256)) * (attachments.MAX_EXPANDED_BYTES // 256 // 3)
    parts: dict[str, str | bytes] = {f"{number}.bin": large for number in range(4)}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    path = saved(tmp_path, target.getvalue())

    context = context_of(path)
    assert len(read_in(context).embedded) == 4
    assert context.limits_hit == []

    files = read(path, expand_attachments=True).embedded
    assert [file.data is None for file in files] == [False, False, False, True]


def test_what_the_document_around_it_leaves_is_not_gone_over(tmp_path: Path) -> None:
    path = saved(tmp_path, packed({"a.txt": "x" * 60, "b.txt": "y" * 60}))
    options = ProcessingOptions(expand_attachments=True, expand_bytes=100)

    context = context_of(path, options=options)
    content = read_in(context)

    assert [file.data is None for file in content.embedded] == [False, True]
    assert context.limits_hit == ["embedded_bytes"]


@pytest.mark.parametrize("size", [0, 30, 60, 100])
def test_half_an_archive_is_refused(tmp_path: Path, size: int) -> None:
    content = packed({"a.txt": "some text", "b.txt": "more text"})[:size]

    with pytest.raises(DocumentError) as caught:
        read(saved(tmp_path, content))
    assert caught.value.code in {"corrupt", "empty"}


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_files_of_one_name_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "first")
        archive.writestr("b.txt", "other")
        archive.writestr("a.txt", "second")

    content = read(path, expand_attachments=True)

    assert content.pages[0].text == "a.txt\nb.txt\na.txt"
    assert [(file.name, file.data) for file in content.embedded] == [
        ("a.txt", b"first"),
        ("b.txt", b"other"),
        ("a.txt", b"second"),
    ]
