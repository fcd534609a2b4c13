"""The case at the station: steps, special procedures, extensions, joint reviews, reports to the superior."""

from datetime import date
from typing import Final

from domain.case.joint.commands import (
    ConsolidateJointReview,
    OpenJointReview,
    RequestOpinion,
    ReturnOpinion,
)
from domain.case.joint.events import Asked, Stance
from domain.case.pauses.commands import (
    ApproveExtension,
    EndSpecialProcedure,
    InvalidateSpecialProcedure,
    StartSpecialProcedure,
)
from domain.case.steps.commands import CompleteStep, RecordSiteInspection
from domain.case.superior.commands import (
    ReceiveSuperiorDecision,
    ReportToSuperior,
    SignSuperiorReceipt,
)
from domain.grammar import Actor, Duty
from domain.item.values import Routing, SpecialProcedure
from domain.window.values import Post, Role
from ops.demo.course import Stop
from ops.demo.plots.handover import WORKING
from ops.demo.story import Story

BASIS: Final = "行政许可法 第四十五条"
FIRST_REVIEW_DAYS: Final = 20
"""行政许可法 Art. 43."""
LATE_OPINIONS_SHARE: Final = 0.15


def first_step(story: Story, handler: Actor) -> None:
    """承办: the first step of the published flow, where there is one."""
    for budget in story.item.step_budgets[:-1][:1]:
        story.after(days=story.chance.randrange(2), minutes=30)
        story.does(
            handler, CompleteStep(step_code=budget.step_code, step_title=budget.title, opinion="材料属实")
        )


def further_steps(story: Story, handler: Actor) -> None:
    """审核: whatever lies between the first step and the decision."""
    for budget in story.item.step_budgets[1:-1]:
        reviewer = story.cast.at(handler.unit_code or "", (Role.reviewer, *WORKING), story.today)
        actor = story.play(reviewer) if reviewer else handler
        story.after(minutes=story.chance.randrange(30, 180))
        story.does(actor, CompleteStep(step_code=budget.step_code, step_title=budget.title, opinion="拟同意"))


def last_step(story: Story, decider: Actor) -> None:
    """批准, just before the decision itself."""
    for budget in story.item.step_budgets[-1:]:
        story.does(decider, CompleteStep(step_code=budget.step_code, step_title=budget.title, opinion="同意"))
        story.after(minutes=5)


def stopped(story: Story, handler: Actor, decider: Post, stop: Stop) -> None:
    """What stops the clock, where the item knows such a procedure and the handler may start it."""
    if story.is_overdue:
        return
    if stop is Stop.extended:
        _extended(story, decider)
    elif stop is not Stop.none and story.item.special_procedures and handler.role == Role.handler:
        _paused(story, handler, decider, stop)


def _paused(story: Story, handler: Actor, decider: Post, stop: Stop) -> None:
    approver = story.cast.holder(decider, Duty.a, story.today)
    if approver in (None, handler.staff_id):
        return
    kind = story.chance.choice(story.item.special_procedures)
    planned = story.chance.randrange(3, 11)
    story.same_day(minutes=20)
    story.mark({Stop.valid: "paused", Stop.over_plan: "pause_capped"}.get(stop, f"pause_{stop.value}"))
    started_on = story.today
    start = StartSpecialProcedure(
        kind=kind,
        basis=BASIS,
        approver=approver,
        approver_post=decider.post_id,
        planned_days=planned,
        notice_no=None if stop is Stop.untold else story.code("TZ"),
        notified_at=None if stop is Stop.untold else story.now,
    )
    story.does(handler, start)
    lasting = (
        planned + story.chance.randrange(2, 6)
        if stop is Stop.over_plan
        else story.chance.randrange(2, planned + 1)
    )
    _looked_at(story, handler, kind, started_on)
    story.until(story.calendar.add(started_on, lasting))
    story.does(handler, EndSpecialProcedure(result="特别程序已完成,结论附卷", result_date=story.today))
    if stop in (Stop.valid, Stop.over_plan):
        story.credit += min(lasting, planned)
    if stop is Stop.invalidated:
        _found_void(story)


