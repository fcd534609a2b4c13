"""Corrections 更正 and voids 作废: the record is never edited, a later event says what it should have been.

The raw history keeps original and amendment side by side; `effective` is the history as it should be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal, Protocol

from pydantic import Field, JsonValue, ValidationError

from domain.admission import happened_already, imported_by_its_programme
from domain.grammar import (
    Code,
    Command,
    Decision,
    Envelope,
    Fact,
    Instant,
    Label,
    Occasion,
    Prose,
    Rejected,
    Ruling,
    canonical,
    settle,
)
from domain.loss import EventLost
from domain.personal_data import taken_as_it_stands
from domain.stand_in.acting import stands_in_duly
from domain.stand_in.registers import Registers

OCCURRED_AT: Final = "occurred_at"
"""The one field outside the fact that can be corrected: when it happened."""

Version = Annotated[int, Field(ge=1, le=2**31)]


class Amendment(Command):
    """A command about an earlier event of the same stream."""

    target_version: Version
    reason: Prose
    approved_by: Code
    """A second person, not the one who records the amendment."""


class CorrectEvent(Amendment):
    """更正: one field of an earlier event should have held another value."""

    type: Literal["correct_event"] = "correct_event"
    field: Label
    was: JsonValue
    should_be: JsonValue


class VoidEvent(Amendment):
    """作废: an earlier event should not have been recorded at all."""

    type: Literal["void_event"] = "void_event"


class EventCorrected(Fact):
    TOPIC: ClassVar[str] = "event.corrected.v1"
    LABEL: ClassVar[str] = "更正"

    target_version: Version
    field: Label
    was: JsonValue = None
    """None: the field was empty. Stored facts leave out what is None, so None must be the default."""
    should_be: JsonValue = None
    reason: Prose
    approved_by: Code


class EventVoided(Fact):
    TOPIC: ClassVar[str] = "event.voided.v1"
    LABEL: ClassVar[str] = "作废"

    target_version: Version
    reason: Prose
    approved_by: Code


FACTS: Final = (EventCorrected, EventVoided, EventLost)
"""What can stand in a stream of any aggregate."""


class AmendsNothing(Rejected):
    """The event to amend does not stand in this stream, or is an amendment itself, or has been voided."""

    ZH = "要更正的事件不在本案卷中，或本身就是更正、作废记录，或已被作废。"
    WANTED = "target_version names an earlier event of this stream that is neither an amendment nor voided."
    WANTED_ZH = "target_version 应指向本案卷中一条未作废的原始事件。"


class AmendedValueDiffers(Rejected):
    """The value that stands in the record is not the one the correction says it replaces."""

    ZH = "记录中的原值与更正所述的原值不一致。"
    WANTED = "was repeats the value as it stands now."
    WANTED_ZH = "was 应与现有记录的值一致。"


class AmendedFieldUnknown(Rejected):
    """The event has no such field, or the field cannot hold the new value."""

    ZH = "该事件没有此字段，或新值不符合该字段的要求。"
    WANTED = "field is a field of the event's fact, or occurred_at; should_be is a valid value for it."
    WANTED_ZH = "field 应为该事件的字段或 occurred_at,should_be 应为该字段的合法值。"


class AmenderApprovesOwn(Rejected):
    """An amendment is approved by a second person, not by the one who records it."""

    ZH = "更正、作废须由另一人批准，记录人不能自批。"
    WANTED = "approved_by names another member of staff."
    WANTED_ZH = "approved_by 应为另一名工作人员。"


class AmenderMayNot(Rejected):
    """The role in which the person acts may neither correct nor void events of this record."""

    ZH = "该岗位角色无权更正或作废本案卷的事件。"
    WANTED = "The amendment by a post whose role may record in this stream."
    WANTED_ZH = "请由有权在本案卷登记的岗位更正、作废。"


class AmendmentApproverUnknown(Rejected):
    """Whoever approved the amendment is not a known member of staff."""

    ZH = "更正、作废的批准人不在工作人员名册中。"
    WANTED = "approved_by with the number of a registered member of staff."
    WANTED_ZH = "approved_by 应为名册中的工作人员编号。"


class AmendedTimeInFuture(Rejected):
    """An event cannot be corrected to a time that has not come yet."""

    ZH = "不能把发生时间更正为尚未到来的时间。"
    WANTED = "should_be not later than now."
    WANTED_ZH = "should_be 不得晚于当前时间。"


class Past(Protocol):
    """An event of a stream's history."""

    @property
    def version(self) -> int: ...
    @property
    def fact(self) -> Fact: ...
    @property
    def envelope(self) -> Envelope: ...


