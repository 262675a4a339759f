"""Answers that a test writes down, and who runs a command against them."""

from collections.abc import Callable

from tests.unit.gateway_client.scripted import Exchange

Run = Callable[..., tuple[int, str, str]]


def answer(body: object, status: int = 200) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.answer(status, body)


def page(items: object) -> Callable[[Exchange], None]:
    return answer({"data": items, "nextPageToken": ""})
