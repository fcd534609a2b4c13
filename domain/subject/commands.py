"""What can be asked of a person's data, and the rules: two persons for 封存, 解封 and 删除, a purpose for every look."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, assert_never

from pydantic import Field

from domain.admission import RoleMayNot, Staff
from domain.grammar import Code, Command, Decision, Fact, Objection, Occasion, Prose, Ruling, settle
from domain.stand_in.acting import stands_in_duly
from domain.stand_in.registers import Registers
from domain.subject.events import (
    Commitments,
    MeasureProposal,
    Reveal,
    SubjectDataCorrected,
    SubjectDataRevealed,
    SubjectEnrolled,
    SubjectKeyDestroyed,
    SubjectMeasureDeclined,
    SubjectMeasureProposed,
    SubjectReleased,
    SubjectRestricted,
)
from domain.subject.rejections import (
    CasesUnderWay,
    MeasureBesidePoint,
    MeasureNeedsSecondPerson,
    MeasureNotProposed,
    PartNotHeld,
    PersonErased,
    PersonNotEnrolled,
    PersonRestricted,
    RetentionTermMissing,
    RetentionTermRunning,
    UnderLegalHold,
)
from domain.subject.state import Subject
from domain.subject.values import Measure
from domain.vault.fields import Part
from domain.window.values import Role

PROGRAMMES: Final = frozenset({Role.clock, Role.importer})
BLIND: Final = PROGRAMMES | {Role.system_admin, Role.catalogue_admin, Role.auditor}
"""They keep the system or check it; none of it needs to know who a person is. They see nothing, masked or whole."""
DECIDERS: Final = frozenset({Role.hall_director, Role.organ_head, Role.government_head})
"""Who may agree to a measure that another proposed."""


class EnrolSubject(Command):
    """建档; of a person who is known, what is said differently is a correction."""

    type: Literal["enrol_subject"] = "enrol_subject"
    commitments: Commitments
    """To everything that the vault holds of the person."""
    changed: tuple[Part, ...] = ()
    """The fields whose value is another than before."""


def enrol_subject(subject: Subject, command: EnrolSubject) -> Ruling:
    yield from _usable(subject)
    if not subject.is_enrolled:
        yield SubjectEnrolled(commitments=command.commitments)
        return
    corrected = tuple(each for each in command.commitments if each.part in command.changed)
    if corrected:
        yield SubjectDataCorrected(commitments=corrected)


class RevealData(Reveal, Command):
    type: Literal["reveal_data"] = "reveal_data"


def reveal_data(subject: Subject, command: RevealData, occasion: Occasion) -> Ruling:
    if occasion.actor.role in BLIND:
        yield RoleMayNot(role=occasion.actor.role)
    yield from _known(subject)
    yield from _usable(subject)
    if not subject.digests.keys() >= set(command.parts):
        yield PartNotHeld(held=list(subject.digests))
    yield SubjectDataRevealed.as_told(command)


class ProposeMeasure(MeasureProposal, Command):
    type: Literal["propose_measure"] = "propose_measure"


def propose_measure(subject: Subject, command: ProposeMeasure, occasion: Occasion) -> Ruling:
    if occasion.actor.role in BLIND:
        yield RoleMayNot(role=occasion.actor.role)
    yield from _known(subject)
    yield from _standing(subject)
    if command.measure is not Measure.erase and subject.is_restricted is (
        command.measure is Measure.restrict
    ):
        yield MeasureBesidePoint()
    yield from _retention_over(command, occasion)
    yield SubjectMeasureProposed.as_told(command)


def _retention_over(command: ProposeMeasure, occasion: Occasion) -> Iterator[Objection]:
    if (command.measure is Measure.erase) is not (command.retention_ended_on is not None):
        yield RetentionTermMissing()
    if command.retention_ended_on is not None and command.retention_ended_on >= occasion.day:
        yield RetentionTermRunning()


class DeclineMeasure(Command):
    type: Literal["decline_measure"] = "decline_measure"
    measure: Measure
    reason: Prose


def decline_measure(subject: Subject, command: DeclineMeasure, occasion: Occasion) -> Ruling:
    yield from _known(subject)
    proposal = subject.proposal
    if proposal is None or proposal.measure is not command.measure:
        yield MeasureNotProposed()
    elif occasion.actor.staff_id != proposal.proposed_by and occasion.actor.role not in DECIDERS:
        yield RoleMayNot(role=occasion.actor.role)
    yield SubjectMeasureDeclined.as_told(command)


class AgreeToMeasure(Command):
    """同意: what the second person says. With what the log says besides, it becomes CarryOutMeasure."""

    type: Literal["agree_to_measure"] = "agree_to_measure"
    measure: Measure


class CarryOutMeasure(Command):
    type: Literal["carry_out_measure"] = "carry_out_measure"
    measure: Measure
    holds: tuple[Code, ...] = ()
    """The investigations that hold the person's data as evidence: told by the log, never by who asks."""
    cases: int = 0
    """How many are under way in which the person has a part, likewise; which, is not for every township to know."""
    as_of: int | None = None
    """Up to which position the log was looked through for them."""


