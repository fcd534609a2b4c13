"""A case being told: what is done to it, by whom, at which moment; nothing is recorded yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from domain.calendar import WorkingDays
from domain.grammar import CHINA, Actor, Channel, Circumstances, Command, Device, local_day
from domain.item.values import ItemVersion
from domain.window.values import Post
from ops.demo.cast import Cast
from ops.demo.hours import OfficeHours
from ops.demo.people import Person


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of a story: when it happened and when it reached the hall's books."""

    actor: Actor
    command: Command
    occurred_at: datetime
    received_at: datetime
    circumstances: Mapping[str, Any] = field(default_factory=dict)
    """Further parts of Circumstances; `occurred_at` is added where it was recorded later than it happened."""
    device_id: str | None = None
    """The offline device that held it; its sequence numbers are given when the year is put together."""

    def told(self, device: Device | None) -> Circumstances:
        said = dict(self.circumstances)
        if self.occurred_at != self.received_at:
            said["occurred_at"] = self.occurred_at
        return Circumstances(**said, device=device)


@dataclass
class Story:
    """The case so far. `now` is the moment of the last deed; deeds are told one after the other."""

    number: int
    case_no: str
    item: ItemVersion
    window: Post
    applicant: Person
    cast: Cast
    hours: OfficeHours
    chance: Random
    now: datetime
    deeds: list[Deed] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    """Names of the troubles this case has; see ops/demo/plots."""
    missing: tuple[str, ...] = ()
    """Codes of the published papers that the applicant comes without."""
    object_ref: str | None = None
    complete_on: date | None = None
    """The day on which the papers were complete: day 0 of every limit."""
    accepted_on: date | None = None
    decided_on: date | None = None
    """Where it differs from the day on which the decision was entered."""
    credit: int = 0
    """Working days that do not count: special procedures within their plan, extensions."""
    certificate_no: str | None = None
    is_approved: bool = False
    is_closed: bool = False
    is_terminated: bool = False

    @property
    def calendar(self) -> WorkingDays:
        return self.hours.calendar

    @property
    def today(self) -> date:
        return local_day(self.now)

    @property
    def is_overdue(self) -> bool:
        """Whether the promise, or else the legal limit, has run out."""
        days = self.item.promise_days or self.item.legal_days
        if self.accepted_on is None or days is None:
            return False
        return self.today > self.calendar.add(self.accepted_on, days + self.credit)

    @property
    def clerk(self) -> Actor:
        """Whoever is at the receiving window now."""
        return self.play(self.window)

    def play(self, post: Post) -> Actor:
        return self.cast.playing(post, self.today, self.chance)

    def after(self, *, days: int = 0, minutes: int = 0) -> "Story":
        """Lets time pass: so many working days, or minutes of office time."""
        self.now = self.hours.days_later(self.now, days, self.chance) if days else self.now
        self.now = self.hours.later(self.now, minutes) if minutes else self.now
        return self

    def same_day(self, *, minutes: int) -> "Story":
        """Lets minutes pass, though the hall may close meanwhile: who is being served is served to the end."""
        later = self.hours.later(self.now, minutes)
        self.now = later if local_day(later) == self.today else self.now + timedelta(minutes=minutes)
        return self

    def until(self, day: date) -> "Story":
        """Lets time pass to some moment of the day; a later one today where the day has come."""
        if day > self.today:
            self.now = self.hours.on(day, self.chance)
        else:
            self.after(minutes=self.chance.randrange(5, 40))
        return self

    def does(self, actor: Actor, command: Command, **circumstances: object) -> None:
        """Happens and is recorded now."""
        self.deeds.append(Deed(actor, command, self.now, self.now, circumstances))

    def did(
        self,
        actor: Actor,
        command: Command,
        recorded_at: datetime,
        device_id: str | None = None,
        **circumstances: object,
    ) -> None:
        """Happens now, is recorded later."""
        self.deeds.append(Deed(actor, command, self.now, recorded_at, circumstances, device_id))

    def code(self, prefix: str) -> str:
        """A document number of this case: the n-th deed makes it unique."""
        return f"{prefix}-{self.now.astimezone(CHINA):%Y}-{self.number:05d}-{len(self.deeds):02d}"

    def mark(self, trouble: str) -> None:
        if trouble not in self.troubles:
            self.troubles.append(trouble)

    def channel(self) -> Channel:
        """How the applicant came; most people still come to the window."""
        kinds = (Channel.window, Channel.web, Channel.mobile, Channel.courier)
        return self.chance.choices(kinds, weights=(72, 15, 10, 3))[0]
