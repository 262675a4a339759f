"""What a submitter may choose about the processing of each document of a job."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

import msgspec

from service.domain.options import Choice, ProcessingOptions
from service.errors import InvalidRequestError

_RANGE = re.compile(r"([1-9]\d{0,6})(?:-([1-9]\d{0,6}))?")
_RANGES_MAX = 100
_LANGUAGE = re.compile(r"[a-z]{2}")
_LANGUAGES_MAX = 10
_ISO_639_1 = re.compile(
    r"a[abefkmnrsvyz]|b[aegimnors]|c[aehorsuvy]|d[aevz]|e[elnostu]|f[afijory]"
    r"|g[adlnuv]|h[aeiortuyz]|i[adegikostu]|j[av]|k[agijklmnorsuvwy]|l[abginotuv]"
    r"|m[ghiklnrsty]|n[abdeglnorvy]|o[cjmrs]|p[ailst]|q[u]|r[mnouw]"
    r"|s[acdegiklmnoqrstuvw]|t[aeghiklnorstwy]|u[gkrz]|v[eio]|w[ao]|x[h]|y[io]"
    r"|z[ahu]"
)
_SWITCH: Final = {"true": True, "false": False}


__all__ = [
    "DEFAULT_OPTIONS",
    "ProcessingOptions",
    "chosen_pages",
    "options_of_text",
    "page_ranges",
    "refused_language",
]

DEFAULT_OPTIONS = ProcessingOptions()


def options_of_text(values: Mapping[str, str]) -> ProcessingOptions:
    """Read options that are written as text, by their names on the wire.

    Raises:
        InvalidRequestError: One is none, or has a value that it does not take.
    """
    chosen = {name: _reader(name)(name, text) for name, text in values.items()}
    return msgspec.convert(chosen, ProcessingOptions)


def page_ranges(pages: str) -> tuple[range, ...]:
    """Read ranges of page numbers, which count from 1.

    Raises:
        InvalidRequestError: They are none.
    """
    parts = pages.replace(" ", "").split(",")
    found = [_range(part) for part in parts[:_RANGES_MAX]]
    if len(parts) > _RANGES_MAX:
        message = f"At most {_RANGES_MAX} ranges of pages."
        raise InvalidRequestError(message)
    return tuple(found)


def refused_language(code: str) -> str | None:
    """Say in words why a code of two letters names no language; None when it does."""
    if _ISO_639_1.fullmatch(code):
        return None
    return f"No language has the code {code!r} (ISO 639-1)."


def chosen_pages(pages: str | None, count: int) -> Sequence[int]:
    """Give the numbers of the chosen pages that a document of `count` pages has."""
    if pages is None:
        return range(1, count + 1)
    chosen = {
        number
        for each in page_ranges(pages)
        for number in range(each.start, min(each.stop, count + 1))
    }
    return sorted(chosen)


def _range(part: str) -> range:
    match = _RANGE.fullmatch(part)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if first > last:
        message = "Pages are ranges like 1-3,7 that count from 1."
        raise InvalidRequestError(message)
    return range(first, last + 1)


def _reader(name: str) -> Callable[[str, str], Any]:
    if name not in _READERS:
        raise InvalidRequestError(
            f"There is no processing option {name!r}. There are: {', '.join(_READERS)}."
        )
    return _READERS[name]


def _choice(name: str, text: str) -> str:
    choices = get_args(Choice)
    if text not in choices:
        raise _not_taken(name, text, f"one of {', '.join(choices)}")
    return text


def _switch(name: str, text: str) -> bool:
    if text not in _SWITCH:
        raise _not_taken(name, text, "true or false")
    return _SWITCH[text]


def _languages(name: str, text: str) -> list[str]:
    found = text.replace(" ", "").split(",")
    if len(found) > _LANGUAGES_MAX or not all(map(_LANGUAGE.fullmatch, found)):
        wanted = f"up to {_LANGUAGES_MAX} codes of two letters, like en,de"
        raise _not_taken(name, text, wanted)
    for refusal in filter(None, map(refused_language, found)):
        raise InvalidRequestError(refusal)
    return found


def _pages(_: str, text: str) -> str:
    plain = text.replace(" ", "")
    page_ranges(plain)
    return plain


def _not_taken(name: str, text: str, wanted: str) -> InvalidRequestError:
    return InvalidRequestError(f"{name} is {wanted}, not {text!r}.")


_READERS: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "ocr": _choice,
    "ocrLanguages": _languages,
    "pages": _pages,
    "tables": _switch,
    "expandAttachments": _switch,
    "model": _choice,
}
"""What reads each option."""
