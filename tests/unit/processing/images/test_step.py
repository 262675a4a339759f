import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from service.domain.options import ProcessingOptions
from service.processing.context import Limits, StepContext
from service.processing.formats.content import Content, PageContent
from service.processing.images.step import compress
from service.processing.outputs import PICTURE_OUTPUT, output_path
from service.processing.pipeline import Outcome
from service.processing.results import ImageUse, Metadata
from tests.unit.processing.drawing import (
    HEIGHT,
    WIDTH,
    Draw,
    drawn,
    turned,
    words,
)
from tests.unit.processing.running import SAMPLES, corpus, extract, source_of

_ORIENTATION, _GPS = 0x0112, 0x8825
PICTURE_PAGE = PageContent(text="", picture=True)


class _Deaf:
    """Takes progress and says nothing of it."""

    def page(self, number: int, of: int) -> None: ...

    def share(self, done: float) -> None: ...

    def begin_part(self, name: str) -> None: ...

    def end_part(self) -> None: ...

    def said(self, message: str) -> None: ...


def compressed(
    path: Path,
    tmp_path: Path,
    *,
    media_type: str = "image/png",
    model: Any = "auto",
    longest_px: int = 300,
    page: PageContent = PICTURE_PAGE,
) -> tuple[ImageUse, Image.Image] | None:
    context = StepContext(
        source_of(path),
        Limits(picture_longest_px=longest_px),
        output_prefix=tmp_path / "made",
        progress=_Deaf(),
        options=ProcessingOptions(model=model),
    )
    context.media_type = media_type
    context.content = Content(pages=(page,), metadata=Metadata())
    compress(context)
    if not context.outputs:
        assert "image" not in context.analysis
        return None
    with Image.open(output_path(tmp_path / "made", PICTURE_OUTPUT.format(1))) as image:
        image.load()
        return context.analysis["image"], image


def saved(path: Path, image: Image.Image, **how: Any) -> Path:
    image.save(path, **how)
    return path


def test_a_picture_is_made_small_with_its_figures(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGB", (1_000, 500), "red"))
    made = compressed(path, tmp_path)
    assert made is not None
    use, image = made
    assert image.format == "JPEG"
    assert image.size == (use.width_px, use.height_px) == (300, 150)
    assert use.original_bytes == path.stat().st_size
    assert 0 < use.compressed_bytes < 5_000
    assert use.deleted


def test_a_small_picture_is_not_made_larger(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("L", (40, 20)))
    made = compressed(path, tmp_path)
    assert made is not None
    assert made[1].size == (40, 20)


def test_orientation_is_applied_and_all_metadata_dropped(tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 200), "white")
    picture.paste("black", (0, 0, 50, 200))  # a bar on the left
    tags = Image.Exif()
    tags[_ORIENTATION] = 6  # to be turned by 90 degrees clockwise
    tags.get_ifd(_GPS)[1] = "N"
    path = saved(
        tmp_path / "a.jpg",
        picture,
        exif=tags,
        comment=b"secret",
        icc_profile=b"x" * 200,
    )
    assert b"secret" in path.read_bytes()
    made = compressed(path, tmp_path, media_type="image/jpeg")
    assert made is not None
    image = made[1]
    assert image.size == (150, 300)
    assert image.getpixel((75, 2)) < (60, 60, 60)  # type: ignore[operator]  # RGB
    assert image.getpixel((75, 297)) > (200, 200, 200)  # type: ignore[operator]  # RGB
    assert dict(image.getexif()) == {}
    assert {"exif", "comment", "icc_profile"} & image.info.keys() == set()


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F"]
)
def test_every_kind_of_picture_becomes_a_jpeg(tmp_path: Path, mode: str) -> None:
    path = saved(tmp_path / "a.tiff", Image.new(mode, (30, 30)))
    made = compressed(path, tmp_path, media_type="image/tiff")
    assert made is not None
    assert made[1].mode == "RGB"


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGBA", (30, 30), (0, 0, 0, 0)))
    made = compressed(path, tmp_path)
    assert made is not None
    assert made[1].getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_keep_their_shades(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("I;16", (30, 30), 32_768))
    made = compressed(path, tmp_path)
    assert made is not None
    pixel = made[1].getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert abs(pixel[0] - 128) < 4


