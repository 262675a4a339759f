"""Structured logs: a static event name, and everything else in fields.

Lines go to standard error, so that standard output stays for results. Fields never hold
document content; ``job_id`` and ``message_id`` are bound where they are known.
"""

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import Processor

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "console", "json"]

TALKATIVE = (
    *("alembic", "dramatiq", "httpcore", "httpx"),
    *("pdfminer", "PIL", "sqlalchemy.engine"),
)
"""Libraries whose lines below a warning say nothing about the service."""
TAKEN_OVER = ("dramatiq", "uvicorn", "uvicorn.access", "uvicorn.error")
"""Loggers that bring handlers of their own; their lines are to look like ours."""


def configure_logging(
    level: LogLevel = "info",
    log_format: LogFormat = "auto",
    stream: TextIO | None = None,
) -> None:
    """Send our lines and those of libraries to one place in one form.

    Called once by each process, at its start.

    Args:
        level: Least severe line to write.
        log_format: ``auto`` is ``console`` at a terminal and ``json`` elsewhere.
        stream: Where to; standard error when left out.
    """
    target = sys.stderr if stream is None else stream
    if log_format == "auto":
        log_format = "console" if target.isatty() else "json"
    shared = _shared_processors()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
        # A second configuration must reach the loggers made before it.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                *_renderers(log_format, colors=target.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in TAKEN_OVER:
        taken = logging.getLogger(name)
        taken.handlers = []
        taken.propagate = True


def get_logger(name: str) -> BoundLogger:
    """Give the logger called `name`; usable before `configure_logging` too."""
    return structlog.stdlib.get_logger(name)


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
    ]


def _renderers(log_format: LogFormat, *, colors: bool) -> list[Processor]:
    if log_format == "console":
        console = structlog.dev.ConsoleRenderer(
            colors=colors,
            timestamp_key="time",
            # The default one prints local variables, and they hold document content.
            exception_formatter=structlog.dev.plain_traceback,
        )
        return [console]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=str),
    ]
