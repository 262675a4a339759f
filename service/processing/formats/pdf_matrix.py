"""Matrices of PDF objects: six numbers, as in ISO 32000-1 §8.3.4."""

import ctypes
from typing import Any

import pypdfium2.raw

_RAW: Any = pypdfium2.raw

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]


def matrix_of(item: Any) -> Matrix:
    """Give how an object's own coordinates become those of what holds it."""
    matrix = _RAW.FS_MATRIX()
    _RAW.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def product(inner: Matrix, outer: Matrix | None) -> Matrix:
    """Give the matrix that does what `inner` does, then `outer`; None does nothing."""
    if outer is None:
        return inner
    a, b, c, d, e, f = inner
    origin = moved(e, f, outer)
    return (
        a * outer[0] + b * outer[2],
        a * outer[1] + b * outer[3],
        c * outer[0] + d * outer[2],
        c * outer[1] + d * outer[3],
        *origin,
    )


def moved(x: float, y: float, matrix: Matrix) -> Point:
    """Give where a matrix takes a point."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
