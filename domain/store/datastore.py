"""Connections to one county for the recorders of the eventsourcing library, which are called from threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import eventsourcing.persistence as library
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from domain.store.connecting import Access, Unconfirmed, heeding_standbys
from domain.store.statements import STATEMENTS

ATTEMPTS: Final = 5
"""How often something is tried over connections that break."""


class Datastore:
    """Connections to one county for the library's recorders, from a pool that opens with its first use."""

    def __init__(self, access: Access, *, size: int = 10) -> None:
        self.access = access
        self._pool = ConnectionPool(
            access.conninfo,
            min_size=1,
            max_size=size,
            open=False,
            kwargs={"autocommit": True},
            configure=access.settle_blocking,
        )

    def close(self) -> None:
        self._pool.close()

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def connection(self) -> Iterator[Connection[TupleRow]]:
        """A connection whose errors are the library's."""
        self._pool.open()
        with (
            _errors_of_the_library(),
            self._pool.connection() as connection,
            heeding_standbys(connection),
        ):
            yield connection

    def fetch(self, name: str, parameters: dict[str, object]) -> list[TupleRow]:
        """The rows of a statement that may be asked twice."""
        for _ in range(ATTEMPTS - 1):
            try:
                return self._fetch(name, parameters)
            except library.OperationalError:
                continue
        return self._fetch(name, parameters)

    def _fetch(self, name: str, parameters: dict[str, object]) -> list[TupleRow]:
        with self.connection() as connection:
            return connection.cursor(binary=True).execute(STATEMENTS[name], parameters).fetchall()


@contextmanager
def _errors_of_the_library() -> Iterator[None]:
    try:
        yield
    except Unconfirmed as error:
        raise library.OperationalError(str(error)) from error
    except psycopg.Error as error:
        raise _error_of_the_library(error)(str(error)) from error


def _error_of_the_library(error: psycopg.Error) -> type[library.PersistenceError]:
    for kind in type(error).__mro__:
        counterpart = getattr(library, kind.__name__, None)
        if kind.__module__.startswith("psycopg") and isinstance(counterpart, type):
            return counterpart
    return library.PersistenceError
