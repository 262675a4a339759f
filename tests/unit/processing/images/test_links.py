import stat
import threading
from pathlib import Path

import pytest

from service.errors import NotFoundError
from service.processing.images.links import SIGNING_FILE, Links, shared_secret
from tests.support import ManualClock

KEY = "temporary/0123.jpg"


def test_a_token_gives_its_key_until_it_expires() -> None:
    clock = ManualClock()
    links = Links(b"s" * 32, clock)
    token = links.token(KEY, expires_s=60)
    assert links.key(token) == KEY
    clock.advance(59)
    assert links.key(token) == KEY
    clock.advance(1)
    with pytest.raises(NotFoundError):
        links.key(token)


def test_a_token_of_another_secret_or_a_changed_one_is_none() -> None:
    links = Links(b"s" * 32, ManualClock())
    token = links.token(KEY, expires_s=60)
    signed, signature = token.split(".")
    later = Links(b"t" * 32, ManualClock()).token(KEY, expires_s=600)
    for wrong in (
        later,
        f"{later.split('.', maxsplit=1)[0]}.{signature}",
        f"{signed}.",
        f"{signed}.{signature[:-2]}",
        signed,
        "",
        ".",
        "a.b.c",
        "\u00e4.\u00f6",
        "=" * 5_000,
        "A" * 100_000,
    ):
        with pytest.raises(NotFoundError):
            links.key(wrong)


def test_only_temporary_files_are_signed_for() -> None:
    with pytest.raises(ValueError, match="not temporary"):
        Links(b"s", ManualClock()).token("documents/doc_1", expires_s=60)


def test_a_chosen_secret_leaves_the_folder_alone(tmp_path: Path) -> None:
    assert shared_secret("chosen", tmp_path) == b"chosen"
    assert list(tmp_path.iterdir()) == []


def test_everybody_gets_the_one_secret_of_the_folder(tmp_path: Path) -> None:
    found: set[bytes] = set()
    together = threading.Barrier(8)

    def take() -> None:
        together.wait(5)
        found.add(shared_secret("", tmp_path))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (secret,) = found
    assert len(secret) == 32
    (path,) = tmp_path.iterdir()
    assert path.name == SIGNING_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
