"""What a township is shown of the views: the same names in schemas of their own, narrowed to the division that the
transaction's setting names. Made with the definitions, in the same transaction; a projection that says nothing of cases
and is no register is shown to nobody there (decision 0132)."""

from collections.abc import Sequence
from typing import Final

from psycopg import sql

from domain.catalogue import MASTER_DATA
from domain.store.statements import statements_of, text_of
from projections.engine_desk import Desk
from projections.projection import Projection

TEXT: Final = text_of("projections", "engine_seen.sql")
STATEMENTS: Final = {
    name: sql.SQL(statement.decode().strip().removesuffix(";"))
    for name, statement in statements_of("projections", "engine_seen.sql").items()
}
REGISTERS: Final = ("calendar", "working_days", "policies", "items", "places")
"""What everybody in the county is shown whole."""
BY_CASE_NO: Final = ("signals",)
"""Rows of streams of their own that name the case they are about."""
LOG_VIEWS: Final = ("recorded_events", "effective_events")


async def make_seen(desk: Desk, projections: Sequence[Projection], settled: Sequence[Projection]) -> None:
    """Behind the views of the definitions and of the settled cases. `projections`: whose definitions were made."""
    names = desk.names
    for place, source in names.seen_of.items():
        await _make_log(desk, place)
        for projection in settled if source == names.settled else projections:
            statement = "of_table" if source == names.live else "of_view"
            await _create(
                desk, statement, place, projection.name, source, shown=await _shown(desk, projection)
            )
        words = {"place": sql.Identifier(place), "recorder": sql.Identifier(names.county.recorder)}
        await desk.connection.execute(
            sql.SQL("grant select on all tables in schema {place} to {recorder}").format(**words)
        )


async def drop_seen(desk: Desk) -> None:
    for place in desk.names.seen_of:
        rows = await desk.fetch(
            sql.SQL("select viewname from pg_views where schemaname = {}").format(sql.Literal(place))
        )
        for (name,) in rows:
            await desk.connection.execute(
                sql.SQL("drop view if exists {} cascade").format(sql.Identifier(place, name))
            )


async def _make_log(desk: Desk, place: str) -> None:
    registers = sql.Literal([aggregate.name for aggregate in MASTER_DATA])
    shown = STATEMENTS["log"].format(registers=registers)
    await _create(desk, "of_view", place, "events", desk.names.county.schema, shown=shown)
    for name in LOG_VIEWS:
        await _create(desk, "of_view", place, name, desk.names.live, shown=shown)


async def _shown(desk: Desk, projection: Projection) -> sql.Composable:
    if projection.name in REGISTERS:
        return sql.SQL("true")
    if projection.name in BY_CASE_NO:
        return STATEMENTS["case_no"]
    rows = await desk.fetch(
        sql.SQL(
            "select column_name from information_schema.columns"
            " where table_schema = {} and table_name = {} and column_name = 'stream'"
        ).format(sql.Literal(desk.names.as_of), sql.Literal(projection.name))
    )
    return STATEMENTS["case"] if rows else sql.SQL("false")


async def _create(
    desk: Desk, statement: str, place: str, name: str, source: str, *, shown: sql.Composable
) -> None:
    body = sql.SQL("select * from {}").format(sql.Identifier(source, name)).as_string()
    await desk.connection.execute(
        STATEMENTS[statement].format(
            seen=sql.Identifier(place),
            source=sql.Identifier(source),
            as_of=sql.Identifier(desk.names.as_of),
            name=sql.Identifier(name),
            told=sql.Identifier(f"told_{name}"),
            body=sql.Literal(body),
            shown=shown,
        )
    )
