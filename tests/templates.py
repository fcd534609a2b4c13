"""Databases that are made once for each server and copied: making one takes ten times as long."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.store import schema
from tests.servers import FRESH, at_server, is_untouched, server_of, take_away

_template_by_making: dict[tuple[object, ...], str] = {}


async def a_copy(dsn: str, make: Callable[[str], Awaitable[None]]) -> None:
    """The fresh database becomes what `make` makes of one; any other is made by itself."""
    if not _name(dsn).startswith(FRESH):
        return await make(dsn)
    making = (server_of(dsn), make)
    if making not in _template_by_making:
        template = _an_empty_one(dsn)
        await make(template)
        _template_by_making[making] = _name(template)
    with at_server(dsn) as connection:
        _replace(connection, dsn, _template_by_making[making])
    return None


def make_county(dsn: str, county: str, *further: Callable[[str, str], object]) -> None:
    """What schema.create makes and then `further`, say `establish`: in a fresh database that nobody has entered, a copy of it."""
    making = (server_of(dsn), county, further)
    with at_server(dsn) as connection:
        if not is_untouched(connection, _name(dsn)):
            return _make(dsn, county, further)
        if making not in _template_by_making:
            template = _an_empty_one(dsn)
            _make(template, county, further)
            _template_by_making[making] = _name(template)
        _replace(connection, dsn, _template_by_making[making])
    return None


def _make(dsn: str, county: str, further: tuple[Callable[[str, str], object], ...]) -> None:
    for make in (schema.create, *further):
        make(dsn, county)


def _an_empty_one(dsn: str) -> str:
    name = f"template_{uuid4().hex[:12]}"
    with at_server(dsn) as connection:
        connection.execute(f"create database {name}")
    return make_conninfo(dsn, dbname=name)


def _replace(connection: psycopg.Connection, dsn: str, template: str) -> None:
    take_away(connection, dsn)
    connection.execute(f"create database {_name(dsn)} template {template}")


def _name(dsn: str) -> str:
    return str(conninfo_to_dict(dsn)["dbname"])
