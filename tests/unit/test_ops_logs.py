"""Logs are one JSON object a line, whoever writes them."""

import json
import logging

import pytest
import structlog

from ops import logs
from ops.settings import LogFormat, LogLevel, Settings


@pytest.fixture
def log_lines(capsys):
    """Configures the logs; answers what was logged so far."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level

    def configured(**chosen):
        logs.configure(Settings(**chosen))
        return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield configured
    root.handlers, root.level = handlers, level
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    structlog.reset_defaults()


def test_our_own_logs_and_those_of_libraries_have_one_form(log_lines):
    lines = log_lines(log_format=LogFormat.json)
    structlog.get_logger("ops.serve").warning("database_died", county="清溪")
    logging.getLogger("uvicorn.error").warning("%s connections", 3)
    ours, theirs = lines()
    assert (ours["event"], ours["level"], ours["logger"], ours["county"]) == (
        "database_died",
        "warning",
        "ops.serve",
        "清溪",
    )
    assert (theirs["event"], theirs["level"], theirs["logger"]) == (
        "3 connections",
        "warning",
        "uvicorn.error",
    )
    assert ours["timestamp"].endswith("Z")


def test_messages_below_the_level_are_left_out(log_lines):
    lines = log_lines(log_format=LogFormat.json, log_level=LogLevel.warning)
    structlog.get_logger("ops.serve").info("quiet")
    assert lines() == []


@pytest.mark.parametrize(("level", "told"), [(LogLevel.info, 0), (LogLevel.debug, 1)])
def test_what_is_said_to_a_witness_is_told_only_to_who_looks_for_errors(log_lines, level, told):
    lines = log_lines(log_format=LogFormat.json, log_level=level)
    logging.getLogger("httpx").info("HTTP Request: POST http://witness/add-checkpoint")
    assert len(lines()) == told


def test_an_exception_is_one_line_and_shows_no_values(log_lines):
    lines = log_lines(log_format=LogFormat.json)
    try:
        enrol("610999-plain")
    except ValueError:
        structlog.get_logger("ops.serve").exception("failed")
    (line,) = lines()
    assert line["event"] == "failed"
    assert "ValueError" in json.dumps(line)
    assert "610999-plain" not in json.dumps(line)


def enrol(id_number):
    raise ValueError(f"it broke, {len(id_number)} characters")
