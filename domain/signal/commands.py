"""What can be asked about a signal, and the rules: the watch raises it, the responsible unit answers, supervision decides.

Nobody removes one: what was mistaken is withdrawn 核销, with its reason, and stays in the ledger.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, assert_never

from pydantic import Field

from domain.admission import CalendarTooShort, Objections, happened_already, recorded_by
from domain.calendar import CalendarUnknown, used
from domain.catalogue import Catalogue
from domain.grammar import Actor, Code, Command, Decision, Occasion, Ruling, local_day, settle
from domain.signal.events import (
    Appeal,
    Confirmation,
    Reply,
    SignalAppealed,
    SignalRaised,
    SignalReplied,
    SignalUpheld,
    SignalWithdrawn,
    Withdrawal,
)
from domain.signal.rejections import (
    AlreadyAppealed,
    BeforeItWasRaised,
    DecidedTheCase,
    NotTheResponsibleUnit,
    SignalDecided,
    SignalNotRaised,
    SignalNumberTaken,
    SignalUpheldAlready,
    StandsOnNothing,
    StateNotYetReached,
)
from domain.signal.state import Signal, SignalState
from domain.signal.values import RULES, Finding
from domain.stand_in.acting import stands_in_duly
from domain.window.values import Role

WATCH: Final = frozenset({Role.clock, Role.supervision, Role.discipline})
SUPERVISION: Final = frozenset({Role.supervision, Role.discipline})
NEVER: Final = WATCH | {Role.system_admin, Role.catalogue_admin, Role.auditor, Role.importer}
"""Whoever watches does not answer for the watched; the others act in no business of a hall."""


class RaiseSignal(Finding, Command):
    """预警: what a rule of the watch found, or supervision itself."""

    type: Literal["raise_signal"] = "raise_signal"


def raise_signal(signal: Signal, command: RaiseSignal, occasion: Occasion, catalogue: Catalogue) -> Ruling:
    if signal.raised is not None:
        if signal.raised.signal_no != command.signal_no:
            yield SignalNumberTaken()
        return  # the same finding again: nothing to do
    if command.case_no is not None and not command.facts:
        yield StandsOnNothing()
    if command.state_on > occasion.day:
        yield StateNotYetReached()
    policy = catalogue.policy(occasion.day)
    is_asked = command.light.asks_reply and not command.is_legacy
    yield SignalRaised.as_told(
        command,
        basis=RULES[command.rule_code].basis,
        reply_due=catalogue.working_days().add(occasion.day, policy.signal_reply_days) if is_asked else None,
    )


class ReplyToSignal(Reply, Command):
    """反馈: the responsible unit says what became of it."""

    type: Literal["reply_to_signal"] = "reply_to_signal"


def reply_to_signal(
    signal: Signal, command: ReplyToSignal, occasion: Occasion, catalogue: Catalogue
) -> Ruling:
    yield from _open(signal, occasion)
    yield from _theirs(signal, occasion.actor, catalogue)
    if signal.status is SignalState.upheld:
        yield SignalUpheldAlready()
    if signal.raised is None or signal.raised_at is None:
        return
    days = used(local_day(signal.raised_at), occasion.day, catalogue.working_days())
    reply_due = signal.raised.reply_due
    yield SignalReplied.as_told(
        command, days=days, is_late=reply_due is not None and occasion.day > reply_due
    )


class AppealSignal(Appeal, Command):
    """申诉: the responsible unit says that the signal is wrong."""

    type: Literal["appeal_signal"] = "appeal_signal"


def appeal_signal(signal: Signal, command: AppealSignal, occasion: Occasion, catalogue: Catalogue) -> Ruling:
    yield from _open(signal, occasion)
    yield from _theirs(signal, occasion.actor, catalogue)
    if signal.appealed_at is not None:
        yield AlreadyAppealed()
    yield SignalAppealed.as_told(command)


class UpholdSignal(Confirmation, Command):
    """维持: supervision finds that the signal stands."""

    type: Literal["uphold_signal"] = "uphold_signal"


def uphold_signal(signal: Signal, command: UpholdSignal, occasion: Occasion) -> Ruling:
    yield from _open(signal, occasion)
    if signal.status is SignalState.upheld:
        yield SignalUpheldAlready()
    yield SignalUpheld.as_told(command)


class WithdrawSignal(Withdrawal, Command):
    """核销: supervision finds that nobody is to blame; the reason is told, and the signal stays."""

    type: Literal["withdraw_signal"] = "withdraw_signal"


def withdraw_signal(signal: Signal, command: WithdrawSignal, occasion: Occasion) -> Ruling:
    yield from _open(signal, occasion)
    yield SignalWithdrawn.as_told(command)


def _open(signal: Signal, occasion: Occasion) -> Objections:
    """Raised, and not withdrawn."""
    if signal.raised_at is None:
        yield SignalNotRaised()
    if signal.status is SignalState.withdrawn:
        yield SignalDecided()
    if signal.raised_at is not None and occasion.occurred_at < signal.raised_at:
        yield BeforeItWasRaised()


def _theirs(signal: Signal, actor: Actor, catalogue: Catalogue) -> Objections:
    """The responsible unit's, or one's above it; where no unit is named, whoever's in the hall."""
    responsible = signal.raised.unit_code if signal.raised else None
    if responsible is not None and not _answers_for(actor.unit_code, responsible, catalogue):
        yield NotTheResponsibleUnit(unit_code=responsible)


