from datetime import UTC, datetime

import pytest

from service.cli.text import count, local_time, printable, seconds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0.123, "0.12 s"),
        (2.0, "2 s"),
        (9.5, "9.50 s"),
        (41.6, "42 s"),
        (59.7, "1 min 0 s"),
        (185, "3 min 5 s"),
        (7_384, "2 h 3 min"),
    ],
)
def test_durations_are_written_as_people_say_them(
    value: float | None, text: str
) -> None:
    assert seconds(value) == text


def test_what_would_steer_the_terminal_is_replaced() -> None:
    assert printable("a\x1b[31m\n\u202eb ü") == "a\N{REPLACEMENT CHARACTER}[31m" + (
        "\N{REPLACEMENT CHARACTER}" * 2 + "b ü"
    )


def test_numbers_come_with_their_noun() -> None:
    assert count(1, "document") == "1 document"
    assert count(0, "document") == "0 documents"


def test_times_are_local_and_may_be_missing() -> None:
    assert local_time(None) == ""
    assert len(local_time(datetime(2026, 11, 9, tzinfo=UTC))) == 19
