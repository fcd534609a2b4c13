"""What the exports tell of a case: its events as they should be read, and the figures that the views have of it."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, args_row
from psycopg.types.json import set_json_loads

from domain.store.statements import statements_of
from projections.calendar import CALENDAR
from projections.case_card import CASE_CARD, CaseCard, CaseCards
from projections.clock import CLOCK, Clocks, Standing
from projections.custody import CUSTODY, CustodyLedger, Spell

STATEMENTS: Final = statements_of("projections.exports", "queries.sql")
NEEDS: Final = (CASE_CARD, CLOCK, CUSTODY, CALENDAR)
"""The projections that must be readable."""
AT_ONCE: Final = 200
"""So many cases are held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: those that began on a day since … until, of the item, that the unit has held. None: any."""

    since: date | None = None
    until: date | None = None
    item_code: str | None = None
    unit_code: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An event that stands, corrections applied. `lag_days`: working days from happening to recording, None where
    the calendar does not reach them."""

    stream: str
    position: int
    version: int
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    fact: dict[str, Any]
    envelope: dict[str, Any]
    lag_days: int | None

    @property
    def actor(self) -> dict[str, Any]:
        actor: dict[str, Any] = self.envelope["actor"]
        return actor

    @property
    def person(self) -> str | None:
        """Who did it, by number; where a programme tells it afterwards, on whose behalf, if that is known."""
        actor = self.actor
        return actor.get("on_behalf_of") if actor["role"] == "importer" else actor["staff_id"]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case as it is exported. Events in the order in which they happened."""

    card: CaseCard
    clock: Standing | None
    spells: Sequence[Spell]
    events: Sequence[Told]

    @property
    def case_no(self) -> str:
        return self.card.case_no


class Dossiers:
    """Reads cases out of one snapshot of the views, live or as of another day; `position` is where it stands.

    The connection is in a transaction, its search_path holds the views. Raises psycopg.OperationalError.
    """

    def __init__(self, connection: AsyncConnection[TupleRow], *, day: date, position: int) -> None:
        self._connection = connection
        self._day = day
        self._position = position

    async def read(self, wanted: Wanted) -> AsyncGenerator[list[Dossier], None]:
        """By case number, some hundred at a time."""
        await stop_at(self._connection, self._position)
        async with self._connection.cursor(name="exported") as cursor:
            await cursor.execute(
                STATEMENTS["exported"],
                {
                    "since": wanted.since,
                    "until": wanted.until,
                    "item_code": wanted.item_code,
                    "unit_code": wanted.unit_code,
                },
            )
            while rows := await cursor.fetchmany(AT_ONCE):
                yield await self.of([stream for (stream,) in rows])

    async def of(self, streams: list[str]) -> list[Dossier]:
        """These cases, those of them that there are."""
        connection, day = self._connection, self._day
        cards = await CaseCards(connection).cards(streams)
        clock_by_case = {each.case_no: each for each in await Clocks(connection).standing(streams, day)}
        spells_by_case = defaultdict(list)
        for spell in await CustodyLedger(connection).spells(streams, day):
            spells_by_case[spell.case_no].append(spell)
        events_by_case = defaultdict(list)
        for told in await self._told(streams):
            events_by_case[told.stream.partition(":")[2]].append(told)
        return [
            Dossier(
                card,
                clock_by_case.get(card.case_no),
                spells_by_case[card.case_no],
                events_by_case[card.case_no],
            )
            for card in cards
        ]

    async def _told(self, streams: list[str]) -> list[Told]:
        """The columns of the statement are the fields, in order: there are many rows."""
        async with self._connection.cursor(row_factory=args_row(Told)) as cursor:
            set_json_loads(orjson.loads, cursor)
            await cursor.execute(STATEMENTS["told"], {"streams": streams})
            return await cursor.fetchall()


async def stop_at(connection: AsyncConnection[TupleRow], position: int) -> None:
    """To the end of the transaction, nothing is read of the log that was recorded beyond the position."""
    await connection.execute(STATEMENTS["stop_at"], {"position": str(position)})
