"""Scans that look alike, by the hashes of their pages."""

from collections.abc import Callable, Sequence

import numpy as np

MOST_BITS = 15
"""Of the 256 of a page. Measured by ``python -m benchmarks likeness``: the same page
scanned anew differs in 12 (median; 61 % in no more than this), another invoice of the
same template in 16 at least, over 1 368 pairs."""
_LOOKED_AT = 50
"""Scans that look alike and yet are told apart by what they say, before one is left
unpaired."""


def alike_scans(
    hashes: Sequence[bytes], contradict: Callable[[int, int], bool]
) -> tuple[list[tuple[int, int, float]], bool]:
    """Give for each scan the earlier one that looks most like it, if one does enough.

    Args:
        hashes: Of documents, one behind the other for each page.
        contradict: Says of two places whether what the documents say differs.

    Returns:
        (place of the earlier, place, share of equal bits), in the order of places; and
        whether there were too many to look at all of them.
    """
    by_pages: dict[int, list[int]] = {}
    for place, each in enumerate(hashes):
        by_pages.setdefault(len(each), []).append(place)
    found: list[tuple[int, int, float]] = []
    cut = False
    for places in by_pages.values():
        bits = np.frombuffer(b"".join(hashes[place] for place in places), dtype="<u8")
        matrix = bits.reshape(len(places), -1)
        for later in range(1, len(places)):
            differing = np.bitwise_count(matrix[:later] ^ matrix[later]).sum(axis=1)
            near = np.flatnonzero(differing <= MOST_BITS * matrix.shape[1] // 4)
            nearest = near[np.argsort(differing[near], kind="stable")]
            cut = cut or len(nearest) > _LOOKED_AT
            for earlier in nearest[:_LOOKED_AT]:
                if not contradict(places[earlier], places[later]):
                    share = 1.0 - differing[earlier] / (matrix.shape[1] * 64)
                    found.append((places[earlier], places[later], float(share)))
                    break
    return sorted(found, key=lambda pair: pair[1]), cut
