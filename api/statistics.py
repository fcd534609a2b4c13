"""统计: what cases come to, by whom and where; their steps and handovers; how late they were recorded."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Self

from fastapi import APIRouter, Query, Request
from pydantic import Field, model_validator
from starlette.responses import Response

from api.door import Entrance, door_of
from api.exporting import Format, TableQuery, answer_or_table, answers_or_table
from api.identity import IDENTIFIED
from api.paging import Word
from api.reading import Answer, Limit, reading
from api.refusals.views import TooManyPeriods
from domain.grammar import Code, Day
from projections.audit import AUDIT
from projections.calendar import CALENDAR
from projections.case_figures import CASE_FIGURES, FILTERS, Grouping, Statistics, Wanted
from projections.case_figures.counts import Counts
from projections.case_figures.holders import Held, HolderGrouping, Holders
from projections.case_figures.rates import FORMULAS, Figure
from projections.clock import CLOCK
from projections.custody import CUSTODY
from projections.exports.tables import Column, Table, columns_of
from projections.items import ITEMS
from projections.periods import Period, Span
from projections.places import PLACES
from projections.policies import POLICIES
from projections.recordings import RecorderGrouping, RecordingCount, Recordings
from projections.signals import SIGNALS
from projections.signals.counts import SignalCount, SignalCounts, SignalGrouping
from projections.work_steps import WORK_STEPS, Handover, StepCount, StepGrouping, WorkSteps

router = APIRouter(tags=["views"], route_class=Entrance)

FIGURES: Final = (CASE_FIGURES, CLOCK, CALENDAR, POLICIES, ITEMS, PLACES)
FIGURE_TABLE: Final = Table(
    "statistics",
    "统计",
    (
        Column("key", "代码", "code"),
        Column("title", "名称", "title"),
        *(
            Column(f"counts.{column.key}", column.zh, column.en)
            for column in columns_of(Counts, without={"key"})
        ),
        *(
            Column(f"rates.{name}.{part}", f"{formula.term}·{zh}", f"{name}: {part}")
            for name, formula in FORMULAS.items()
            for part, zh in (("per_10000", "万分比"), ("rank", "名次"))
        ),
    ),
)
"""A rate's fraction stands among the counts, by its formula."""
STEP_TABLE: Final = Table.of("steps", "环节统计", StepCount)
HANDOVER_TABLE: Final = Table.of("handovers", "换手统计", Handover)
HOLDER_TABLE: Final = Table.of("holders", "内部时长", Held)
RECORDING_TABLE: Final = Table.of("recordings", "补录统计", RecordingCount)
SIGNAL_TABLE: Final = Table.of("signal-statistics", "预警统计", SignalCount)
MOST_DAYS: Final = 400
"""So many days can be told one by one."""


class SpanQuery(TableQuery):
    """Which days."""

    first: Day | None = Field(
        None,
        alias="from",
        description="首日，含当日；缺省为末日所在年的 1 月 1 日 / first day; else 1 January of the last day's year",
    )
    last: Day | None = Field(None, alias="to", description="末日，含当日；缺省为 day / last day; else `day`")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.first and self.last and self.first > self.last:
            raise ValueError("from must not lie after to")
        return self

    def days(self, today: date) -> tuple[date, date]:
        """First and last; nothing is counted beyond `today`."""
        last = min(self.last or today, today)
        return self.first or min(date(last.year, 1, 1), last), last


class PeriodQuery(SpanQuery):
    """Which days, period by period."""

    period: Period = Field(Period.whole, description="按何期间 / cut into")

    def days(self, today: date) -> tuple[date, date]:
        """Raises TooManyPeriods."""
        first, last = super().days(today)
        if self.period is Period.day and (last - first).days >= MOST_DAYS:
            raise TooManyPeriods(at_most=MOST_DAYS)
        return first, last

    def span(self, today: date) -> Span:
        """Raises TooManyPeriods."""
        return Span(*self.days(today), self.period)


Only = Annotated[Code | None, Field(description="只统计此代码 / only what has this code")]


class StatisticsQuery(PeriodQuery):
    """Which figures."""

    by: Grouping | None = Field(None, description="按何分组 / told apart by")
    hall: Only = None
    unit: Only = None
    window: Only = None
    post: Only = None
    person: Only = None
    item: Only = None
    point: Only = None
    kind: Only = None
    channel: Only = None
    routing: Only = None
    mode: Only = None
    department: Word | None = Field(None, description="来源系统的部门 / the source's department")
    after: Word | None = Field(None, description="上一页的 next_after / next_after of the page before")
    limit: Limit = Field(200, description="至多几组 / at most so many groups")

    def wanted(self, today: date) -> Wanted:
        """Raises TooManyPeriods."""
        first, last = self.days(today)
        only = {name.value: code for name in FILTERS if (code := getattr(self, name.value)) is not None}
        return Wanted(first, last, today, self.by, self.period, only)


