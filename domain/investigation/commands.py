"""What can be asked of an investigation 核查, and the rules: opened by supervision or 纪委, acted in by its officers."""

from collections.abc import Generator
from typing import Annotated, Final, Literal, assert_never

from pydantic import Field

from domain.admission import Objections, happened_already, recorded_by, staff_known
from domain.catalogue import Catalogue
from domain.grammar import Actor, Command, Decision, Objection, Occasion, Ruling, settle
from domain.investigation.events import (
    ConclusionRecorded,
    Consent,
    Finding,
    Hold,
    InvestigationOpened,
    LegalHoldPlaced,
    LegalHoldReleased,
    LegalHoldReleaseProposed,
    Opening,
    Release,
)
from domain.investigation.rejections import (
    BeforeItWasOpened,
    HoldNumberTaken,
    HoldReleased,
    HoldsNothing,
    HoldUnknown,
    InvestigationConcluded,
    InvestigationNotOpened,
    InvestigationNumberTaken,
    NotAnOfficer,
    OfficerHadAPart,
    OfficerIsInvestigated,
    OutsideScope,
    ReleasedByProposer,
    ReleaseNotProposed,
    ScopeEmpty,
    TooFewOfficers,
)
from domain.investigation.state import WATCHERS, HoldState, Investigation, Taken
from domain.investigation.values import Codes
from domain.perusal.commands import OF_A_CASE, PerusalAction, looked
from domain.window.values import Role

NEVER: Final = frozenset({Role.system_admin, Role.clock, Role.importer})
"""Programmes and who runs the system investigate nothing."""
AT_LEAST: Final = 2


class OpenInvestigation(Opening, Command):
    """立案核查."""

    type: Literal["open_investigation"] = "open_investigation"


def open_investigation(
    investigation: Investigation, command: OpenInvestigation, occasion: Occasion, catalogue: Catalogue
) -> Ruling:
    if investigation.opened is not None:
        yield InvestigationNumberTaken()
    if len({_person(staff_id, catalogue) for staff_id in command.officers}) < AT_LEAST:
        yield TooFewOfficers(at_least=AT_LEAST)
    if command.scope.is_empty:
        yield ScopeEmpty()
    for staff_id in command.officers:
        yield from staff_known(staff_id, occasion.day, catalogue)
        yield from _impartial(staff_id, command, catalogue)
    yield InvestigationOpened.as_told(command)


def _person(staff_id: str, catalogue: Catalogue) -> str:
    """Who it is: two numbers of one person are one officer."""
    member = catalogue.staff(staff_id)
    return member.person_ref if member else staff_id


def _impartial(staff_id: str, command: OpenInvestigation, catalogue: Catalogue) -> Objections:
    if not {staff_id, _person(staff_id, catalogue)}.isdisjoint(command.scope.persons):
        yield OfficerIsInvestigated(staff_id=staff_id)


class LookUnder(Command):
    """调阅、回放、导出: a look that is taken under the investigation."""

    type: Literal["look_under"] = "look_under"
    look: PerusalAction
    involved: Codes = ()
    """Staff and persons who had a part in the case, as the log tells it."""


def look_under(
    investigation: Investigation, command: LookUnder, occasion: Occasion, catalogue: Catalogue
) -> Ruling:
    yield from _under_way(investigation, occasion)
    yield from _by_officer(investigation, occasion.actor)
    yield from _within_reach(investigation, command, occasion.actor, catalogue)
    fact = looked(command.look)
    if Taken.by(occasion.actor, occasion.occurred_at, fact) not in investigation.looks:
        yield fact


def _within_reach(
    investigation: Investigation, command: LookUnder, actor: Actor, catalogue: Catalogue
) -> Objections:
    if investigation.opened is None or not isinstance(command.look, OF_A_CASE):
        return
    if not investigation.opened.scope.reaches(command.look.case_no, command.involved):
        yield OutsideScope()
    own = _person(actor.staff_id, catalogue)
    if any(own in (each, _person(each, catalogue)) for each in command.involved):
        yield OfficerHadAPart()


class PlaceLegalHold(Hold, Command):
    """证据保全: nothing of these cases and persons is erased until the hold is released."""

    type: Literal["place_legal_hold"] = "place_legal_hold"


def place_legal_hold(investigation: Investigation, command: PlaceLegalHold, occasion: Occasion) -> Ruling:
    yield from _under_way(investigation, occasion)
    yield from _by_officer(investigation, occasion.actor)
    if not (command.case_nos or command.persons):
        yield HoldsNothing()
    placed = LegalHoldPlaced.as_told(command)
    standing = investigation.holds.get(command.hold_no)
    if standing is None:
        yield placed
    elif standing.placed != placed or standing.released_at:
        yield HoldNumberTaken()


