import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from service.processing.context import Limits
from tests.unit.processing.reading import content_of
from tests.unit.processing.running import (
    SAMPLES,
    corpus,
    extract,
    issues,
    refusal,
)


def saved(tmp_path: Path, content: bytes, name: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def picture(file_format: str, *, frames: int = 1) -> bytes:
    images = [Image.new("L", (60 + number, 40), number * 5) for number in range(frames)]
    target = io.BytesIO()
    if frames > 1:
        images[0].save(target, file_format, save_all=True, append_images=images[1:])
    else:
        images[0].save(target, file_format)
    return target.getvalue()


def png(width: int, height: int) -> bytes:
    """Give a one-bit PNG of any size, small however large it is."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"])
def test_every_kind_of_picture_is_known(tmp_path: Path, file_format: str) -> None:
    outcome = extract(saved(tmp_path, picture(file_format), f"a.{file_format.lower()}"))

    assert outcome.media_type == f"image/{file_format.lower()}"
    page = outcome.data["pages"][0]
    assert (page["widthPx"], page["heightPx"]) == (60, 40)
    assert issues(outcome) == ["NO_TEXT_LAYER"]
    assert outcome.status == "degraded"


def test_the_pages_of_a_fax_are_counted() -> None:
    outcome = extract(SAMPLES / "fax.tiff")

    assert outcome.data["metadata"]["pageCount"] == 2
    assert [page["charCount"] for page in outcome.data["pages"]] == [0, 0]


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_picture_and_says_so(
    tmp_path: Path, file_format: str
) -> None:
    path = tmp_path / f"a.{file_format.lower()}"
    first, *more = (Image.new("L", (60, 40), shade) for shade in (0, 90, 180))
    first.save(path, file_format, save_all=True, append_images=more)

    outcome = extract(path)

    assert len(outcome.data["pages"]) == 1
    assert outcome.data["limitsHit"] == ("frames",)
    [said] = [
        each for each in outcome.data["issues"] if each["code"] == "LIMIT_REACHED"
    ]
    assert said["severity"] == "info"


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, picture("TIFF", frames=6), "a.tiff")

    assert refusal(path, limits=Limits(max_pages=5)) == "too_many_pages"


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (60_000, 60_000), (13_500, 13_500)]
)
def test_pictures_that_unpack_to_too_much_are_refused(
    tmp_path: Path, width: int, height: int
) -> None:
    assert refusal(saved(tmp_path, png(width, height), "a.png")) == "too_large"


@pytest.mark.parametrize(
    ("name", "issue"),
    [
        ("invoice-photo.jpg", "TRUNCATED"),
        ("receipt.png", "TRUNCATED"),
        ("fax.tiff", "PAGE_UNREADABLE"),
    ],
)
def test_a_picture_cut_short_completes_saying_so(
    tmp_path: Path, name: str, issue: str
) -> None:
    whole = (SAMPLES / name).read_bytes()

    outcome = extract(saved(tmp_path, whole[: len(whole) // 2], name))

    assert issues(outcome) == [issue, "NO_TEXT_LAYER"]


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP"])
def test_a_bare_beginning_is_corrupt(tmp_path: Path, file_format: str) -> None:
    assert refusal(saved(tmp_path, picture(file_format)[:28], "a.bin")) == "corrupt"


def test_tags_are_read_and_places_kept_out(tmp_path: Path) -> None:
    image, tags = Image.new("L", (30, 20)), Image.Exif()
    tags[0x0112] = 6  # orientation: turned
    tags[0x013B] = "A. Photographer"
    tags[0x0132] = "2026:10:02 11:12:13"
    tags.get_ifd(0x8825)[1] = "N"  # a GPS position
    target = io.BytesIO()
    image.save(target, "JPEG", exif=tags)

    outcome = extract(saved(tmp_path, target.getvalue(), "a.jpg"))

    metadata = outcome.data["metadata"]
    assert metadata["author"] == "A. Photographer"
    assert metadata["createdAt"] == "2026-10-02T11:12:13.000Z"
    assert "gps" not in str(outcome.data).lower()


@pytest.mark.parametrize("name", ["invoice_image.png", "qr_bill_example.jpg"])
def test_real_pictures_are_read(name: str) -> None:
    outcome = extract(corpus(name))

    assert outcome.data["pages"][0]["widthPx"] > 300
    assert issues(outcome) == ["NO_TEXT_LAYER"]


@pytest.mark.parametrize(
    ("orientation", "degrees"), [(1, 0), (3, 180), (6, 90), (8, 270)]
)
def test_how_a_camera_was_held_is_told(
    tmp_path: Path, orientation: int, degrees: int
) -> None:
    image, tags = Image.new("L", (30, 20)), Image.Exif()
    tags[0x0112] = orientation
    image.save(tmp_path / "a.jpg", exif=tags)

    assert content_of(tmp_path / "a.jpg").pages[0].rotation_deg == degrees
