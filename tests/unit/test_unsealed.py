"""The landing page says when sealing stands still."""

from datetime import UTC, datetime, timedelta

import pytest

from api.unsealed import banner_of
from domain.store.seal_reading import SealStanding

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def standing(*, waits=None, trouble=None):
    since = NOW - timedelta(seconds=waits) if waits is not None else None
    return SealStanding(10, 10 if waits is None else 5, trouble, since, NOW, None, 0)


@pytest.mark.parametrize(
    "well", [standing(), standing(waits=1), standing(waits=59)], ids=["all", "1 s", "59 s"]
)
def test_a_seal_that_follows_is_not_talked_about(well):
    assert banner_of(well) == ""


def test_what_waits_for_a_minute_is_said_in_both_languages():
    told = banner_of(standing(waits=60))
    assert "封印停滞：自 2026-03-02T08:59:00Z 起登记的事件尚未封印" in told
    assert "Sealing stands still: nothing recorded since 2026-03-02T08:59:00Z is sealed" in told


def test_why_sealing_stopped_is_told_by_its_code():
    told = banner_of(standing(waits=3, trouble="quarantine 17"))
    assert "封印停滞（quarantine）" in told
    assert "Sealing stands still (quarantine)" in told


def test_a_stop_is_told_before_anything_waits():
    told = banner_of(standing(trouble="memory-contradicts"))
    assert "自即刻起登记的事件尚未封印" in told
    assert "since now on" not in told
