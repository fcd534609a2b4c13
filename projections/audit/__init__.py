"""审计轨迹 audit trail: every event of the log with who, when, where, on what authority, and what is not in order.

`view.sql` is the lean row by which events are found, `table.sql` its indexes; what an event says is read from the log
by its position. The trail tells what was recorded, so the trail as known on another day is the same rows, up to the
last position known then: a look back costs what the trail of today costs. A corrected time counts in `happened_by`
alone; order and periods go by the time that was told when the event was recorded.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, Self

import orjson
from psycopg import sql

from domain.access.journal import ACCESS
from domain.access.shown import Shown
from domain.attestation import KEYS
from domain.case import CASE
from domain.catalogue import FOLDED
from domain.contact import CONTACT
from domain.grammar import EARLIEST
from domain.investigation import INVESTIGATION
from domain.perusal import PERUSAL
from domain.signal import SIGNAL
from domain.store.statements import statements_of
from domain.subject import SUBJECT
from domain.subject.searching import PEOPLE_SEARCH
from projections.asked import Asked, ViewBehind, ViewNotBuilt
from projections.audit import marks
from projections.audit.entries import (
    CORRECTION,
    VOID,
    Amended,
    Around,
    Entry,
    Found,
    Labels,
    Target,
    WorkingDays,
    amended,
    entry_of,
    target_of,
)
from projections.audit.wanted import Wanted
from projections.projection import Projection
from projections.reading import Reading, reading
from projections.view_readers import ViewReaders

AUDIT: Final = Projection.of_folder(
    "projections.audit",
    key="stream",
    grows="position",
    kinds=(
        CASE.name,
        CONTACT.name,
        SIGNAL.name,
        INVESTIGATION.name,
        PERUSAL.name,
        SUBJECT.name,
        PEOPLE_SEARCH.name,
        KEYS.name,
        ACCESS.name,
        *(each.name for each in FOLDED),
    ),
)
STATEMENTS: Final = statements_of("projections.audit", "queries.sql")
AMENDMENTS: Final = (CORRECTION, VOID)


async def _working_days(found: Reading) -> WorkingDays:
    cursor = await found.connection.execute(STATEMENTS["working_days"])
    ((first_day, ordinals),) = await cursor.fetchall()
    return WorkingDays(first_day, ordinals)


async def read_on(
    views: ViewReaders, wanted: Wanted, first: Sequence[Entry], days: WorkingDays, labels: Labels, limit: int
) -> AsyncGenerator[Sequence[Entry], None]:
    """The page `first`, and those behind it up to `wanted.until`, which must be given.

    Between two pages nothing is held, no snapshot and no connection: up to a position the trail does not change.
    Raises what `reading` raises.
    """
    page = first
    asked = Asked(day=EARLIEST.date(), min_position=wanted.until or None)
    while page:
        yield page
        if len(page) < limit:
            return
        async with reading(views, asked, (AUDIT,)) as found:
            trail = await AuditTrail.opened(found, labels, days)
            page = await trail.page(wanted, page[-1].position, limit)


class Place(NamedTuple):
    schema: str
    definition: str | None
    position: int


@dataclass(frozen=True, slots=True)
class DeviceGap:
    """设备序号缺口 numbers that never arrived, and the position at which that showed."""

    device_id: str
    first_missing: int
    last_missing: int
    position: int


@dataclass(frozen=True, slots=True)
class DeviceRepeat:
    """设备序号重复 one number for several recordings, each with its first position."""

    device_id: str
    device_seq: int
    positions: list[int]


@dataclass(frozen=True, slots=True)
class PositionGap:
    """位置缺口 positions of the log at which nothing stands."""

    first_missing: int
    last_missing: int


@dataclass(frozen=True, slots=True)
class VersionGap:
    """版本缺口 versions of a record that are not there, though the event at `position` is a later one."""

    stream: str
    first_missing: int
    last_missing: int
    position: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing, up to a position. The log has none of position and version unless somebody took it away."""

    device_gaps: list[DeviceGap]
    device_repeats: list[DeviceRepeat]
    position_gaps: list[PositionGap]
    version_gaps: list[VersionGap]
    recorded: int
    """How many events the log holds, without what it says of its own tree."""
    told: int
    """How many of them the trail tells: as many."""


