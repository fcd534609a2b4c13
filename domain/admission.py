"""What is asked of every record, whatever it says: who records it, and how long after it happened.

Rejected
├── RoleMayNot
├── ImportOnly
├── InTheFuture
├── LateWithoutReason
├── LateWithoutEvidence
├── VouchedByOneself
├── CalendarTooShort
└── StaffUnknown
Irregular
└── RecordedLate    P08 补录
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Protocol

from domain.calendar import WorkingDays, used
from domain.grammar import Irregular, Objection, Occasion, Rejected, local_day
from domain.policy.values import Policy
from domain.register import Tenure
from domain.window.values import Role

Objections = Iterator[Objection]


class Staff(Protocol):
    """The register of staff. The catalogue answers."""

    def staff(self, staff_id: str, /) -> Tenure | None: ...
    def is_same_person(self, one: str | None, other: str | None, /) -> bool: ...


class StaffUnknown(Rejected):
    """The person named is not a known member of staff on that day."""

    ZH = "所指人员当日不在工作人员名册中。"
    WANTED = "The number of a registered member of staff."
    WANTED_ZH = "请填写名册中的工作人员编号。"
    TOLERATED_IN_IMPORTS = True


class RoleMayNot(Rejected):
    """The role in which the person acts may not record this action."""

    ZH = "该岗位角色无权登记此动作。"
    WANTED = "The same action by a post whose role may record it."
    WANTED_ZH = "请由有权岗位登记。"


class ImportOnly(Rejected):
    """Legacy records are taken over by the import programme alone, and it records nothing else."""

    ZH = "历史数据只能由导入程序登记，导入程序也只能登记历史数据。"
    WANTED = "imported_from and origin with the role importer, and with no other."
    WANTED_ZH = "imported_from、origin 仅限导入程序使用，且必须使用。"


class InTheFuture(Rejected):
    """It has not happened yet: its time lies after the server's clock."""

    ZH = "发生时间晚于服务器时间，尚未发生的事不能登记。"
    WANTED = "An occurred_at not later than now, within the policy's clock tolerance."
    WANTED_ZH = "occurred_at 不得晚于当前时间（允许规则所定的时钟误差）。"


class LateWithoutReason(Rejected):
    """What is recorded late needs a reason."""

    ZH = "补录须说明理由。"
    WANTED = "backfill.reason, and backfill.evidence or the device's own sequence."
    WANTED_ZH = "请填写补录理由（backfill.reason），并附证据或离线设备序号。"


class LateWithoutEvidence(Rejected):
    """What is recorded late needs evidence, or the sequence number of the offline device that held it."""

    ZH = "补录须附证据，或离线设备的流水序号。"
    WANTED = "backfill.evidence with at least one document, or device with its sequence number."
    WANTED_ZH = "请在 backfill.evidence 附至少一份材料，或填写 device 序号。"


class VouchedByOneself(Rejected):
    """Nobody vouches for their own late record."""

    ZH = "补录须由他人批准，登记人不得自批。"
    BASIS = "四眼原则"
    WANTED = "backfill.approved_by with the number of another person, or without it where none is asked for."
    WANTED_ZH = "backfill.approved_by 应为另一人的编号；无须批准的不填。"


class CalendarTooShort(Rejected):
    """The working calendar does not reach the days that must be counted."""

    ZH = "工作日历未覆盖所需计算的日期。"
    BASIS = "行政许可法 Art. 82"
    WANTED = "A published or provisional calendar for those years."
    WANTED_ZH = "请先发布相应年度的工作日历。"


class RecordedLate(Irregular):
    """It was recorded later after it happened than the policy allows."""

    RULE = "P08"
    ZH = "补录：登记时间晚于发生时间，超过规定工作日。"
    WANTED = "A record within late_record_days working days."
    WANTED_ZH = "在规定工作日内登记。"


def recorded_by(occasion: Occasion, *, may: bool) -> Objections:
    """A role that may record it; legacy records by the import programme, which records nothing else."""
    if not may:
        yield RoleMayNot(role=occasion.actor.role)
    yield from imported_by_its_programme(occasion)


def imported_by_its_programme(occasion: Occasion) -> Objections:
    """ImportOnly unless a legacy record comes from the import programme, and anything else from anybody else."""
    if occasion.is_imported is not (occasion.actor.role == Role.importer):
        yield ImportOnly()


def happened_already(occasion: Occasion, policy: Policy) -> Objections:
    tolerance = timedelta(seconds=policy.clock_tolerance_seconds)
    if occasion.occurred_at > occasion.received_at + tolerance:
        yield InTheFuture(tolerance_seconds=policy.clock_tolerance_seconds)


def vouched_by_another(occasion: Occasion, register: Staff) -> Objections:
    """Who approved a late record is not who records it; what a source tells of its own people stays as it is."""
    backfill = occasion.circumstances.backfill
    approver = backfill.approved_by if backfill and not occasion.is_imported else None
    actor = occasion.actor
    own = (actor.staff_id, actor.on_behalf_of if actor.delegation_no else None)
    if any(register.is_same_person(approver, each) for each in own):
        yield VouchedByOneself()


def is_late(occasion: Occasion, policy: Policy, calendar: WorkingDays) -> bool:
    """补录: recorded more working days after it happened than the policy allows.

    A legacy record is old by nature: its source stands in the record, and its age says nothing of a clerk.
    """
    day, today = occasion.day, local_day(occasion.received_at)
    return not occasion.is_imported and day < today and used(day, today, calendar) > policy.late_record_days


def explained(occasion: Occasion) -> Objections:
    """What is late needs a reason, and evidence or an offline device's own sequence."""
    backfill = occasion.circumstances.backfill
    if backfill is None:
        yield LateWithoutReason()
    elif not backfill.evidence and occasion.circumstances.device is None:
        yield LateWithoutEvidence()


def staff_known(staff_id: str, on: date, register: Staff) -> Objections:
    """StaffUnknown unless the person is registered and in service on the day."""
    member = register.staff(staff_id)
    if member is None or not member.holds(on):
        yield StaffUnknown(staff_id=staff_id)
