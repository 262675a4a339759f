"""The OpenAI-compatible protocol, as far as it is used: what servers answer."""

import email.utils
from datetime import datetime

import msgspec

from service.processing.llm.problems import Count, ModelError, Trouble, Usage
from service.processing.llm.transport import HttpAnswer

RETRY_AFTER_MAX_S = 3_600.0
"""A server that asks for a longer pause is asked again after this one."""
_LOOKED_AT_BYTES = 8_192
"""How much of an error's body is searched."""
_QUOTA_WORDS = (
    "insufficient_quota",
    "billing_hard_limit",
    "billing_not_active",
    "exceeded your current quota",
    "plan and billing",
)
"""What says that an account is used up; a limit that passes may name billing too."""
_LENGTH_WORDS = (
    "context_length_exceeded",
    "context length",
    "context window",
    "maximum context",
    "prompt is too long",
    "too many tokens",
)
"""What OpenAI, vLLM, Ollama and llama.cpp say of a prompt that is too long."""
UNPROCESSABLE = (400, 422)
_TRY_LATER = (408, 409)
_RATE_LIMITED = 429
_NO_ACCESS = (401, 403)
_PAYMENT_REQUIRED = 402
_CONTENT_TOO_LARGE = 413
OK = 200
_SERVER_ERRORS = 500
_NOT_COUNTED = msgspec.Raw(b"null")
_USAGE: msgspec.json.Decoder[Usage | None] = msgspec.json.Decoder(Usage | None)


class Message(msgspec.Struct, frozen=True):
    """What the model said."""

    content: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """One of its answers; one is asked for."""

    message: Message
    finish_reason: str | None = None


class Completion(msgspec.Struct, frozen=True):
    """The answer of ``/chat/completions``."""

    choices: tuple[Choice, ...] = ()
    usage: msgspec.Raw = _NOT_COUNTED


class Vector(msgspec.Struct, frozen=True):
    """One text as a vector."""

    embedding: tuple[float, ...]
    index: Count


class Vectors(msgspec.Struct, frozen=True):
    """The answer of ``/embeddings``."""

    data: tuple[Vector, ...] = ()
    usage: msgspec.Raw = _NOT_COUNTED


COMPLETIONS = msgspec.json.Decoder(Completion)
VECTORS = msgspec.json.Decoder(Vectors)


def usage_of(counted: msgspec.Raw) -> Usage | None:
    """Read the tokens that a server counted; None when it did not, or oddly.

    What it says is of use all the same.
    """
    try:
        return _USAGE.decode(counted)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def check_status(answer: HttpAnswer, now: datetime) -> None:
    """Go on only with an answer of 200.

    Raises:
        ModelError: What the status and the words of the body mean.
    """
    if answer.status == OK:
        return
    trouble = _trouble(answer.status, _words(answer))
    raise ModelError(trouble, retry_after_s=retry_after_s(answer.retry_after, now))


def says_too_long(answer: HttpAnswer) -> bool:
    """Say whether the server did not read the prompt because of its length."""
    return _trouble(answer.status, _words(answer)) is Trouble.TOO_LONG


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Read Retry-After: seconds, or a time (RFC 9110 §10.2.3)."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_AFTER_MAX_S)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        seconds = (moment - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_S)


def _words(answer: HttpAnswer) -> str:
    return answer.body[:_LOOKED_AT_BYTES].decode("utf-8", errors="replace").lower()


def _trouble(status: int, words: str) -> Trouble:
    if status in _NO_ACCESS:
        return Trouble.ACCESS_REFUSED
    if status == _PAYMENT_REQUIRED:
        return Trouble.QUOTA
    if status == _RATE_LIMITED:
        used_up = any(word in words for word in _QUOTA_WORDS)
        return Trouble.QUOTA if used_up else Trouble.RATE_LIMITED
    if status in _TRY_LATER or status >= _SERVER_ERRORS:
        return Trouble.SERVER_ERROR
    too_long = any(word in words for word in _LENGTH_WORDS)
    if status == _CONTENT_TOO_LARGE or (status in UNPROCESSABLE and too_long):
        return Trouble.TOO_LONG
    return Trouble.REJECTED
