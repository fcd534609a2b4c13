"""Reading on where a page ended: the place of its last row, as a word that only we read."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Protocol, Self, TypeVar

import orjson
from pydantic import Field, StringConstraints, TypeAdapter, model_validator
from starlette.responses import Response

from api.door import Door
from api.exporting import Format, TableQuery, export
from api.reading import Limit, answer, reading
from api.refusals.views import AfterUnreadable
from domain.grammar import Day
from projections.exports.tables import Table
from projections.projection import Projection
from projections.reading import Reading

Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Position = Annotated[int, Field(ge=0, le=2**53)]
CaseNo = Annotated[str, StringConstraints(pattern=r"^[0-9]{25}[0-9A-Z]$")]
NEXT_AFTER: Final = "下一页的 after；为空则已到末尾 / give it as `after` to read on; null at the end"
FILE_ROWS: Final = 2000
"""Of a file's page: as of another day each page asks the definitions anew."""
P = TypeVar("P", bound=tuple[Any, ...])
P_co = TypeVar("P_co", bound=tuple[Any, ...], covariant=True)


class PagedQuery(TableQuery):
    """A list, a page at a time."""

    after: Annotated[str, Field(max_length=800, pattern=r"^[0-9A-Za-z_=-]+$")] | None = Field(
        None, description="上一页的 next_after / the next_after of the page before"
    )
    limit: Limit = Field(100, description="至多几条 / at most so many")


class InPeriod(TableQuery):
    """What lies in a period, of one case or of all."""

    case_no: CaseNo | None = Field(None, description="只看此办件 / of this case alone")
    first_day: Day | None = Field(None, description="起始日（含） / from this day on")
    last_day: Day | None = Field(None, description="截止日（含） / up to and with this day")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError("first_day must not lie after last_day")
        return self

    @property
    def stream(self) -> str | None:
        return self.case_no and f"case:{self.case_no}"


class PeriodQuery(InPeriod, PagedQuery):
    """A list of it, a page at a time."""


class Placed(Protocol[P_co]):
    @property
    def place(self) -> P_co: ...


@dataclass(frozen=True)
class Paging(Generic[P]):
    """How the places of one list are written. `first`: the place in front of all rows."""

    shape: TypeAdapter[P]
    first: P

    def behind(self, after: str | None) -> P:
        """Raises AfterUnreadable."""
        if after is None:
            return self.first
        try:
            return self.shape.validate_json(urlsafe_b64decode(after))
        except ValueError:
            raise AfterUnreadable from None

    def next_after(self, rows: Sequence[Placed[P]], limit: int) -> str | None:
        """None where the page was not filled: there is nothing behind it."""
        return urlsafe_b64encode(orjson.dumps(rows[-1].place)).decode() if len(rows) == limit else None


async def answer_page(
    door: Door,
    query: PagedQuery,
    needs: Sequence[Projection],
    paging: Paging[P],
    page: Callable[[Reading, P, int], Awaitable[Sequence[Placed[P]]]],
    table: Table,
    *,
    of: str,
) -> Response:
    """A page of a list, member `of` of the answer; with `format` a file of all its rows, out of one snapshot.

    `page` reads at most so many rows behind a place. Raises AfterUnreadable, ExportsBusy.
    """
    first = paging.behind(query.after)
    if query.format is not Format.json:

        async def behind(found: Reading, last: Placed[P] | None) -> Sequence[Placed[P]]:
            return await page(found, first if last is None else last.place, FILE_ROWS)

        return await export(door, query, needs, table, behind)
    async with reading(door, query, needs) as found:
        rows = await page(found, first, query.limit)
    return answer(found, {of: rows, "next_after": paging.next_after(rows, query.limit)})
