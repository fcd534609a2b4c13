"""All cases as of another day, at the price of the few that were otherwise then.

A case whose last event was recorded and had happened by the moments that are asked for is now as it was then: its rows
stand in the live tables. One that begins behind them had none. Only what lies astride is derived from the definition,
and everything where a register that the definition stands on has changed since (decision 0076).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from psycopg import sql

from domain.store.statements import statements_of, text_of
from projections.case_spans import CASE_SPANS
from projections.engine_desk import Desk
from projections.projection import Projection

TEXT: Final = text_of("projections", "engine_settled.sql")
STATEMENTS: Final = {
    name: sql.SQL(statement.decode().strip().removesuffix(";"))
    for name, statement in statements_of("projections", "engine_settled.sql").items()
}

OWN_STREAM: Final = ("stream", "watched")
"""Columns that hold the stream of their own row or nothing: whoever needs them needs that case alone."""


def settling(projections: Sequence[Projection]) -> list[Projection]:
    """Those whose rows follow from the effective events of one case and from registers; none without CASE_SPANS."""
    if CASE_SPANS not in projections:
        return []
    by_name = {projection.name: projection for projection in projections}
    found: dict[str, Projection] = {}
    for projection in projections:
        is_of_cases = (
            projection.key == "stream" and projection.kinds == ("case",) and projection != CASE_SPANS
        )
        if is_of_cases and all(
            by_name[need.name].is_whole or (need.via in OWN_STREAM and need.name in found)
            for need in projection.needs
        ):
            found[projection.name] = projection
    return list(found.values())


async def make_settled(desk: Desk, projections: Sequence[Projection]) -> None:
    """Makes, for each of `settling`, its view; behind the views of the definitions, in the same transaction."""
    settled = settling(projections)
    if not settled:
        return
    await _create(desk, "asked")
    await _create(desk, "kept", **_words(desk, CASE_SPANS))
    await _create(desk, "unsettled")
    for projection in settled:
        await _create(desk, "kept", **_words(desk, projection))
        await _create(
            desk, "view", **_words(desk, projection), is_changed=_is_changed(desk, projection, projections)
        )
    await desk.connection.execute(
        sql.SQL("grant select on all tables in schema {settled} to {recorder}").format(
            settled=sql.Identifier(desk.names.settled), recorder=sql.Identifier(desk.names.county.recorder)
        )
    )


async def _create(desk: Desk, statement: str, **words: sql.Composable) -> None:
    await desk.connection.execute(STATEMENTS[statement].format(**(_schemas(desk) | words)))


def _schemas(desk: Desk) -> dict[str, sql.Composable]:
    return {
        "settled": sql.Identifier(desk.names.settled),
        "as_of": sql.Identifier(desk.names.as_of),
        "live": sql.Identifier(desk.names.live),
        "county": sql.Identifier(desk.names.county.schema),
    }


def _words(desk: Desk, projection: Projection) -> dict[str, sql.Composable]:
    live = sql.Identifier(desk.names.live, projection.name)
    body = sql.SQL("select * from {}").format(live).as_string()
    return {
        "name": sql.Identifier(projection.name),
        "name_text": sql.Literal(projection.name),
        "kept": sql.Identifier(f"kept_{projection.name}"),
        "body": sql.Literal(body),
    }


def _is_changed(desk: Desk, projection: Projection, projections: Sequence[Projection]) -> sql.Composable:
    kinds = sorted(set(_registers(projection, projections)))
    if not kinds:
        return sql.SQL("false")
    ranges = sql.SQL(" or ").join(
        sql.SQL("(stream >= {} and stream < {})").format(sql.Literal(f"{kind}:"), sql.Literal(f"{kind};"))
        for kind in kinds
    )
    words = _schemas(desk) | {"ranges": ranges, "name_text": sql.Literal(projection.name)}
    return STATEMENTS["is_changed"].format(**words)


def _registers(projection: Projection, projections: Sequence[Projection]) -> Iterator[str]:
    """The kinds of streams, beside its own, from which its rows follow."""
    by_name = {each.name: each for each in projections}
    for need in projection.needs:
        other = by_name[need.name]
        if other.is_whole:
            yield from other.kinds
        yield from _registers(other, projections)
