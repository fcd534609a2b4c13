"""Cases of the system that was there before: taken over as they were, and flagged where they broke a rule."""

from datetime import datetime
from typing import Final

from domain.case.acceptance.commands import AcceptCase
from domain.case.decision.commands import Approve
from domain.case.ending.commands import Conclude
from domain.case.intake.commands import ReceiveCase
from domain.case.pauses.commands import EndSpecialProcedure, StartSpecialProcedure
from domain.case.values import Origin
from domain.grammar import Actor, Command, Performer
from domain.item.values import SpecialProcedure
from domain.window.values import Role
from ops.demo.story import Story

SOURCE: Final = "old-hall-system"
IMPORTER: Final = Actor(staff_id="importer", role=Role.importer)


def taken_over(story: Story, at: datetime) -> None:
    """A case whose special procedure was let by the very person who handled it: recorded, but its days count."""
    story.mark("legacy_void_pause")
    decider = story.cast.nearest(story.cast.deciders(story.item, story.today), story.window)
    handler = story.cast.playing_first(decider, story.today)
    kinds = story.item.special_procedures or (SpecialProcedure.other,)
    origin = Origin(source_channel="窗口", department="镇便民服务中心", responsible=handler)
    receipt = ReceiveCase(
        item_code=story.item.item_code,
        applicant_ref=story.applicant.ref,
        external_ref=f"OLD-{story.number:06d}",
        origin=origin,
    )
    pause = StartSpecialProcedure(
        kind=kinds[0],
        basis="原系统记录",
        approver=handler,
        approver_post=decider.post_id,
        planned_days=5,
        notice_no=f"OLD-TZ-{story.number:06d}",
    )
    _step(story, at, story.window.unit_code, receipt)
    _step(story, at, story.window.unit_code, AcceptCase())
    _step(story.after(days=2), at, decider.unit_code, pause, handler)
    _step(story.after(days=5), at, decider.unit_code, EndSpecialProcedure(result="勘察完毕"), handler)
    approval = Approve(decision_no=f"OLD-XK-{story.number:06d}")
    _step(story.after(days=4), at, decider.unit_code, approval, handler)
    _step(story.after(days=1), at, story.window.unit_code, Conclude(result="准予"))


def _step(story: Story, at: datetime, unit_code: str, command: Command, staff_id: str | None = None) -> None:
    actor = IMPORTER.standing_in_for(Performer(staff_id=staff_id, unit_code=unit_code))
    story.did(actor, command, at, imported_from=SOURCE)
    story.after(minutes=20)
