"""The rows of an exchange table, whole, or what changed of them behind a position of the log.

What changed is found by telling the rows twice, as of both positions, and comparing: so a correction changes a row, a
void takes it away, and an amended calendar moves a promised day, though no event of the case said so.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.store.statements import statements_of
from projections.calendar import CALENDAR
from projections.exports.dossiers import AT_ONCE, NEEDS, Dossiers, stop_at
from projections.exports.exchange import registers as exchange_registers
from projections.exports.exchange.codes import at
from projections.exports.exchange.handling import Case
from projections.exports.exchange.interaction import Consultation, ContactRow
from projections.exports.exchange.registers import Registers
from projections.exports.exchange.supervision import Signal, SignalRow
from projections.exports.exchange.table import DATA_SOURCE, ExchangeTable
from projections.finding import find
from projections.projection import Projection
from projections.reading import Reading
from projections.signals import SIGNALS

STATEMENTS: Final = statements_of("projections.exports.exchange", "changes.sql")

Row = dict[str, Any]
RowsByGuid = Mapping[str, Row]


def needs_of(table: ExchangeTable) -> tuple[Projection, ...]:
    """The projections that must be readable."""
    own = {"signal": (SIGNALS, CALENDAR), "contact": ()}.get(table.kind, NEEDS)
    return (*own, *exchange_registers.NEEDS)


@dataclass(frozen=True, slots=True)
class Changes:
    """What an exchange client has not fetched yet, out of one reading. `after`: up to where it has; 0: nothing.

    Whole tables are read as they stand; what changed, from the definitions: `found` is then read from them.
    """

    found: Reading
    table: ExchangeTable
    after: int = 0

    async def pages(self) -> AsyncGenerator[list[Row], None]:
        """Rows with their control columns, by case; a page may be empty. Raises psycopg.OperationalError."""
        control = await self._control()
        now = await self._moment(self.found.position)
        before = await self._moment(self.after) if self.after else None
        all_streams = await self._streams()
        for first in range(0, len(all_streams), AT_ONCE):
            streams = all_streams[first : first + AT_ONCE]
            stood = await self._told(before, streams) if before else {}
            stands = await self._told(now, streams)
            yield [row | control for row in _differences(stood, stands)]

    async def _control(self) -> Row:
        rows = await self._fetch("told_at", position=self.found.position)
        return {
            "cd_time": at(rows[0][0]) if rows else None,
            "cd_batch": f"{self.after}-{self.found.position}",
            "data_source": DATA_SOURCE,
        }

    async def _streams(self) -> list[str]:
        """By name; those of a hundred thousand cases take a few megabytes."""
        window = {"kind": self.table.kind, "after": self.after, "upto": self.found.position}
        is_all = not self.after or (await self._fetch("is_all_touched", **window))[0][0]
        return [stream for (stream,) in await self._fetch("all" if is_all else "touched", **window)]

    async def _moment(self, position: int) -> "_Moment":
        await stop_at(self.found.connection, position)
        return _Moment(position, await exchange_registers.registers(self.found.connection))

    async def _told(self, moment: "_Moment", streams: list[str]) -> RowsByGuid:
        await stop_at(self.found.connection, moment.position)
        told: dict[str, Row] = {}
        async for identity, about in self._read(moment, streams):
            told |= self.table.told(identity, about)
        return told

    async def _read(self, moment: "_Moment", streams: list[str]) -> AsyncGenerator[tuple[str, Any], None]:
        connection = self.found.connection
        if self.table.kind == "signal":
            for row in await find(connection, SignalRow, STATEMENTS["signals"], {"streams": streams}):
                yield row.signal_no, Signal(row, moment.registers)
            return
        if self.table.kind == "contact":
            for asked in await find(connection, ContactRow, STATEMENTS["contacts"], {"streams": streams}):
                yield asked.contact_no, Consultation(asked, moment.registers)
            return
        dossiers = Dossiers(connection, day=self.found.day, position=moment.position)
        for dossier in await dossiers.of(streams):
            yield dossier.case_no, Case(dossier, moment.registers)

    async def _fetch(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        cursor = await self.found.connection.execute(STATEMENTS[statement], parameters)
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class _Moment:
    position: int
    registers: Registers


def _differences(stood: RowsByGuid, stands: RowsByGuid) -> Iterator[Row]:
    for guid, row in stands.items():
        if guid not in stood:
            yield row | {"row_guid": guid, "cd_operation": "I"}
        elif row != stood[guid]:
            yield row | {"row_guid": guid, "cd_operation": "U"}
    for guid, row in stood.items():
        if guid not in stands:
            yield row | {"row_guid": guid, "cd_operation": "D"}
