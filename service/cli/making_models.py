"""Makes what asks the configured models; imported only where there are some."""

from service.bootstrap import Tools
from service.errors import SettingsError
from service.metrics import Metrics
from service.processing.images.links import Links, shared_secret
from service.processing.images.sending import Addresses, Pictures
from service.processing.llm.breaker import State
from service.processing.llm.client import Model, ModelConfig
from service.processing.llm.problems import Usage
from service.processing.model_work import Models
from service.processing.worker_steps import ModelSteps
from service.settings import Settings, picture_problem


def make_model_steps(tools: Tools) -> ModelSteps:
    """Give what asks the models of the settings; nothing is asked yet.

    A model with two uses is one: its limits and its breaker hold for both.

    Raises:
        SettingsError: Nobody could fetch a picture.
    """
    settings = tools.settings
    made: dict[str, Model] = {}

    def model(name: str) -> Model:
        if name not in made:
            counted = CountedModel(tools.metrics, name)
            made[name] = Model(
                _config(settings, name), clock=tools.clock, metrics=counted
            )
        return made[name]

    vision, embedding = settings.model_vision_name, settings.model_embedding_name
    return ModelSteps(
        Models(
            text=model(settings.model_name),
            vision=model(vision) if vision else None,
            embedding=model(embedding) if embedding else None,
        ),
        _pictures(tools),
        clock=tools.clock,
        deadline_s=settings.model_deadline_s,
        max_chars=settings.model_max_prompt_chars,
    )


class CountedModel:
    """Counts one model's calls in the metrics of this process."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        self._metrics = metrics
        self._name = name

    def state(self, state: State) -> None:
        """Show the breaker's new state."""
        for each in State:
            shown = self._metrics.model_breaker.labels(self._name, each.value)
            shown.set(each is state)

    def call(self, outcome: str, seconds: float) -> None:
        """Count a request."""
        self._metrics.model_calls.labels(self._name, outcome).inc()
        self._metrics.model_duration.labels(self._name).observe(seconds)

    def tokens(self, usage: Usage) -> None:
        """Count what a request used."""
        counter = self._metrics.model_tokens
        counter.labels(self._name, "prompt").inc(usage.prompt_tokens)
        counter.labels(self._name, "completion").inc(usage.completion_tokens)


def _config(settings: Settings, name: str) -> ModelConfig:
    return ModelConfig(
        base_url=settings.model_url,
        name=name,
        api_key=settings.model_api_key,
        concurrency=settings.model_concurrency,
        requests_per_minute=settings.model_requests_per_minute,
        tokens_per_minute=settings.model_tokens_per_minute,
    )


def _pictures(tools: Tools) -> Pictures:
    settings = tools.settings
    if settings.image_mode == "data":
        return Pictures()
    if problem := picture_problem(settings):
        raise SettingsError(problem)
    secret = shared_secret(settings.image_url_secret, settings.data_dir)
    return Pictures(
        Addresses(
            blobs=tools.blobs,
            links=Links(secret, tools.clock),
            base_url=settings.image_url_base,
            ttl_s=settings.image_url_ttl_s,
        )
    )
