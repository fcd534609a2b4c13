"""The kinds of objects 对象 in an object-centric log, their attributes, and what relates to them how."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from projections.exports.activity import Language
from projections.exports.fields import Kind

T, N, B, D, M = Kind.text, Kind.whole, Kind.claim, Kind.day, Kind.moment


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        return self.zh if language is Language.zh else self.en


class ObjectType(Enum):
    """Its names, and its attributes each with its type."""

    case = (
        Named("办件", "Case"),
        {
            "case_no": T, "external_ref": T, "item_code": T, "item_version": T, "kind": T, "routing": T, "mode": T,
            "channel": T, "status": T, "decision": T, "entrust_no": T,
            "received_on": D, "accepted_on": D, "decided_on": D, "delivered_on": D, "ended_on": D,
            "holder_unit": T, "holder_window": T, "holder_person": T, "is_in_transit": B,
            "promise_due": D, "legal_due": D,
            "basis": T, "due": D, "is_provisional": B, "is_paused": B, "promise_days": N, "legal_days": N,
            "extension_days": N, "gross_days": N, "used_days": N, "excluded_days": N, "remaining_days": N,
            "overdue_days": N, "pauses": N, "void_pauses": N, "hops": N, "returns": N, "notices": N,
            "irregular_events": N, "backfilled_events": N, "fees_fen": N, "paid_fen": N,
        },
    )  # fmt: skip
    party = Named("当事人", "Party"), {"type": T}
    item = (
        Named("事项", "Item"),
        {"item_code": T, "item_version": T, "title": T, "kind": T, "legal_days": N, "promise_days": N},
    )
    unit = Named("单位", "Unit"), {"code": T, "title": T}
    window = Named("窗口", "Window"), {"code": T, "title": T}
    post = Named("岗位", "Post"), {"code": T, "title": T}
    staff = Named("工作人员", "Staff"), {"number": T}
    point = Named("代办点", "Agent point"), {"code": T, "title": T}
    notice = Named("告知书", "Notice"), {"notice_no": T, "ordinal": N, "missing": N, "method": T}
    procedure = (
        Named("特别程序", "Special procedure"),
        {"kind": T, "planned_days": N, "planned_end": D, "approver": T, "is_valid": B, "ended_on": D},
    )
    certificate = (
        Named("证照", "Certificate"),
        {"certificate_no": T, "title": T, "issuer": T, "valid_from": D, "valid_to": D},
    )
    fee = Named("缴款单", "Fee"), {"receipt_no": T, "amount_fen": N, "standard_id": T}

    @property
    def names(self) -> Named:
        return self.value[0]

    @property
    def attributes(self) -> dict[str, Kind]:
        return self.value[1]

    @property
    def table(self) -> str:
        """Special procedure → SpecialProcedure, whatever the language of the log."""
        return self.names.en.title().replace(" ", "")

    def id(self, identity: str) -> str:
        """In the log an object is known by its type and what tells it from others of the type."""
        return f"{self.name}:{identity}"


class Qualifier(Enum):
    """What an object is to an event, or to another object."""

    about = Named("办件", "about")
    person = Named("办理人", "done by")
    unit = Named("办理单位", "at unit")
    window = Named("办理窗口", "at window")
    post = Named("办理岗位", "at post")
    applicant = Named("申请人", "applied by")
    recipient = Named("领取人", "received by")
    item = Named("事项", "of item")
    point = Named("代办点", "through point")
    addressee = Named("去向单位", "sent to")
    to_window = Named("去向窗口", "sent to window")
    asked = Named("征询单位", "asks")
    from_person = Named("原承办人", "taken from")
    to_person = Named("新承办人", "given to")
    notice = Named("告知书", "notice")
    procedure = Named("特别程序", "procedure")
    certificate = Named("证照", "certificate")
    fee = Named("缴款单", "fee")
    other_case = Named("并入办件", "linked case")
    of_case = Named("所属办件", "of case")
    receiving_window = Named("收件窗口", "received at window")
    receiving_unit = Named("收件单位", "received at unit")
    organ = Named("实施主体", "organ in charge")
    parent = Named("上级单位", "belongs to")

    def say(self, language: Language) -> str:
        return self.value.say(language)


EVENT_ATTRIBUTES: Final = {
    "position": N, "version": N, "recorded_at": M, "lag_days": N, "instance": T, "role": T, "duty": T,
    "event_channel": T, "is_backfilled": B, "irregularities": T, "held_by": T, "held_gross_days": N,
    "held_net_days": N,
}  # fmt: skip
"""Of every event, beside the fields of its fact."""
