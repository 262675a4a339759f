"""The settings of the optional language model and of pictures shown to it."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import checks


class ModelSettings(BaseSettings):
    """What is asked of which model; nothing is, while `model_url` is empty."""

    @property
    def vision_is_remote(self) -> bool:
        """Whether pictures are shown to a model on another machine."""
        host = urlsplit(self.model_url).hostname
        looks = host is not None and bool(self.model_vision_name)
        return looks and not checks.is_loopback(host or "")

    model_url: Annotated[str, AfterValidator(checks.http_url)] = Field(
        default="",
        description="Address of an OpenAI-compatible service, like "
        "`http://localhost:11434/v1`; empty means that no language model takes part. "
        "Documents are sent there.",
    )
    model_name: Annotated[str, AfterValidator(checks.model_name)] = Field(
        default="",
        validate_default=True,
        description="Model that reads text; needed with `model_url`.",
    )
    model_vision_name: str = Field(
        default="",
        description="Model that looks at pictures and scans, which may be the same; "
        "empty means that they are not shown to a model.",
    )
    model_embedding_name: str = Field(
        default="",
        description="Model that turns passages into vectors; empty means no vectors.",
    )
    model_api_key: str = Field(
        default="", description="Key for it, sent as a bearer token; never printed."
    )
    model_deadline_s: float = Field(
        default=60.0,
        ge=1,
        le=600,
        description="Longest wait for one answer, repairs and waiting for room "
        "included, in seconds; the document's own time limit also holds.",
    )
    model_concurrency: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Requests to one model at once, of one worker process.",
    )
    model_requests_per_minute: int = Field(
        default=0,
        ge=0,
        description="Requests to one model in a minute, of one worker process; 0 "
        "means without limit.",
    )
    model_tokens_per_minute: int = Field(
        default=0,
        ge=0,
        description="Tokens to and from one model in a minute, of one worker process; "
        "0 means without limit.",
    )
    model_max_prompt_chars: int = Field(
        default=24_000,
        ge=500,
        le=2_000_000,
        description="Characters of a document that the model is shown: its beginning "
        "and its end.",
    )
    image_mode: Literal["data", "url"] = Field(
        default="data",
        description="How a picture reaches the model: inside the request, or by a "
        "temporary address that the model's service must be able to reach.",
    )
    image_longest_px: int = Field(
        default=2_048,
        ge=64,
        le=8_192,
        description="Longest side of a picture that the model is shown, in pixels.",
    )
    image_quality: int = Field(
        default=80, ge=10, le=95, description="JPEG quality of such a picture."
    )
    image_max_pages: int = Field(
        default=1,
        ge=1,
        le=20,
        description="Pages of a scanned PDF or TIFF that the vision model is shown, "
        "all in one request; some services take no more than one picture.",
    )
    image_url_ttl_s: int = Field(
        default=300,
        ge=10,
        le=3_600,
        description="How long its temporary address is good for, in seconds.",
    )
    image_url_base: Annotated[str, AfterValidator(checks.http_url)] = Field(
        default="",
        description="Address of the gateway as the model's service reaches it; needed "
        "by `image_mode` `url` where files are kept in a folder.",
    )
    image_url_secret: str = Field(
        default="",
        description="Signs those addresses, the same for gateways and workers; empty "
        "means one in `data_dir`, which they must then share. Never printed.",
    )
