"""Looking at the views over a connection: of another day, and not before one's own writing is in them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from projections.engine_schema import STATEMENTS

LOOK_AGAIN_SECONDS = 0.02
LOOK_BACK = """
select
    set_config('search_path', current_schema() || '_as_of, ' || current_setting('search_path'), true),
    set_config('jiandu.known_at', %(known_at)s, true),
    set_config('jiandu.happened_by', %(happened_by)s, true),
    set_config('jiandu.upto', %(upto)s, true)
"""
REACHED = "select case when definition is not null then position end from projections where name = %(name)s"


class ViewBehind(Exception):  # noqa: N818  — the domain's word
    """The view has not come as far as the position that was asked for."""


@asynccontextmanager
async def as_of(
    connection: AsyncConnection[Any],
    known_at: datetime | None = None,
    happened_by: datetime | None = None,
    *,
    upto: int | None = None,
) -> AsyncIterator[None]:
    """A transaction in which the projections' names mean their definitions, not their tables.

    They answer from the events recorded by `known_at` and, at their corrected times, happened by `happened_by`;
    `upto` is the last position they see. What is None leaves nothing out. `connection` is one of
    `engine_schema.connect`.
    """
    settings = {
        "known_at": known_at.isoformat() if known_at else "",
        "happened_by": happened_by.isoformat() if happened_by else "",
        "upto": str(upto) if upto is not None else "",
    }
    async with connection.transaction():
        await connection.execute(STATEMENTS["hold"])
        await connection.execute(LOOK_BACK, settings)
        yield


async def reach(
    connection: AsyncConnection[Any], name: str, min_position: int, *, within_seconds: float = 5
) -> int:
    """Waits until the live table of `name` holds what was recorded up to `min_position`; answers its position.

    Raises ViewBehind when that takes too long. `connection` is in autocommit and in no transaction.
    """
    try:
        async with asyncio.timeout(within_seconds):
            while (position := await _position(connection, name)) is None or position < min_position:  # noqa: ASYNC110  — another process moves it
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
    except TimeoutError as error:
        raise ViewBehind(f"{name} has not reached {min_position}") from error
    return position


async def _position(connection: AsyncConnection[Any], name: str) -> int | None:
    row = await (await connection.execute(REACHED, {"name": name})).fetchone()
    return row[0] if row else None
