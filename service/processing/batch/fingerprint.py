"""The step ``fingerprint``: by what a document is compared with others of its job.

Imported only inside the sandbox, as it opens pictures.
"""

import base64
import re
import struct
import warnings
from itertools import islice

import numpy as np
from PIL import Image, ImageOps
from rensa import RMinHash

from service.processing.context import StepContext
from service.processing.results import Fingerprint

PERMUTATIONS = 128
"""Estimates differ from the true share by 0.025 at most, as measured."""
SEED = 42
"""The same for ever: signatures of one job are compared with each other."""
SHINGLE_WORDS = 5
LEAST_SHINGLES = 10
"""Shorter texts, such as a stamp, would be alike by chance."""
MOST_WORDS = 200_000
"""Words that are compared, about 500 pages; ``fingerprint_words`` names the cut."""

_WORD = re.compile(r"\w+")
_PICTURES = "image/"
_SIDE = 32
_LOW = 8
_PLAIN_LEVELS = 2.0
"""Standard deviation under which a picture shows nothing that could be compared."""


def take(context: StepContext) -> None:
    """Take the signatures of the document's bytes, text and picture."""
    shingles = _shingles(context)
    kind = context.analysis.get("classification")
    picture = context.media_type.startswith(_PICTURES)
    context.use_engine("rensa")
    context.analysis["fingerprint"] = Fingerprint(
        sha256=context.source.sha256,
        minhash=_signature(shingles) if len(shingles) >= LEAST_SHINGLES else None,
        shingles=len(shingles),
        image_hash=_image_hash(context) if picture else None,
        kind=kind.label if kind is not None else None,
    )


def _shingles(context: StepContext) -> set[str]:
    found = (match[0].lower() for match in _WORD.finditer(context.text))
    words = list(islice(found, MOST_WORDS))
    if len(words) == MOST_WORDS and next(found, None) is not None:
        message = f"Only the first {MOST_WORDS} words are compared with others."
        context.hit_limit("fingerprint_words", message, severity="info")
    neighbours = (words[start:] for start in range(SHINGLE_WORDS))
    return set(map(" ".join, zip(*neighbours, strict=False)))


def _signature(shingles: set[str]) -> str:
    signature = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    signature.update(list(shingles))
    packed = struct.pack(f"<{PERMUTATIONS}I", *signature.digest())
    return base64.b64encode(packed).decode("ascii")


def _image_hash(context: StepContext) -> str | None:
    """Give the signs of the lowest frequencies; None for an empty or damaged picture.

    The perceptual hash of Zauner (Implementation and Benchmarking of Perceptual Image
    Hash Functions, 2010): what compression, scaling and brightness hardly change.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the reader has counted the pixels
            with Image.open(context.source.path) as opened:
                opened.draft("L", (_SIDE * 4, _SIDE * 4))
                upright = ImageOps.exif_transpose(opened).convert("L")
                small = upright.resize((_SIDE, _SIDE), Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    levels = np.asarray(small, dtype=np.float64)
    if levels.std() < _PLAIN_LEVELS:
        return None
    cosines = _cosines()
    low = (cosines @ levels @ cosines.T)[:_LOW, :_LOW].ravel()
    above = low > np.median(low)
    return np.packbits(above).tobytes().hex()


def _cosines() -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Give the matrix of the discrete cosine transform (DCT-II) of one row."""
    places = np.arange(_SIDE, dtype=np.float64)
    return np.cos(np.pi / _SIDE * np.outer(np.arange(_SIDE), places + 0.5))
