"""Of all who ever stood in at a post, those of a day are found without looking at everybody."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.stand_in.events import BPostReleased, BPostTookOver
from domain.stand_in.state import evolve_takeovers, standing
from domain.stand_in.values import AT_MOST_DAYS, Absence

BEGAN = date(2026, 1, 1)
DAYS = st.integers(0, AT_MOST_DAYS)
TOLD = st.lists(st.tuples(st.integers(0, 120), DAYS, st.none() | DAYS), max_size=12)
"""Taken over on a day, until so many days later, released after so many."""


@settings(max_examples=60, deadline=None)
@given(TOLD)
def test_whoever_stands_in_on_a_day_is_found_and_whoever_is_released_is_not(told):
    takeovers = ()
    for begun, lasting, released in told:
        first = BEGAN + timedelta(days=begun)
        last = first + timedelta(days=lasting)
        taken = BPostTookOver(
            post_id="P-1", staff_id="b", absence=Absence.leave, valid_from=first, valid_to=last
        )
        takeovers = evolve_takeovers(takeovers, taken, None)
        if released is not None:
            day = first + timedelta(days=released)
            ended = BPostReleased(post_id="P-1", staff_id="b", released_on=day)
            takeovers = evolve_takeovers(takeovers, ended, None)
            assert not any(each.counts(day) for each in takeovers)
    assert len(takeovers) == len(told)
    for days in range(160):
        on = BEGAN + timedelta(days=days)
        assert standing(takeovers, on) == [each for each in takeovers if each.counts(on)]
