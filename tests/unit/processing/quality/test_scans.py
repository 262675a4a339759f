import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from service.processing.quality import pages
from tests.unit.processing.quality.checking import check, checked, codes, issue
from tests.unit.processing.running import SAMPLES, corpus
from tools.make_scans import damage
from tools.make_scans.cases import CASES, Case
from tools.make_scans.pages import blank_scan, clean_pdf, clean_scan

NO_TEXT = "NO_TEXT_LAYER"
QUICK = [case for case in CASES if case.name not in {"200 dpi", "300 dpi"}]
STYLES = ("letter", "invoice", "report")
"""The benchmark takes all."""


def found(tmp_path: Path, case: Case, style: str) -> set[str]:
    outcome = checked(tmp_path, "page.png", damage.png(case.make(style)))
    return set(codes(outcome)) - {NO_TEXT}


@pytest.mark.parametrize(
    ("case", "style"),
    [(case, STYLES[place % len(STYLES)]) for place, case in enumerate(QUICK)],
    ids=lambda value: value.name if isinstance(value, Case) else value,
)
def test_damage_is_called_what_it_is_and_nothing_else(
    tmp_path: Path, case: Case, style: str
) -> None:
    fine = case.allowed | ({case.expected} if case.expected else set())

    issues = found(tmp_path, case, style)

    assert case.expected is None or case.expected in issues
    assert issues <= fine


@pytest.mark.parametrize(
    "name", ["receipt.png", "fax.tiff", "scanned-pages.pdf", "invoice-photo.jpg"]
)
def test_good_scans_have_no_text_and_no_fault(name: str) -> None:
    outcome = check(SAMPLES / name)

    assert set(codes(outcome)) <= {NO_TEXT, "SKEWED"}
    assert outcome.data["score"] >= 75
    assert outcome.data["readable"]
    assert outcome.status == "degraded"


@pytest.mark.parametrize("name", ["qr_bill_example.jpg", "invoice_image.png"])
def test_real_pictures_have_no_fault(name: str) -> None:
    assert codes(check(corpus(name))) == [NO_TEXT]


def test_what_was_measured_stands_beside_its_threshold(tmp_path: Path) -> None:
    page = damage.blurred(clean_scan("letter"), 2)

    blurry = issue(checked(tmp_path, "page.png", damage.png(page)), "BLURRY")

    assert blurry["severity"] == "warning"
    assert blurry["page"] == 1
    assert 0.24 <= blurry["measured"] < blurry["threshold"] == 0.4
    assert blurry["unit"] == "edge steepness"
    assert blurry["penalty"] == 25


def test_a_page_too_blurry_to_read_is_an_error_and_not_readable(tmp_path: Path) -> None:
    page = damage.blurred(clean_scan("letter"), 4)

    outcome = checked(tmp_path, "page.png", damage.png(page))

    assert issue(outcome, "BLURRY")["severity"] == "error"
    assert not outcome.data["readable"]


def test_how_a_page_too_blurry_to_read_lies_is_not_guessed(tmp_path: Path) -> None:
    content = io.BytesIO()
    drawing = canvas.Canvas(content, pagesize=A4)
    drawing.setFont("Helvetica", 10)
    for line in range(44):
        drawing.drawString(57, 790 - 14 * line, f"Line {line:2} of the delivery. " * 3)
    drawing.save()
    with pypdfium2.PdfDocument(content.getvalue()) as document:
        page = document[0].render(scale=150 / 72, grayscale=True).to_pil()

    for sigma in (3.2, 5.0):
        blurred = damage.png(damage.blurred(page, sigma))
        outcome = checked(tmp_path, "page.png", blurred)
        assert "ROTATED" not in codes(outcome)
        assert outcome.data["pages"][0]["orientationDeg"] is None


