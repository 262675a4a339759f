"""How values are written for people."""

from datetime import datetime

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """Give the text without characters that would steer a terminal."""
    return "".join(char if char.isprintable() else _REPLACEMENT for char in text)


def seconds(value: float | None) -> str:
    """Write a duration in seconds as people say it: `0.12 s`, `42 s`, `3 min 5 s`."""
    if value is None:
        return ""
    if value < 10 and value != round(value):
        return f"{value:.2f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def local_time(moment: datetime | None) -> str:
    """Write a time in the time zone of this machine."""
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def count(number: int, noun: str) -> str:
    """Write a number with its noun, in the plural unless it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
