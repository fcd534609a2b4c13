"""The decision: on the spot, in time, late, for or against the applicant, now and then entered in the books later."""

from datetime import date
from typing import Final, assert_never

from domain.authorisation.values import Power
from domain.case.decision.commands import Approve, CloseAsInstant, Reject
from domain.case.ending.commands import Terminate
from domain.grammar import Attachment, Backfill
from domain.item.values import ItemVersion
from domain.window.values import Post, Role
from ops.demo.course import Course, Pace, Record, Verdict
from ops.demo.plots.intake import REMEDIES
from ops.demo.plots.opening import digest
from ops.demo.plots.work import last_step
from ops.demo.story import Story

USUAL_DAYS: Final = 5
"""Where an item states no limit at all."""


def closed_on_the_spot(story: Story) -> None:
    """即办: decided and closed by the window that took it in."""
    story.same_day(minutes=story.chance.randrange(3, 25))
    story.does(story.clerk, CloseAsInstant(decision_no=story.code("JB")))
    story.mark("instant")
    story.is_approved = True


def day_of_decision(story: Story, pace: Pace) -> date:
    """The working day on which this pace decides; what stopped the clock comes on top."""
    if story.accepted_on is None:
        raise AssertionError("decided before acceptance")
    promise, legal = limits(story.item)
    chance = story.chance
    match pace:
        case Pace.early:
            days = chance.randrange(max(1, promise // 3), max(2, promise * 3 // 4 + 1))
        case Pace.on_time:
            days = chance.randrange(max(1, promise * 3 // 4), promise + 1)
        case Pace.promise_late:
            days = chance.randrange(promise + 1, max(promise + 2, min(promise + 6, legal + 1)))
        case Pace.legal_late:
            days = max(promise, legal) + chance.randrange(1, 9)
        case _:
            assert_never(pace)
    return story.calendar.add(story.accepted_on, days + story.credit)


def limits(item: ItemVersion) -> tuple[int, int]:
    """Promised and legal days, the one standing in for the other where the item states only one."""
    promise = item.promise_days or item.legal_days or USUAL_DAYS
    return promise, item.legal_days or promise


def decided(story: Story, decider: Post, course: Course, day: date) -> None:
    """The decision on the day, or at once where the day has passed."""
    story.until(day)
    decider = _still_authorised(story, decider)
    actor = story.play(decider)
    last_step(story, actor)
    match course.verdict:
        case Verdict.terminated:
            _terminated(story)
        case Verdict.refused:
            story.mark("rejected")
            reasons = "经核查,申请不符合法定条件"
            story.does(actor, Reject(decision_no=story.code("BX"), reasons=reasons, remedies=REMEDIES))
        case Verdict.granted if course.record is Record.late_and_vouched_for:
            _entered_later(story, decider)
        case Verdict.granted:
            story.does(actor, Approve(decision_no=story.code("XK"), content="准予"))
            story.is_approved = True
    _timed(story)


def _still_authorised(story: Story, decider: Post) -> Post:
    """Whoever may decide by now: authorisations are revoked while cases run."""
    if story.cast.may(Power.decide, decider, story.item, story.today):
        return decider
    return story.cast.nearest(story.cast.deciders(story.item, story.today), decider)


def _timed(story: Story) -> None:
    """Names the pace as it really came out: handovers and pauses have their say."""
    if story.accepted_on is None or story.is_terminated:
        return
    used = story.calendar.count(story.accepted_on, story.decided_on or story.today) - story.credit
    promise, legal = limits(story.item)
    story.mark(
        "legal_late"
        if used > legal
        else "promise_late"
        if used > promise
        else "early"
        if used < promise
        else "on_time"
    )


def _entered_later(story: Story, decider: Post) -> None:
    """补录: the station had decided, and enters it days later, with reason, evidence and a second person."""
    story.mark("back_entered")
    actor = story.play(decider)
    directors = story.cast.of_role(Role.hall_director, story.today)
    vouching = story.cast.playing_first(story.cast.nearest(directors, story.window), story.today)
    recorded_at = story.hours.days_later(story.now, story.chance.randrange(3, 7), story.chance)
    paper = Attachment(
        sha256=digest("decision", story.case_no),
        size_bytes=200_000 + story.chance.randrange(300_000),
        media_type="image/jpeg",
        title="纸质审批表扫描件",
    )
    backfill = Backfill(reason="系统停机,先行纸质审批,恢复后补录", evidence=(paper,), approved_by=vouching)
    story.decided_on = story.today
    story.did(actor, Approve(decision_no=story.code("XK"), content="准予"), recorded_at, backfill=backfill)
    story.now = recorded_at
    story.is_approved = True


def _terminated(story: Story) -> None:
    directors = story.cast.of_role(Role.hall_director, story.today)
    director = story.play(story.cast.nearest(directors, story.window))
    head = story.cast.head_for(story.window.unit_code, Role.organ_head, story.today)
    story.mark("terminated")
    story.is_terminated = True
    ground = "申请人主体灭失,无法继续办理"
    approver = story.cast.playing_first(head, story.today)
    story.does(director, Terminate(ground=ground, approved_by=approver))
