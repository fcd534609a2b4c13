"""The definitions as views: what answers for another day than today, and what a table is checked against."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import psycopg
import structlog
from psycopg import sql
from psycopg.errors import InternalError_

from domain.store.passing import TRIES, gives_way, passes
from projections import engine_kept, engine_seen, engine_settled
from projections.asked import ViewsTakenOver
from projections.engine_desk import Desk
from projections.projection import STANDING_TEXTS, Projection

_log = structlog.get_logger(__name__)


def hash_of(projections: Sequence[Projection]) -> str:
    """By which the standing views say which texts they were made by."""
    texts = (
        engine_kept.TEXT,
        engine_settled.TEXT,
        engine_seen.TEXT,
        *(projection.hash for projection in projections),
    )
    return sha256(" ".join(texts).encode()).hexdigest()


async def make_views(desk: Desk, projections: Sequence[Projection]) -> None:
    """Makes `effective_events`, and for each projection the view of its name that stands on the others' views.

    Nothing is touched where they were made by the same texts. A definition that cannot be made is left out: whoever
    builds its table will hear why. Raises LockNotAvailable where the views are being read for longer than a moment.
    """
    await desk.run("lock_views", {})
    try:
        for _ in range(TRIES - 1):
            try:
                return await _make_views(desk, projections)
            except psycopg.Error as error:
                if not gives_way(error):
                    raise
        return await _make_views(desk, projections)
    finally:
        await desk.run("unlock_views", {})


async def make_first_views(desk: Desk, projections: Sequence[Projection]) -> None:
    """Likewise for who only reads: where none stand yet.

    Raises ViewsTakenOver where others' texts stand: whoever answers by them would be refused from then on.
    """
    await desk.run("lock_views", {})
    try:
        if await desk.run("standing_text", {}) not in ([], [(hash_of(projections),)]):
            raise ViewsTakenOver([projection.name for projection in projections])
        await make_views(desk, projections)
    finally:
        await desk.run("unlock_views", {})


async def _make_views(desk: Desk, projections: Sequence[Projection]) -> None:
    wanted = hash_of(projections)
    async with desk.connection.transaction():
        if await desk.run("standing_text", {}) != [(wanted,)]:
            await desk.run("give_way_soon", {})
            await desk.run("define_alone", {})
            await desk.run("give_way_at_once", {})
            await _drop_all(desk)
            await desk.run("give_way_soon", {})
            await _make_all(desk, projections)
            await desk.run("stands_by", {"hash": wanted})


async def _drop_all(desk: Desk) -> None:
    await engine_seen.drop_seen(desk)
    await desk.connection.execute(
        sql.SQL("drop view if exists {settled}.asked cascade").format(
            settled=sql.Identifier(desk.names.settled)
        )
    )
    for (name,) in await desk.run("as_of_views", {}):
        view = sql.Identifier(desk.names.as_of, name)
        await desk.connection.execute(sql.SQL("drop view if exists {} cascade").format(view))
    await desk.connection.execute(
        "drop view if exists effective_events, recorded_events, parsed_events cascade"
    )


async def _make_all(desk: Desk, projections: Sequence[Projection]) -> None:
    # off: the functions name tables that come later
    await desk.connection.execute("set local check_function_bodies = off")
    for text in STANDING_TEXTS.values():
        await desk.connection.execute(text.encode())
    await desk.connection.execute(
        sql.SQL("grant select on effective_events, recorded_events, parsed_events to {}").format(
            sql.Identifier(desk.names.county.recorder)
        )
    )
    await desk.connection.execute(
        sql.SQL("set local search_path = {}, {}").format(sql.Identifier(desk.names.as_of), desk.names.path)
    )
    by_name = {projection.name: projection for projection in projections}
    made = [projection for projection in projections if await _make(desk, projection, by_name)]
    await engine_settled.make_settled(desk, made)
    await engine_seen.make_seen(desk, made, engine_settled.settling(made))


async def _make(desk: Desk, projection: Projection, by_name: Mapping[str, Projection]) -> bool:
    """Whether it could be made. What PostgreSQL stumbles over by itself may be another's doing, and is tried again."""
    refused: psycopg.Error | None = None
    for _ in range(TRIES):
        try:
            await _make_view(desk, projection, by_name)
        except psycopg.Error as error:
            if isinstance(error, psycopg.OperationalError) or passes(error):
                raise  # not the definition's mistake: it would be left out until its text changes
            refused = error
            if not isinstance(error, InternalError_):
                break
        else:
            return True
    _log.error("definition_refused", projection=projection.name, reason=str(refused).strip())
    return False


async def _make_view(desk: Desk, projection: Projection, by_name: Mapping[str, Projection]) -> None:
    words = {
        "view": sql.Identifier(desk.names.as_of, projection.name),
        "as_of": sql.Identifier(desk.names.as_of),
        "definition": sql.SQL(projection.view.strip().removesuffix(";")),
        "recorder": sql.Identifier(desk.names.county.recorder),
    }
    async with desk.connection.transaction():
        if engine_kept.is_register(projection, by_name):
            await engine_kept.make_register(desk, projection, by_name)
        else:
            await desk.connection.execute(sql.SQL("create view {view} as {definition}").format(**words))
        await desk.connection.execute(
            sql.SQL("grant select on all tables in schema {as_of} to {recorder}").format(**words)
        )