class SpanAnswer(Answer):
    first_day: date
    last_day: date


class StatisticsAnswer(SpanAnswer):
    """统计。 Figures: counts, and rates as fractions."""

    by: Grouping | None
    period: Period
    ranking_at_least: int = Field(description="不少于此数才排名 / so many are needed to be ranked")
    figures: list[Figure]
    next_after: str | None = Field(description="下一页；无则为空 / the next page's `after`")


class StepsAnswer(SpanAnswer):
    """环节统计。 Steps, the receipt included."""

    by: StepGrouping | None
    steps: int
    kinds: list[StepCount]


class HandoversAnswer(SpanAnswer):
    """换手统计。 How often a case's next step was another unit's."""

    handovers: int
    pairs: list[Handover]


class HoldersAnswer(SpanAnswer):
    """内部时长。 Working days inside each unit, window, post or person."""

    by: HolderGrouping
    period: Period
    holders: list[Held]


class RecordingsAnswer(SpanAnswer):
    """补录统计。 How much was recorded, and how late."""

    by: RecorderGrouping | None
    period: Period
    recorders: list[RecordingCount]


class SignalsAnswer(SpanAnswer):
    """预警统计。 Signals that were raised, and what became of them."""

    by: SignalGrouping | None
    period: Period
    signals: list[SignalCount]


@router.get(
    "/v1/statistics",
    summary="统计 / figures of cases",
    responses=answers_or_table(StatisticsAnswer, "statistics"),
    dependencies=IDENTIFIED,
)
async def read_statistics(request: Request, query: Annotated[StatisticsQuery, Query()]) -> Response:
    """收件、受理、办结、在办、按时、提前、超期、即办、时长、流转、补正、挂起、送达、代办、发放等，可分组、分期；任一时点可重算。

    Received, accepted, done, open, in time, early, overdue, instant, days, transfers, notices, pauses, delivery, agents,
    payments, by group and by period; with `basis` any figure can be produced again. What is too little to rank has no rank.
    """
    async with reading(door_of(request), query, FIGURES) as found:
        wanted = query.wanted(found.day)
        statistics = Statistics(found.connection)
        figures = await statistics.figures(wanted)
        least = await statistics.ranking_at_least(found.day)
    most = query.limit if query.format is Format.json else len(figures)
    page, next_after = _page(figures, query.after, most)
    told = {
        "first_day": wanted.first,
        "last_day": wanted.last,
        "by": wanted.by,
        "period": wanted.period,
        "ranking_at_least": least,
        "figures": page,
        "next_after": next_after,
    }
    return answer_or_table(found, query, told, FIGURE_TABLE, of="figures")


def _page(figures: Sequence[Figure], after: str | None, limit: int) -> tuple[list[Figure], str | None]:
    """The next so many groups, what has no code last; all periods of a group stand on one page."""
    keys = sorted({figure.key for figure in figures}, key=lambda key: (key is None, key or ""))
    behind = [key for key in keys if after is None or key is None or key > after]
    shown = set(behind[:limit])
    last = behind[limit - 1] if len(behind) > limit else None
    return [figure for figure in figures if figure.key in shown], last


class StepsQuery(SpanQuery):
    by: StepGrouping | None = Field(None, description="按何分组 / told apart by")


@router.get(
    "/v1/statistics/steps",
    summary="环节统计 / figures of steps",
    responses=answers_or_table(StepsAnswer, "statistics_steps"),
    dependencies=IDENTIFIED,
)
async def read_steps(request: Request, query: Annotated[StepsQuery, Query()]) -> Response:
    """收件与各环节办结的次数，可按环节、单位、窗口、岗位、人员分。

    How many steps were completed, the receipt included, by kind, unit, window, post or person.
    """
    async with reading(door_of(request), query, (WORK_STEPS,)) as found:
        first, last = query.days(found.day)
        kinds = await WorkSteps(found.connection).counts(query.by, first, last)
    steps = sum(kind.steps for kind in kinds)
    told = {"first_day": first, "last_day": last, "by": query.by, "steps": steps, "kinds": kinds}
    return answer_or_table(found, query, told, STEP_TABLE, of="kinds")


