"""A model behind an OpenAI-compatible address, with its limits and its breaker.

It may be used from any thread; every call waits.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec

from service.clock import Clock
from service.errors import DocmillError
from service.logs import get_logger
from service.processing.llm.breaker import Breaker, State
from service.processing.llm.conversation import Reply, Request, converse
from service.processing.llm.limits import Limits, Spent
from service.processing.llm.parameters import refused_parameter
from service.processing.llm.patience import Patience
from service.processing.llm.problems import ModelError, Trouble, Usage
from service.processing.llm.prompts import Prompt
from service.processing.llm.transport import HttpAnswer, HttpThread
from service.processing.llm.vectors import Matrix, embedding_request
from service.processing.llm.wire import OK, check_status

ANSWER_BYTES_MAX = 16 * 1024 * 1024
"""64 vectors of 4 096 numbers are 6 MB."""
TRIES = 2
"""Of one request whose trouble may pass; any more are the aggregator's to give."""
LEAST_S = 1.0
"""With less time than this the model is not asked."""
_PAUSE_S = (0.3, 0.8)
"""Before the second try, when the server does not say how long to wait."""

T = TypeVar("T", bound=msgspec.Struct)
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """One model and what may be asked of it."""

    base_url: str
    name: str
    api_key: str = field(default="", repr=False)
    concurrency: int = 5
    requests_per_minute: int = 0
    """0 = without limit, as below."""
    tokens_per_minute: int = 0

    @property
    def host(self) -> str:
        """Where it is, for people: no path, no password."""
        return urlsplit(self.base_url).hostname or ""


class ModelMetrics(Protocol):
    """What is counted of one model."""

    def state(self, state: State) -> None:
        """Take the breaker's new state."""
        ...

    def call(self, outcome: str, seconds: float) -> None:
        """Count a request: ``ok``, ``stopped`` or a `Trouble`."""
        ...

    def tokens(self, usage: Usage) -> None:
        """Count what a request used."""
        ...


class Model:
    """One model, its limits and its breaker.

    Args:
        config: Which model.
        clock: Time.
        metrics: What to count in.
    """

    def __init__(
        self, config: ModelConfig, *, clock: Clock, metrics: ModelMetrics
    ) -> None:
        self.config = config
        self._clock = clock
        self._metrics = metrics
        self._http = HttpThread(
            config.base_url,
            api_key=config.api_key,
            answer_bytes_max=ANSWER_BYTES_MAX,
        )
        self._breaker = Breaker(clock, on_state=metrics.state)
        self._limits = Limits(
            concurrency=config.concurrency,
            requests_per_minute=config.requests_per_minute,
            tokens_per_minute=config.tokens_per_minute,
            clock=clock,
        )
        self._unknown: frozenset[str] = frozenset()
        """Parameters that this model's server turned out not to know."""
        self._log = get_logger(__name__).bind(model=config.name, host=config.host)

    def check(self) -> None:
        """Go on only while the breaker lets calls through.

        Raises:
            ModelError: ``breaker_open``.
        """
        self._breaker.check()

    def ask(self, prompt: Prompt, form: type[T], patience: Patience) -> Reply[T]:
        """Give the model's answer as `form`.

        A prompt that is too long is cut by half once, an answer that is not of the
        form asked for again once.

        Raises:
            ModelError: There is none; its trouble says why.
            ProcessingStoppedError: Told to stop while waiting.
        """

        def send(request: Request[T]) -> Reply[T]:
            return self._send(request, patience)

        return converse(send, self.config.name, prompt, form)

    def embed(self, texts: Sequence[str], patience: Patience) -> Reply[Matrix]:
        """Give each text as a vector, all of one length.

        Raises:
            ModelError: There are none; its trouble says why.
            ProcessingStoppedError: Told to stop while waiting.
        """
        return self._send(embedding_request(self.config.name, texts), patience)

    def close(self) -> None:
        """Break off what is under way and end the thread behind it."""
        self._http.close()

    def _send(self, request: Request[R], patience: Patience) -> Reply[R]:
        """Send a request, twice if its trouble may pass and the deadline allows."""
        for _ in range(TRIES - 1):
            try:
                return self._once(request, patience)
            except ModelError as error:
                pause_s = error.retry_after_s
                if pause_s is None:
                    pause_s = random.uniform(*_PAUSE_S)  # noqa: S311 - no secret
                fits = pause_s + LEAST_S < patience.left_s
                if not error.meaning.again or not fits:
                    raise
                patience.pause(pause_s)
        return self._once(request, patience)

    def _once(self, request: Request[R], patience: Patience) -> Reply[R]:
        if patience.left_s < LEAST_S:
            raise ModelError(Trouble.NO_TIME)
        self._breaker.check()
        with self._limits.slot(request.estimated_tokens, patience) as spent:
            if patience.left_s < LEAST_S:  # the wait for room took it
                raise ModelError(Trouble.BUSY)
            with self._breaker.call(), _Measured(self._clock, self._report):
                answer = self._post(request, patience)
                check_status(answer, self._clock.now())
                return self._counted(request, answer, spent)

    def _counted(
        self, request: Request[R], answer: HttpAnswer, spent: Spent
    ) -> Reply[R]:
        """Read an answer and count what it cost, whether it is of use or not."""
        usage = None
        try:
            reply = request.read(answer)
            usage = reply.usage
        except ModelError as error:
            usage = error.usage
            raise
        finally:
            if usage is not None:
                spent.tokens = usage.prompt_tokens + usage.completion_tokens
                self._metrics.tokens(usage)
        return reply

    def _post(self, request: Request[R], patience: Patience) -> HttpAnswer:
        """Send it without what the server turns out not to know.

        It is left out ever after only if the server answers without it: an error may
        repeat what stands in the document.
        """
        unknown = self._unknown
        body = {k: v for k, v in request.body.items() if k not in unknown}
        while True:
            answer = self._http.post(request.path, msgspec.json.encode(body), patience)
            refused = refused_parameter(answer, body)
            if refused is None:
                break
            unknown |= {refused}
            del body[refused]
        if answer.status == OK and not unknown <= self._unknown:
            self._unknown |= unknown
            self._log.info("model_parameters_left_out", parameters=sorted(unknown))
        return answer

    def _report(self, error: BaseException | None, seconds: float) -> None:
        if error is None:
            self._metrics.call("ok", seconds)
        elif isinstance(error, ModelError):
            self._metrics.call(error.trouble.value, seconds)
            say = self._log.error if error.meaning.opens else self._log.warning
            say("model_of_no_use", trouble=error.trouble.value)
        elif isinstance(error, DocmillError):
            self._metrics.call("stopped", seconds)


class _Measured(AbstractContextManager[None]):
    """Tells how one request ended and how long it took."""

    def __init__(
        self, clock: Clock, told: Callable[[BaseException | None, float], None]
    ) -> None:
        self._clock = clock
        self._told = told
        self._began_s = clock.monotonic()

    def __exit__(
        self, kind: object, error: BaseException | None, trace: object
    ) -> None:
        self._told(error, self._clock.monotonic() - self._began_s)
