"""What was acknowledged last, as a file tells it: the latest of one log, or nothing it can be trusted in."""

from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest
from structlog.testing import capture_logs

from domain.store.continuity import Acknowledged, Remembered
from ops.acknowledged import AcknowledgedMemory

NOON = datetime(2026, 3, 3, 4, 0, 0, 123456, tzinfo=UTC)


def remembered(position, begun_at=NOON):
    return Remembered(Acknowledged(NOON + timedelta(microseconds=position), position), begun_at)


@pytest.fixture
def memory(tmp_path):
    return AcknowledgedMemory(tmp_path / "qingxi.acknowledged")


def test_the_latest_is_remembered_whoever_comes_last(memory):
    assert memory.last() is None
    for position in (5, 7, 6):
        memory.remember(remembered(position))
    assert memory.last() == remembered(7)


def test_another_log_takes_the_place_of_one_that_is_no_more(memory):
    memory.remember(remembered(7))
    memory.remember(remembered(2, begun_at=NOON + timedelta(days=1)))
    assert memory.last().last.position == 2


def test_what_is_stated_to_be_lost_is_forgotten(memory):
    memory.remember(remembered(7))
    memory.renew(remembered(3))
    assert memory.last() == remembered(3)


def _remember_each(path, positions):
    for position in positions:
        AcknowledgedMemory(path).remember(remembered(position))


def test_of_processes_beside_each_other_the_latest_stays(memory):
    forking = get_context("fork")
    both = [
        forking.Process(target=_remember_each, args=(memory.path, range(first, 200, 2))) for first in (1, 2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [each.exitcode for each in both] == [0, 0]
    assert memory.last() == remembered(199)


def test_a_file_that_cannot_be_read_is_told_when_that_begins(memory):
    """Whoever records asks four times a second."""
    told = []
    for content in (b"nonsense\n", b"nonsense\n", b"7 yesterday today\n", None, b"nonsense\n"):
        if content is None:
            memory.renew(remembered(7))
        else:
            memory.path.write_bytes(content)
        with capture_logs() as logs:
            memory.last()
            memory.last()
        told.append(len(logs))
    assert told == [1, 0, 1, 0, 1]


@pytest.mark.parametrize(
    "told",
    [b"", b"nonsense\n", b"7 yesterday today\n", b"7 2026-03-03T04:00:00 2026-03-03T04:00:00\n", b"\xff"],
)
def test_a_file_that_cannot_be_read_is_told_and_written_anew(memory, told):
    memory.path.write_bytes(told)
    with capture_logs() as logs:
        assert memory.last() is None
    assert [(log["event"], log["path"]) for log in logs] == [("acknowledged_unreadable", str(memory.path))]
    memory.remember(remembered(7))
    assert memory.last() == remembered(7)