@pytest.mark.parametrize(
    "change",
    [{"model": "off"}, {"longest_px": 0}, {"media_type": "application/pdf"}],
)
def test_without_a_model_that_looks_at_it_there_is_none(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGB", (30, 30)))
    assert compressed(path, tmp_path, **change) is None


def test_a_picture_that_breaks_off_has_none(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.effect_noise((300, 300), 50).save(out, "PNG")
    path = tmp_path / "a.png"
    for size in (0, 10, 60, 5_000):
        path.write_bytes(out.getvalue()[:size])
        assert compressed(path, tmp_path) is None


def test_a_bomb_has_none(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("1", (8, 8)))
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack("!II", 60_000, 60_000)  # width and height of the header
    data[29:33] = struct.pack("!I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(Image.DecompressionBombError):
        Image.open(path)
    assert compressed(path, tmp_path) is None


def test_a_real_scan_becomes_much_smaller(tmp_path: Path) -> None:
    path = corpus("invoice_image.png")
    made = compressed(path, tmp_path, longest_px=2_048)
    assert made is not None
    use, image = made
    assert max(image.size) <= 2_048
    assert use.compressed_bytes < 600_000


def scan(picture: Image.Image) -> Draw:
    """Draw a page that is one picture."""

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(picture), 0, 0, WIDTH, HEIGHT)

    return draw


def written() -> Image.Image:
    """Give a picture of a page with writing on its upper half."""
    page = Image.new("L", (600, 800), "white")
    draw = ImageDraw.Draw(page)
    for down in range(50, 350, 15):
        draw.text((50, down), "Paid with thanks, ten boxes of paper. " * 3, fill=0)
    return page


def ink(picture: Image.Image, upper: float, lower: float) -> int:
    """Count dark pixels between two heights, which are shares of the page."""
    part = (0, int(picture.height * upper), picture.width, int(picture.height * lower))
    return sum(picture.convert("L").crop(part).histogram()[:150])


def analysed(
    path: Path, tmp_path: Path, *, most: int = 20, pages: str | None = None
) -> tuple[Outcome, Sequence[Image.Image]]:
    """Give what became of a document, and the pictures made of it."""
    outcome = extract(
        path,
        limits=Limits(picture_longest_px=400, max_pictures=most),
        options=ProcessingOptions(pages=pages),
        job_type="FULL_ANALYSIS",
        output_prefix=tmp_path / "made",
    )
    names = [each.name for each in outcome.outputs if each.name.startswith("picture")]
    assert names == [PICTURE_OUTPUT.format(n + 1) for n in range(len(names))]
    paths = [output_path(tmp_path / "made", name) for name in names]
    return outcome, [Image.open(io.BytesIO(path.read_bytes())) for path in paths]


def test_of_a_pdf_the_scanned_pages_are_made_pictures(tmp_path: Path) -> None:
    blank = Image.new("L", (600, 800), "white")
    text = words((50, 50, "This page has a text layer and needs no picture."))
    path = drawn(tmp_path, text, scan(blank), scan(written()), scan(written()))
    outcome, made = analysed(turned(path, 180), tmp_path)
    assert outcome.data["image"]["pages"] == (3, 4)
    assert [each.format for each in made] == ["JPEG", "JPEG"]
    assert {each.size for each in made} == {(300, 400)}
    for each in made:  # as the page is looked at: turned upside down
        assert ink(each, 0, 0.5) == 0
        assert ink(each, 0.5, 1) > 500
    image = outcome.data["image"]
    sizes = [each.size_bytes for each in outcome.outputs if "picture" in each.name]
    assert image["compressedBytes"] == sum(sizes)
    assert image["originalBytes"] == path.stat().st_size
    assert (image["widthPx"], image["heightPx"]) == (300, 400)
    assert outcome.data["limitsHit"] == ()


@pytest.mark.parametrize(("source", "shown"), [("ocr", True), ("text_layer", False)])
def test_a_page_whose_text_was_recognised_is_a_scan_too(
    tmp_path: Path, source: Any, shown: bool
) -> None:
    path = drawn(tmp_path, scan(written()))
    page = PageContent(text="Paid with thanks", picture=True, text_source=source)
    made = compressed(path, tmp_path, media_type="application/pdf", page=page)
    assert (made is not None) == shown


def test_pages_over_the_limit_are_not_and_that_is_named(tmp_path: Path) -> None:
    outcome, made = analysed(SAMPLES / "scanned-pages.pdf", tmp_path, most=1)
    assert outcome.data["image"]["pages"] == (1,)
    assert len(made) == 1
    assert outcome.data["limitsHit"] == ("image_pages",)
    (issue,) = [
        each for each in outcome.data["issues"] if each["code"] == "LIMIT_REACHED"
    ]
    assert issue["severity"] == "info"
    assert "1 of 2 pages" in issue["message"]


def test_the_chosen_pages_are_shown(tmp_path: Path) -> None:
    for name in ("scanned-pages.pdf", "fax.tiff"):
        outcome, made = analysed(SAMPLES / name, tmp_path, pages="2")
        assert outcome.data["image"]["pages"] == (2,)
        assert len(made) == 1


def test_all_frames_of_a_fax_are_pages(tmp_path: Path) -> None:
    outcome, made = analysed(SAMPLES / "fax.tiff", tmp_path)
    assert outcome.data["image"]["pages"] == (1, 2)
    assert made[0].tobytes() != made[1].tobytes()


def test_a_pdf_with_text_has_none(tmp_path: Path) -> None:
    outcome, made = analysed(SAMPLES / "report-tables.pdf", tmp_path)
    assert outcome.data["image"] is None
    assert made == []
