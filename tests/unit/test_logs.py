import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from service.logs import configure_logging, get_logger


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_away_from_a_terminal_lines_are_json_with_the_data_in_fields() -> None:
    stream = io.StringIO()
    configure_logging("info", "auto", stream)
    get_logger("service.x").bind(job_id="job_1").info("task_released", generation=2)
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "task_released",
        "level": "info",
        "logger": "service.x",
        "job_id": "job_1",
        "generation": 2,
    }


def test_at_a_terminal_lines_are_for_people() -> None:
    stream = Terminal()
    configure_logging("info", "auto", stream)
    get_logger("service.x").info("task_released", generation=2)
    assert not stream.getvalue().startswith("{")
    assert "task_released" in stream.getvalue()


def test_less_severe_lines_are_left_out() -> None:
    stream = io.StringIO()
    configure_logging("warning", "json", stream)
    get_logger("service.x").info("task_released")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("name", ["uvicorn.error", "dramatiq.worker", "alembic.x"])
def test_lines_of_libraries_take_the_same_form(name: str) -> None:
    stream = io.StringIO()
    brought = logging.getLogger(name.partition(".")[0])
    brought.addHandler(logging.StreamHandler(io.StringIO()))
    configure_logging("info", "json", stream)
    logging.getLogger(name).warning("lost %s", "it")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["logger"], line["level"]) == (
        "lost it",
        name,
        "warning",
    )


def test_talkative_libraries_are_heard_from_warnings_on() -> None:
    stream = io.StringIO()
    configure_logging("info", "json", stream)
    logging.getLogger("httpx").info("HTTP Request")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_an_exception_is_shown_without_the_values_of_variables(log_format: str) -> None:
    stream = io.StringIO()
    configure_logging("info", "json" if log_format == "json" else "console", stream)
    content = "top " + "secret"
    try:
        raise ValueError(f"{len(content)} characters")
    except ValueError:
        get_logger("service.x").exception("document_failed")
    assert "ValueError: 10 characters" in stream.getvalue()
    assert "top secret" not in stream.getvalue()


def test_a_second_configuration_reaches_loggers_made_before_it() -> None:
    first, second = io.StringIO(), io.StringIO()
    log = get_logger("service.x")
    configure_logging("info", "json", first)
    log.info("one")
    configure_logging("info", "json", second)
    log.info("two")
    assert "one" in first.getvalue()
    assert "two" not in first.getvalue()
    assert "two" in second.getvalue()
