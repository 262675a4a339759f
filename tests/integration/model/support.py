"""A model of a server of the tests, and what it counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from service.clock import SystemClock
from service.processing.llm.breaker import State
from service.processing.llm.client import Model, ModelConfig
from service.processing.llm.patience import Patience
from service.processing.llm.problems import ModelError, Usage
from service.processing.llm.reading import read
from tests.servers.model import ModelServer

CLOCK = SystemClock()
KEY = "sk-hunter2"
TEXT = "Invoice 4711 of Muster AG over 119.00 EUR"


class Counted:
    """Remembers what was counted."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.outcomes: list[str] = []
        self.usage = Usage()

    def state(self, state: State) -> None:
        self.states.append(state)

    def call(self, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.outcomes.append(outcome)

    def tokens(self, usage: Usage) -> None:
        self.usage += usage


@contextmanager
def model_at(
    server: ModelServer, counted: Counted | None = None, **config: Any
) -> Iterator[Model]:
    chosen = {"base_url": server.url, "name": "small", "api_key": KEY, **config}
    model = Model(ModelConfig(**chosen), clock=CLOCK, metrics=counted or Counted())
    try:
        yield model
    finally:
        model.close()


def patience(
    seconds: float = 10.0, should_stop: Callable[[], bool] = lambda: False
) -> Patience:
    until_s = CLOCK.monotonic() + seconds
    return Patience(clock=CLOCK, until_s=until_s, should_stop=should_stop)


def trouble_of(model: Model, *, seconds: float = 10.0, text: str = TEXT) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read(model, text, patience(seconds))
    return caught.value
