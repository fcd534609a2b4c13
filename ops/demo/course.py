"""The course a case takes: drawn once, before it is told, from how such cases go in a county like this."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

from domain.item.values import ItemVersion


class Pace(StrEnum):
    """When it is decided."""

    early = "early"
    on_time = "on_time"
    promise_late = "promise_late"  # T03 承诺超期
    legal_late = "legal_late"  # T04 法定超期


class Intake(StrEnum):
    """What happens between the first paper and acceptance."""

    smooth = "smooth"
    corrected_on_spot = "corrected_on_spot"  # 当场更正
    noticed = "noticed"  # 一次性告知, supplied
    noticed_twice = "noticed_twice"  # P01 二次告知
    unpublished_asked = "unpublished_asked"  # P02 超清单要件
    never_supplied = "never_supplied"
    told_too_late = "told_too_late"  # T01 超期未告知
    deemed = "deemed"  # 视为受理
    refused = "refused"  # 不予受理
    withdrawn = "withdrawn"  # 撤回


class Handover(StrEnum):
    """How the case gets to the station."""

    prompt = "prompt"
    stuck = "stuck"  # T08 交接滞留
    returned_unsigned = "returned_unsigned"  # 退回, before signing
    returned_signed = "returned_signed"  # 退件


class Stop(StrEnum):
    """What stops the clock, or tries to."""

    none = "none"
    valid = "valid"
    over_plan = "over_plan"  # credited up to its plan only
    untold = "untold"  # no written notice: void, P03
    invalidated = "invalidated"  # found void by supervision
    extended = "extended"  # 延长


class Way(StrEnum):
    """How the papers come to the hall."""

    applicant = "applicant"
    agent = "agent"
    agent_late = "agent_late"  # T08: more than three working days with the agent
    agent_offline = "agent_offline"


class Verdict(StrEnum):
    granted = "granted"
    refused = "refused"  # 不予许可
    terminated = "terminated"


class Record(StrEnum):
    """How the decision gets into the books."""

    at_once = "at_once"
    late_and_vouched_for = "late_and_vouched_for"  # P08 补录, second approval where it turns the case timely


class Delivery(StrEnum):
    prompt = "prompt"
    late = "late"  # T06 送达超期
    failed_first = "failed_first"
    courier = "courier"
    uncollected = "uncollected"


@dataclass(frozen=True, slots=True)
class Course:
    pace: Pace
    intake: Intake
    handover: Handover
    stop: Stop
    way: Way
    verdict: Verdict
    record: Record
    delivery: Delivery
    is_corrected: bool
    """A slip of the pen in the record, put right by 更正."""
    is_voided: bool
    """An action entered in the wrong case, 作废."""
    is_reminded: bool
    is_reassigned: bool
    is_archived: bool


# How often each takes place, in the order of the classes above.
INTAKES: Final = (58, 12, 14, 3, 1.2, 1, 1, 1.2, 3, 2.5)
HANDOVERS: Final = (84, 8, 4, 4)
PACES: Final = (52, 33, 10, 5)
STOPS: Final = (72, 12, 4, 3, 2, 7)
WAYS: Final = (80, 11, 4, 5)
VERDICTS: Final = (92, 6, 2)
DELIVERIES: Final = (76, 8, 5, 8, 3)
BACKFILLED, CORRECTED, VOIDED, REMINDED, REASSIGNED, ARCHIVED = 0.03, 0.015, 0.01, 0.4, 0.03, 0.4
"""Shares of all cases; a reminder is sent where a case lies about."""

K = TypeVar("K", bound=StrEnum)


def drawn(item: ItemVersion, chance: Random) -> Course:
    """A course; the telling passes over what the item has no room for."""
    way = _one(Way, WAYS, chance)
    return Course(
        pace=_one(Pace, PACES, chance),
        intake=_one(Intake, INTAKES, chance),
        handover=_one(Handover, HANDOVERS, chance),
        stop=_one(Stop, STOPS, chance),
        way=Way.applicant if item.applicant_must_appear else way,
        verdict=_one(Verdict, VERDICTS, chance),
        record=Record.late_and_vouched_for if chance.random() < BACKFILLED else Record.at_once,
        delivery=_one(Delivery, DELIVERIES, chance),
        is_corrected=chance.random() < CORRECTED,
        is_voided=chance.random() < VOIDED,
        is_reminded=chance.random() < REMINDED,
        is_reassigned=chance.random() < REASSIGNED,
        is_archived=chance.random() < ARCHIVED,
    )


def _one(kind: type[K], weights: tuple[float, ...], chance: Random) -> K:
    return chance.choices(tuple(kind), weights=weights)[0]
