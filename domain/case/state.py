"""What the rules and the reading of a single case must remember. Frozen; grouped by phase; no personal data.

`evolve` of each phase stands beside its events. A part that is None has not begun.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from domain.case.values import ApplicantType, Mandate, Mode, Origin
from domain.grammar import Actor
from domain.item.values import Kind, Routing, SpecialProcedure
from domain.window.values import Role


class Status(StrEnum):
    """Where the case stands (model: states)."""

    blank = "blank"  # 未登记
    entrusted = "entrusted"  # 代办中, before the hall's receipt
    registered = "registered"  # 登记
    awaiting_correction = "awaiting_correction"  # 补正中
    in_progress = "in_progress"  # 受理、办理中
    paused = "paused"  # 挂起
    joint_review = "joint_review"  # 联审中
    reported_up = "reported_up"  # 报批中
    approved = "approved"  # 已决定(准予)
    rejected = "rejected"  # 已决定(不予)
    awaiting_collection = "awaiting_collection"  # 待领取
    delivered = "delivered"  # 已送达
    refused = "refused"  # 不予受理
    withdrawn = "withdrawn"  # 撤回
    concluded = "concluded"  # 办结
    terminated = "terminated"  # 终止
    archived = "archived"  # 归档


class End(StrEnum):
    """Exactly one of these ends a case (件件有结果)."""

    refused = "refused"  # 不予受理
    withdrawn = "withdrawn"  # 撤回
    concluded = "concluded"  # 办结
    terminated = "terminated"  # 终止


@dataclass(frozen=True, slots=True)
class Application:
    """收件登记: who asks for what."""

    received_at: datetime
    item_code: str
    item_version: str
    kind: Kind
    routing: Routing
    mode: Mode
    applicant_ref: str | None
    applicant_type: ApplicantType | None
    receipt_no: str | None
    external_ref: str | None
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Notice:
    """一次性告知: what was asked for, and when it was supplied."""

    notice_no: str
    issued_on: date
    missing: tuple[str, ...]
    postpones_acceptance: bool
    supplied: tuple[str, ...] = ()
    completed_on: date | None = None

    def with_supplied(self, codes: frozenset[str], day: date) -> "Notice":
        """The notice after these papers came in; complete when the last one asked for is there."""
        if self.completed_on is not None:
            return self
        supplied = _union(self.supplied, codes)
        return replace(
            self, supplied=supplied, completed_on=day if set(supplied).issuperset(self.missing) else None
        )


def _union(known: tuple[str, ...], codes: frozenset[str]) -> tuple[str, ...]:
    """Both, each code once, in an order that does not depend on the run."""
    return (*known, *sorted(codes.difference(known)))


@dataclass(frozen=True, slots=True)
class Intake:
    complete_on: date | None = None
    """The day on which all that could lawfully be asked for was there; None while something is outstanding."""
    material_codes: tuple[str, ...] = ()
    supplied_codes: tuple[str, ...] = ()
    """Of these, what came after the receipt."""
    notices: tuple[Notice, ...] = ()
    corrections_on_spot: int = 0
    duplicates: tuple[str, ...] = ()

    def with_supplied(self, codes: frozenset[str], day: date) -> "Intake":
        """Complete again on the day on which the last notice that lawfully held acceptance up was met."""
        notices = tuple(notice.with_supplied(codes, day) for notice in self.notices)
        is_met = all(notice.completed_on for notice in notices if notice.postpones_acceptance)
        return replace(
            self,
            material_codes=_union(self.material_codes, codes),
            supplied_codes=_union(self.supplied_codes, codes),
            notices=notices,
            complete_on=self.complete_on or (day if is_met else None),
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """特别程序: from the day after it starts its days are not counted."""

    procedure_no: int
    kind: SpecialProcedure
    started_at: datetime
    started_on: date
    planned_end: date
    approver: str | None
    is_valid: bool
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """Acceptance, limits in working days, and what moved them."""

    accepted_at: datetime | None = None
    """When acceptance was recorded as happening; the day that counts is `accepted_on`."""
    accepted_on: date | None = None
    is_deemed: bool = False
    acceptor: str | None = None
    promise_days: int | None = None
    legal_days: int | None = None
    promise_due: date | None = None
    legal_due: date | None = None
    is_provisional: bool = False
    is_from_source: bool = False
    extension_days: int = 0
    pauses: tuple[Pause, ...] = ()
    ordered_due: date | None = None
    """The day that a superior's or a court's document set when it had the case reopened; nothing here moves it."""

    @property
    def open_pause(self) -> Pause | None:
        return next((pause for pause in reversed(self.pauses) if pause.ended_on is None), None)

    @property
    def due(self) -> date | None:
        """The day by which the case should be decided: as promised, else as the law says."""
        return self.promise_due or self.legal_due


@dataclass(frozen=True, slots=True)
class Holder:
    """持件: who answers for the case now."""

    since: datetime
    unit_code: str | None
    post_id: str | None
    staff_id: str | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """在途: sent and not signed for. The sender still holds the case."""

    sent_at: datetime
    sent_by: str | None
    from_unit: str | None
    to_unit: str
    to_post: str | None
    is_return: bool = False
    is_report: bool = False
    """上报: on its way to the superior organ."""


@dataclass(frozen=True, slots=True)
class Custody:
    holder: Holder | None = None
    previous: Holder | None = None
    """Who held it before, and takes it back when it is returned."""
    transfer: Transfer | None = None
    signed_transfers: int = 0
    returns: int = 0


@dataclass(frozen=True, slots=True)
class OpenStep:
    step_code: str
    started_at: datetime
    staff_id: str | None


@dataclass(frozen=True, slots=True)
class Steps:
    completed: int = 0
    completed_codes: tuple[str, ...] = ()
    last_completed: str | None = None
    open: tuple[OpenStep, ...] = ()
    inspections: int = 0
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class CoUnit:
    unit_code: str
    due: date
    requested_at: datetime | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JointReview:
    """联合审批: the lead asks, each co-unit has its own clock."""

    opened_at: datetime
    lead_unit: str | None
    units: tuple[CoUnit, ...]
    consolidated_at: datetime | None = None

    def unit(self, unit_code: str) -> CoUnit | None:
        return next((unit for unit in self.units if unit.unit_code == unit_code), None)


@dataclass(frozen=True, slots=True)
class Report:
    """报批: sent up to the superior organ."""

    to_unit: str
    sent_at: datetime
    signed_at: datetime | None = None
    replied_at: datetime | None = None
    is_approved: bool | None = None


@dataclass(frozen=True, slots=True)
class Entrustment:
    """委托代办 of a village agent, and where its papers are. A further pick-up begins a further leg."""

    entrust_no: str
    point_code: str
    agent: str | None
    """The agent's staff number."""
    agent_post: str | None
    applicant_ref: str
    mandate: Mandate
    entrusted_at: datetime
    picked_up_at: datetime | None = None
    handed_at: datetime | None = None
    signed_at: datetime | None = None
    collected_at: datetime | None = None
    returned_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def has_papers(self) -> bool:
        """Picked up, and since then neither signed for by the hall nor given back."""
        began = self.picked_up_at
        is_back = began is not None and self.returned_at is not None and self.returned_at >= began
        return began is not None and self.signed_at is None and not is_back


