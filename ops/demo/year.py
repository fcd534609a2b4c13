"""A year of the county: so many cases, who brings them when and where, and everything that happens to them.

All of it follows from the seed, the end day and the catalogue. Nothing is recorded here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from domain.grammar import CHINA, Device, local_day
from domain.item.values import ItemVersion, Kind, Routing
from domain.numbers import CaseNumber, block_serials
from domain.point.values import VillagePoint
from domain.window.values import Post, Role
from ops.demo.cast import Cast
from ops.demo.chance import chance_of
from ops.demo.course import Way, drawn
from ops.demo.hours import OfficeHours
from ops.demo.people import Person
from ops.demo.plots import legacy
from ops.demo.plots.opening import Errand
from ops.demo.plots.twice import taken_in_again
from ops.demo.plots.whole import told
from ops.demo.story import Deed, Story

DUPLICATED_SHARE: Final = 0.012
AGENT_MAY_TAKE_DAYS: Final = 21
"""An item that is cancelled before an agent reaches the hall is not entrusted."""
LEGACY_CASES: Final = 12
TAKEN_OVER_AFTER: Final = 40
"""Working days after the year began on which the old system's cases were taken over."""
QUIET_DAYS: Final = 45
"""Working days before the end on which the quiet window takes nothing in: Z01 零办件."""
WEIGHT_BY_KIND: Final = {Kind.instant: 5, Kind.promised: 3, Kind.other: 1}
WEIGHT_BY_ROUTING: Final = {Routing.single: 3, Routing.joint: 2, Routing.report_up: 2}


@dataclass(frozen=True, slots=True)
class Told:
    """A deed in its place: the n-th of its case."""

    story: Story
    place: int
    deed: Deed
    device: Device | None


