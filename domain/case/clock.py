"""The case's clock: days excluded, days due. Source: 行政许可法 Arts. 42, 45, 82; model 4.5."""

from collections.abc import Iterable
from datetime import date

from domain.calendar import EMPTY, DaySet, WorkingDays, due, span
from domain.case.setting import Setting
from domain.case.state import Clock, Pause
from domain.case.values import Deadlines, Origin
from domain.grammar import local_day


def excluded_days(pauses: Iterable[Pause], *, is_capped: bool) -> DaySet:
    """Days that are not counted: the union over valid pauses that ended; capped at the plan where so ruled."""
    days = EMPTY
    for pause in pauses:
        if pause.is_valid and pause.ended_on is not None:
            last = min(pause.ended_on, pause.planned_end) if is_capped else pause.ended_on
            days |= span(pause.started_on, last)
    return days


def given_by(origin: Origin | None) -> Deadlines:
    """The dates the source of a legacy record gave; empty where it gave none."""
    if origin is None or (origin.deadline is None and origin.planned_end is None):
        return Deadlines()
    return Deadlines(
        promise_due=origin.planned_end and local_day(origin.planned_end),
        legal_due=origin.deadline and local_day(origin.deadline),
        is_from_source=True,
    )


def deadlines(clock: Clock, origin: Origin | None, at: Setting) -> Deadlines:
    """The days due as the clock stands: computed from acceptance, or the source's own, moved by what stopped
    or extended the time since. Empty where the case has not been accepted."""
    excluded = excluded_days(clock.pauses, is_capped=at.policy.pause_capped_at_plan)
    if clock.ordered_due is not None:
        return Deadlines(legal_due=clock.ordered_due)
    given = given_by(origin)
    if given.is_from_source:
        return _pushed(given, clock.extension_days, at.calendar, excluded)
    if clock.accepted_on is None:
        return Deadlines()
    promise_due, legal_due = (
        None if days is None else due(clock.accepted_on, days + clock.extension_days, at.calendar, excluded)
        for days in (clock.promise_days, clock.legal_days)
    )
    return Deadlines(
        promise_due=promise_due,
        legal_due=legal_due,
        is_provisional=any(
            day is not None and at.calendar.is_provisional(day) for day in (promise_due, legal_due)
        ),
    )


def _pushed(given: Deadlines, extension: int, calendar: WorkingDays, excluded: DaySet) -> Deadlines:
    if not extension and not excluded:
        return given
    promise_due, legal_due = (
        None
        if day is None
        else due(day, extension + calendar.among(excluded, date.min, day), calendar, excluded)
        for day in (given.promise_due, given.legal_due)
    )
    return Deadlines(promise_due=promise_due, legal_due=legal_due, is_from_source=True)
