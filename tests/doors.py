"""The door in front of a log in memory: for tests of what HTTP says."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice

import httpx

from api.app import create_app
from api.authentication import NAMED, SPEAKS_FOR
from api.identity import member_of_staff
from api.refusals.access import IdentityMissing
from domain.access.decision import Principal
from domain.application import Keeper
from domain.dealings import OpenCases
from domain.grammar import Actor, local_day
from domain.people import People
from domain.references import named_in
from domain.store.holds import StandingHold
from domain.store.mapper import StoredEvent
from domain.store.memory import MemoryLog
from domain.store.memory_vault import MemoryKeys, MemoryVault
from domain.window.values import Role
from tests.county import COUNTY_DIVISION, TOWN_CLERK_POST, a_county, actor_at


class MemoryReader:
    """Reads a MemoryLog as the door reads the real one."""

    followers = 0
    """How often somebody who follows has waited for more."""

    def __init__(self, log):
        self._log = log

    async def page(self, after, limit):
        return self._log.events[after : after + limit]

    async def stored(self, after, limit, *, until=None, topic=None, stream=None, shown=None):
        wanted = (
            _stored(event)
            for event in self._log.events[after:until]
            if topic in (None, event.topic) and stream in (None, event.stream)
            if shown is None or shown.shows(event.stream)
        )
        return list(islice(wanted, limit))

    async def last_position(self):
        return len(self._log.events)

    async def grown(self, beyond):
        self.followers += 1
        while len(self._log.events) <= beyond:  # noqa: ASYNC110  — a list rings no bell
            await asyncio.sleep(0.01)


def _stored(event):
    return StoredEvent(
        event.position,
        event.stream,
        event.version,
        event.topic,
        event.envelope.occurred_at,
        event.recorded_at,
        event.state,
    )


class MemorySerials:
    def __init__(self):
        self._last = Counter()

    async def next(self, division, day):
        self._last[division, day] += 1
        return self._last[division, day]


class HoldsOf:
    """Investigations by the person whose data they hold, as a test sets them."""

    def __init__(self):
        self.by_person = {}

    async def over_person(self, person_ref):
        return [StandingHold(number, "1") for number in self.by_person.get(person_ref, ())]


class DealingsOf:
    """Who has to do with a person, by the facts of a log in memory."""

    TOLD = ("subject.enrolled.v1", "subject.data_corrected.v1")

    def __init__(self, log):
        self._log = log

    async def known(self, person_refs, place):
        told = [
            (person_ref, self._is_of(event, place))
            for event in self._log.events
            for person_ref in self._named(event)
            if person_ref in person_refs
        ]
        return {person_ref: (person_ref, True) in told for person_ref, _ in told}

    async def cases_in_hand_of(self, person_ref, _code):
        """All: each is asked who had it in hand."""
        return sorted(self._cases(person_ref), reverse=True)

    async def open_cases(self, person_ref):
        """Every one in doubt: each is asked how it stands."""
        return OpenCases(0, sorted(self._cases(person_ref)))

    def _cases(self, person_ref):
        events = [each for each in self._log.events if each.stream.startswith("case:")]
        return {each.stream.removeprefix("case:") for each in events if person_ref in self._named(each)}

    def _is_of(self, event, place):
        lies_there = place.division is not None and event.stream.startswith(f"case:{place.division}")
        return lies_there or event.envelope.actor.unit_code in place.unit_codes

    async def last_position(self):
        return len(self._log.events)

    def _named(self, event):
        kind, _, identity = event.stream.partition(":")
        if kind == "subject":
            return [identity] if event.topic in self.TOLD else []
        return set(named_in(event.fact)) if kind in ("case", "contact") else []


PROGRAMMES = {
    "importer@import": Actor(staff_id="importer", role=Role.importer),
    "clock@clock": Actor(staff_id="clock", role=Role.clock),
    "admin@admin": Actor(staff_id="admin", role=Role.system_admin),
}


class SaidWhoActs:
    """An identification for tests: it believes whoever the request says. The served application has none like it."""

    def __init__(self, catalogue, clock=lambda: datetime.now(UTC)):
        self._catalogue = catalogue
        self._clock = clock

    async def principal(self, request):
        said = request.headers.getlist(SPEAKS_FOR)
        if len(said) == 1 and said[0] in PROGRAMMES:
            return Principal(PROGRAMMES[said[0]], COUNTY_DIVISION)
        told = NAMED.fullmatch(said[0]) if len(said) == 1 else None
        if told is None:
            raise IdentityMissing
        return member_of_staff(told[1], told[2], self._catalogue, local_day(self._clock()))

    async def still(self, request):
        return await self.principal(request)


class Doorway:
    """An application on a memory log. Other parts can be given in place of the usual ones."""

    def __init__(self, log=None, catalogue=None, **parts):
        self.log = log or MemoryLog()
        self.keeper = parts.pop("keeper", None) or Keeper(self.log, catalogue or a_county())
        self.vault, self.keys, self.holds = MemoryVault(), MemoryKeys(), HoldsOf()
        self.people = People(self.keeper, self.vault, self.keys, self.holds, DealingsOf(self.log))
        self.reader = MemoryReader(self.log)
        said = SaidWhoActs(self.keeper.catalogue, *([parts["clock"]] if "clock" in parts else []))
        usual = {
            "keeper": self.keeper,
            "identification": said,
            "reader": self.reader,
            "people": self.people,
            "serials": MemorySerials(),
        }
        self.app = create_app(**(usual | parts))

    @asynccontextmanager
    async def entered(self, post=TOWN_CLERK_POST, **transport):
        """A client who acts at the post as its A person."""
        headers = {"X-Jiandu-Speaks-For": f"{actor_at(post).staff_id}@{post}"}
        transport = httpx.ASGITransport(self.app, **transport)
        async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=headers) as client:
            yield client
