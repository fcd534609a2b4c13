"""Reading the views: which day is asked for, in one snapshot, and the basis on which the answer stands.

    class Spells(Answer):
        spells: list[Spell]

    @router.get("/v1/…", summary="… / …", responses=answers(Spells, "spells", 404), dependencies=IDENTIFIED)
    async def read_spells(request: Request, case_no: CaseNoInPath, query: Annotated[ReadQuery, Query()]) -> Response:
        async with reading(door_of(request), query, (CUSTODY,), is_narrow=True) as found:
            stream = await found.expect_case(case_no)
            spells = await CustodyLedger(found.connection).spells([stream], found.day)
        return answer(found, {"spells": spells})

The example, without its basis, stands in `api/read_examples/spells.yaml`. Filters are fields of a subclass of `ReadQuery`.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from api.answers import JSON, Shown
from api.door import Door
from api.events import Position, whole
from api.history import OnDay
from api.openapi import BASE, problems
from api.refusals import Refusal
from api.refusals import views as refusals
from api.refusals.record import CaseUnknown
from api.shown import example_rows
from domain.grammar import Code
from projections import asked as asking
from projections import reading as views
from projections.projection import Projection
from projections.supposing import Supposed, VersionUnknown
from projections.view_readers import ViewReaders, ViewsUnreachable

Limit = Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)]


class ReadQuery(OnDay):
    """As of when; every read takes it."""

    min_position: Position | None = Field(
        None,
        description=(
            "等到视图包含此日志位置；不与 known_at、happened_by 同用"
            " / wait until the views hold this position of the log; not with known_at or happened_by"
        ),
    )

    def asked(self, now: datetime) -> asking.Asked:
        """Raises AsOfInFuture, PositionWithAsOf."""
        self.expect_past(now)
        if (self.happened_by or self.known_at) and self.min_position is not None:
            raise refusals.PositionWithAsOf
        return asking.Asked(self.day_at(now), self.known_at, self.happened_by, self.min_position)


class WhatIfQuery(ReadQuery):
    """Under another version than governed."""

    what_if_policy: Code | None = Field(
        None, description="假设此规则版本自始适用 / as if this version of the policy had always governed"
    )
    what_if_calendar: Code | None = Field(
        None,
        description=(
            "假设适用此工作日历版本；weekdays 为只计周一至周五，shipped 为随程序发布的日历"
            " / as if this calendar had governed; weekdays: Monday to Friday; shipped: the programme's own"
        ),
    )

    def supposed(self) -> Supposed:
        return Supposed(self.what_if_policy, self.what_if_calendar)


class Basis(Shown):
    """答复的依据：凭此可重新得出同样的数字。 What the answer stands on: with it, the same figures come out again."""

    mode: str = Field(
        description="live 当前，as_known 当时已知，as_happened 实际发生，both 两者", examples=["live"]
    )
    known_at: datetime | None = Field(description="只含此刻之前登记的 / only what was recorded by then")
    happened_by: datetime | None = Field(description="只含此刻之前发生的 / only what had happened by then")
    day: date = Field(description="未办结事项计至此日 / open things are counted to this day")
    position: int = Field(
        ge=0, description="答复包含至此的全部事件 / everything recorded up to here is in the answer"
    )
    behind: int = Field(ge=0, description="日志在此之后的事件数 / how many events the log has beyond it")
    failing: list[str] = Field(description="因错误停止的视图 / views that have stopped over an error")
    policies: list[str] = Field(description="规则版本 / versions of the policy")
    calendars: list[str] = Field(description="工作日历版本 / version of the working calendar")
    definitions: dict[str, str] = Field(description="各视图定义的散列 / hash of each view's definition")
    what_if: dict[str, str] = Field(
        description="假设的规则、日历版本；空则无 / versions that were supposed; empty: none"
    )
    rows_sha256: str = Field(
        description="除 basis 外全部答复的 SHA-256（RFC 8785 规范 JSON） / over the answer without basis, canonical JSON"
    )


class Answer(Shown):
    """An answer out of the views; subclasses add its members."""

    basis: Basis


def answers(model: type[BaseModel], example: str, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a read: the model, its example by name, and the problems it can meet beside the usual ones."""
    shown = {"model": model, "content": {JSON: {"example": example_of(example)}}}
    return {200: shown, **problems(*statuses, *BASE, 503)}


