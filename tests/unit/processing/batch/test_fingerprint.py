import base64
import random
import struct
import time
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from service.processing.batch import fingerprint
from service.processing.batch.alike import MOST_BITS
from service.processing.batch.fingerprint import take
from service.processing.batch.similar import similar_texts
from service.processing.context import StepContext
from service.processing.results import Fingerprint
from tests.unit.processing.analysis.documents import context_of
from tests.unit.processing.running import SAMPLES, extract

WORDS = [f"word{number}" for number in range(3_000)]


def taken(context: StepContext) -> Fingerprint:
    take(context)
    found = context.analysis["fingerprint"]
    assert isinstance(found, Fingerprint)
    return found


def of_text(text: str) -> Fingerprint:
    return taken(context_of(text))


def similarity(one: str, other: str) -> float:
    raw = [base64.b64decode(of_text(text).minhash or "") for text in (one, other)]
    first, second = (struct.unpack("<128I", each) for each in raw)
    return [a == b for a, b in zip(first, second, strict=True)].count(True) / 128


def test_the_same_words_have_the_same_signature_whatever_is_between() -> None:
    text = " ".join(WORDS)
    assert of_text(text).minhash == of_text(text.upper().replace(" ", ",\n")).minhash
    assert of_text(text).shingles == len(WORDS) - 4


def test_signatures_estimate_the_share_of_common_passages() -> None:
    changed = [*WORDS[:2_700], *(f"other{number}" for number in range(300))]
    common, all_of_them = 2_696, 2 * 2_996 - 2_696
    estimate = similarity(" ".join(WORDS), " ".join(changed))
    assert estimate == pytest.approx(common / all_of_them, abs=0.12)
    raw = [
        base64.b64decode(of_text(" ".join(words)).minhash or "")
        for words in (WORDS, [*WORDS[:2_950], "another", *WORDS[2_951:]])
    ]
    assert similar_texts(raw)[0]


def test_too_little_text_has_no_signature() -> None:
    found = of_text("Total 5.00 EUR. Thank you very much.")
    assert (found.minhash, found.page_hashes) == (None, ())
    assert found.shingles < fingerprint.LEAST_SHINGLES


def test_a_text_over_the_limit_is_cut_and_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fingerprint, "MOST_WORDS", 100)
    context = context_of(" ".join(WORDS))
    assert taken(context).shingles == 96
    assert context.limits_hit == ["fingerprint_words"]
    assert [each.severity for each in context.issues] == ["info"]


def drawing(seed: int) -> Image.Image:
    chance = random.Random(seed)
    image = Image.new("RGB", (800, 1_000), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = chance.randrange(700), chance.randrange(900)
        pen.rectangle((x, y, x + chance.randrange(300), y + 90), fill="black")
    return image


def hashes_of(path: Path) -> list[str]:
    found = extract(path, job_type="BATCH_ANALYSIS").data["fingerprint"]
    return list(found["pageHashes"])


def bits_between(one: Path, other: Path) -> int:
    [first], [second] = hashes_of(one), hashes_of(other)
    assert len(first) == len(second) == 64
    return (int(first, 16) ^ int(second, 16)).bit_count()


def test_a_picture_keeps_its_hash_when_it_is_scaled_moved_and_compressed(
    tmp_path: Path,
) -> None:
    image = drawing(1)
    image.save(tmp_path / "a.png")
    moved = ImageChops.offset(image, 9, -7).resize((400, 500))
    moved.save(tmp_path / "b.jpg", quality=60)
    drawing(2).save(tmp_path / "c.png")
    assert bits_between(tmp_path / "a.png", tmp_path / "b.jpg") <= MOST_BITS
    assert bits_between(tmp_path / "a.png", tmp_path / "c.png") > 3 * MOST_BITS


def test_a_scanned_pdf_has_the_hashes_of_its_pages(tmp_path: Path) -> None:
    pages = [drawing(1), Image.new("RGB", (800, 1_000), "white"), drawing(2)]
    pages[0].save(tmp_path / "a.pdf", save_all=True, append_images=pages[1:])
    drawing(1).save(tmp_path / "a.png")
    first, blank, last = hashes_of(tmp_path / "a.pdf")
    [alone] = hashes_of(tmp_path / "a.png")
    assert (int(first, 16) ^ int(alone, 16)).bit_count() <= MOST_BITS
    assert (int(first, 16) ^ int(last, 16)).bit_count() > 3 * MOST_BITS
    assert set(blank) == {"0"}


def test_a_document_with_text_is_not_compared_by_its_looks() -> None:
    assert hashes_of(SAMPLES / "invoice.pdf") == []


def test_a_turned_picture_is_set_upright(tmp_path: Path) -> None:
    image = drawing(1)
    image.save(tmp_path / "a.png")
    tags = Image.Exif()
    tags[274] = 6
    image.rotate(90, expand=True).save(tmp_path / "b.jpg", exif=tags, quality=90)
    assert bits_between(tmp_path / "a.png", tmp_path / "b.jpg") <= MOST_BITS


def test_an_empty_picture_has_no_hash(tmp_path: Path) -> None:
    Image.new("L", (300, 300), 255).save(tmp_path / "blank.png")
    assert hashes_of(tmp_path / "blank.png") == []


def test_a_long_line_without_spaces_is_no_trouble() -> None:
    for text in ("a" * 1_000_000, "a " * 500_000, "-" * 1_000_000):
        began = time.perf_counter()
        assert of_text(text).minhash is None
        assert time.perf_counter() - began < 5
