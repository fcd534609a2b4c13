"""Between the first paper and acceptance: complete, told what is missing, refused, withdrawn, deemed accepted."""

from typing import Final

from domain.case.acceptance.commands import AcceptCase, DeemAccepted, RefuseAcceptance
from domain.case.ending.commands import WithdrawCase
from domain.case.intake.commands import CorrectOnSpot, IssueCorrectionNotice, SupplyCorrection
from domain.case.intake.events import Missing
from domain.case.values import Material
from domain.grammar import Actor
from domain.window.values import Role
from ops.demo.course import Intake
from ops.demo.story import Story

CLOCK: Final = Actor(staff_id="clock", role=Role.clock)
NOTICE_DAYS: Final = 5
"""行政许可法 Art. 32(4)."""
REMEDIES: Final = "可在收到本决定之日起六十日内申请行政复议,或六个月内提起行政诉讼。"
UNPUBLISHED: Final = Missing(code="CUN-ZM", title="村委会同意证明", basis="窗口要求")
"""A paper that no published list has."""
LACKING: Final = frozenset(
    {
        Intake.noticed,
        Intake.noticed_twice,
        Intake.unpublished_asked,
        Intake.never_supplied,
        Intake.told_too_late,
    }
)
"""Courses on which the applicant comes without the last paper of the list."""


def lacks(story: Story, intake: Intake) -> None:
    """What the applicant has forgotten at home."""
    if intake in LACKING:
        story.missing = (story.item.materials[-1].code,)


def taken_in(story: Story, intake: Intake) -> bool:
    """Whether the case was accepted."""
    match intake:
        case Intake.smooth:
            pass
        case Intake.corrected_on_spot:
            _corrected_on_spot(story)
        case Intake.never_supplied:
            _never_supplied(story)
            return False
        case Intake.refused:
            _refused(story)
            return False
        case Intake.withdrawn:
            _withdrawn(story)
            return False
        case Intake.deemed:
            _deemed(story)
            return True
        case _:
            _noticed_and_supplied(story, intake)
    _accepted(story)
    return True


def _accepted(story: Story) -> None:
    story.after(minutes=story.chance.randrange(5, 60))
    story.does(story.clerk, AcceptCase(document_no=story.code("SL")))
    story.accepted_on = story.complete_on


def _corrected_on_spot(story: Story) -> None:
    story.after(minutes=8)
    story.does(story.clerk, CorrectOnSpot(what="申请表中的联系方式填写有误,当场更正"))
    story.mark("corrected_on_spot")


def _never_supplied(story: Story) -> None:
    story.mark("never_supplied")
    _notice(story, _lacking(story))


def _noticed_and_supplied(story: Story, intake: Intake) -> None:
    is_late = intake is Intake.told_too_late
    further = (UNPUBLISHED,) if intake is Intake.unpublished_asked else ()
    story.mark("noticed" if intake is Intake.noticed_twice else intake.value)
    story.after(days=NOTICE_DAYS + story.chance.randrange(1, 4) if is_late else story.chance.randrange(3))
    _notice(story, (*_lacking(story), *further))
    _supply(story, tuple(missing.code for missing in (*_lacking(story), *further)))
    if not is_late:
        # A notice that came in time moves the day of acceptance to the day on which all was there.
        story.complete_on = story.today
    if intake is Intake.noticed_twice:
        _noticed_again(story)


def _noticed_again(story: Story) -> None:
    """二次告知 of something the published list had all along: the acceptance stays where it was."""
    story.mark("noticed_twice")
    story.after(days=story.chance.randrange(1, 3))
    first = story.item.materials[0]
    _notice(story, (Missing(code=first.code, title=first.title, basis=story.item.legal_basis),))
    _supply(story, (first.code,))


def _lacking(story: Story) -> tuple[Missing, ...]:
    return tuple(
        Missing(code=paper.code, title=paper.title, basis=story.item.legal_basis)
        for paper in story.item.materials
        if paper.code in story.missing
    )


def _notice(story: Story, missing: tuple[Missing, ...]) -> None:
    story.after(minutes=15)
    notice = IssueCorrectionNotice(
        notice_no=story.code("BZ"), missing=missing, method="当面", signed_at=story.now
    )
    story.does(story.clerk, notice)


def _supply(story: Story, codes: tuple[str, ...]) -> None:
    story.after(days=story.chance.randrange(1, 7))
    story.does(story.clerk, SupplyCorrection(materials=tuple(Material(code=code) for code in codes)))


def _deemed(story: Story) -> None:
    """Nobody said anything for five days: the law accepts the case from the day of receipt."""
    story.mark("deemed_accepted")
    story.until(story.calendar.add(story.today, NOTICE_DAYS + 1))
    story.does(CLOCK, DeemAccepted())
    story.accepted_on = story.complete_on


def _refused(story: Story) -> None:
    story.mark("acceptance_refused")
    story.after(minutes=story.chance.randrange(20, 120))
    refusal = RefuseAcceptance(
        reason_code="NOT-OURS",
        reasons="该事项依法不属于本机关职权范围",
        remedies=REMEDIES,
        redirect_to="县级主管部门",
        document_no=story.code("BY"),
    )
    story.does(story.clerk, refusal)


def _withdrawn(story: Story) -> None:
    story.mark("withdrawn")
    story.after(days=story.chance.randrange(1, 5))
    story.does(story.clerk, WithdrawCase(reason="申请人自愿撤回申请"))