class AuditTrail:
    """The trail in one snapshot, up to `position`. Make it by `opened`. Raises psycopg.OperationalError."""

    def __init__(self, found: Reading, place: Place, days: WorkingDays, labels: Labels) -> None:
        self.position = min(found.position, place.position)
        self.days = days
        self._found = found
        self._table = sql.Identifier(place.schema, AUDIT.name)
        self._labels = labels

    @classmethod
    async def opened(cls, found: Reading, labels: Labels, days: WorkingDays | None = None) -> Self:
        """`found` reads AUDIT, and CALENDAR unless its `days` are given; `labels` calls a topic by its Chinese and
        English name.

        Raises ViewNotBuilt; ViewBehind where the table has not come as far as what was known then.
        """
        row = await (await found.connection.execute(STATEMENTS["place"])).fetchone()
        if row is None or row[1] != AUDIT.hash:
            raise ViewNotBuilt([AUDIT.name])
        place = Place(*row)
        if found.asked.known_at and place.position < found.position:
            raise ViewBehind(AUDIT.name, place.position, found.position)
        return cls(found, place, days or await _working_days(found), labels)

    def basis(self, rows: object) -> dict[str, object]:
        behind = self._found.head - self.position if self._found.asked.known_at is None else 0
        return self._found.basis(rows) | {"position": self.position, "behind": behind}

    async def page(self, wanted: Wanted, after: int, limit: int) -> list[Entry]:
        """At most `limit` entries behind the one at position `after`, in the order that is wanted; 0: from the first."""
        upto = min(self.position, wanted.until or self.position)
        parameters = wanted.parameters | {
            "after": after,
            "upto": upto,
            "limit": limit,
            "first": await self._position_before(wanted.recorded_since, 0) + 1,
            "last": await self._position_before(wanted.recorded_before, upto),
        }
        statement = "in_order_of_occurrence" if wanted.is_by_occurrence else "in_order_of_recording"
        rows = await self._rows(statement, parameters, conditions=wanted.conditions(self._table))
        found = [Found(*row) for row in rows]
        around = await self._around(found, upto)
        return [entry_of(each, around) for each in found]

    async def _position_before(self, moment: datetime | None, otherwise: int) -> int:
        """The last position recorded before the moment: the log is recorded in order."""
        if moment is None:
            return otherwise
        rows = await self._rows("position_before", {"upto": self.position, "moment": moment})
        position: int = rows[0][0]
        return position

    async def gaps(self, limit: int, shown: Shown | None = None) -> Gaps:
        """At most `limit` of each sort; of the streams that are `shown`, where a sort names any."""
        parameters = {"upto": self.position, "limit": limit}
        wanted = Wanted(shown=shown)
        ((recorded, told),) = await self._rows("counted", parameters)
        return Gaps(
            device_gaps=[DeviceGap(*row) for row in await self._rows("device_gaps", parameters)],
            device_repeats=[DeviceRepeat(*row) for row in await self._rows("device_repeats", parameters)],
            position_gaps=[PositionGap(*row) for row in await self._rows("position_gaps", parameters)],
            version_gaps=[
                VersionGap(*row)
                for row in await self._rows(
                    "version_gaps",
                    wanted.parameters | parameters,
                    conditions=wanted.conditions(self._table),
                )
            ],
            recorded=recorded,
            told=told,
        )

    async def _around(self, found: Sequence[Found], upto: int) -> Around:
        """Asked only where a page has any: what was amended, what amends, what a device sent."""
        return Around(
            days=self.days,
            labels=self._labels,
            amended_by=await self._amendments(
                [e.stream for e in found if e.is_voided or e.is_corrected], upto
            ),
            targets=await self._targets([e for e in found if e.topic in AMENDMENTS]),
            device_marks=await self._device_marks([e.position for e in found if e.has_device], upto),
        )

    async def _amendments(self, streams: list[str], upto: int) -> dict[tuple[str, int], list[Amended]]:
        by_target: dict[tuple[str, int], list[Amended]] = defaultdict(list)
        if streams:
            parameters = {"streams": streams, "upto": upto}
            for position, stream, topic, recorded_at, *who, state in await self._rows(
                "amendments", parameters
            ):
                fact = orjson.loads(state)["fact"]
                if about := target_of(stream, fact):
                    by_target[about].append(amended(position, recorded_at, topic, fact, who))
        return by_target

    async def _targets(self, amendments: Sequence[Found]) -> dict[tuple[str, int], Target]:
        about = [target_of(each.stream, orjson.loads(each.state)["fact"]) for each in amendments]
        named = [each for each in about if each]
        if not named:
            return {}
        streams, versions = zip(*named, strict=True)
        rows = await self._rows("amended", {"streams": list(streams), "versions": list(versions)})
        return {(stream, version): Target(*told) for stream, version, *told in rows}

    async def _device_marks(self, positions: list[int], upto: int) -> dict[int, list[str]]:
        if not positions:
            return {}
        rows = await self._rows("device_numbers", {"positions": positions, "upto": upto})
        return {
            position: [
                mark
                for mark, is_so in ((marks.DEVICE_GAP, is_gap), (marks.DEVICE_REPEAT, is_repeated))
                if is_so
            ]
            for position, is_gap, is_repeated in rows
        }

    async def _rows(
        self, statement: str, parameters: Mapping[str, Any], **words: sql.Composable
    ) -> list[tuple[Any, ...]]:
        text = sql.SQL(STATEMENTS[statement].decode()).format(trail=self._table, **words)
        return await (await self._found.connection.execute(text, parameters)).fetchall()