@pytest.mark.parametrize("degrees", [-4.0, 0.0, 2.5, 9.0])
def test_the_angle_is_right_within_a_fifth_of_a_degree(
    tmp_path: Path, degrees: float
) -> None:
    page = damage.skewed(clean_scan("report"), degrees)

    outcome = checked(tmp_path, "page.png", damage.png(page))

    assert outcome.data["pages"][0]["skewDeg"] == pytest.approx(degrees, abs=0.2)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_way_up_is_told(tmp_path: Path, degrees: int) -> None:
    page = damage.turned(clean_scan("letter"), degrees)

    outcome = checked(tmp_path, "page.png", damage.png(page))

    assert outcome.data["pages"][0]["orientationDeg"] == degrees


def test_blank_backs_are_found_under_their_own_numbers(tmp_path: Path) -> None:
    pdf = damage.scanned_pdf(clean_scan("letter"), blank_scan(), clean_scan("invoice"))

    outcome = checked(tmp_path, "scan.pdf", pdf)

    assert issue(outcome, "BLANK_PAGE")["page"] == 2
    assert [page["blank"] for page in outcome.data["pages"]] == [False, True, False]


def test_faint_pages_are_not_blank(tmp_path: Path) -> None:
    faint = damage.faded(clean_scan("small print"), 0.12)

    outcome = checked(tmp_path, "scan.pdf", damage.scanned_pdf(faint))

    assert "BLANK_PAGE" not in codes(outcome)
    assert outcome.data["pages"][0]["blank"] is False


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0, 0, 1, 0.5), 0.5),
        ((0.5, 0, 1, 1), 0.5),
        ((0.25, 0.25, 0.75, 0.75), 0.26),  # the margins do not count
        ((0, 0, 1, 1), 1.0),
    ],
)
def test_a_page_with_a_black_area_is_not_blank(
    tmp_path: Path, box: tuple[float, float, float, float], share: float
) -> None:
    page = with_black(blank_scan(), box)

    outcome = checked(tmp_path, "page.png", damage.png(page))

    assert "BLANK_PAGE" not in codes(outcome)
    assert outcome.data["pages"][0]["blank"] is False
    assert outcome.data["pages"][0]["inkShare"] == pytest.approx(share, abs=0.02)


def test_a_blank_page_under_an_open_lid_is_blank(tmp_path: Path) -> None:
    page = with_black(blank_scan(), (0, 0, 1, 0.1))

    outcome = checked(tmp_path, "page.png", damage.png(page))

    assert outcome.data["pages"][0]["blank"] is True
    assert outcome.data["pages"][0]["inkShare"] == 0.0


def test_a_blank_page_in_uneven_light_is_blank(tmp_path: Path) -> None:
    page = damage.shaded(blank_scan(), 150)

    outcome = checked(tmp_path, "page.png", damage.png(page))

    assert outcome.data["pages"][0]["blank"] is True


def with_black(
    page: Image.Image, box: tuple[float, float, float, float]
) -> Image.Image:
    """Give a page with a black area, its box in shares of the sides."""
    left, top, right, bottom = box
    width, height = page.size
    area = (
        round(left * width),
        round(top * height),
        round(right * width),
        round(bottom * height),
    )
    page = page.copy()
    page.paste(12, area)
    return page


def test_a_document_of_blank_pages_is_not_readable(tmp_path: Path) -> None:
    outcome = checked(tmp_path, "blank.png", damage.png(blank_scan()))

    assert issue(outcome, "BLANK_PAGE")["severity"] == "error"
    assert not outcome.data["readable"]


def test_the_same_picture_twice_is_a_duplicate_and_another_is_not(
    tmp_path: Path,
) -> None:
    one, other = clean_scan("letter"), clean_scan("report")

    outcome = checked(tmp_path, "scan.pdf", damage.scanned_pdf(one, other, one))

    assert issue(outcome, "DUPLICATE_PAGE")["page"] == 3


def test_a_digital_page_is_not_measured_as_a_picture(tmp_path: Path) -> None:
    outcome = checked(tmp_path, "letter.pdf", clean_pdf("letter"))

    assert codes(outcome) == []
    assert (outcome.data["score"], outcome.data["grade"]) == (100, "A")
    assert outcome.data["pages"][0]["sharpness"] is None


