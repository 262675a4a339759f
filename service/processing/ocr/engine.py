"""RapidOCR, and the little that is asked of it: where text stands, and what it says.

It runs in the sandbox only, which must not start threads and has no network: one
thread, and models by their paths in the wheel, so that nothing looks for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import rapidocr
from PIL import Image
from rapidocr.utils.process_img import get_rotate_crop_image

Pixels = npt.NDArray[np.uint8]
Corners = npt.NDArray[np.float32]
"""Of a box: four points in pixels, from the top left one clockwise."""

_MODELS = Path(rapidocr.__file__).parent / "models"
_SETTINGS = {
    "Global.log_level": "error",
    # It turned good lines over: confidence 0.99 with it, 0.95 without text lost.
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Det.model_path": str(_MODELS / "PP-OCRv6_det_small.onnx"),
    "Rec.model_path": str(_MODELS / "PP-OCRv6_rec_small.onnx"),
}
_LEAST_CONFIDENCE = 0.5
"""What is read with less is noise more often than text."""
_UPRIGHT = 0.9
"""Mean confidence of lines the right way up is 0.99, of others 0.65-0.67."""
_MARGIN = 0.1
"""By how much lines turned over must read better for a page to stand on its head."""
_TALL = 1.5
"""Height to width from which a box is a line that stands upright."""
_SAMPLE = 8
"""Lines by which it is found out which way up a page is."""
_AT_ONCE = 6
"""Pieces that are read together, as RapidOCR itself does."""
_NO_MEMORY = ("bad_alloc", "bad allocation", "allocate memory", "Insufficient memory")
"""How ONNX Runtime and OpenCV say that there is none left."""
_FOUND_SHARE = 0.4
"""Of the time that a page takes, until it is known where on it text stands."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a part of one."""

    text: str
    confidence: float
    corners: Corners


@dataclass(frozen=True, slots=True)
class Recognised:
    """What stands on a page."""

    lines: tuple[Line, ...]
    turn_deg: int
    """How far it had to be turned clockwise to be upright; `lines` are as then."""
    width_px: int
    height_px: int


class Engine:
    """Recognises text.

    It starts no thread, so it may be made before a fork and used after it.
    """

    def __init__(self) -> None:
        cv2.setNumThreads(0)
        self._ocr: Any = rapidocr.RapidOCR(params=_SETTINGS)
        # It would load them with the first page, which is in a child.
        self._ocr._load_det_model()  # noqa: SLF001
        self._ocr._load_rec_model()  # noqa: SLF001

    def read(
        self, picture: Image.Image, done: Callable[[float], None] = lambda _: None
    ) -> Recognised:
        """Give the text of a page, whichever way up it is.

        Args:
            picture: The page.
            done: Told every now and then which share of the page is read, 0-1; what it
                raises ends the reading.

        Raises:
            MemoryError: There is not enough memory for it.
        """
        try:
            return self._read(picture, done)
        except Exception as error:
            if any(sign in str(error) for sign in _NO_MEMORY):
                raise MemoryError from error
            raise

    def _read(self, picture: Image.Image, done: Callable[[float], None]) -> Recognised:
        pixels = np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
        boxes = self._boxes(pixels)
        done(_FOUND_SHARE / 2)
        turn_deg = self._turn(pixels, boxes)
        if turn_deg:
            pixels = np.ascontiguousarray(np.rot90(pixels, -turn_deg // 90))
            boxes = self._boxes(pixels)
        done(_FOUND_SHARE)
        height, width = pixels.shape[:2]
        lines = tuple(
            Line(text, confidence, box)
            for box, (text, confidence) in zip(
                boxes, self._texts(_cut_out(pixels, boxes), done), strict=True
            )
            if text.strip() and confidence >= _LEAST_CONFIDENCE
        )
        return Recognised(lines, turn_deg, width_px=width, height_px=height)

    def _boxes(self, pixels: Pixels) -> Sequence[Corners]:
        found = self._ocr(pixels, use_det=True, use_cls=False, use_rec=False)
        return [] if found.boxes is None else list(np.asarray(found.boxes, np.float32))

    def _texts(
        self, pieces: Sequence[Pixels], done: Callable[[float], None] = lambda _: None
    ) -> list[tuple[str, float]]:
        texts = [("", 0.0)] * len(pieces)
        # The engine would take them in this order too: those of one length together.
        order = sorted(range(len(pieces)), key=lambda n: _slimness(pieces[n]))
        for start in range(0, len(order), _AT_ONCE):
            places = order[start : start + _AT_ONCE]
            found = self._ocr.recognize_txt([pieces[place] for place in places])
            for place, text, sure in zip(places, found.txts, found.scores, strict=True):
                texts[place] = text, float(sure)
            read = (start + len(places)) / len(order)
            done(_FOUND_SHARE + (1.0 - _FOUND_SHARE) * read)
        return texts

    def _turn(self, pixels: Pixels, boxes: Sequence[Corners]) -> int:
        """Give how far the page is to be turned clockwise: 0, 90, 180 or 270."""
        if not boxes:
            return 0
        sideways = fmean(map(_is_tall, boxes)) > 0.5
        longest = sorted(boxes, key=lambda box: max(_size(box)), reverse=True)
        sample = _cut_out(pixels, [b for b in longest if _is_tall(b) == sideways])
        # Pieces that are tall were turned back by a quarter on cutting them out.
        as_cut, turned_over = (270, 90) if sideways else (0, 180)
        sure = self._confidence(sample[:_SAMPLE])
        if sure >= _UPRIGHT:
            return as_cut
        otherwise = self._confidence([np.rot90(p, 2) for p in sample[:_SAMPLE]])
        margin = 0.0 if sideways else _MARGIN
        return turned_over if otherwise > sure + margin else as_cut

    def _confidence(self, pieces: Sequence[Pixels]) -> float:
        return fmean(confidence for _, confidence in self._texts(pieces))


@cache
def engine() -> Engine:
    """Give this process's engine: loading the models takes a second."""
    return Engine()


def _cut_out(pixels: Pixels, boxes: Sequence[Corners]) -> list[Pixels]:
    return [get_rotate_crop_image(pixels, box.copy()) for box in boxes]


def _slimness(piece: Pixels) -> float:
    return float(piece.shape[1] / piece.shape[0])


def _size(corners: Corners) -> tuple[float, float]:
    """Give width and height of a box."""
    top_left, top_right, _, bottom_left = corners
    width = float(np.linalg.norm(top_right - top_left))
    return width, float(np.linalg.norm(bottom_left - top_left))


def _is_tall(corners: Corners) -> bool:
    width, height = _size(corners)
    return height >= _TALL * width