class Books(Registers, Protocol):
    """What an amendment's rules look up. The catalogue answers."""


def decide(
    history: Sequence[Past],
    command: Amendment,
    occasion: Occasion,
    *,
    staff: Books,
    amenders: frozenset[str] | None = None,
) -> Decision:
    """What is recorded for the amendment. `amenders` are the roles that may make it; None: any. Raises Rejected."""
    facts, irregularities = settle(_rule(history, command, occasion, staff, amenders), occasion)
    return Decision(facts, irregularities)


def _rule(
    history: Sequence[Past],
    command: Amendment,
    occasion: Occasion,
    staff: Books,
    amenders: frozenset[str] | None,
) -> Ruling:
    if amenders is not None and occasion.actor.role not in amenders:
        yield AmenderMayNot(role=occasion.actor.role)
    yield from imported_by_its_programme(occasion)
    yield from stands_in_duly(occasion, staff)
    yield from happened_already(occasion, staff.policy(occasion.day))
    stands = standing(history)
    if command.target_version not in stands:
        yield AmendsNothing(target_version=command.target_version)
        return
    actor = occasion.actor
    own = (actor.staff_id, actor.on_behalf_of if actor.delegation_no else None)
    if any(staff.is_same_person(command.approved_by, each) for each in own):
        yield AmenderApprovesOwn()
    if staff.staff(command.approved_by) is None:
        yield AmendmentApproverUnknown()
    match command:
        case CorrectEvent():
            yield from correct_event(stands[command.target_version], command, occasion)
        case VoidEvent():
            yield void_event(command)
        case _:
            raise AssertionError(f"no rule for {type(command).__name__}")


def correct_event(target: tuple[Fact, Envelope], command: CorrectEvent, occasion: Occasion) -> Ruling:
    try:
        corrected = _corrected(target, command.field, command.should_be)
    except (KeyError, ValidationError):
        yield AmendedFieldUnknown()
        return
    if not _holds(target, command.field, command.was):
        yield AmendedValueDiffers(field=command.field)
    if corrected[1].occurred_at > max(occasion.received_at, target[1].occurred_at):
        yield AmendedTimeInFuture()
    if corrected != target:
        yield EventCorrected(
            target_version=command.target_version,
            field=command.field,
            was=command.was,
            should_be=command.should_be,
            reason=command.reason,
            approved_by=command.approved_by,
        )


def void_event(command: VoidEvent) -> EventVoided:
    return EventVoided(
        target_version=command.target_version, reason=command.reason, approved_by=command.approved_by
    )


def effective(history: Sequence[Past]) -> list[tuple[Fact, Envelope]]:
    """The history with corrections applied and voided events left out, in the order of recording."""
    return list(standing(history).values())


def standing(history: Sequence[Past]) -> Mapping[int, tuple[Fact, Envelope]]:
    """By version, in order: what stands after corrections and voids. Neither amendments nor lost events are in it."""
    stands: dict[int, tuple[Fact, Envelope]] = {}
    for event in history:
        match event.fact:
            case EventVoided(target_version=target):
                stands.pop(target, None)
            case EventCorrected(target_version=target, field=field, should_be=value) if target in stands:
                stands[target] = _recorded(stands[target], field, value)
            case EventCorrected() | EventLost():
                pass
            case fact:
                stands[event.version] = (fact, event.envelope)
    return stands


class _CorrectedTime(Command):
    occurred_at: Instant


def _holds(target: tuple[Fact, Envelope], field: str, value: JsonValue) -> bool:
    """Whether the field has this value: putting it there would change nothing, however it is written."""
    try:
        return _recorded(target, field, value) == target
    except ValidationError:
        return False


def _recorded(target: tuple[Fact, Envelope], field: str, value: JsonValue) -> tuple[Fact, Envelope]:
    """As `_corrected`, with a value that the record has already."""
    with taken_as_it_stands():
        return _corrected(target, field, value)


def _corrected(target: tuple[Fact, Envelope], field: str, value: JsonValue) -> tuple[Fact, Envelope]:
    fact, envelope = target
    if field == OCCURRED_AT:
        moment = _CorrectedTime.model_validate_json(canonical({OCCURRED_AT: value})).occurred_at
        return fact, replace(envelope, occurred_at=moment)
    if field not in type(fact).model_fields:
        raise KeyError(field)
    document: dict[str, Any] = fact.model_dump(mode="json", exclude_none=True) | {field: value}
    return type(fact).model_validate_json(canonical(document)), envelope
