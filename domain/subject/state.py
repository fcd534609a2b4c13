"""What the rules must remember of a person: what was committed to, and what is proposed and done with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.grammar import Envelope, Fact
from domain.subject.events import (
    SubjectDataCorrected,
    SubjectEnrolled,
    SubjectKeyDestroyed,
    SubjectMeasureDeclined,
    SubjectMeasureProposed,
    SubjectReleased,
    SubjectRestricted,
)
from domain.subject.values import Measure
from domain.vault.fields import Part


@dataclass(frozen=True, slots=True)
class Proposal:
    measure: Measure
    proposed_by: str


@dataclass(frozen=True, slots=True)
class Subject:
    digests: Mapping[Part, str] = field(default_factory=dict)
    """The commitment that stands for each field; empty where nobody was given the reference."""
    is_restricted: bool = False
    destroyed_at: datetime | None = None
    proposal: Proposal | None = None

    @property
    def is_enrolled(self) -> bool:
        return bool(self.digests)


def evolve(subject: Subject, fact: Fact, envelope: Envelope) -> Subject:
    """Never refuses; what changes nothing for the rules leaves the subject as it is."""
    match fact:
        case SubjectEnrolled(commitments=commitments) | SubjectDataCorrected(commitments=commitments):
            said = {commitment.part: commitment.digest for commitment in commitments}
            return replace(subject, digests={**subject.digests, **said})
        case SubjectMeasureProposed(measure=measure):
            return replace(subject, proposal=Proposal(measure, envelope.actor.staff_id))
        case SubjectMeasureDeclined():
            return replace(subject, proposal=None)
        case SubjectRestricted() | SubjectReleased():
            return replace(subject, proposal=None, is_restricted=isinstance(fact, SubjectRestricted))
        case SubjectKeyDestroyed():
            return replace(subject, proposal=None, destroyed_at=envelope.occurred_at)
        case _:
            return subject
