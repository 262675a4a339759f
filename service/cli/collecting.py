"""How often a long-lived process looks for objects that refer to each other."""

import gc
from typing import Final

THRESHOLDS: Final = (10_000, 20, 50)
"""Python's are 700, 10, 10: a thousand documents made it look through everything a
process has loaded, about a hundred thousand objects, again and again."""


def collect_rarely() -> None:
    """Leave what was loaded out of all collections, and have fewer of the rest.

    To be called once everything is loaded and before the work begins.
    """
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
