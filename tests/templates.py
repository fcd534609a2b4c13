"""Databases that are made once for each server and copied: making one takes ten times as long."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.servers import FRESH

_template_by_making: dict[tuple[object, ...], str] = {}


async def a_copy(dsn: str, make: Callable[[str], Awaitable[None]]) -> None:
    """The fresh database becomes what `make` makes of one; any other is made by itself."""
    place = conninfo_to_dict(dsn)
    if not str(place["dbname"]).startswith(FRESH):
        return await make(dsn)
    making = (place["host"], place.get("port"), make)
    if making not in _template_by_making:
        _template_by_making[making] = await _template(dsn, make)
    words = {
        "fresh": sql.Identifier(str(place["dbname"])),
        "template": sql.Identifier(_template_by_making[making]),
    }
    with _server(dsn) as connection:
        connection.execute(sql.SQL("drop database {fresh} with (force)").format(**words))
        connection.execute(sql.SQL("create database {fresh} template {template}").format(**words))
    return None


async def _template(dsn: str, make: Callable[[str], Awaitable[None]]) -> str:
    name = f"template_{uuid4().hex[:12]}"
    with _server(dsn) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    await make(make_conninfo(dsn, dbname=name))
    return name


def _server(dsn: str) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True)