def _looked_at(story: Story, handler: Actor, kind: SpecialProcedure, started_on: date) -> None:
    """现场勘察 by two."""
    desk = story.cast.post(handler.post_id)
    stand_in = story.cast.holder(desk, Duty.b, story.today) if desk else None
    if kind is not SpecialProcedure.site_survey or stand_in in (None, handler.staff_id):
        return
    story.until(story.calendar.add(started_on, 1))
    inspection = RecordSiteInspection(
        inspectors=(handler.staff_id, str(stand_in)),
        findings="现场与申报一致",
        latitude_e6=32_690_000 + story.chance.randrange(90_000),
        longitude_e6=109_020_000 + story.chance.randrange(90_000),
    )
    story.does(handler, inspection)


def _found_void(story: Story) -> None:
    for post in story.cast.of_role(Role.supervision, story.today)[:1]:
        story.after(days=2)
        grounds = "特别程序所附书面告知未载明期限,依法不予扣除"
        story.does(story.play(post), InvalidateSpecialProcedure(procedure_no=1, grounds=grounds))


def _extended(story: Story, decider: Post) -> None:
    is_joint = story.item.routing is Routing.joint
    role = Role.government_head if is_joint else Role.organ_head
    head = story.cast.head_for(decider.unit_code, role, story.today)
    days = story.chance.randrange(3, 11)
    story.mark("extended")
    story.same_day(minutes=60)
    extension = ApproveExtension(days=days, reason="案情复杂,需进一步核实权属", notified_at=story.now)
    story.does(story.play(head), extension)
    story.credit += days


def consulted(story: Story, handler: Actor) -> None:
    """联合审批: every co-unit is asked and answers, now and then after its day."""
    story.mark("joint_review")
    due = story.calendar.add(story.today, 5)
    units = [code for code in story.item.joint_units if story.cast.at(code, WORKING, story.today)]
    story.after(minutes=30)
    story.does(handler, OpenJointReview(units=tuple(Asked(unit_code=code, due=due) for code in units)))
    for code in units:
        story.after(minutes=5)
        question = RequestOpinion(unit_code=code, due=due, question="请就职责范围内的事项出具意见")
        story.does(handler, question)
    for code in units:
        _answered(story, code, due)
    story.after(minutes=90)
    story.does(handler, ConsolidateJointReview(summary="各单位均无不同意见"))


def _answered(story: Story, unit_code: str, due: date) -> None:
    desk = story.cast.at(unit_code, WORKING, story.today)
    if desk is None:
        return
    if story.chance.random() < LATE_OPINIONS_SHARE:
        story.mark("joint_opinion_late")
        story.until(story.calendar.add(due, story.chance.randrange(1, 4)))
    else:
        story.after(days=story.chance.randrange(1, 3))
    stance = story.chance.choice((Stance.agrees, Stance.agrees, Stance.agrees_with_conditions))
    story.does(story.play(desk), ReturnOpinion(stance=stance, opinion="同意按方案实施"))


def reported_up(story: Story, handler: Actor, *, is_late: bool) -> None:
    """报批: the opinion and all material go up; the superior signs, and answers."""
    story.mark("reported_up")
    superior = story.cast.superior_for(story.item, handler.unit_code or "")
    if is_late and story.accepted_on:
        story.mark("reported_late")
        story.until(story.calendar.add(story.accepted_on, FIRST_REVIEW_DAYS + story.chance.randrange(1, 5)))
    story.after(days=1)
    report = ReportToSuperior(
        to_unit=superior.unit_code, opinion="初审符合条件,材料齐全", materials_complete=True
    )
    story.does(handler, report)
    story.after(days=story.chance.randrange(1, 4))
    desk = story.cast.at(superior.unit_code, (Role.handler,), story.today)
    signature = SignSuperiorReceipt(receipt_no=story.code("SS"), signed_by=None if desk else "上级收发室")
    story.does(story.play(desk) if desk else handler, signature)
    story.after(days=story.chance.randrange(3, 9))
    reply = ReceiveSuperiorDecision(is_approved=True, document_no=story.code("PF"), opinion="同意")
    story.does(handler, reply)
