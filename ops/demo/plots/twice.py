"""两头受理: the same matter is taken in at a second window, until the centre joins the two."""

from domain.case.acceptance.commands import AcceptCase
from domain.case.ending.commands import LinkDuplicate, WithdrawCase
from domain.window.values import Role
from ops.demo.plots.opening import over_the_counter
from ops.demo.story import Story


def taken_in_again(again: Story, first: Story) -> None:
    again.mark("duplicate")
    over_the_counter(again)
    again.after(minutes=20)
    again.does(again.clerk, AcceptCase(document_no=again.code("SL")))
    again.after(days=2)
    directors = again.cast.of_role(Role.hall_director, again.today)
    director = again.play(again.cast.nearest(directors, again.window))
    again.does(director, LinkDuplicate(other_case=first.case_no, governing_case=first.case_no))
    again.after(minutes=30)
    again.does(again.clerk, WithdrawCase(reason="与先受理件重复,申请人撤回"))