def carry_out_measure(
    subject: Subject, command: CarryOutMeasure, occasion: Occasion, register: Staff
) -> Ruling:
    if occasion.actor.role not in DECIDERS:
        yield RoleMayNot(role=occasion.actor.role)
    yield from _known(subject)
    if subject.destroyed_at is not None and command.measure is Measure.erase:
        return  # what was asked is done
    yield from _standing(subject)
    proposal = subject.proposal
    if proposal is None or proposal.measure is not command.measure:
        yield MeasureNotProposed()
        return
    if register.is_same_person(proposal.proposed_by, occasion.actor.staff_id):
        yield MeasureNeedsSecondPerson()
    if command.measure is Measure.erase and command.holds:
        yield UnderLegalHold(holds=list(command.holds))
    if command.measure is Measure.erase and command.cases:
        yield CasesUnderWay(cases=command.cases)
    yield _done(command, proposal.proposed_by)


def _done(command: CarryOutMeasure, proposed_by: str) -> Fact:
    match command.measure:
        case Measure.restrict:
            return SubjectRestricted(proposed_by=proposed_by)
        case Measure.release:
            return SubjectReleased(proposed_by=proposed_by)
        case Measure.erase:
            return SubjectKeyDestroyed(proposed_by=proposed_by, as_of=command.as_of)
        case _:
            assert_never(command.measure)


def _known(subject: Subject) -> Iterator[Objection]:
    if not subject.is_enrolled:
        yield PersonNotEnrolled()


def _standing(subject: Subject) -> Iterator[Objection]:
    if subject.destroyed_at is not None:
        yield PersonErased()


def _usable(subject: Subject) -> Iterator[Objection]:
    yield from _standing(subject)
    if subject.is_restricted:
        yield PersonRestricted()


MeasureAction = Annotated[ProposeMeasure | DeclineMeasure | AgreeToMeasure, Field(discriminator="type")]
"""What people ask; the last by way of CarryOutMeasure."""
SubjectCommand = EnrolSubject | RevealData | ProposeMeasure | DeclineMeasure | CarryOutMeasure


def decide(subject: Subject, command: SubjectCommand, occasion: Occasion, registers: Registers) -> Decision:
    """Raises Rejected."""
    return Decision(*settle(_rule(subject, command, occasion, registers), occasion))


def _rule(subject: Subject, command: SubjectCommand, occasion: Occasion, registers: Registers) -> Ruling:
    if not isinstance(command, EnrolSubject):  # it lies in the vault by then, and is nobody's decision
        yield from stands_in_duly(occasion, registers)
    match command:
        case EnrolSubject():
            yield from enrol_subject(subject, command)
        case RevealData():
            yield from reveal_data(subject, command, occasion)
        case ProposeMeasure():
            yield from propose_measure(subject, command, occasion)
        case DeclineMeasure():
            yield from decline_measure(subject, command, occasion)
        case CarryOutMeasure():
            yield from carry_out_measure(subject, command, occasion, registers)
        case _:
            assert_never(command)