@dataclass
class Year:
    """The stories of one year, and their deeds in the order in which they reach the books."""

    cast: Cast
    hours: OfficeHours
    people: Sequence[Person]
    seed: int
    last_day: date
    cases: int
    stories: list[Story] = field(default_factory=list)
    _serials: Counter[tuple[str, date]] = field(default_factory=Counter)
    _chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = chance_of(self.seed, self.last_day)
        self._first_day = self.last_day - timedelta(days=365)
        days = self.hours.calendar.between(self._first_day, self.last_day)
        self._days = sorted(days)
        posts = self.cast.of_role(Role.window_clerk, self.last_day)
        self._quiet = self._chance.choice(posts) if posts else None

    @property
    def quiet_window(self) -> str | None:
        """The window at which nothing happens any more."""
        return self._quiet.window_id if self._quiet else None

    def tell(self) -> None:
        """Draws and tells every case."""
        for began in self._beginnings():
            self._tell(began, self._chance_of_next())
        for day in self._days[:LEGACY_CASES]:
            self._take_over(day, self._chance_of_next())

    def deeds(self) -> list[Told]:
        """Everything up to the end of the last day, by the moment it reaches the books."""
        end = datetime.combine(self.last_day, time(18), CHINA)
        told = [
            Told(story, place, deed, None)
            for story in self.stories
            for place, deed in enumerate(_before(story.deeds, end), start=1)
        ]
        told.sort(key=lambda each: (each.deed.received_at, each.story.number, each.place))
        return _with_devices(told)

    def _beginnings(self) -> list[datetime]:
        """When the cases come: evenly over the working days, a few more before the year ends."""
        moments = (self.hours.on(self._chance.choice(self._days), self._chance) for _ in range(self.cases))
        return sorted(moments)

    def _chance_of_next(self) -> Random:
        return chance_of(self.seed, self.last_day, len(self.stories) + 1)

    def _take_over(self, day: date, chance: Random) -> None:
        """A case of the old system: it ran in the first weeks, and was taken over some weeks later."""
        item = self._item(day, chance)
        window = self._window(item, day, chance)
        story = self._story(self.hours.on(day, chance), item, window, None, chance)
        legacy.taken_over(story, self.hours.on(self._days[TAKEN_OVER_AFTER], chance))

    def _tell(self, began: datetime, chance: Random) -> None:
        day = local_day(began)
        item = self._item(day, chance)
        course = drawn(item, chance)
        window = self._window(item, day, chance)
        errand = self._errand(window, day, chance) if course.way is not Way.applicant else None
        if errand is not None:
            window = self._hall_window(errand.point, item, day) or window
            errand = errand if window.unit_code == errand.point.hall_unit_code else None
        story = self._story(began, item, window, errand, chance)
        told(story, course, errand)
        if errand is None and chance.random() < DUPLICATED_SHARE:
            self._tell_again(story, chance)

    def _story(
        self, began: datetime, item: ItemVersion, window: Post, errand: Errand | None, chance: Random
    ) -> Story:
        story = Story(
            number=len(self.stories) + 1,
            case_no=self._case_no(began, window, errand),
            item=item,
            window=window,
            applicant=chance.choice(self.people),
            cast=self.cast,
            hours=self.hours,
            chance=chance,
            now=began,
        )
        self.stories.append(story)
        return story

    def _item(self, day: date, chance: Random) -> ItemVersion:
        """An item that is in force, taken in somewhere and decided by somebody."""
        soon = day + timedelta(days=AGENT_MAY_TAKE_DAYS)
        items = [item for item in self.cast.items(day) if self.cast.catalogue.item(item.item_code, soon)]
        weights = [WEIGHT_BY_KIND[item.kind] * WEIGHT_BY_ROUTING[item.routing] for item in items]
        while True:
            item = chance.choices(items, weights=weights)[0]
            if self._receivers(item, day) and self.cast.deciders(item, self.last_day):
                return item
            weights[items.index(item)] = 0

    def _window(self, item: ItemVersion, day: date, chance: Random) -> Post:
        """Some window that takes the item in."""
        return chance.choice(self._receivers(item, day))

    def _receivers(self, item: ItemVersion, day: date) -> list[Post]:
        is_quiet = self.hours.calendar.count(day, self.last_day) < QUIET_DAYS
        return [post for post in self.cast.receivers(item, day) if not (is_quiet and post == self._quiet)]

    def _errand(self, window: Post, day: date, chance: Random) -> Errand | None:
        points = [point for point in self.cast.points(day) if point.hall_unit_code == window.unit_code]
        points = points or self.cast.points(day)
        point = chance.choice(points) if points else None
        post = self.cast.agent_post(point, day) if point else None
        if point is None or post is None:
            return None
        agent = self.cast.playing(post, day, chance)
        agent_ref = self.cast.person_ref(agent.staff_id)
        return Errand(point, agent, agent_ref) if agent_ref else None

    def _hall_window(self, point: VillagePoint, item: ItemVersion, day: date) -> Post | None:
        halls = [post for post in self._receivers(item, day) if post.unit_code == point.hall_unit_code]
        return halls[0] if halls else None

    def _case_no(self, began: datetime, window: Post, errand: Errand | None) -> str:
        """A number of the hall, or of the point's own block of serials."""
        if errand is None:
            division = self.cast.division_of(window.unit_code)
            first = 1
        else:
            division = errand.point.division_code
            first = block_serials(errand.point.serial_block or "")[0] if errand.point.serial_block else 1
        day = local_day(began)
        self._serials[division, day] += 1
        return str(CaseNumber(division, day, first + self._serials[division, day] - 1))

    def _tell_again(self, first: Story, chance: Random) -> None:
        """两头受理: the same matter is taken in at a second window; the centre joins the two and one goes on."""
        began = self.hours.days_later(first.deeds[0].occurred_at, chance.randrange(1, 4), chance)
        day = local_day(began)
        others = [
            post for post in self._receivers(first.item, day) if post.unit_code != first.window.unit_code
        ]
        if not others or day > self.last_day:
            return
        again = self._story(began, first.item, chance.choice(others), None, chance)
        again.applicant = first.applicant
        taken_in_again(again, first)


def _before(deeds: Sequence[Deed], end: datetime) -> Iterator[Deed]:
    for deed in deeds:
        if deed.received_at > end:
            return
        yield deed


def _with_devices(told: list[Told]) -> list[Told]:
    """Each offline device counts what it held, in the order in which it happened."""
    held: defaultdict[str, list[int]] = defaultdict(list)
    for n, each in enumerate(told):
        if each.deed.device_id:
            held[each.deed.device_id].append(n)
    for device_id, places in held.items():
        in_order = sorted(places, key=lambda n: told[n].deed.occurred_at)
        for seq, n in enumerate(in_order, start=1):
            offset_ms = 40 * (seq % 90) - 1500
            told[n] = replace(
                told[n], device=Device(device_id=device_id, device_seq=seq, clock_offset_ms=offset_ms)
            )
    return told
