"""The setting of a ruling: the occasion, and the master data a rule may consult."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from domain.calendar import WorkingDays
from domain.case.state import Case, doer
from domain.catalogue import Catalogue
from domain.grammar import Actor, Occasion, Precision, local_day
from domain.item.values import ItemVersion
from domain.policy.values import Policy


class Setting:
    """Reads the occasion and the catalogue for one ruling, and remembers which versions the ruling relied on."""

    def __init__(self, case: Case, occasion: Occasion, catalogue: Catalogue) -> None:
        self._case = case
        self.occasion = occasion
        self.catalogue = catalogue
        self.actor: Actor = occasion.actor
        self.occurred_at: datetime = occasion.occurred_at

    @property
    def person(self) -> str | None:
        """The staff number of who acted; None where a legacy record names nobody."""
        return doer(self.actor)

    def is_person(self, staff_id: str | None) -> bool:
        """Whether it is this member of staff who acts, at whatever post and under whatever number; nobody named is nobody."""
        return self.catalogue.is_same_person(staff_id, self.person)

    def acts_as(self, staff_id: str | None) -> bool:
        """Whether it is this member of staff who acts, or in whose name it is done under a delegation."""
        delegated = self.actor.on_behalf_of if self.actor.delegation_no else None
        return self.is_person(staff_id) or self.catalogue.is_same_person(staff_id, delegated)

    @cached_property
    def day(self) -> date:
        """The day in China on which it happened."""
        return local_day(self.occurred_at)

    @cached_property
    def today(self) -> date:
        """The day in China on which it reached the door."""
        return local_day(self.occasion.received_at)

    @cached_property
    def policy(self) -> Policy:
        return self.catalogue.policy(self.day)

    @cached_property
    def calendar(self) -> WorkingDays:
        return self.catalogue.working_days()

    @cached_property
    def item(self) -> ItemVersion | None:
        """The version of the item under which the case was received: running cases finish under it."""
        application = self._case.application
        if application is None:
            return None
        return self.catalogue.item_version(application.item_code, application.item_version)

    def consulted(self) -> "Consulted":
        """Which versions the ruling has read so far."""
        read = self.__dict__
        application = self._case.application
        return Consulted(
            item=application.item_version if application else None,
            policy=self.policy.version if "policy" in read else None,
            calendar=self.calendar.version if "calendar" in read else None,
        )

    def precedes(self, moment: datetime) -> bool:
        """Whether it happened before the moment; by days where only its day is known."""
        if self.occasion.circumstances.occurred_precision is Precision.day:
            return self.day < local_day(moment)
        return self.occurred_at < moment


@dataclass(frozen=True, slots=True)
class Consulted:
    """Versions of the master data a ruling relied on; None where it did not ask."""

    item: str | None
    policy: str | None
    calendar: str | None