@router.get(
    "/v1/statistics/handovers",
    summary="换手统计 / handovers between units",
    responses=answers_or_table(HandoversAnswer, "statistics_handovers"),
    dependencies=IDENTIFIED,
)
async def read_handovers(request: Request, query: Annotated[SpanQuery, Query()]) -> Response:
    """相邻两个环节由不同单位办理的次数，按由何单位至何单位。

    How often two steps in a row were taken by different units, from which to which.
    """
    async with reading(door_of(request), query, (WORK_STEPS,)) as found:
        first, last = query.days(found.day)
        pairs = await WorkSteps(found.connection).handovers(first, last)
    handovers = sum(pair.handovers for pair in pairs)
    told = {"first_day": first, "last_day": last, "handovers": handovers, "pairs": pairs}
    return answer_or_table(found, query, told, HANDOVER_TABLE, of="pairs")


class HoldersQuery(PeriodQuery):
    by: HolderGrouping = Field(HolderGrouping.unit, description="按何分组 / told apart by")


@router.get(
    "/v1/statistics/holders",
    summary="部门内部时长 / working days inside each unit",
    responses=answers_or_table(HoldersAnswer, "statistics_holders"),
    dependencies=IDENTIFIED,
)
async def read_holders(request: Request, query: Annotated[HoldersQuery, Query()]) -> Response:
    """期间办结的办件在各单位、窗口、岗位或人员手中的工作日，扣除停止计时的特别程序；在途记在发出方名下，另列。

    Of the cases done in the span, the working days that each unit, window, post or person had them, pauses taken out;
    what was on its way is its sender's, and shown apart.
    """
    async with reading(door_of(request), query, (CASE_FIGURES, CUSTODY, CLOCK, CALENDAR)) as found:
        span = query.span(found.day)
        held = await Holders(found.connection).held(query.by, span)
    told = _asked(query.by, span) | {"holders": held}
    return answer_or_table(found, query, told, HOLDER_TABLE, of="holders")


class RecordingsQuery(PeriodQuery):
    by: RecorderGrouping | None = Field(None, description="按何分组 / told apart by")


@router.get(
    "/v1/statistics/recordings",
    summary="补录统计 / how late events were recorded",
    responses=answers_or_table(RecordingsAnswer, "statistics_recordings"),
    dependencies=IDENTIFIED,
)
async def read_recordings(request: Request, query: Annotated[RecordingsQuery, Query()]) -> Response:
    """登记的事件数、其中补录数与补录率、补录滞后工作日的中位数与最大值，可分期；按登记人所在单位、窗口、岗位或人员，
    或按办件的事项、代办点。

    Events recorded, those recorded late, and by how many working days, period by period: by the unit, window, post or
    person who recorded, or by the case's item or village point.
    """
    is_live = not (query.known_at or query.happened_by)
    needs = (CALENDAR, CASE_FIGURES, AUDIT) if is_live else (CALENDAR, CASE_FIGURES)
    async with reading(door_of(request), query, needs) as found:
        span, recordings = query.span(found.day), Recordings(found.connection)
        recorders = await recordings.counts(query.by, span, upto=found.upto, is_in_trail=is_live)
    told = _asked(query.by, span) | {"recorders": recorders}
    return answer_or_table(found, query, told, RECORDING_TABLE, of="recorders")


class SignalCountsQuery(PeriodQuery):
    by: SignalGrouping | None = Field(None, description="按何分组 / told apart by")


@router.get(
    "/v1/statistics/signals",
    summary="预警统计 / figures of signals",
    responses=answers_or_table(SignalsAnswer, "statistics_signals"),
    dependencies=IDENTIFIED,
)
async def read_signal_counts(request: Request, query: Annotated[SignalCountsQuery, Query()]) -> Response:
    """期间产生的预警数，其中黄灯、红灯，经维持的黄牌、红牌，核销数与整改率，可分期；按规则、责任单位、窗口、岗位、人员，
    或按办件的大厅、事项、类型、代办点。

    Signals raised, yellow and red, those upheld, withdrawn, replied to in time, period by period: by rule, by who answers
    for them, or by the case's hall, item, kind or village point.
    """
    async with reading(door_of(request), query, (SIGNALS, CASE_FIGURES)) as found:
        span = query.span(found.day)
        signals = await SignalCounts(found.connection).counts(query.by, span)
    told = _asked(query.by, span) | {"signals": signals}
    return answer_or_table(found, query, told, SIGNAL_TABLE, of="signals")


def _asked(by: StrEnum | None, span: Span) -> dict[str, object]:
    return {"first_day": span.first, "last_day": span.last, "by": by, "period": span.period}
