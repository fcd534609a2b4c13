"""Whoever fails beside a process tells what that said last: a time that ran out says nothing by itself."""

from contextlib import contextmanager
from importlib.metadata import version

import pytest

from tests.chaos.faults import MortalServer
from tests.conftest import pytest_runtest_makereport
from tests.serving import RUNNING, launched, settle_county


def notes_of(failed):
    return "\n".join(getattr(failed.value, "__notes__", ()))


def fail_beside(server):
    """As where the time of a test runs out while a server works."""
    with server:
        raise TimeoutError


async def test_a_failure_beside_a_server_that_may_be_killed_tells_its_last_words(database18):
    await settle_county(database18)
    with pytest.raises(TimeoutError) as failed:
        fail_beside(MortalServer({"JIANDU_DATABASE_URL": database18}))
    assert "Jiandu is ready" in notes_of(failed)


@contextmanager
def a_command():
    """It has said what it says."""
    with launched("version", settings={}) as command:
        command.process.wait(60)
        command._reader.join()
        yield command


def test_a_failure_beside_a_command_tells_its_last_words():
    with pytest.raises(TimeoutError) as failed:
        fail_beside(a_command())
    assert version("jiandu") in notes_of(failed)


class Report:
    failed = True

    def __init__(self):
        self.sections = []


def test_a_failure_beside_the_server_of_a_fixture_tells_its_last_words():
    """That one hears nothing of it."""
    with a_command() as command:
        reporting = pytest_runtest_makereport()
        next(reporting)
        with pytest.raises(StopIteration) as told:
            reporting.send(Report())
    assert version("jiandu") in dict(told.value.value.sections)["a process beside it"]
    assert command not in RUNNING
