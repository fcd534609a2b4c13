"""What was written down wrongly, and how it is put right: 更正 and 作废, approved by a second person."""

from domain.amendment import CorrectEvent, VoidEvent
from domain.case.intake.commands import ReceiveCase
from domain.case.steps.commands import RemindStage
from domain.window.values import Role
from ops.demo.story import Story


def corrected(story: Story) -> None:
    """The receipt number was copied wrongly and is corrected later."""
    version, received = next(
        (n, deed.command)
        for n, deed in enumerate(story.deeds, start=1)
        if isinstance(deed.command, ReceiveCase)
    )
    story.mark("corrected")
    story.same_day(minutes=25)
    correction = CorrectEvent(
        target_version=version,
        field="receipt_no",
        was=received.receipt_no,
        should_be=f"{received.receipt_no}-A",
        reason="收件凭证编号录入错误",
        approved_by=_second_person(story),
    )
    story.does(story.clerk, correction)


def voided(story: Story) -> None:
    """The director's reminder belonged to another case."""
    story.mark("voided")
    story.same_day(minutes=20)
    director = story.play(
        story.cast.nearest(story.cast.of_role(Role.hall_director, story.today), story.window)
    )
    story.does(director, RemindStage(to_unit=story.window.unit_code, about="请尽快办理"))
    story.same_day(minutes=5)
    void = VoidEvent(
        target_version=len(story.deeds), reason="误登记于本办件", approved_by=_second_person(story)
    )
    story.does(story.clerk, void)


def _second_person(story: Story) -> str:
    directors = story.cast.of_role(Role.hall_director, story.today)
    return story.cast.playing_first(story.cast.nearest(directors, story.window), story.today)
