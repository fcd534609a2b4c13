"""The rates of the statistics, each with its formula; ranked where there is enough to compare."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Final, NamedTuple

from projections.case_figures.counts import Counts

TEN_THOUSAND: Final = 10_000


class Better(Enum):
    """Which end of a ranking is its first place."""

    higher = -1
    lower = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """A fraction; `per_10000` is rounded half up, None where there is nothing to divide by."""

    numerator: int
    denominator: int
    per_10000: int | None
    rank: int | None = None
    """Among the groups of the same period, 1 the best, equals alike; None where the denominator is too small to rank
    (policy `ranking_at_least`), and where neither more nor less is better."""

    @classmethod
    def of(cls, numerator: int, denominator: int) -> "Rate":
        if denominator == 0:
            return cls(numerator, denominator, None)
        return cls(numerator, denominator, (2 * TEN_THOUSAND * numerator + denominator) // (2 * denominator))


class Formula(NamedTuple):
    """How a rate is made from counts: `numerator / denominator`, or with the first taken from the second."""

    term: str
    numerator: str
    denominator: str
    better: Better | None = None
    is_complement: bool = False

    def of(self, counts: Counts) -> Rate:
        numerator, denominator = getattr(counts, self.numerator), getattr(counts, self.denominator)
        return Rate.of(denominator - numerator if self.is_complement else numerator, denominator)


FORMULAS: Final[Mapping[str, Formula]] = {
    # M-CloseRate, never above 100 %
    "close_rate": Formula("办结率", "done", "in_hand", Better.higher),
    # M-CloseRate as village rules use it; can pass 100 % in a short period
    "done_per_accepted": Formula("办结受理比", "done", "accepted"),
    # M-OnTime
    "on_time": Formula("按时办结率", "on_time", "with_deadline", Better.higher),
    # M-Early
    "early": Formula("提前办结率", "early", "done", Better.higher),
    # M-Overdue
    "overdue": Formula("超期办结率", "on_time", "with_deadline", Better.lower, is_complement=True),
    # M-InstantShare, by kind and by day
    "instant_kind": Formula("即办件占比", "instant_kind", "done"),
    "same_day": Formula("当日办结占比", "same_day", "done", Better.higher),
    # M-Convert
    "conversion": Formula("承诺件当日办结率", "promised_same_day", "promised", Better.higher),
    # M-Compress, by case and by item
    "compression": Formula("承诺时限压缩比", "promise_days", "legal_days", is_complement=True),
    "compression_by_item": Formula(
        "承诺时限压缩比（按事项）", "item_promise_days", "item_legal_days", is_complement=True
    ),
    # M-AvgDays
    "average_days": Formula("平均办理工作日", "used_days", "timed", Better.lower),
    # M-Hops, M-Returns, M-Trips
    "hops": Formula("件均流转次数", "hops", "done"),
    "returns": Formula("件均退回次数", "returns", "done", Better.lower),
    "trips": Formula("件均跑动次数", "trips", "done", Better.lower),
    # M-Notices, M-OnceRate
    "notices": Formula("件均补正次数", "notices", "received", Better.lower),
    "once": Formula("一次告知率", "once_cases", "noticed_cases", Better.higher),
    # M-Pause, M-BadPause
    "paused": Formula("挂起办件占比", "paused_cases", "done"),
    "bad_pauses": Formula("挂起无效率", "void_pauses", "pauses", Better.lower),
    # M-Deliver
    "delivered_in_time": Formula("送达及时率", "delivered_in_time", "delivered", Better.higher),
    # M-AgentShare, M-AgentDays, M-AgentLate
    "agent_share": Formula("代办占比", "agent_cases", "received"),
    "agent_days": Formula("代办平均工作日", "agent_days", "agent_legs", Better.lower),
    "agent_late": Formula("代办超期率", "agent_late", "agent_legs", Better.lower),
    # M-Refuse, M-Reject
    "refusals": Formula("不予受理率", "refused_of_received", "received"),
    "rejections": Formula("不予许可率", "rejected", "decided"),
    # M-Errors
    "errors": Formula("更正率", "mended", "done", Better.lower),
}
"""By name; the formulas of model 4.7."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One group in one period."""

    key: str | None
    title: str | None
    counts: Counts
    rates: Mapping[str, Rate]


def figures(rows: Iterable[Counts], titles: Mapping[str, str], *, ranked_from: int | None) -> list[Figure]:
    """`ranked_from`: the least denominator that is ranked; None: there is nothing to rank against."""
    told = [
        Figure(
            counts.key,
            titles.get(counts.key or ""),
            counts,
            {name: formula.of(counts) for name, formula in FORMULAS.items()},
        )
        for counts in rows
    ]
    return told if ranked_from is None else _ranked(told, ranked_from)


def _ranked(told: list[Figure], least: int) -> list[Figure]:
    places = {
        (name, day): _places(name, group, least)
        for day, group in _by_period(told).items()
        for name, formula in FORMULAS.items()
        if formula.better is not None
    }
    return [replace(figure, rates=_placed(figure, places)) for figure in told]


def _by_period(told: Iterable[Figure]) -> dict[date, list[Figure]]:
    groups: dict[date, list[Figure]] = defaultdict(list)
    for figure in told:
        groups[figure.counts.first_day].append(figure)
    return groups


def _places(name: str, group: Iterable[Figure], least: int) -> dict[str, int]:
    """By key of the group; who is nobody, or too few, has no place."""
    better = FORMULAS[name].better or Better.higher
    values = {
        figure.key: better.value * Fraction(figure.rates[name].numerator, figure.rates[name].denominator)
        for figure in group
        if figure.key is not None and figure.rates[name].denominator >= max(least, 1)
    }
    in_order = sorted(values.values())
    first_place: dict[Fraction, int] = {}
    for place, value in enumerate(in_order, start=1):
        first_place.setdefault(value, place)
    return {key: first_place[value] for key, value in values.items()}


def _placed(figure: Figure, places: Mapping[tuple[str, date], Mapping[str, int]]) -> dict[str, Rate]:
    day = figure.counts.first_day
    return {
        name: replace(rate, rank=places.get((name, day), {}).get(figure.key or ""))
        for name, rate in figure.rates.items()
    }
