"""Parameters of a request that some servers do not know, and how they say so."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from service.processing.llm.transport import HttpAnswer
from service.processing.llm.wire import UNPROCESSABLE, says_too_long

OPTIONAL = frozenset({"response_format", "max_tokens", "temperature"})
"""Without these a server answers all the same."""

_UNSUPPORTED = frozenset(
    {"unsupported_parameter", "unsupported_value", "unknown_parameter"}
)
"""Codes that say it without words (OpenAI, Azure)."""
_UNSUPPORTED_WORDS = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|supported values are"
    r"|not (?:be )?(?:supported|permitted|allowed|available)|(?:not|n't) support"
)
"""Enough where a field of its own names the parameter."""
_SAYING = r"""
  un(?:supported|known|recogni[sz]ed|expected)\s(?:\w+\s)?
    (?:param(?:eter)?|argument|field|key|option|value)s?(?:\ssupplied)?<mark>*<name>\b
| \b<name><mark>*(?:of\stype\s<mark>?\w+<mark>*|type\s)?(?:parameter\s|argument\s)?
    (?:is|are)\s
    (?:not\s(?:supported|permitted|allowed|available)
      |un(?:supported|known|recogni[sz]ed|available))
| \b<name><mark>*(?:does\snot\ssupport|type\smust\sbe\sone\sof)
| (?:does\snot|doesn't)\ssupport\s(?:the\s)?(?:parameters?|params?)?<mark>*<name>\b
| extra\sinputs\sare\snot\spermitted,\sfield<mark>*<name>\b
| extra_forbidden\W+loc\W+body\W+<name>\b
"""
"""How servers say it in words alone: OpenAI's older ones, Azure, vLLM, llama.cpp,
DeepSeek, LiteLLM, Fireworks, and whatever checks with pydantic."""
_MARK = r"[\s\"'`:\[(]"
_LOOKED_AT_CHARS = 2_000


def refused_parameter(answer: HttpAnswer, body: Mapping[str, Any]) -> str | None:
    """Give the optional parameter of `body` that the server says it does not support.

    That an error names a parameter is not enough: it may be about its value, about
    another one, or repeat what was sent.
    """
    if answer.status not in UNPROCESSABLE or says_too_long(answer):
        return None
    sent = sorted(OPTIONAL & body.keys())
    error = _error(answer.body)
    message = _text(error.get("message"))
    named = error.get("param")
    if isinstance(named, str) and named:
        name = re.split(r"\W", named, maxsplit=1)[0]
        unsupported = error.get("code") in _UNSUPPORTED or _UNSUPPORTED_WORDS.search(
            message
        )
        return name if name in sent and unsupported else None
    return next((name for name in sent if _said_of(name).search(message)), None)


def _error(body: bytes) -> Mapping[str, Any]:
    """Give the fields of an error, whose message may be the whole of it."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {"message": body.decode("utf-8", errors="replace")}
    if isinstance(found, dict):
        found = found.get("error", found)
    if isinstance(found, dict):
        return {"message": found} | found
    return {"message": found}


def _text(message: object) -> str:
    if not isinstance(message, str):
        message = msgspec.json.encode(message).decode()
    return message[:_LOOKED_AT_CHARS].lower()


@cache
def _said_of(name: str) -> re.Pattern[str]:
    saying = _SAYING.replace("<mark>", _MARK).replace("<name>", name)
    return re.compile(saying, re.VERBOSE)