def test_pages_beyond_the_limit_are_named(tmp_path: Path) -> None:
    small = damage.blurred(clean_scan("invoice", dpi=75), 2)
    pdf = damage.scanned_pdf(*[small] * (pages.MEASURED_PAGES + 2))

    outcome = checked(tmp_path, "long.pdf", pdf)

    assert outcome.data["limitsHit"] == ("measured_pages",)
    assert issue(outcome, "LIMIT_REACHED")["severity"] == "info"
    unmeasured = [p for p in outcome.data["pages"] if p["sharpness"] is None]
    assert len(unmeasured) == 2
    lost = sum(i["penalty"] for i in outcome.data["issues"] if i["code"] == "BLURRY")
    assert lost == pytest.approx(25, abs=0.01)  # those measured stand for the others
    assert all(page["blank"] is False for page in unmeasured)


@pytest.mark.parametrize("size", [(1, 1), (30_000, 2), (39, 500), (64, 64)])
def test_odd_sizes_are_judged(tmp_path: Path, size: tuple[int, int]) -> None:
    page = clean_scan("letter", dpi=50).resize(size)

    outcome = checked(tmp_path, "odd.png", damage.png(page))

    assert outcome.data["integrity"]["openable"]


def picture_with_text(
    picture: Image.Image, lines: list[str], *, share: float = 1.0, pages: int = 1
) -> bytes:
    """Give a PDF of a picture that covers a share of the page's sides, and text."""
    target = io.BytesIO()
    document = canvas.Canvas(target, pagesize=A4)
    image = ImageReader(picture)
    for page in range(pages):
        document.drawImage(image, 0, 0, A4[0] * share, A4[1] * share)
        for number, line in enumerate(lines):
            document.drawString(60, 700 - 14 * number, f"{line} {page}")
        document.showPage()
    document.save()
    return target.getvalue()


WORDS = ["The goods will be brought to you on Monday morning, free of charge."] * 5


def test_a_scan_with_text_over_it_is_measured(tmp_path: Path) -> None:
    blurred = damage.blurred(clean_scan("letter"), 2)

    outcome = checked(tmp_path, "a.pdf", picture_with_text(blurred, WORDS))

    assert codes(outcome) == ["BLURRY"]


def test_a_stamp_on_a_scan_is_not_its_text(tmp_path: Path) -> None:
    pdf = picture_with_text(clean_scan("letter"), ["RECEIVED"])

    assert codes(checked(tmp_path, "a.pdf", pdf)) == ["LOW_TEXT_DENSITY"]


def test_a_logo_is_no_scan_on_any_page(tmp_path: Path) -> None:
    logo = damage.blurred(clean_scan("invoice", dpi=50), 3)
    count = pages.MEASURED_PAGES + 5

    outcome = checked(
        tmp_path, "a.pdf", picture_with_text(logo, WORDS, share=0.2, pages=count)
    )

    assert codes(outcome) == []
    assert outcome.data["limitsHit"] == ()


def test_a_photo_is_seen_the_way_its_tags_say(tmp_path: Path) -> None:
    tags, target = Image.Exif(), io.BytesIO()
    tags[0x0112] = 6  # to be turned clockwise by 90 degrees
    damage.turned(clean_scan("letter"), 270).save(target, "JPEG", exif=tags)

    outcome = checked(tmp_path, "photo.jpg", target.getvalue())

    assert outcome.data["pages"][0]["orientationDeg"] == 0


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "RGB"])
def test_every_kind_of_pixel_is_measured(tmp_path: Path, mode: str) -> None:
    page = clean_scan("letter").point(lambda level: 255 if level > 128 else 0)
    target = io.BytesIO()
    page.convert(mode).save(target, "TIFF" if mode == "CMYK" else "PNG")

    outcome = checked(tmp_path, "page.img", target.getvalue())

    assert codes(outcome) == [NO_TEXT]
    assert outcome.data["pages"][0]["contrastLevels"] > 200
