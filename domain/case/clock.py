"""The case's clock: days excluded, days due. Source: 行政许可法 Arts. 42, 45, 82; model 4.5."""

from collections.abc import Iterable
from datetime import date

from domain.calendar import EMPTY, DaySet, WorkingDays, due, span
from domain.case.setting import Setting
from domain.case.state import Case, Clock, Pause
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


def deadlines_now(case: Case, at: Setting) -> Deadlines:
    """The days due as a rule must see them today: as recorded, but counted anew where the calendar was provisional."""
    clock = case.clock
    if clock.is_provisional:
        return deadlines(clock, case.origin, at)
    return Deadlines(promise_due=clock.promise_due, legal_due=clock.legal_due)


def due_now(case: Case, at: Setting) -> date | None:
    """The day by which the case should be decided: as promised, else as the law says."""
    days = deadlines_now(case, at)
    return days.promise_due or days.legal_due


def first_review_due(case: Case, at: Setting) -> date | None:
    """The last day for the first review of a case that goes up (行政许可法 Art. 43); None before acceptance."""
    clock = case.clock
    if clock.accepted_on is None:
        return None
    excluded = excluded_days(clock.pauses, is_capped=at.policy.pause_capped_at_plan)
    return due(clock.accepted_on, at.policy.first_review_days, at.calendar, excluded)


def delivery_due(case: Case, at: Setting) -> date | None:
    """The last day to deliver the result of an approval (行政许可法 Art. 44); None where nothing was approved."""
    if case.decision is None or not case.decision.is_approval:
        return None
    return due(case.decision.decided_on, at.policy.delivery_days, at.calendar)


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
