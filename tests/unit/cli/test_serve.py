import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from service.cli.serve import serve_app
from service.settings import Settings


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_an_address_that_others_can_reach_is_warned_of(host: str, warned: bool) -> None:
    def nothing() -> None:
        """There is nothing to start, to stop or to end."""

    app = Starlette()
    app.state.end_streams = nothing
    settings = Settings(host=host, port=0, allow_public=True)
    with capture_logs() as logs:
        serve_app(app, settings, start=nothing, stop=nothing, should_stop=lambda: True)
    assert ("served_publicly" in {each["event"] for each in logs}) is warned
