"""Who plays in the demo: read from the catalogue, so that every deed is done by somebody who may do it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from domain.authorisation.values import Power
from domain.catalogue import Catalogue
from domain.grammar import Actor, Duty
from domain.item import ITEM
from domain.item.values import ItemVersion
from domain.point.values import VillagePoint
from domain.unit import UNIT
from domain.unit.values import Unit, UnitKind
from domain.window import POST
from domain.window.values import Post, Role

RECEIVING: Final = (Role.window_clerk, Role.proxy_clerk)
STAND_IN_SHARE: Final = 0.12
"""How often the B person is at the post."""


class NobodyThere(Exception):  # noqa: N818  — it reads as a word of the rules
    """The catalogue has nobody who could do it."""


@dataclass(frozen=True)
class Cast:
    catalogue: Catalogue
    _posts: tuple[Post, ...] = field(init=False)
    _posts_by_role: Mapping[Role, tuple[Post, ...]] = field(init=False)

    def __post_init__(self) -> None:
        posts = sorted(self.catalogue.entries(POST).values(), key=lambda post: str(post.post_id))
        object.__setattr__(self, "_posts", tuple(posts))
        by_role = {role: tuple(post for post in posts if post.role is role) for role in Role}
        object.__setattr__(self, "_posts_by_role", by_role)

    def items(self, on: date) -> list[ItemVersion]:
        """The items in force on the day, by code."""
        codes = sorted(self.catalogue.entries(ITEM))
        return [version for code in codes if (version := self.catalogue.item(code, on))]

    def receivers(self, item: ItemVersion, on: date) -> list[Post]:
        """Window posts that may take the item in: authorised, stationed, open and held by somebody."""
        return [
            post
            for post in self._posts
            if post.role in RECEIVING
            and self._is_open(post, item, on)
            and self.may(Power.accept, post, item, on)
        ]

    def deciders(self, item: ItemVersion, on: date) -> list[Post]:
        """Approvers of the county who may decide the item; a superior answers reports and decides nothing here."""
        units: Mapping[str, Unit] = self.catalogue.entries(UNIT)
        return [
            post
            for post in self.of_role(Role.approver, on)
            if units[post.unit_code].kind is not UnitKind.superior and self.may(Power.decide, post, item, on)
        ]

    def nearest(self, posts: Sequence[Post], to: Post) -> Post:
        """The post whose unit lies closest to the other's: in it, under the same roof, in the same township.

        Raises NobodyThere where there are none.
        """
        if not posts:
            raise NobodyThere(f"nobody for {to.post_id}")
        return min(posts, key=lambda post: (self._distance(post.unit_code, to.unit_code), post.post_id))

    def at(self, unit_code: str, roles: Iterable[Role], on: date) -> Post | None:
        """A held post of the unit in the first of the roles that it has."""
        for role in roles:
            for post in self._posts_by_role[role]:
                if post.unit_code == unit_code and self.held(post, on):
                    return post
        return None

    def of_role(self, role: Role, on: date) -> list[Post]:
        return [post for post in self._posts_by_role[role] if self.held(post, on)]

    def head_for(self, unit_code: str, role: Role, on: date) -> Post:
        """The head of the organ or government nearest to the unit. Raises NobodyThere."""
        heads = self.of_role(role, on)
        if not heads:
            raise NobodyThere(f"no {role} for {unit_code}")
        return min(heads, key=lambda post: (self._distance(post.unit_code, unit_code), post.post_id))

    def superior_for(self, item: ItemVersion, unit_code: str) -> Unit:
        """Where the unit reports a case of the item: to the organ in charge, which itself reports to the superior
        that may decide the item. Raises NobodyThere."""
        units: Mapping[str, Unit] = self.catalogue.entries(UNIT)
        if item.unit_code != unit_code:
            return units[item.unit_code]
        for post in self._posts:
            above = units[post.unit_code]
            if above.kind is UnitKind.superior and self.may(Power.decide, post, item, item.valid_from):
                return above
        raise NobodyThere(f"no superior of {unit_code} for {item.item_code}")

    def agent_post(self, point: VillagePoint, on: date) -> Post | None:
        """Whoever carries papers for the point: an agent's post of its hall that bears the point's code."""
        agents = [post for post in self.of_role(Role.agent, on) if post.unit_code == point.hall_unit_code]
        return next((post for post in agents if post.post_id.startswith(point.point_code)), None)

    def division_of(self, unit_code: str) -> str:
        units: Mapping[str, Unit] = self.catalogue.entries(UNIT)
        return units[unit_code].division_code

    def person_ref(self, staff_id: str) -> str | None:
        member = self.catalogue.staff(staff_id)
        return member.person_ref if member else None

    def post(self, post_id: str | None) -> Post | None:
        return self.catalogue.post(post_id) if post_id else None

    def points(self, on: date) -> list[VillagePoint]:
        points = sorted(self.catalogue.points(), key=lambda point: point.point_code)
        return [point for point in points if point.holds(on)]

    def held(self, post: Post, on: date) -> bool:
        return self.holder(post, Duty.a, on) is not None

    def playing(self, post: Post, on: date, chance: Random) -> Actor:
        """The A person at the post, now and then the B person standing in. Raises NobodyThere."""
        holder = self.playing_first(post, on)
        stand_in = self.holder(post, Duty.b, on)
        if stand_in is None or chance.random() >= STAND_IN_SHARE:
            return _actor(post, holder, Duty.a, None)
        return _actor(post, stand_in, Duty.b, holder)

    def playing_first(self, post: Post, on: date) -> str:
        """The staff number of the A person. Raises NobodyThere."""
        holder = self.holder(post, Duty.a, on)
        if holder is None:
            raise NobodyThere(f"{post.post_id} has no A person on {on}")
        return holder

    def holder(self, post: Post, duty: Duty, on: date) -> str | None:
        for holder in post.assignments:
            if holder.duty is duty and holder.holds(on):
                return holder.staff_id
        return None

    def may(self, power: Power, post: Post, item: ItemVersion, on: date) -> bool:
        code = item.item_code
        return (
            self.catalogue.may(power, code, unit_code=post.unit_code, post_id=post.post_id, on=on) is not None
        )

    def _is_open(self, post: Post, item: ItemVersion, on: date) -> bool:
        window = self.catalogue.window(post.window_id or "")
        return (
            window is not None
            and window.opened_on <= on
            and (window.closed_on is None or on < window.closed_on)
            and self.catalogue.is_stationed(item.item_code, window.window_id, on)
            and self.held(post, on)
        )

    def _distance(self, one: str, other: str) -> int:
        """0 the same unit, 1 the same parent or parent and child, 2 the same township, 3 the same county, 4 beyond."""
        if one == other:
            return 0
        units = self.catalogue.entries(UNIT)
        a, b = units[one], units[other]
        if a.parent_code in (other, b.parent_code) or b.parent_code == one:
            return 1
        shared = next(n for n in (9, 6, 0) if a.division_code[:n] == b.division_code[:n])
        return {9: 2, 6: 3, 0: 4}[shared]


def _actor(post: Post, staff_id: str, duty: Duty, on_behalf_of: str | None) -> Actor:
    return Actor(
        staff_id=staff_id,
        post_id=post.post_id,
        window_id=post.window_id,
        unit_code=post.unit_code,
        role=post.role,
        duty=duty,
        on_behalf_of=on_behalf_of,
    )
