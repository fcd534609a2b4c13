"""What can be asked once the papers are there, and the rules. Source: 行政许可法 Art. 32."""

from dataclasses import replace
from datetime import date
from typing import Literal, assert_never

from domain.admission import Objections
from domain.authorisation.values import Power
from domain.case.acceptance.events import (
    AcceptanceRefused,
    CaseAccepted,
    CaseDeemedAccepted,
    RefusalForm,
)
from domain.case.acceptance.rejections import (
    AcceptanceDateDiffers,
    ItemNotStationed,
    ReasonsMissing,
    RefusedThoughComplete,
    RemediesMissing,
    TooEarlyToDeem,
    WindowNotAuthorised,
)
from domain.case.clock import deadlines
from domain.case.intake.commands import in_intake, is_timely
from domain.case.intake.rejections import CaseAlreadyAccepted, KnowableBefore
from domain.case.order import without_result
from domain.case.persons import officer_is_impartial
from domain.case.setting import Setting
from domain.case.state import Case, Clock
from domain.case.values import Grounds
from domain.grammar import Command, Day, Label, Ruling, local_day
from domain.item.values import Kind


class AcceptCase(Command):
    """受理: the window takes the case on; every limit counts from the day on which the papers were complete."""

    type: Literal["accept_case"] = "accept_case"
    acceptance_date: Day | None = None
    """May be left out: the day is computed. Given, it must be the computed one."""
    document_no: Label | None = None
    """受理文书编号."""


def accept_case(case: Case, command: AcceptCase, at: Setting) -> Ruling:
    if not case.clock.is_deemed:  # what the law made of silence gives way to an acceptance told late
        yield from _without_acceptance(case)
    yield from in_intake(case, at)
    yield from officer_is_impartial(case, at)
    computed = case.intake.complete_on or at.day
    accepted_on = command.acceptance_date or computed
    if accepted_on != computed:
        yield AcceptanceDateDiffers(expected=computed.isoformat())
    if any(not notice.postpones_acceptance for notice in case.intake.notices[1:]):
        yield KnowableBefore(acceptance_date=accepted_on.isoformat())
    authorisation_no = _authorisation(case, at)
    yield from _authorised_and_stationed(case, authorisation_no, at)
    clock = _clock_from(case, accepted_on, at)
    yield CaseAccepted(
        acceptance_date=accepted_on,
        document_no=command.document_no,
        promise_days=clock.promise_days,
        legal_days=clock.legal_days,
        authorisation_no=authorisation_no,
        **deadlines(clock, case.origin, at).model_dump(),
    )


def _without_acceptance(case: Case) -> Objections:
    """Neither accepted nor refused: it is the one or the other, once, even where the second happened before."""
    yield from without_result(case)
    if case.clock.accepted_on is not None:
        yield CaseAlreadyAccepted(accepted_on=case.clock.accepted_on.isoformat())


def _clock_from(case: Case, accepted_on: date, at: Setting) -> Clock:
    item = at.item
    if item is None:
        return replace(case.clock, accepted_on=accepted_on)
    same_day = 0 if item.kind is Kind.instant else None
    promise_days = same_day if item.promise_days is None else item.promise_days
    return replace(case.clock, accepted_on=accepted_on, promise_days=promise_days, legal_days=item.legal_days)


def _authorisation(case: Case, at: Setting) -> str | None:
    if case.application is None:
        return None
    return at.catalogue.may(
        Power.accept,
        case.application.item_code,
        unit_code=at.actor.unit_code,
        post_id=at.actor.post_id,
        on=at.day,
    )


def _authorised_and_stationed(case: Case, authorisation_no: str | None, at: Setting) -> Objections:
    if case.application is None or at.occasion.is_imported:
        return
    if authorisation_no is None:
        yield WindowNotAuthorised()
    window_id = at.actor.window_id
    if window_id and not at.catalogue.is_stationed(case.application.item_code, window_id, at.day):
        yield ItemNotStationed()


class DeemAccepted(Command):
    """视为受理: nothing was said in time, so the law has accepted the case from the day of receipt."""

    type: Literal["deem_accepted"] = "deem_accepted"


def deem_accepted(case: Case, _: DeemAccepted, at: Setting) -> Ruling:
    yield from _without_acceptance(case)
    yield from in_intake(case, at)
    if case.application is None:
        return
    told_in_time = any(is_timely(case, notice.issued_on, at) for notice in case.intake.notices)
    if told_in_time or is_timely(case, at.day, at):
        yield TooEarlyToDeem()
    received_on = local_day(case.application.received_at)
    clock = _clock_from(case, received_on, at)
    yield CaseDeemedAccepted(
        acceptance_date=received_on,
        promise_days=clock.promise_days,
        legal_days=clock.legal_days,
        **deadlines(clock, case.origin, at).model_dump(),
    )


class RefuseAcceptance(RefusalForm, Command):
    """不予受理, with reasons and remedies, in writing (行政许可法 Art. 32)."""

    type: Literal["refuse_acceptance"] = "refuse_acceptance"


def refuse_acceptance(case: Case, command: RefuseAcceptance, at: Setting) -> Ruling:
    yield from _without_acceptance(case)
    yield from in_intake(case, at)
    yield from grounds_given(command)
    if any(notice.completed_on for notice in case.intake.notices[-1:]):
        yield RefusedThoughComplete()
    yield AcceptanceRefused.as_told(command)


def grounds_given(grounds: Grounds) -> Objections:
    if grounds.reasons is None:
        yield ReasonsMissing()
    if grounds.remedies is None:
        yield RemediesMissing()


AcceptanceAction = AcceptCase | DeemAccepted | RefuseAcceptance


def decide(case: Case, command: AcceptanceAction, at: Setting) -> Ruling:
    match command:
        case AcceptCase():
            return accept_case(case, command, at)
        case DeemAccepted():
            return deem_accepted(case, command, at)
        case RefuseAcceptance():
            return refuse_acceptance(case, command, at)
        case _:
            assert_never(command)
