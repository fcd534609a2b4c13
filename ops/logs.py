"""Structured logs on stderr: our own and those of uvicorn and psycopg, in one form."""

import logging
import sys
from typing import Final

import structlog

from ops.settings import LogFormat, LogLevel, Settings

ALWAYS: Final = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)

WITHOUT_VALUES: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
"""Tracebacks without local variables: their values can be personal data."""


def configure(settings: Settings) -> None:
    """Sets up the process's logs; to be called once, before anything is logged."""
    structlog.configure(
        processors=[*ALWAYS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings.log_format))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # it tells of every request to a witness; we tell of what came of it
    quiet = logging.NOTSET if settings.log_level is LogLevel.debug else logging.WARNING
    logging.getLogger("httpx").setLevel(quiet)


def _formatter(wanted: LogFormat) -> structlog.stdlib.ProcessorFormatter:
    reads_well = wanted is LogFormat.console or (wanted is LogFormat.auto and sys.stderr.isatty())
    last = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if reads_well
        else [WITHOUT_VALUES, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=ALWAYS,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
