"""A question to a model and its answer of a fixed form, asked for twice at most."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from service.processing.llm.problems import ModelError, Trouble, Usage
from service.processing.llm.prompts import CHARS_A_TOKEN, Prompt
from service.processing.llm.structured import read_answer, schema_of
from service.processing.llm.transport import HttpAnswer
from service.processing.llm.wire import COMPLETIONS, usage_of

PATH = "/chat/completions"
ANSWER_TOKENS_MAX = 2_000
_QUOTED_CHARS = 4_000
"""How much of an unusable answer is shown to the model that gave it."""
_UNFINISHED = frozenset({"length", "content_filter"})
"""Ends of an answer that is not whole."""
_FORM = "\n\nAnswer with one JSON object of this schema and nothing else:\n"
_REPAIR = (
    "That was not of the form I need. Answer again with one JSON object of the "
    "schema and nothing else; keep it short and complete."
)

T = TypeVar("T", bound=msgspec.Struct)
R = TypeVar("R")
Messages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reply(Generic[R]):
    """An answer and what it cost."""

    value: R
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Generic[R]):
    """One HTTP request and how its answer is read."""

    path: str
    body: Mapping[str, Any]
    estimated_tokens: int
    read: Callable[[HttpAnswer], Reply[R]]
    """Raises `ModelError` when the answer is no good."""


def converse(
    send: Callable[[Request[T]], Reply[T]], model: str, prompt: Prompt, form: type[T]
) -> Reply[T]:
    """Ask until there is an answer of the form: once shortened, once repaired.

    Raises:
        ModelError: There is none.
    """
    try:
        return _asked(send, model, prompt, form)
    except ModelError as error:
        shorter = prompt.shortened()
        if error.trouble is not Trouble.TOO_LONG or shorter is None:
            raise
    return _asked(send, model, shorter, form)


def _asked(
    send: Callable[[Request[T]], Reply[T]], model: str, prompt: Prompt, form: type[T]
) -> Reply[T]:
    messages = prompt.messages()
    schema = schema_of(form)
    messages[0]["content"] += _FORM + msgspec.json.encode(schema).decode()
    request = _request(model, messages, prompt.estimated_tokens, schema, form)
    try:
        return send(request)
    except ModelError as error:
        if error.trouble is not Trouble.BAD_ANSWER:
            raise
        messages = [*messages, *_repair(error.said)]
        before = error.usage or Usage()
    request = _request(model, messages, prompt.estimated_tokens, schema, form)
    try:
        reply = send(request)
    except ModelError as error:
        error.add_usage(before)
        raise
    return Reply(reply.value, before + reply.usage)


def _repair(said: str | None) -> Messages:
    if not said:
        return []
    return [
        {"role": "assistant", "content": said[:_QUOTED_CHARS]},
        {"role": "user", "content": _REPAIR},
    ]


def _request(
    model: str,
    messages: Messages,
    prompt_tokens: int,
    schema: dict[str, Any],
    form: type[T],
) -> Request[T]:
    wanted = {"name": form.__name__, "schema": schema, "strict": True}
    body = {
        "model": model,
        "messages": messages,
        "temperature": 0,
        "max_tokens": ANSWER_TOKENS_MAX,
        "response_format": {"type": "json_schema", "json_schema": wanted},
    }

    def read(answer: HttpAnswer) -> Reply[T]:
        return _read(answer, form, prompt_tokens)

    return Request(
        path=PATH,
        body=body,
        estimated_tokens=prompt_tokens + ANSWER_TOKENS_MAX // 2,
        read=read,
    )


def _read(answer: HttpAnswer, form: type[T], prompt_tokens: int) -> Reply[T]:
    try:
        completion = COMPLETIONS.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ModelError(Trouble.BAD_ANSWER) from error
    choice = completion.choices[0] if completion.choices else None
    said = (choice.message.content if choice else None) or ""
    usage = usage_of(completion.usage)
    usage = usage or Usage(prompt_tokens, len(said) // CHARS_A_TOKEN)
    if choice is None or choice.finish_reason in _UNFINISHED:
        raise ModelError(Trouble.BAD_ANSWER, said=said, usage=usage)
    value = read_answer(said, form)
    if value is None:
        raise ModelError(Trouble.BAD_ANSWER, said=said, usage=usage)
    return Reply(value, usage)