def _answers_for(unit_code: str | None, responsible: str, catalogue: Catalogue) -> bool:
    seen: set[str] = set()
    above: str | None = responsible
    while above is not None and above not in seen:
        if above == unit_code:
            return True
        seen.add(above)
        unit = catalogue.unit(above)
        above = unit.parent_code if unit else None
    return False


Answer = ReplyToSignal | AppealSignal | UpholdSignal | WithdrawSignal
SignalAnswer = Annotated[Answer, Field(discriminator="type")]
"""What can be recorded of a signal that was raised."""
Action = RaiseSignal | ReplyToSignal | AppealSignal | UpholdSignal | WithdrawSignal
SignalAction = Annotated[Action, Field(discriminator="type")]
"""Every action that can be recorded of a signal, told apart by `type`."""


class AnswerSignal(Command):
    """An answer together with what the case's own history says of who may not give it."""

    type: Literal["answer_signal"] = "answer_signal"
    answer: SignalAnswer
    deciders: Annotated[tuple[Code, ...], Field(max_length=1000)] = ()
    """Staff numbers of who decided the case that the signal is about."""


def answer_signal(command: AnswerSignal, occasion: Occasion, catalogue: Catalogue) -> Objections:
    """Who decided a case neither explains away nor closes a signal about it."""
    if any(catalogue.is_same_person(each, occasion.actor.staff_id) for each in command.deciders):
        yield DecidedTheCase()


MAY: Final[Mapping[type[Command], frozenset[Role]]] = {
    RaiseSignal: WATCH,
    UpholdSignal: SUPERVISION,
    WithdrawSignal: SUPERVISION,
}


def may_record(role: str, action: type[Command]) -> bool:
    """The clock and supervision raise, supervision decides, the business of the county answers."""
    return role in MAY[action] if action in MAY else role not in NEVER


def decide(
    signal: Signal, command: Action | AnswerSignal, occasion: Occasion, catalogue: Catalogue
) -> Decision:
    """Raises Rejected."""
    try:
        facts, irregularities = settle(_ruling(signal, command, occasion, catalogue), occasion)
        calendar_version = catalogue.working_days().version
    except CalendarUnknown as error:
        raise CalendarTooShort from error
    return Decision(
        facts,
        irregularities,
        policy_version=catalogue.policy(occasion.day).version,
        calendar_version=calendar_version,
    )


def _ruling(
    signal: Signal, command: Action | AnswerSignal, occasion: Occasion, catalogue: Catalogue
) -> Ruling:
    if isinstance(command, AnswerSignal):
        yield from answer_signal(command, occasion, catalogue)
        command = command.answer
    yield from recorded_by(occasion, may=may_record(occasion.actor.role, type(command)))
    yield from stands_in_duly(occasion, catalogue)
    yield from happened_already(occasion, catalogue.policy(occasion.day))
    match command:
        case RaiseSignal():
            yield from raise_signal(signal, command, occasion, catalogue)
        case ReplyToSignal():
            yield from reply_to_signal(signal, command, occasion, catalogue)
        case AppealSignal():
            yield from appeal_signal(signal, command, occasion, catalogue)
        case UpholdSignal():
            yield from uphold_signal(signal, command, occasion)
        case WithdrawSignal():
            yield from withdraw_signal(signal, command, occasion)
        case _:
            assert_never(command)
