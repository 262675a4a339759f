"""Text recognised in pictures: an extra, with a queue and workers of its own."""

from functools import cache
from importlib.util import find_spec


@cache
def ocr_installed() -> bool:
    """Say whether ``docmill[ocr]`` is installed here; loads nothing of it."""
    return all(find_spec(name) is not None for name in ("onnxruntime", "rapidocr"))
