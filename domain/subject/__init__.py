"""Subjects 当事人: one stream each, `subject:<person_ref>`. What the vault holds stands here as commitments alone."""

from typing import Final

from domain.grammar import Aggregate
from domain.subject.commands import decide
from domain.subject.events import (
    SubjectDataCorrected,
    SubjectDataRevealed,
    SubjectEnrolled,
    SubjectKeyDestroyed,
    SubjectMeasureDeclined,
    SubjectMeasureProposed,
    SubjectReleased,
    SubjectRestricted,
)
from domain.subject.state import Subject, evolve

SUBJECT: Final[Aggregate[Subject]] = Aggregate(
    name="subject",
    blank=Subject(),
    decide=decide,
    evolve=evolve,
    facts=(
        SubjectEnrolled,
        SubjectDataCorrected,
        SubjectDataRevealed,
        SubjectMeasureProposed,
        SubjectMeasureDeclined,
        SubjectRestricted,
        SubjectReleased,
        SubjectKeyDestroyed,
    ),
    amenders=frozenset(),
)

__all__ = ["SUBJECT", "Subject"]
