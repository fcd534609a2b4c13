"""Rows of a named statement as what they mean."""

from collections.abc import Mapping
from typing import Any, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

Row = TypeVar("Row")


async def find(
    connection: AsyncConnection[TupleRow], row: type[Row], statement: bytes, parameters: Mapping[str, Any]
) -> list[Row]:
    """The answer, one `row` for each; the statement's columns are its fields.

    Raises psycopg.OperationalError.
    """
    async with connection.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(statement, parameters)
        return await cursor.fetchall()