class ProposeHoldRelease(Release, Command):
    """拟解除: the first of two persons."""

    type: Literal["propose_hold_release"] = "propose_hold_release"


def propose_hold_release(
    investigation: Investigation, command: ProposeHoldRelease, occasion: Occasion
) -> Ruling:
    standing = yield from _standing_hold(investigation, command.hold_no, occasion)
    if standing and standing.proposed_by == occasion.actor.staff_id:
        return
    yield LegalHoldReleaseProposed.as_told(command)


class ReleaseLegalHold(Consent, Command):
    """解除: the second of two persons."""

    type: Literal["release_legal_hold"] = "release_legal_hold"


def release_legal_hold(
    investigation: Investigation, command: ReleaseLegalHold, occasion: Occasion, catalogue: Catalogue
) -> Ruling:
    standing = yield from _standing_hold(investigation, command.hold_no, occasion)
    proposed_by = standing.proposed_by if standing else None
    if proposed_by is None:
        yield ReleaseNotProposed()
        return
    if catalogue.is_same_person(proposed_by, occasion.actor.staff_id):
        yield ReleasedByProposer()
    yield LegalHoldReleased.as_told(command, proposed_by=proposed_by)


class RecordConclusion(Finding, Command):
    """核查结论."""

    type: Literal["record_conclusion"] = "record_conclusion"


def record_conclusion(investigation: Investigation, command: RecordConclusion, occasion: Occasion) -> Ruling:
    yield from _under_way(investigation, occasion)
    yield from _by_officer(investigation, occasion.actor)
    yield ConclusionRecorded.as_told(command)


# ── what all of them stand on ───────────────────────────────────────────────────────────────────────────────


def _opened(investigation: Investigation, occasion: Occasion) -> Objections:
    if investigation.opened_at is None:
        yield InvestigationNotOpened()
    elif occasion.occurred_at < investigation.opened_at:
        yield BeforeItWasOpened()


def _under_way(investigation: Investigation, occasion: Occasion) -> Objections:
    yield from _opened(investigation, occasion)
    if investigation.concluded_at is not None:
        yield InvestigationConcluded()


def _by_officer(investigation: Investigation, actor: Actor) -> Objections:
    if investigation.opened is not None and actor.staff_id not in investigation.opened.officers:
        yield NotAnOfficer()


def _standing_hold(
    investigation: Investigation, hold_no: str, occasion: Occasion
) -> Generator[Objection, None, HoldState | None]:
    """A hold that was not released; its release may follow the conclusion, by officers or by supervision and 纪委."""
    yield from _opened(investigation, occasion)
    if occasion.actor.role not in WATCHERS:
        yield from _by_officer(investigation, occasion.actor)
    standing = investigation.holds.get(hold_no)
    if standing is None:
        yield HoldUnknown()
    elif standing.released_at is not None:
        yield HoldReleased()
    return standing


Further = PlaceLegalHold | ProposeHoldRelease | ReleaseLegalHold | RecordConclusion
InvestigationAct = Annotated[Further, Field(discriminator="type")]
"""What can be recorded of an investigation that was opened."""
Action = OpenInvestigation | LookUnder | Further
InvestigationAction = Annotated[Action, Field(discriminator="type")]


def may_record(role: str, action: type[Command]) -> bool:
    """Supervision and 纪委 open one; who its officers are is asked by the rule of each action."""
    return role in WATCHERS if action is OpenInvestigation else role not in NEVER


def decide(
    investigation: Investigation, command: Action, occasion: Occasion, catalogue: Catalogue
) -> Decision:
    """Raises Rejected."""
    return Decision(*settle(_ruling(investigation, command, occasion, catalogue), occasion))


def _ruling(
    investigation: Investigation, command: Action, occasion: Occasion, catalogue: Catalogue
) -> Ruling:
    yield from recorded_by(occasion, may=may_record(occasion.actor.role, type(command)))
    yield from happened_already(occasion, catalogue.policy(occasion.day))
    match command:
        case OpenInvestigation():
            yield from open_investigation(investigation, command, occasion, catalogue)
        case LookUnder():
            yield from look_under(investigation, command, occasion, catalogue)
        case PlaceLegalHold():
            yield from place_legal_hold(investigation, command, occasion)
        case ProposeHoldRelease():
            yield from propose_hold_release(investigation, command, occasion)
        case ReleaseLegalHold():
            yield from release_legal_hold(investigation, command, occasion, catalogue)
        case RecordConclusion():
            yield from record_conclusion(investigation, command, occasion)
        case _:
            assert_never(command)
