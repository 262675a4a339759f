"""Texts that share most of their passages, by MinHash and bands.

Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3. 21 bands of 6
numbers bring two texts together that share 0.8 of their shingles in 99.8 % of cases,
two that share half in 28 %; then all numbers are compared.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.8
BANDS, BAND_NUMBERS = 21, 6
NEIGHBOURS = 50
"""With so many texts before it that share a band a text is compared. Of more than these
some are not looked at: ``near_duplicate_candidates``."""
CANDIDATES_LIMIT = "near_duplicate_candidates"
_MIXER = 0x9E3779B97F4A7C15
"""2^64 / golden ratio (Knuth, TAOCP 6.4): spreads the numbers of a band."""

Signatures = NDArray[np.uint32]


def similar_texts(
    signatures: Sequence[bytes],
) -> tuple[list[tuple[int, int, float]], bool]:
    """Give for each text the earlier one most like it, if that is like enough.

    Args:
        signatures: MinHashes of one length, little-endian 32-bit numbers.

    Returns:
        (place of the earlier, place, share of equal numbers), in the order of places;
        and whether there were too many candidates to look at all of them.
    """
    if not signatures:
        return [], False
    numbers = np.frombuffer(b"".join(signatures), dtype="<u4").astype(
        np.uint32, copy=False
    )
    matrix = numbers.reshape(len(signatures), -1)
    same, distinct = _identical(signatures)
    if same:
        matrix = matrix[distinct]
    best = _Best(matrix)
    cut = False
    for members in _buckets(matrix):
        cut = cut or len(members) > NEIGHBOURS + 1
        best.compare(members)
    found = [(first, place, 1.0) for first, place in same]
    found += [(distinct[a], distinct[b], share) for a, b, share in best.found()]
    return sorted(found, key=lambda pair: pair[1]), cut


def _identical(signatures: Sequence[bytes]) -> tuple[list[tuple[int, int]], list[int]]:
    """Give (first, later) of the same signature, and the places of the others."""
    firsts: dict[bytes, int] = {}
    same = []
    for place, signature in enumerate(signatures):
        first = firsts.setdefault(signature, place)
        if first != place:
            same.append((first, place))
    return same, list(firsts.values())


def _buckets(matrix: Signatures) -> Iterator[NDArray[np.intp]]:
    """Give the places that share a band, ascending, for each band."""
    for band in range(BANDS):
        columns = matrix[:, band * BAND_NUMBERS : (band + 1) * BAND_NUMBERS]
        keys = np.zeros(len(matrix), dtype=np.uint64)
        for column in columns.T:
            keys = (keys ^ column) * np.uint64(_MIXER)
        order = np.argsort(keys, kind="stable")
        borders = np.flatnonzero(np.diff(keys[order])) + 1
        for members in np.split(order, borders):
            if len(members) > 1:
                yield members


class _Best:
    """The most similar earlier text of each."""

    def __init__(self, matrix: Signatures) -> None:
        self._matrix = matrix
        self._share = np.zeros(len(matrix))
        self._earlier = np.zeros(len(matrix), dtype=np.intp)

    def compare(self, members: NDArray[np.intp]) -> None:
        """Compare each of ascending places with those close before it."""
        for distance in range(1, min(NEIGHBOURS, len(members) - 1) + 1):
            later, earlier = members[distance:], members[:-distance]
            equal = self._matrix[later] == self._matrix[earlier]
            share = equal.mean(axis=1)
            better = share > self._share[later]
            self._share[later[better]] = share[better]
            self._earlier[later[better]] = earlier[better]

    def found(self) -> Iterator[tuple[int, int, float]]:
        """Give (earlier, place, share) of those that are similar enough."""
        for place in np.flatnonzero(self._share >= THRESHOLD):
            yield int(self._earlier[place]), int(place), float(self._share[place])
