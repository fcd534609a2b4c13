"""假设 what if: the same history under another version of the policy or of the working calendar.

The versions are looked up in the whole log, whatever the answer itself may know: a rule can be tried on days on which
nobody had heard of it. What is supposed governs every day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.policy.values import DEFAULT
from domain.store.statements import statements_of
from domain.workdays.seed import shipped

STATEMENTS: Final = statements_of("projections", "supposing.sql")
WEEKDAYS: Final = "weekdays"
"""Monday to Friday, no holiday, no day worked in exchange: what a spreadsheet counts."""
SHIPPED: Final = "shipped"
"""The calendar that comes with the programme, nothing of the county's own."""


class VersionUnknown(Exception):  # noqa: N818  — the domain's word
    """Neither the programme nor the log has such a version."""


@dataclass(frozen=True, slots=True)
class Supposed:
    """Versions by name; None: whatever governed."""

    policy: str | None = None
    calendar: str | None = None
    """A `calendar_version`, or WEEKDAYS, or SHIPPED."""

    def __bool__(self) -> bool:
        return self.policy is not None or self.calendar is not None

    def told(self) -> Mapping[str, str]:
        given = {"policy": self.policy, "calendar": self.calendar}
        return {name: version for name, version in given.items() if version is not None}


async def suppose(connection: AsyncConnection[TupleRow], supposed: Supposed, head: int) -> None:
    """To the end of the transaction, whose search_path begins with the definitions. Raises VersionUnknown."""
    await _run(connection, "upto", upto=str(head))
    policy = await _policy(connection, supposed.policy) if supposed.policy else ""
    calendar = await _calendar(connection, supposed.calendar, head) if supposed.calendar else ""
    await _run(connection, "suppose", policy=policy, calendar=calendar)
    if supposed.calendar:
        await _run(connection, "write_out")


async def _policy(connection: AsyncConnection[TupleRow], version: str) -> str:
    """As it was published; the view fills in what it leaves out."""
    if rows := await _run(connection, "published_policy", version=version):
        return orjson.dumps(rows[0][0]).decode()
    if version == DEFAULT.version:
        return "{}"
    raise VersionUnknown(version)


async def _calendar(connection: AsyncConnection[TupleRow], version: str, head: int) -> str:
    """The county's years of that version, as the view takes them."""
    if version == WEEKDAYS:
        plain = [{"year": year, "is_provisional": False, "exceptions": []} for year in shipped()]
        return orjson.dumps(plain).decode()
    if version == SHIPPED:
        return "[]"
    changes = [position for (position,) in await _run(connection, "calendar_changes", head=head)]
    for position in [*changes, 0]:
        await _run(connection, "upto", upto=str(position))
        if await _run(connection, "calendar_version") == [(version,)]:
            years = [year for (year,) in await _run(connection, "county_years")]
            return orjson.dumps(years).decode()
    raise VersionUnknown(version)


async def _run(connection: AsyncConnection[TupleRow], name: str, **parameters: Any) -> list[TupleRow]:
    return await (await connection.execute(STATEMENTS[name], parameters)).fetchall()
