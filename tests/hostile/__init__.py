"""Files made to do harm, written by a generator of our own.

`every_file` gives all of them by name; nothing of them is committed, some are large
once unpacked. What each must not do is said in `tests/integration/test_hostile.py`.
"""

from collections.abc import Callable, Mapping

from tests.hostile.packed import PACKED
from tests.hostile.pdfs import PDFS
from tests.hostile.pictures import PICTURES
from tests.hostile.texts import TEXTS

__all__ = ["every_file"]


def every_file(address: str) -> Mapping[str, Callable[[], bytes]]:
    """Give each file's name and what writes it.

    Args:
        address: Of a server that must never be asked for anything.
    """
    makers = {**PDFS, **PACKED, **PICTURES, **TEXTS}
    return {name: _made(make, address) for name, make in makers.items()}


def _made(make: Callable[[str], bytes], address: str) -> Callable[[], bytes]:
    return lambda: make(address)
