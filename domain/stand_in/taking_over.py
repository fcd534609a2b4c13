"""顶岗: the B person of a post says that the A person is away and acts at it; it ends by itself."""

from datetime import timedelta
from typing import Annotated, Literal, assert_never

from pydantic import Field

from domain.admission import happened_already
from domain.grammar import Code, Command, Day, Decision, Duty, Occasion, Ruling, local_day, settle
from domain.stand_in.events import BPostReleased, BPostTookOver, Taking
from domain.stand_in.registers import Registers, is_head_above
from domain.stand_in.rejections import (
    NoTakeoverOpen,
    NotTheStandInHolder,
    ReleasedByStranger,
    TakeoverTooLong,
)
from domain.stand_in.state import standing
from domain.stand_in.values import AT_MOST_DAYS, Takeover


class TakeOverPost(Taking, Command):
    """B岗顶岗."""

    type: Literal["take_over_post"] = "take_over_post"
    post_id: Code
    until: Day | None = None
    """The last day; left out, today."""


def take_over_post(
    takeovers: tuple[Takeover, ...], command: TakeOverPost, occasion: Occasion, registers: Registers
) -> Ruling:
    actor, today = occasion.actor, local_day(occasion.received_at)
    if (
        actor.post_id != command.post_id
        or registers.duty(actor.staff_id, command.post_id, today) is not Duty.b
    ):
        yield NotTheStandInHolder()
    until = command.until or today
    if not today <= until <= today + timedelta(days=AT_MOST_DAYS):
        yield TakeoverTooLong(at_most_days=AT_MOST_DAYS)
    if any(each.staff_id == actor.staff_id and each.counts(until) for each in standing(takeovers, today)):
        return  # said again
    yield BPostTookOver(
        post_id=command.post_id,
        staff_id=actor.staff_id,
        for_staff=_first_holder(command.post_id, occasion, registers),
        absence=command.absence,
        valid_from=today,
        valid_to=until,
    )


def _first_holder(post_id: str, occasion: Occasion, registers: Registers) -> str | None:
    post, today = registers.post(post_id), local_day(occasion.received_at)
    holders = post.assignments if post else ()
    return next((each.staff_id for each in holders if each.duty is Duty.a and each.holds(today)), None)


class ReleasePost(Command):
    """顶岗结束: the A person is back."""

    type: Literal["release_post"] = "release_post"
    post_id: Code


def release_post(
    takeovers: tuple[Takeover, ...], command: ReleasePost, occasion: Occasion, registers: Registers
) -> Ruling:
    actor, today = occasion.actor, local_day(occasion.received_at)
    holds_it = actor.post_id == command.post_id and actor.delegation_no is None
    if not (holds_it or is_head_above(actor, command.post_id, registers)):
        yield ReleasedByStranger()
    open_now = standing(takeovers, today)
    if not open_now:
        yield NoTakeoverOpen()
    for each in open_now:
        yield BPostReleased(post_id=command.post_id, staff_id=each.staff_id, released_on=today)


Action = TakeOverPost | ReleasePost
TakeoverAction = Annotated[Action, Field(discriminator="type")]


def decide(
    takeovers: tuple[Takeover, ...], command: Action, occasion: Occasion, registers: Registers
) -> Decision:
    """Raises Rejected."""
    return Decision(*settle(_ruling(takeovers, command, occasion, registers), occasion))


def _ruling(
    takeovers: tuple[Takeover, ...], command: Action, occasion: Occasion, registers: Registers
) -> Ruling:
    yield from happened_already(occasion, registers.policy(occasion.day))
    match command:
        case TakeOverPost():
            yield from take_over_post(takeovers, command, occasion, registers)
        case ReleasePost():
            yield from release_post(takeovers, command, occasion, registers)
        case _:
            assert_never(command)
