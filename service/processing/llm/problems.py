"""What can go wrong with a model, and what each trouble means.

The table follows what real servers were seen to answer: some troubles pass, some are
the document's, some are the account's, and only some speak against the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from service.errors import DocmillError

Count = Annotated[int, msgspec.Meta(ge=0)]


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one call or of several."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Give what both used together."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


class Trouble(StrEnum):
    """Why a model was of no use; the reason a result names for doing without it."""

    UNREACHABLE = "unreachable"
    """No connection, or one that broke."""
    TIMEOUT = "timeout"
    """No whole answer before the deadline."""
    SERVER_ERROR = "server_error"
    """HTTP 408, 409 or 5xx."""
    RATE_LIMITED = "rate_limited"
    """HTTP 429."""
    QUOTA = "quota"
    """HTTP 402, or 429 that says the account is used up: trying again is no help."""
    ACCESS_REFUSED = "access_refused"
    """HTTP 401 or 403."""
    TOO_LONG = "too_long"
    """HTTP 413, or 400 because the prompt is longer than the model reads."""
    REJECTED = "rejected"
    """Any other answer that is not 200."""
    BAD_ANSWER = "bad_answer"
    """200, but nothing in it that can be used, also after one try to repair it."""
    BREAKER_OPEN = "breaker_open"
    """Not asked: it failed too often just now."""
    BUSY = "busy"
    """Not asked: its limits leave no room before the deadline."""
    NO_TIME = "no_time"
    """Not asked: the document's time limit is too near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What follows from a trouble."""

    passes: bool = False
    """Another try later may end otherwise."""
    again: bool = False
    """Worth another try right now, if the deadline allows."""
    weight: float | None = None
    """How much it speaks against the server, 0-1; None = the breaker does not count
    it."""
    opens: bool = False
    """The breaker opens at once."""


MEANINGS: Mapping[Trouble, Meaning] = {
    Trouble.UNREACHABLE: Meaning(passes=True, again=True, weight=1.0),
    Trouble.TIMEOUT: Meaning(passes=True, weight=1.0),
    Trouble.SERVER_ERROR: Meaning(passes=True, again=True, weight=1.0),
    Trouble.RATE_LIMITED: Meaning(passes=True, again=True, weight=1.0),
    Trouble.QUOTA: Meaning(passes=True, opens=True),
    Trouble.ACCESS_REFUSED: Meaning(passes=True, opens=True),
    Trouble.TOO_LONG: Meaning(),
    Trouble.REJECTED: Meaning(),
    Trouble.BAD_ANSWER: Meaning(weight=0.5),
    Trouble.BREAKER_OPEN: Meaning(passes=True),
    Trouble.BUSY: Meaning(passes=True),
    Trouble.NO_TIME: Meaning(passes=True),
}


class ModelError(DocmillError):
    """A model was of no use.

    Its message never holds what the server said: that may be the document's content.

    Attributes:
        trouble: What went wrong.
        retry_after_s: When to try again, in seconds, where that is known.
        said: The unusable answer's text, to ask for a better one.
        usage: What that answer cost, and those before it that are lost with it.
    """

    code = "model_failed"

    def __init__(
        self,
        trouble: Trouble,
        *,
        retry_after_s: float | None = None,
        said: str | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(f"The model was of no use: {trouble}.")
        self.trouble = trouble
        self.retry_after_s = retry_after_s
        self.said = said
        self.usage = usage

    def add_usage(self, before: Usage) -> None:
        """Add what answers before it cost."""
        self.usage = before + (self.usage or Usage())

    @property
    def meaning(self) -> Meaning:
        """What follows from it."""
        return MEANINGS[self.trouble]
