"""What can have happened in an investigation 核查. Source: 监察法 Arts. 39–41 (2018); model: investigation and privacy.

What was read, replayed and exported under it stands in its stream too (domain/perusal/events.py).
"""

from typing import Annotated, ClassVar

from pydantic import Field

from domain.grammar import Code, DocumentNo, Fact, Label, Prose, Value
from domain.investigation.values import Codes, HoldNo, Result, Scope
from domain.references import PersonRef

Officers = Annotated[tuple[Code, ...], Field(max_length=50)]


class Opening(Value):
    authority: Label
    """The organ that investigates, as 清溪县纪委监委."""
    document_no: DocumentNo | None = None
    """立案决定书文号."""
    officers: Officers
    """Staff numbers of who acts in it."""
    scope: Scope
    matter: Prose


class InvestigationOpened(Opening, Fact):
    TOPIC: ClassVar[str] = "investigation.opened.v1"
    LABEL: ClassVar[str] = "立案核查"


class Hold(Value):
    hold_no: HoldNo
    case_nos: Codes = ()
    persons: Annotated[tuple[PersonRef, ...], Field(max_length=200)] = ()
    """Whose data must not be erased."""
    reason: Prose


class LegalHoldPlaced(Hold, Fact):
    TOPIC: ClassVar[str] = "investigation.legal_hold_placed.v1"
    LABEL: ClassVar[str] = "证据保全"


class Release(Value):
    hold_no: HoldNo
    reason: Prose


class LegalHoldReleaseProposed(Release, Fact):
    TOPIC: ClassVar[str] = "investigation.legal_hold_release_proposed.v1"
    LABEL: ClassVar[str] = "拟解除证据保全"


class Consent(Value):
    hold_no: HoldNo


class LegalHoldReleased(Consent, Fact):
    TOPIC: ClassVar[str] = "investigation.legal_hold_released.v1"
    LABEL: ClassVar[str] = "解除证据保全"

    proposed_by: Code
    """Who proposed it; another one than who released it."""


class Finding(Value):
    result: Result
    findings: Prose
    document_no: DocumentNo | None = None
    """核查报告、结论文书文号."""


class ConclusionRecorded(Finding, Fact):
    TOPIC: ClassVar[str] = "investigation.conclusion_recorded.v1"
    LABEL: ClassVar[str] = "核查结论"
