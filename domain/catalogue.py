"""The catalogue: what the master data says on a given day, folded from its streams.

Case rules ask it which version of an item is in force, who may decide what, which days count. It is filled by
applying the facts of the item, unit, window, post, staff, point, authorisation, calendar and policy streams in
the order of the log; asked only in memory, so a rule that reads it stays pure.
"""

from datetime import date

from domain.authorisation.values import Power
from domain.calendar import WorkingDays
from domain.grammar import Duty, Fact
from domain.item.values import ItemVersion
from domain.point.values import VillagePoint
from domain.policy.values import Policy
from domain.staff.values import StaffMember
from domain.unit.values import Unit
from domain.window.values import Post, Window


class Catalogue:
    """The county's master data in force."""

    def apply(self, stream: str, fact: Fact) -> None:
        """Takes in one fact of a master-data stream; facts of other streams are passed over."""
        raise NotImplementedError

    def item(self, item_code: str, on: date) -> ItemVersion | None:
        """The version in force on the day; None where the item is unknown, not yet or no longer in force."""
        raise NotImplementedError

    def item_version(self, item_code: str, version: str) -> ItemVersion | None:
        raise NotImplementedError

    def knows_item(self, item_code: str) -> bool:
        raise NotImplementedError

    def working_days(self) -> WorkingDays:
        """The calendar as last published, provisional beyond its years."""
        raise NotImplementedError

    def policy(self, on: date) -> Policy:
        """The parameters in force on the day; the shipped defaults where the county published none."""
        raise NotImplementedError

    def unit(self, unit_code: str) -> Unit | None:
        raise NotImplementedError

    def window(self, window_id: str) -> Window | None:
        raise NotImplementedError

    def post(self, post_id: str) -> Post | None:
        raise NotImplementedError

    def staff(self, staff_id: str) -> StaffMember | None:
        raise NotImplementedError

    def point(self, point_code: str) -> VillagePoint | None:
        raise NotImplementedError

    def duty(self, staff_id: str, post_id: str, on: date) -> Duty | None:
        """A or B where the person holds the post on the day, else None."""
        raise NotImplementedError

    def may(
        self, power: Power, item_code: str, *, unit_code: str | None, post_id: str | None, on: date
    ) -> str | None:
        """The number of the authorisation under which the post, or its unit, may use the power over the item on
        the day: granted, valid, not revoked, its delegation chain whole. None where there is none."""
        raise NotImplementedError

    def is_stationed(self, item_code: str, window_id: str, on: date) -> bool:
        """进驻: whether the window is one where the item is handled on the day."""
        raise NotImplementedError
