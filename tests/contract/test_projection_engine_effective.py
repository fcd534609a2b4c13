"""effective_events reads the log as the rules do: the same events stand, with the same facts, at the same times."""

from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
import pytest
from psycopg import sql

from domain import amendment
from domain.amendment import EventCorrected, EventVoided
from domain.grammar import Envelope, Fact
from domain.store.mapper import stored_state
from tests import examples
from tests.projected import Writer, an_engine, founded, reading
from tests.spec import given

STREAM = "case:61099910100020260303000017"
BY_THEN = datetime(2026, 3, 5, tzinfo=UTC)


def corrected(version, field, was, should_be):
    return EventCorrected(
        target_version=version,
        field=field,
        was=was,
        should_be=should_be,
        reason="录入错误",
        approved_by="a-director",
    )


def voided(version):
    return EventVoided(target_version=version, reason="误录", approved_by="a-director")


AMENDMENTS = {
    "a field": [corrected(1, "receipt_no", None, "SJ-2")],
    "a field twice": [corrected(1, "receipt_no", None, "SJ-2"), corrected(1, "receipt_no", "SJ-2", "SJ-3")],
    "to nothing again": [corrected(1, "receipt_no", None, "SJ-2"), corrected(1, "receipt_no", "SJ-2", None)],
    "the time": [corrected(2, "occurred_at", "2026-03-03T10:00:00+08:00", "2026-03-06T10:00:00+08:00")],
    "a void": [voided(3)],
    "a correction of what is void then": [corrected(1, "receipt_no", None, "SJ-2"), voided(1), voided(2)],
}


class Event(NamedTuple):
    version: int
    fact: Fact
    envelope: Envelope


def history_with(amendments):
    told = list(given(*examples.a_case_at_the_station()).history)
    last_envelope = told[-1][1]
    told += [(fact, last_envelope) for fact in amendments]
    return [Event(version, fact, envelope) for version, (fact, envelope) in enumerate(told, start=1)]


@pytest.mark.parametrize("amendments", AMENDMENTS.values(), ids=AMENDMENTS)
async def test_what_stands_is_what_the_rules_let_stand(database18, amendments):
    history = history_with(amendments)
    with closing(Writer(founded(database18))) as writer:
        writer.append(
            *(
                (
                    STREAM,
                    event.fact.TOPIC,
                    stored_state(event.fact, event.envelope),
                    event.envelope.occurred_at,
                )
                for event in history
            )
        )
    stands = amendment.standing(history)
    async with an_engine(database18, []), reading(database18) as connection:
        cursor = await connection.execute(
            "select version, fact, occurred_at from effective_events where stream = %s order by version",
            [STREAM],
        )
        rows = await cursor.fetchall()
        await connection.execute(sql.SQL("set jiandu.happened_by = {}").format(BY_THEN.isoformat()))
        cursor = await connection.execute("select version from effective_events order by version")
        by_then = [row[0] for row in await cursor.fetchall()]
    assert [row[0] for row in rows] == list(stands)
    for version, fact, occurred_at in rows:
        told, envelope = stands[version]
        assert type(told).model_validate_json(orjson.dumps(fact)) == told
        assert occurred_at == envelope.occurred_at
    assert by_then == [version for version, (_, at) in stands.items() if at.occurred_at <= BY_THEN]
