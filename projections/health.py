"""How the views stand: how far, by which definition, what is being built, what keeps a view from going on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import UndefinedTable
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.engine_desk import State
from projections.engine_schema import STATEMENTS as ENGINE_STATEMENTS
from projections.view_readers import ViewReaders, ViewsUnreachable

STATEMENTS: Final = statements_of("projections", "health.sql")
ANSWER_SECONDS: Final = 5.0


class Condition(StrEnum):
    live = "live"  # 在用
    building = "building"  # 重建中
    to_be_rebuilt = "to be rebuilt"  # 待重建; what stands is read meanwhile
    not_built = "not built"  # 未建
    failing = "failing"  # 失败


@dataclass(frozen=True, slots=True)
class Progress:
    """A table that is being built beside the live one. `keys` of `total` are there, up to `position`."""

    definition: str
    position: int | None
    keys: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """The view stopped among the events behind `after`, up to `upto`; they are one where it could be found out."""

    at: datetime
    after: int | None
    upto: int | None
    stream: str | None
    topic: str | None
    error: str


@dataclass(frozen=True, slots=True)
class ViewHealth:
    name: str
    condition: Condition
    position: int
    behind: int
    refreshed_at: datetime | None
    definition: str | None
    """Whose rows stand in the table."""
    wanted_definition: str
    """The one this programme knows."""
    building: Progress | None
    failure: Failure | None


async def health(views: ViewReaders) -> list[ViewHealth]:
    """Of all views there are, in the order in which they stand on each other. Raises ViewsUnreachable."""
    try:
        async with views.connection(within_seconds=ANSWER_SECONDS) as connection, connection.transaction():
            return await _health(connection, views)
    except OperationalError as error:
        raise ViewsUnreachable from error
    except UndefinedTable:
        return [_told(name, None, None, views, 0) for name in views.hash_by_name]


async def _health(connection: AsyncConnection[TupleRow], views: ViewReaders) -> list[ViewHealth]:
    states = {
        row[0]: State(*row)
        for row in await (await connection.execute(ENGINE_STATEMENTS["states"])).fetchall()
    }
    head = (await (await connection.execute(ENGINE_STATEMENTS["last_position"])).fetchall())[0][0]
    told = []
    for name in views.hash_by_name:
        state = states.get(name)
        event = await event_at_fault(connection, state)
        told.append(_told(name, state, event, views, head))
    return told


async def event_at_fault(connection: AsyncConnection[TupleRow], state: State | None) -> TupleRow | None:
    """Stream and topic of the event over which the view stopped; None where it is one of several, or the view goes on."""
    if state is None or state.failed_after is None or state.failed_upto != state.failed_after + 1:
        return None
    cursor = await connection.execute(STATEMENTS["event_at"], {"position": state.failed_upto})
    return await cursor.fetchone()


def _told(
    name: str, state: State | None, event: TupleRow | None, views: ViewReaders, head: int
) -> ViewHealth:
    wanted = views.hash_by_name[name]
    if state is None:
        return ViewHealth(name, Condition.not_built, 0, head, None, None, wanted, None, None)
    building = (
        Progress(state.building, state.building_position, state.built_keys, state.total_keys)
        if state.building
        else None
    )
    return ViewHealth(
        name,
        _condition(state, wanted),
        state.position,
        max(0, head - state.position),
        state.refreshed_at,
        state.definition,
        wanted,
        building,
        _failure(state, event),
    )


def _failure(state: State, event: TupleRow | None) -> Failure | None:
    if state.failed_at is None:
        return None
    stream, topic = event or (None, None)
    return Failure(state.failed_at, state.failed_after, state.failed_upto, stream, topic, state.failure or "")


def _condition(state: State, wanted: str) -> Condition:
    if state.failed_at is not None:
        return Condition.failing
    if state.building is not None:
        return Condition.building
    if state.definition is None:
        return Condition.not_built
    if state.is_rebuild_wanted or state.definition != wanted:
        return Condition.to_be_rebuilt
    return Condition.live