def example_of(name: str) -> dict[str, Any]:
    """The YAML of `api/read_examples`: an answer without its basis, which is alike everywhere."""
    return {"basis": example_rows("basis"), **example_rows(name)}


@asynccontextmanager
async def reading(
    door: Door,
    query: ReadQuery,
    needs: Sequence[Projection],
    *,
    is_narrow: bool = False,
    from_definitions: bool = False,
    supposed: Supposed = views.NOTHING_SUPPOSED,
    within_seconds: float = views.ANSWER_SECONDS,
) -> AsyncIterator[views.Reading]:
    """`projections.reading.reading` at the door: what it raises becomes a problem."""
    asked = query.asked(door.clock())
    if door.views is None:
        raise refusals.ViewNotBuilt(views=[projection.name for projection in needs])
    async with objecting(
        door.views,
        asked,
        needs,
        is_narrow=is_narrow,
        from_definitions=from_definitions,
        supposed=supposed,
        within_seconds=within_seconds,
    ) as found:
        yield found


@asynccontextmanager
async def objecting(
    readers: ViewReaders,
    asked: asking.Asked,
    needs: Sequence[Projection],
    *,
    is_narrow: bool = False,
    from_definitions: bool = False,
    supposed: Supposed = views.NOTHING_SUPPOSED,
    within_seconds: float = views.ANSWER_SECONDS,
) -> AsyncIterator[views.Reading]:
    """`projections.reading.reading`, whose exceptions become sentences in both languages."""
    read = views.reading(
        readers,
        asked,
        needs,
        is_narrow=is_narrow,
        from_definitions=from_definitions,
        supposed=supposed,
        within_seconds=within_seconds,
    )
    with _objecting(within_seconds):
        async with read as found:
            yield found


@contextmanager
def _objecting(within_seconds: float) -> Iterator[None]:
    try:
        yield
    except asking.CaseNotThere as absent:
        raise _absence(absent) from None
    except VersionUnknown:
        raise refusals.VersionUnknown from None
    except asking.BeyondTheLog:
        raise refusals.PositionBeyondLog from None
    except asking.ViewBehind as behind:
        raise refusals.ViewBehind(
            view=behind.view, position=behind.position, wanted_position=behind.wanted
        ) from behind
    except asking.ViewsTakenOver as outdated:
        raise refusals.ViewsTakenOver(views=list(outdated.views)) from outdated
    except asking.ViewNotBuilt as unbuilt:
        raise refusals.ViewNotBuilt(views=list(unbuilt.views)) from unbuilt
    except asking.ViewFailing as failing:
        raise _refusal_of(failing.stand) from failing
    except asking.ReadingTooLong as slow:
        raise refusals.ReadingTooLong(within_seconds=within_seconds) from slow
    except ViewsUnreachable as lost:
        raise refusals.ViewsUnreachable from lost


def _absence(absent: asking.CaseNotThere) -> Refusal:
    match absent:
        case asking.CaseNotYetKnown(known_since=known_since):
            return refusals.NotYetKnown(known_since=known_since)
        case asking.CaseNotYetBegun(began_at=began_at):
            return refusals.NotYetBegun(began_at=began_at)
        case _:
            return CaseUnknown()


def _refusal_of(stand: asking.Stand) -> refusals.ViewFailing:
    return refusals.ViewFailing(
        view=stand.name,
        position=stand.position,
        failed_after=stand.failed_after,
        failed_upto=stand.failed_upto,
    )


def answer(found: views.Reading, rows: Mapping[str, object], **further: object) -> Response:
    """`rows`: the members of the answer beside `basis`; dataclasses, dicts, lists, whole numbers, days, times in UTC.

    `further`: members that the hash of the rows leaves out.
    """
    document = {"basis": found.basis(rows), **further, **rows}
    return Response(orjson.dumps(document, option=orjson.OPT_UTC_Z), media_type=JSON)
