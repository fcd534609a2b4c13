"""Registers as of another day, out of their tables wherever they have not changed since.

Every clock stands on the calendar. Deriving thirty-three years of days anew takes longer than all that is asked of a
case, and nearly always brings what stands in the table. Only a transaction that sets jiandu.kept is answered so: what
checks a table against its definition must not read the table twice.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from psycopg import sql

from domain.catalogue import MASTER_DATA
from domain.store.statements import statements_of, text_of
from projections.engine_desk import Desk
from projections.projection import Projection

TEXT: Final = text_of("projections", "engine_kept.sql")
STATEMENTS: Final = {
    name: sql.SQL(statement.decode().strip().removesuffix(";"))
    for name, statement in statements_of("projections", "engine_kept.sql").items()
}

ROWS: Final = {"calendar": 12_000, "working_days": 1, "policies": 3}
MANY_ROWS: Final = 500
"""What the planner is told of the others."""
SUPPOSED: Final = {"policy": "jiandu.policy", "calendar": "jiandu.calendar"}
"""By kind of stream, the setting that stands in the register's place."""
REGISTERS: Final = frozenset(aggregate.name for aggregate in MASTER_DATA)


async def make_register(desk: Desk, projection: Projection, by_name: Mapping[str, Projection]) -> None:
    """The view of a whole projection, among the definitions. Raises psycopg.Error."""
    words = _words(desk, projection)
    is_kept = STATEMENTS["is_kept"].format(
        **words, ranges=_ranges(projection, by_name), is_as_it_governs=_as_it_governs(projection, by_name)
    )
    body = STATEMENTS["body"].format(**words, is_kept=is_kept)
    await desk.connection.execute(STATEMENTS["derived"].format(**words))
    await desk.connection.execute(STATEMENTS["told"].format(**words, body=sql.Literal(body.as_string())))
    await desk.connection.execute(STATEMENTS["view"].format(**words))


def _words(desk: Desk, projection: Projection) -> dict[str, sql.Composable]:
    names = desk.names
    return {
        "as_of": sql.Identifier(names.as_of),
        "live": sql.Identifier(names.live),
        "county": sql.Identifier(names.county.schema),
        "name": sql.Identifier(projection.name),
        "name_text": sql.Literal(projection.name),
        "derived": sql.Identifier(f"derived_{projection.name}"),
        "told": sql.Identifier(f"told_{projection.name}"),
        "definition": sql.SQL(projection.view.strip().removesuffix(";")),
        "hash": sql.Literal(projection.hash),
        "rows": sql.Literal(ROWS.get(projection.name, MANY_ROWS)),
    }


def _ranges(projection: Projection, by_name: Mapping[str, Projection]) -> sql.Composable:
    """The streams from which its rows follow."""
    kinds = sorted(set(_kinds(projection, by_name)))
    return sql.SQL(" or ").join(
        sql.SQL("(stream >= {} and stream < {})").format(sql.Literal(f"{kind}:"), sql.Literal(f"{kind};"))
        for kind in kinds
    )


def _as_it_governs(projection: Projection, by_name: Mapping[str, Projection]) -> sql.Composable:
    """What is supposed otherwise concerns the registers that follow from it alone."""
    kinds = set(_kinds(projection, by_name))
    settings = [setting for kind, setting in SUPPOSED.items() if kind in kinds]
    conditions = [STATEMENTS["governs"].format(setting=sql.Literal(setting)) for setting in settings]
    return sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true")


def _kinds(projection: Projection, by_name: Mapping[str, Projection]) -> Iterator[str]:
    yield from projection.kinds
    for need in projection.needs:
        yield from _kinds(by_name[need.name], by_name)


def is_register(projection: Projection, by_name: Mapping[str, Projection]) -> bool:
    """Whether its rows follow from registers alone, never from cases."""
    return projection.is_whole and set(_kinds(projection, by_name)) <= REGISTERS
