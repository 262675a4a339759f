"""Pages as pictures for people to look at."""

import io
import re
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from service.processing import extraction_parts, previews
from service.processing.context import Limits
from service.processing.pipeline import Outcome
from tests.unit.processing.drawing import changed, drawn, turned, words
from tests.unit.processing.reading import opened
from tests.unit.processing.running import SAMPLES, extract


def run(path: Path, tmp_path: Path, *, limits: Limits | None = None) -> Outcome:
    return extract(path, output_prefix=tmp_path / "made", limits=limits)


def made(tmp_path: Path) -> dict[str, Image.Image]:
    return {
        path.name.removeprefix("made."): Image.open(io.BytesIO(path.read_bytes()))
        for path in sorted(tmp_path.glob("made.page-*"))
    }


def test_each_page_is_drawn_and_can_be_had(tmp_path: Path) -> None:
    outcome = run(SAMPLES / "report-tables.pdf", tmp_path)

    pictures = made(tmp_path)
    assert list(pictures) == [f"page-{number}.png" for number in (1, 2, 3, 4)]
    assert all(max(picture.size) == 1_000 for picture in pictures.values())
    assert all(picture.mode == "P" for picture in pictures.values())
    assert [page["previewUrl"] for page in outcome.data["pages"]] == [
        f"/api/v1/documents/doc_test/pages/{number}.png" for number in (1, 2, 3, 4)
    ]
    assert {output.media_type for output in outcome.outputs} == {"image/png"}


def test_only_the_first_pages_are_drawn(tmp_path: Path) -> None:
    limits = Limits(max_previews=2)
    outcome = run(SAMPLES / "report-tables.pdf", tmp_path, limits=limits)

    assert len(made(tmp_path)) == 2
    assert [bool(page["previewUrl"]) for page in outcome.data["pages"]] == [
        True,
        True,
        False,
        False,
    ]
    assert outcome.status == "ok"


def test_pages_are_drawn_until_time_is_up(tmp_path: Path) -> None:
    context = opened(drawn(tmp_path, *[words((50, 50, "A page"))] * 9))
    extraction_parts.fill(context)

    previews.draw(context, count(step=previews.BUDGET_S / 2).__next__)

    assert len(context.outputs) == 3


@pytest.mark.parametrize("name", ["receipt.png", "invoice-photo.jpg", "fax.tiff"])
def test_pictures_are_shown_smaller(tmp_path: Path, name: str) -> None:
    outcome = run(SAMPLES / name, tmp_path)

    pictures = made(tmp_path)
    assert len(pictures) == len(outcome.data["pages"])
    assert all(max(picture.size) <= 1_000 for picture in pictures.values())


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    image, tags = Image.new("RGB", (300, 200), "red"), Image.Exif()
    tags[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=tags)

    run(tmp_path / "a.jpg", tmp_path)

    assert made(tmp_path)["page-1.png"].size == (200, 300)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixels_is_drawn(mode: str) -> None:
    picture = Image.new(mode, (40, 30))

    assert Image.open(io.BytesIO(previews.png(picture))).size == (40, 30)


def test_what_is_transparent_is_white() -> None:
    png = previews.png(Image.new("RGBA", (40, 30), (0, 0, 0, 0)))

    assert Image.open(io.BytesIO(png)).convert("RGB").getpixel((5, 5)) == (
        255,
        255,
        255,
    )


def test_deep_pixels_keep_their_shades(tmp_path: Path) -> None:
    image = Image.new("I;16", (20, 10), 40_000)
    image.save(tmp_path / "a.png")

    run(tmp_path / "a.png", tmp_path)

    darkest, lightest = made(tmp_path)["page-1.png"].convert("L").getextrema()
    assert darkest == lightest == pytest.approx(40_000 // 256, abs=4)


def test_a_turned_page_is_shown_turned(tmp_path: Path) -> None:
    path = turned(drawn(tmp_path, words((50, 50, "Across"))), 90)

    run(path, tmp_path)

    assert made(tmp_path)["page-1.png"].size == (1_000, 750)


def test_a_page_that_claims_to_be_huge_stays_small(tmp_path: Path) -> None:
    path = drawn(tmp_path, words((50, 50, "Poster")))
    box = re.compile(rb"/MediaBox \[[^\]]*\]")
    path.write_bytes(box.sub(b"/MediaBox [0 0 2000000 2000000]", path.read_bytes()))

    run(path, tmp_path)

    assert made(tmp_path)["page-1.png"].size == (1_000, 1_000)


def test_a_label_is_not_blown_up(tmp_path: Path) -> None:
    path = changed(
        drawn(tmp_path, words((50, 50, "Label"))),
        lambda writer: writer.pages[0].mediabox.__setattr__("upper_right", (50, 25)),
    )

    run(path, tmp_path)

    assert made(tmp_path)["page-1.png"].size == (200, 100)


def test_documents_without_pages_have_no_previews(tmp_path: Path) -> None:
    run(SAMPLES / "minutes-utf8.txt", tmp_path)

    assert made(tmp_path) == {}


def test_a_picture_that_breaks_off_is_no_harm(tmp_path: Path) -> None:
    whole = (SAMPLES / "receipt.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])

    outcome = run(tmp_path / "cut.png", tmp_path)

    assert outcome.data["pages"][0]["previewUrl"] is None
