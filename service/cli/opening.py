"""Opens what other processes run, and waits for it when it is not there yet."""

import threading
from typing import Final

from service.errors import TransientError
from service.logs import get_logger
from service.store import Store, open_store

TRY_AGAIN_S: Final = 1.0

_log = get_logger(__name__)


def opened_store(url: str, stopping: threading.Event) -> Store | None:
    """Open the store as soon as it answers; None when told to stop before.

    Raises:
        SettingsError: It has no schema of this version.
    """
    while not stopping.is_set():
        try:
            return open_store(url)
        except TransientError as error:
            _log.warning("store_unavailable", error=error.message)
            stopping.wait(TRY_AGAIN_S)
    return None
