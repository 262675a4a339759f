"""What every tier needs: Hypothesis profiles and a browser."""

import os
import shutil
import signal

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("CI"))  # noqa: TID251  # tests may ask where they run
pytest_plugins = ["tests.servers.fixtures"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# A loaded machine is slow, and that is no finding; CI shall find the same every time.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "default")

# What a shell starts in the background ignores Ctrl-C; what tests start shall not.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one the test is skipped, but fails in CI."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    if IN_CI:
        pytest.fail("no Chromium: `make browser` installs one")
    pytest.skip("no Chromium here: `make browser` installs one")
