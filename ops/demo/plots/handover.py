"""The case on its way to the station: forwarded, signed for, left lying, sent back."""

from typing import Final

from domain.case.custody.commands import (
    ForwardToStation,
    ReturnTransfer,
    SignReturnReceipt,
    SignStationReceipt,
)
from domain.case.steps.commands import ReassignHandler, RemindStage
from domain.case.steps.events import ReassignmentReason
from domain.grammar import Actor, Duty
from domain.window.values import Post, Role
from ops.demo.course import Course, Handover
from ops.demo.story import Story

WORKING: Final = (Role.handler, Role.reviewer, Role.approver)


def desk_of(story: Story, unit_code: str) -> Post | None:
    """Where the unit works on cases."""
    return story.cast.at(unit_code, WORKING, story.today)


def brought_to(story: Story, desk: Post, course: Course) -> Actor:
    """Who has the case at the desk's unit now."""
    if desk.unit_code == story.window.unit_code:
        return story.play(desk)
    match course.handover:
        case Handover.stuck:
            _forward(story, desk)
            story.mark("stuck")
            if course.is_reminded:
                _remind(story, desk)
            story.after(days=story.chance.randrange(3, 7))
        case Handover.returned_unsigned:
            _forward(story, desk)
            _sent_back(story, desk, is_signed=False)
            _forward(story, desk)
        case Handover.returned_signed:
            _forward(story, desk)
            story.after(days=1)
            story.does(story.play(desk), SignStationReceipt())
            _sent_back(story, desk, is_signed=True)
            _forward(story, desk)
        case Handover.prompt:
            _forward(story, desk)
    story.after(days=story.chance.randrange(2), minutes=20)
    handler = story.play(desk)
    story.does(handler, SignStationReceipt())
    return _reassigned(story, desk, handler) if course.is_reassigned else handler


def _forward(story: Story, desk: Post) -> None:
    story.after(minutes=story.chance.randrange(15, 240))
    transfer = ForwardToStation(
        to_unit=desk.unit_code,
        transport=story.chance.choice(("系统", "人工")),
        expected_by=story.calendar.add(story.today, 1),
    )
    story.does(story.clerk, transfer)


def _sent_back(story: Story, desk: Post, *, is_signed: bool) -> None:
    story.mark("returned")
    story.after(days=1)
    reason = "缺少现场照片,退回窗口补齐" if is_signed else "材料与交接单不符"
    story.does(story.play(desk), ReturnTransfer(reason=reason))
    story.after(days=1)
    story.does(story.clerk, SignReturnReceipt())


def _remind(story: Story, desk: Post) -> None:
    """催办 by the director of the hall."""
    directors = story.cast.of_role(Role.hall_director, story.today)
    director = story.cast.nearest(directors, story.window)
    story.after(days=1)
    story.mark("reminded")
    story.does(story.play(director), RemindStage(to_unit=desk.unit_code, about="转办件两个工作日未签收"))


def _reassigned(story: Story, desk: Post, handler: Actor) -> Actor:
    """AB 岗: the stand-in takes the case over, by order of the one who decides."""
    approver = story.cast.at(desk.unit_code, (Role.approver,), story.today)
    stand_in = story.cast.holder(desk, Duty.b, story.today)
    if approver is None or stand_in is None or handler.duty is Duty.b:
        return handler
    story.after(minutes=30)
    story.mark("reassigned")
    order = ReassignHandler(
        from_staff=handler.staff_id,
        to_staff=stand_in,
        to_post=desk.post_id,
        reason=ReassignmentReason.stand_in,
    )
    story.does(story.play(approver), order)
    return handler.model_copy(update={"staff_id": stand_in, "duty": Duty.b, "on_behalf_of": handler.staff_id})
