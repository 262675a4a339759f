"""Messages as they were once recorded, and the values they stand for.

`VALUES` names a file beside this one and gives what it must decode into for ever. Files
and values are never edited: a type that gained fields gets another file, named
``<tag>.2.json`` and so on, and the old one goes on being read.
"""

from tests.golden.values import VALUES

__all__ = ["VALUES"]
