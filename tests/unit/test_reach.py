"""What a definition reads of the events that it sees, as its text says."""

from dataclasses import replace

import pytest

from projections.case_figures import CASE_FIGURES
from projections.clock import CLOCK
from projections.custody import CUSTODY
from projections.reach import Reach, all_of
from tests.projected import a_tally

READING = """
with told as (
    select
        stream,
        -- all of it is sorted: fact, envelope
        case when topic in ('a.b.v1') then fact ->> 'word' end as word,
        case when topic in ('c.d.v1') then envelope end -> 'circumstances' as circumstances,
        case when topic in ('a.b.v1') then envelope -> 'actor' ->> 'role' end as role
    from effective_events
    where topic in ('a.b.v1', 'c.d.v1', 'e.f.v1')
)

select * from told
"""
TOPICS = {"a.b.v1", "c.d.v1", "e.f.v1"}


def reach(view):
    return replace(a_tally(), view=view).reach


def test_a_definition_says_of_which_topics_it_reads_the_fact_the_envelope_and_who_acted():
    assert reach(READING) == (TOPICS, {"a.b.v1"}, {"c.d.v1"}, {"a.b.v1", "c.d.v1"})
    assert CUSTODY.reach.facts < CUSTODY.topics
    assert CUSTODY.reach.envelopes == CLOCK.reach.actors == frozenset()
    assert CASE_FIGURES.reach.envelopes < CASE_FIGURES.reach.actors
    assert "case.concluded.v1" not in all_of([CUSTODY.reach, CLOCK.reach, CASE_FIGURES.reach]).facts


@pytest.mark.parametrize(
    ("words", "otherwise"),
    [
        ("case when topic in ('a.b.v1') then fact ->> 'word' end as word", "fact ->> 'word' as word"),
        ("then fact ->> 'word' end", "then 'a' else fact ->> 'word' end"),
        ("then fact ->> 'word' end", "then case when true then 'a' end when true then fact ->> 'word' end"),
        ("as word,", "as word, (select fact ->> 'n') as n,"),
        ("as word,", "as word, *,"),
        ("        stream,", "        *,"),
        ("        stream,", "        effective_events,"),
        ("'e.f.v1')\n", "'e.f.v1')\n    group by stream having bool_or(fact ? 'n')\n"),
        ("select * from told", "select * from told union all select fact from effective_events"),
    ],
)
def test_what_is_said_otherwise_counts_as_everything(words, otherwise):
    assert READING.count(words) == 1
    assert reach(READING.replace(words, otherwise)).facts is None


@pytest.mark.parametrize("otherwise", ["envelope ->> 'actor'", "envelope -> 'actors'", "envelope"])
def test_of_the_envelope_more_than_who_acted_is_all_of_it(otherwise):
    told = reach(READING.replace("envelope -> 'actor' ->> 'role'", otherwise))
    assert told.envelopes == told.actors == {"a.b.v1", "c.d.v1"}


def test_who_gathers_for_several_holds_what_each_of_them_reads():
    one, other = (
        Reach(frozenset("ab"), frozenset("a"), frozenset(), frozenset("b")),
        Reach(frozenset("c"), None, frozenset("c"), frozenset("c")),
    )
    assert all_of([one, other]) == (frozenset("abc"), None, frozenset("c"), frozenset("bc"))
    assert all_of([one, other]).holds(one)
    assert not one.holds(other)
    assert not Reach(None, frozenset("a"), None).holds(other)
