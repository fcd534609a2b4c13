"""How the tables stand that an answer needs: whether they can give it, or the definitions must, or nobody can yet."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.store.statements import statements_of
from projections.asked import Asked, BeyondTheLog, Stand, ViewBehind, ViewFailing, ViewNotBuilt
from projections.case_spans import CASE_SPANS
from projections.engine_schema import STATEMENTS as ENGINE_STATEMENTS
from projections.engine_settled import settling
from projections.projection import Projection
from projections.view_readers import ViewReaders

STATEMENTS: Final = statements_of("projections", "standing.sql")


def with_needed(projections: Sequence[Projection], needs: Sequence[Projection]) -> list[str]:
    """The names, and those of what they stand on."""
    names = {projection.name for projection in needs}
    for projection in reversed(projections):
        if projection.name in names:
            names.update(need.name for need in projection.needs)
    return sorted(names)


async def stands_of(
    connection: AsyncConnection[TupleRow], names: list[str], within_seconds: float, *, hold: str
) -> list[Stand]:
    """`hold`: the statement by which nothing is switched or made anew behind the snapshot."""
    await connection.execute(ENGINE_STATEMENTS[hold])
    wanted = {"names": names, "milliseconds": str(round(within_seconds * 1000))}
    cursor = await connection.execute(STATEMENTS["standing"], wanted)
    return [Stand(*row) for row in await cursor.fetchall()]


def expect_recorded(stands: Sequence[Stand], asked: Asked) -> None:
    if asked.min_position is not None and asked.min_position > stands[0].head:
        raise BeyondTheLog(asked.min_position)


def can_tables(stands: Sequence[Stand], asked: Asked, views: ViewReaders, *, is_narrow: bool) -> bool:
    """A list is answered by the table of an older definition while the new one is built; a case by the new one."""
    is_of_this_programme = all(stand.definition == views.hash_by_name[stand.name] for stand in stands)
    return stand_together(stands, asked) and (is_of_this_programme or not is_narrow)


def stand_together(stands: Sequence[Stand], asked: Asked) -> bool:
    return (
        all(stand.definition is not None for stand in stands)
        and len({stand.position for stand in stands}) == 1
        and stands[0].position >= (asked.min_position or 0)
    )


def expect_patience(stands: Sequence[Stand], asked: Asked, until: float) -> None:
    if unbuilt := [stand.name for stand in stands if stand.definition is None]:
        raise ViewNotBuilt(unbuilt)
    last = min(stands, key=lambda stand: stand.position)
    if last.is_failing:
        raise ViewFailing(last)
    if asyncio.get_running_loop().time() > until:
        wanted = max(asked.min_position or 0, *(stand.position for stand in stands))
        raise ViewBehind(last.name, last.position, wanted)


async def stand_as_defined(
    connection: AsyncConnection[TupleRow], views: ViewReaders, definitions: Mapping[str, str]
) -> bool:
    """Whether the tables can tell the settled cases: each is that of this programme's definition."""
    settled = [projection.name for projection in settling(views.projections)]
    names = [name for name in settled if name in definitions]
    if not names:
        return False
    names.append(CASE_SPANS.name)
    hashes = [views.hash_by_name[name] for name in names]
    cursor = await connection.execute(STATEMENTS["stand_as_defined"], {"names": names, "hashes": hashes})
    return await cursor.fetchone() == (True,)
