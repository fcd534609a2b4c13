"""Keeps the projections' tables: what stands in them is what their definitions say at their position, always.

One step of one projection is one transaction: a crash at any point leaves it where it was before the step. Where all
stand at one position and nothing is amiss, they go on together, in one transaction (0096). For each projection there
is one worker at a time, the one whose connection holds its lock; locks end with the connection.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
import structlog
from psycopg import sql
from psycopg.errors import LockNotAvailable

from domain.store.passing import passes
from projections.engine_building import Building, Filler
from projections.engine_crew import Crew
from projections.engine_desk import Desk, State
from projections.engine_gathering import Gathering
from projections.engine_refresh import BRIEF_EVENTS, Round, Touching, Vias, refresh, refresh_together
from projections.engine_views import make_views
from projections.projection import Projection

_log = structlog.get_logger(__name__)

MOST_EVENTS: Final = 20_000
"""So many positions one refresh goes ahead at most: what it costs grows with the streams touched, not with the events."""


URGENT_AFTER: Final = 50
"""Switches that found readers, one after the other; the next lets readers wait for a moment."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one step does at most."""

    events: int = MOST_EVENTS
    keys: int = 2500
    """Keys that one portion of a rebuild holds; more in a county that would have very many portions."""


class Engine:
    """All projections of one county over one connection of the projector's (`engine_schema.connect`).

    Every registered projection must stand behind those it needs. With a `crew`, tables are filled over its connections,
    while this one goes on refreshing; without, portion by portion over this one.
    """

    def __init__(
        self,
        desk: Desk,
        projections: Sequence[Projection],
        limits: Limits | None = None,
        crew: Crew | None = None,
    ) -> None:
        self.desk = desk
        self.projections = projections
        self._limits = limits or Limits()
        self._crew = crew
        self._gathering = Gathering(desk)
        self.head = 0
        """Where the log ended when this engine last looked."""
        self._states: dict[str, State] = {}
        """How the projections stood when this round began, and stand since."""
        self._touching = Touching(desk)
        self._delays: Counter[str] = Counter()
        self._to_fill: list[Projection] = []
        self._pace_by_name: dict[str, int] = {}
        self._held: set[str] = set()
        self._served: set[str] = set()

    async def prepare(self) -> None:
        """Makes the definitions' views, where the texts have changed, and a line for each projection."""
        await make_views(self.desk, self.projections)
        await self.desk.note("register", {"names": [projection.name for projection in self.projections]})

    async def run_once(self, *, leave_out: frozenset[str] = frozenset()) -> bool:
        """Moves every projection that can move one step nearer to the end of the log; whether any moved.

        Those of `leave_out` are not tried. Raises psycopg.OperationalError where the connection is lost.
        """
        self.head = await self.desk.last_position()
        self._states = await self.desk.states()
        self._touching.clear()
        has_moved = False
        self._to_fill = []
        if not leave_out and await self._go_together():
            return True
        for projection in self.projections:
            if projection.name not in leave_out and await self._holds(projection):
                has_moved |= await self._try(projection)
        has_moved |= await self._fill(has_moved=has_moved)
        if has_moved:
            await self.desk.note("forget_passed", {})
        return has_moved

    async def catch_up(self) -> None:
        """Until nothing moves: every projection this engine may keep is at the end of the log, or failing."""
        while await self.run_once():
            pass

    async def _go_together(self) -> bool:
        """All at once, where all stand as they should at one position; False where each must be looked at."""
        states = {projection: self._states[projection.name] for projection in self.projections}
        positions = {state.position for state in states.values()}
        if len(positions) != 1 or not all(_is_settled(each, state) for each, state in states.items()):
            return False
        position = positions.pop()
        upto = min(self.head, position + self._limits.events)
        if upto <= position or not await self._holds_all():
            return False
        self._served.update(projection.name for projection in self.projections)
        vias = {projection: self._wanted_vias(projection) for projection in self.projections}
        has_moved = False
        try:
            together = replace(self._round(upto, vias), is_brief=upto - position <= BRIEF_EVENTS)
            has_moved = await refresh_together(together, states)
        except psycopg.Error:
            if self.desk.connection.closed:
                raise
        if not has_moved:  # one by one it will be seen whose mistake it is, or who must be built anew
            self._touching.clear()
        return has_moved

    async def _holds_all(self) -> bool:
        return all([await self._holds(projection) for projection in self.projections])

    async def _holds(self, projection: Projection) -> bool:
        if projection.name not in self._held and await self.desk.lock(projection.name):
            self._held.add(projection.name)
        return projection.name in self._held

    async def _try(self, projection: Projection) -> bool:
        try:
            return await self._step(projection)
        except psycopg.Error as error:
            self._gathering.forget()  # what was gathered went with the transaction
            return await self._put_off(projection, error)

    async def _put_off(self, projection: Projection, error: psycopg.Error) -> bool:
        match error:
            case LockNotAvailable():
                self._delays[projection.name] += 1
                return False  # the tables are being read: next time
            case _ if passes(error):
                return False  # somebody asked for a rebuild or granted meanwhile, or a portion was filled: next time
            case _ if self.desk.connection.closed:
                raise error
            case _:
                return await self._stumble(projection, error)

    async def _fill(self, *, has_moved: bool) -> bool:
        """Has portions filled of the tables that wait for them; waits a moment where nothing else moves."""
        if self._crew is not None:
            return await self._have_filled(self._crew, has_moved=has_moved)
        filler = Filler(self.desk, self._gathering)
        while self._to_fill:
            try:
                return await filler.fill_next(self._to_fill)
            except psycopg.Error as error:
                if passes(error):
                    return False
                if self.desk.connection.closed or filler.at is None:
                    raise
                self._to_fill.remove(filler.at)
                await self._stumble(filler.at, error)
        return False

    async def _have_filled(self, crew: Crew, *, has_moved: bool) -> bool:
        is_working = await crew.fill(self._to_fill, wait=not has_moved)
        for projection, error in crew.take_failures():
            await self._stumble(projection, error)
        return is_working

    async def _step(self, projection: Projection) -> bool:
        state = self._states[projection.name]
        target = _target(projection, self._states, self.head)
        if target is None or self._is_superseded(projection, state):
            return False
        has_moved = False
        if state.definition == projection.hash:
            self._served.add(projection.name)
            has_moved = await self._refresh(projection, state, target)
        if state.definition != projection.hash or state.is_rebuild_wanted or state.building:
            has_moved |= await self._build(projection, target)
        return has_moved

    async def _build(self, projection: Projection, target: int) -> bool:
        vias, keys = self._wanted_vias(projection), self._limits.keys
        is_urgent = self._delays[projection.name] >= URGENT_AFTER
        fellows = self._fellows(projection)
        building = Building(self.desk, projection, vias, keys, fellows, is_urgent=is_urgent)
        has_moved = await building.step(target)
        if has_moved:
            self._delays[projection.name] = 0
            self._states = await self.desk.states()
        if not has_moved and not projection.is_whole:
            self._to_fill.append(projection)
        return has_moved

    def _fellows(self, projection: Projection) -> list[Projection]:
        return [
            other
            for other in self.projections
            if projection.is_of_streams
            and other.kinds == projection.kinds
            and other != projection
            and not any(need.via for need in (*other.needs, *projection.needs))
        ]

    async def _refresh(self, projection: Projection, state: State, target: int) -> bool:
        # what stands on others goes where they stand, neither less nor more far
        upto = target if projection.needs else min(target, state.position + self._pace(projection))
        this = self._round(upto, {projection: self._wanted_vias(projection)})
        has_moved = await refresh(this, projection, state)
        if has_moved:
            self._states[projection.name] = replace(state, position=upto)
        self._pace_by_name[projection.name] = min(self._limits.events, 2 * self._pace(projection))
        return has_moved

    def _round(self, upto: int, vias: Mapping[Projection, Vias]) -> Round:
        return Round(self.desk, upto, vias, self._touching, self._gathering)

    def _pace(self, projection: Projection) -> int:
        return self._pace_by_name.get(projection.name, self._limits.events)

    def _is_superseded(self, projection: Projection, state: State) -> bool:
        """A newer programme has taken over since this one served; it does not fight for the table."""
        return projection.name in self._served and state.definition not in (projection.hash, None)

    def _wanted_vias(self, projection: Projection) -> tuple[str | None, ...]:
        needs = [need for other in self.projections for need in other.needs if need.name == projection.name]
        return tuple(sorted({need.via for need in needs}, key=str))

    async def _stumble(self, projection: Projection, error: psycopg.Error) -> bool:
        """Notes where it failed; whether to try at once with fewer events, so that the one at fault is found."""
        state = (await self.desk.states())[projection.name]
        pace = self._pace(projection)
        failure: dict[str, Any] = {
            "name": projection.name,
            "after": state.position,
            "upto": self.head if projection.needs else min(self.head, state.position + pace),
            "failure": f"{type(error).__name__}: {str(error).strip()}",
        }
        await self.desk.note("failed", failure)
        span = failure["upto"] - failure["after"]
        is_divisible = not projection.needs and state.definition == projection.hash and span > 1
        # once the event is found, the next try takes in all again: what mends it may stand behind it
        self._pace_by_name[projection.name] = span // 2 if is_divisible else self._limits.events
        if not is_divisible:
            _log.error("projection_failed", **failure)
        return is_divisible