@dataclass(frozen=True, slots=True)
class Ruled:
    """The decision 决定."""

    decided_at: datetime
    decided_on: date
    is_approval: bool
    decision_no: str | None
    decided_by: str | None
    authorisation_no: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    certificate_no: str
    title: str
    issued_at: datetime
    arrived_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    notified_at: datetime | None = None
    failed_attempts: int = 0
    delivered_at: datetime | None = None
    method: str | None = None
    recipient_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    receipt_no: str
    standard_id: str | None
    amount_fen: int
    charged_at: datetime
    refunded_fen: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """The one terminal result."""

    result: End
    ended_at: datetime
    is_instant: bool = False
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """办件 as its history tells it."""

    status: Status = Status.blank
    began_at: datetime | None = None
    latest_at: datetime | None = None
    """The latest time at which anything recorded happened."""
    application: Application | None = None
    intake: Intake = field(default_factory=Intake)
    clock: Clock = field(default_factory=Clock)
    custody: Custody = field(default_factory=Custody)
    steps: Steps = field(default_factory=Steps)
    joint_review: JointReview | None = None
    report: Report | None = None
    entrustment: Entrustment | None = None
    agents: tuple[str, ...] = ()
    """The staff numbers of all who ever acted as the applicant's agent here, whatever became of their mandate."""
    mandates: tuple[Mandate, ...] = ()
    """Written mandates that were not revoked."""
    decision: Ruled | None = None
    certificates: tuple[Certificate, ...] = ()
    delivery: Delivery = field(default_factory=Delivery)
    fees: tuple[Fee, ...] = ()
    paid_fen: int = 0
    """资金发放 so far."""
    reopenings: int = 0
    ending: Ending | None = None

    @property
    def origin(self) -> Origin | None:
        return self.application.origin if self.application else None

    @property
    def is_under_way(self) -> bool:
        return self.began_at is not None and self.ending is None

    @property
    def is_accepted(self) -> bool:
        """Accepted here, or in a source whose deadline was running when the record was taken over."""
        return self.clock.accepted_on is not None or self.clock.is_from_source


def doer(actor: Actor) -> str | None:
    """The person who acted; in a legacy record whom its source names, never the programme that took it over."""
    return actor.on_behalf_of if actor.role == Role.importer else actor.staff_id
