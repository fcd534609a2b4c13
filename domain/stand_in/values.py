"""Acting for another, in words: why the first holder is away, what is passed on, and until when."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from domain.grammar import Code, Day
from domain.register import Tenure


class Absence(StrEnum):
    """Why the A person is not at the post."""

    leave = "leave"  # 请假
    duty_travel = "duty_travel"  # 因公外出
    training = "training"  # 学习培训
    vacancy = "vacancy"  # 暂缺


AT_MOST_DAYS: Final = 31
"""Beyond the first, of one takeover."""


class Takeover(Tenure):
    """顶岗: on these days the B person acts at the post; a month at most."""

    staff_id: Code
    released_on: Day | None = None
    """The first day on which it no longer counts."""

    def counts(self, on: date) -> bool:
        return self.holds(on) and (self.released_on is None or on < self.released_on)


class Delegation(Tenure):
    """委托: what the holder of a post lets another do at it."""

    delegation_no: Code
    post_id: Code
    grantor: Code
    """Staff number of who holds the post as A."""
    delegate: Code
    item_codes: Annotated[tuple[Code, ...], Field(max_length=200)] = ()
    """The matters: these items alone; none named, all that comes to the post."""
