"""What a model was given is in no error of it: a bug's traceback goes into the operating log, and may be sent around."""

import logging
import sys
import traceback
from io import StringIO

import pytest
import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

import api.app
from api.answers import Shown
from domain.case.acceptance.commands import AcceptCase
from domain.perusal.commands import SearchRecords
from domain.subject.values import Person
from ops import command, logs
from ops.client import Answer
from ops.importing.report import Report
from ops.settings import LogFormat, Settings

OURS = ("api.", "domain.", "ops.", "projections.")
NAME, NUMBER, PHONE = "王标记", "370283199003070816", "13812345678"
EVERYTHING = command.app_for([]), api.app  # whatever there is has been imported


def below(model):
    for each in model.__subclasses__():
        yield each
        yield from below(each)


def test_no_model_shows_what_it_was_given():
    ours = {each for each in below(BaseModel) if each.__module__.startswith(OURS)}
    assert len(ours) > 300
    shown = [each for each in ours if not each.model_config.get("hide_input_in_errors")]
    assert [
        f"{each.__module__}.{each.__name__}" for each in shown if "benchmarks" not in each.__module__
    ] == []


def failing(build):
    with pytest.raises(ValidationError) as failed:
        build()
    return failed.value


def breaks(error):
    raise RuntimeError("work broke") from error


FAILING = {
    "a name": lambda: Person(name=f"{NAME}\x00"),
    "a number": lambda: Person(name=NAME, id_type="111", id_number=NUMBER),
    "a number with a wrong check character": lambda: Person.model_validate_json(
        f'{{"name":"{NAME}","id_type":"111","id_number":"{NUMBER}"}}'
    ),
    "a telephone": lambda: Person(name=NAME, phone=f"{PHONE}x"),
    "another field": lambda: Person(name=NAME, telephone=PHONE),
    "a command": lambda: AcceptCase(applicant_ref=NAME),
    "text": lambda: SearchRecords(of="v1/cases", by=(PHONE,) * 99, under=NAME),
    "an answer": lambda: Shown.model_validate({"name": NAME}),
    "a server's": lambda: Answer.model_validate({"status": NUMBER * 2 + "x"}),
    "a report": lambda: Report.model_validate({"source": {"name": NAME}}),
    "JSON": lambda: TypeAdapter(Person).validate_json(f'["{NAME}", "{PHONE}"]'),
}


@pytest.mark.parametrize("build", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize("form", [LogFormat.json, LogFormat.console])
def test_neither_the_traceback_nor_the_line_of_a_log_holds_it(monkeypatch, build, form):
    stream = StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before = root.handlers, root.level
    logs.configure(Settings(log_format=form))
    try:
        try:
            breaks(failing(build))
        except RuntimeError as broken:
            told = "".join(traceback.format_exception(broken))
            structlog.get_logger("ops.works").exception("work_interrupted")
            # not uvicorn's, which goes its own way in a process where another test was served by it
            logging.getLogger("some.library").exception("it broke")
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()
    logged = stream.getvalue()
    assert "ValidationError" in told
    assert logged.count("ValidationError") >= 2
    assert [each for each in (NAME, NUMBER, PHONE) if each in told or each in logged] == []
