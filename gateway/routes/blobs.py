"""Temporary addresses: a picture while a model looks at it."""

from typing import Final

from starlette.responses import Response

from gateway.context import Call, Gateway
from gateway.downloads import blob_response
from gateway.operations import Answer, Operation
from service.errors import NotFoundError
from service.processing.images.links import SIGNING_FILE, Links, shared_secret

JPEG: Final = "image/jpeg"
_NEVER_KEPT: Final = {"Cache-Control": "no-store"}


async def get_temporary(call: Call[None, object]) -> Response:
    """Give a file that is there for minutes to whoever has its signed address."""
    token = call.request.path_params["token"]
    key = await call.gateway.threads.run(_key, call.gateway, token)
    try:
        return await blob_response(call, key, media_type=JPEG, headers=_NEVER_KEPT)
    except NotFoundError as error:  # as it should be, once the model has answered
        raise NotFoundError("The file is not there any more.") from error


def _key(gateway: Gateway, token: str) -> str:
    settings = gateway.settings
    signing = settings.data_dir / SIGNING_FILE
    if not settings.image_url_secret and not signing.exists():
        raise NotFoundError("Nothing was ever signed here.")
    secret = shared_secret(settings.image_url_secret, settings.data_dir)
    return Links(secret, gateway.clock).key(token)


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/blobs/{token}",
        name="getTemporaryFile",
        summary="Fetch a temporary file by its signed address",
        tag="documents",
        handler=get_temporary,
        answers=(Answer(status=200, description="It.", media_type=JPEG),),
        problems=("not_found",),
        stored=False,
    ),
)