def _is_settled(projection: Projection, state: State) -> bool:
    """Nothing is to be done for it but to follow the log."""
    return (
        state.definition == projection.hash
        and state.failed_at is None
        and state.building is None
        and not state.is_rebuild_wanted
    )


def _target(projection: Projection, states: dict[str, State], head: int) -> int | None:
    """Where the projection can go: the end of the log, or where all that it needs stands; None: nowhere yet."""
    if not projection.needs:
        return head
    needed = [states[need.name] for need in projection.needs]
    if any(state.definition != projection.hash_by_need[state.name] for state in needed):
        return None
    positions = {state.position for state in needed}
    return positions.pop() if len(positions) == 1 else None


async def differences(desk: Desk, projection: Projection) -> tuple[int, int]:
    """How many rows are missing from the live table and how many are too many, at its position; (0, 0) is right.

    What it stands on is derived anew from the log, not read from the other tables.
    """
    async with desk.connection.transaction():
        await desk.run("hold_definitions", {})
        state = (await desk.states())[projection.name]
        await desk.run("narrow", {"upto": str(state.position)})
        told = sql.Identifier(desk.names.as_of, projection.name)
        kept = sql.Identifier(desk.names.live, projection.name)
        return await _rows_beyond(desk, told, kept), await _rows_beyond(desk, kept, told)


async def _rows_beyond(desk: Desk, one: sql.Identifier, other: sql.Identifier) -> int:
    rows = await desk.fetch(
        sql.SQL("select count(*) from (table {} except all table {}) as beyond").format(one, other)
    )
    count: int = rows[0][0]
    return count
