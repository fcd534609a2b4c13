"""Given a history, when somebody acts, then this is recorded, or refused.

One grammar at two heights: `given(...)` runs the rules alone, `given_in_the_log(...)` the keeper over the log in
memory (its `when` is awaited). A history is made of deeds: who did what, when. tests/examples.py has them ready.

    given(*a_paused_case()).when(Approve(decision_no="2026-17")).then_rejected(CasePaused)
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import get_args

from domain.amendment import Amendment
from domain.application import Keeper
from domain.case import CASE
from domain.case.aggregate import _ruling
from domain.case.roles import may_record
from domain.case.setting import Setting
from domain.catalogue import MASTER_DATA, Catalogue
from domain.contact import CONTACT
from domain.contact.commands import AnswerConsultation, HandOverFirstAsk, RegisterFirstAsk
from domain.grammar import (
    CHINA,
    Actor,
    Circumstances,
    Command,
    Envelope,
    Objection,
    Occasion,
    Performer,
    Rejected,
)
from domain.investigation import INVESTIGATION
from domain.investigation import commands as investigation
from domain.perusal import PERUSAL
from domain.perusal import commands as perusal
from domain.signal import SIGNAL
from domain.signal import commands as signal
from domain.store.memory import MemoryLog
from tests import county

YEAR = 2026
CLOCK = Actor(staff_id="clock", role="clock")
IMPORTER = Actor(staff_id="importer", role="importer")
USUAL_POSTS = (
    county.TOWN_CLERK_POST,
    county.HANDLER_POST,
    county.APPROVER_POST,
    county.AGENT_POST,
    county.ORGAN_HEAD_POST,
    county.DIRECTOR_POST,
    county.SUPERVISION_POST,
)
CONTACT_COMMANDS = (RegisterFirstAsk, HandOverFirstAsk, AnswerConsultation)
SIGNAL_COMMANDS = (*get_args(signal.Action), signal.AnswerSignal)
INVESTIGATION_COMMANDS = (
    investigation.OpenInvestigation,
    investigation.LookUnder,
    *get_args(investigation.Further),
)
PERUSAL_COMMANDS = get_args(perusal.Action)


def at(text):
    """A moment of 2026 in China: at("03-03 09:00")."""
    return datetime.strptime(f"{YEAR}-{text} +0800", "%Y-%m-%d %H:%M %z").astimezone(CHINA)


def usual_actor(command):
    """The A person of the first post whose role may record it: clerk, handler, approver …"""
    if isinstance(command, CONTACT_COMMANDS):
        return county.actor_at(county.TOWN_CLERK_POST)
    if isinstance(command, SIGNAL_COMMANDS):
        posts = (CLOCK, county.actor_at(county.HANDLER_POST), county.actor_at(county.SUPERVISION_POST))
        return next(actor for actor in posts if signal.may_record(actor.role, type(command)))
    if isinstance(command, (*INVESTIGATION_COMMANDS, *PERUSAL_COMMANDS)):
        return county.actor_at(county.DISCIPLINE_POST)
    if isinstance(command, Amendment):
        return county.actor_at(county.TOWN_CLERK_POST)
    posts = (county.actor_at(post) for post in USUAL_POSTS)
    return next((actor for actor in posts if may_record(actor.role, type(command))), CLOCK)


@dataclass(frozen=True)
class Deed:
    """Who did what, when. Recorded at the same time, unless `recorded` says later."""

    command: Command
    happened: datetime
    by: Actor
    recorded: datetime | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)

    @property
    def occasion(self):
        if self.recorded is None and self.circumstances == Circumstances():
            return Occasion(self.by, self.happened, correlation="c")
        circumstances = self.circumstances.model_copy(update={"occurred_at": self.happened.astimezone(UTC)})
        by = self.by
        if circumstances.performed_by is not None:
            by = by.standing_in_for(circumstances.performed_by)
        return Occasion(by, self.recorded or self.happened, circumstances, correlation="c")


def deed(command, happened, *, by=None, recorded=None, **circumstances):
    """`by`: a post of tests/county.py or an actor; `happened`, `recorded`: as at() takes them, or a datetime."""
    actor = usual_actor(command) if by is None else county.actor_at(by) if isinstance(by, str) else by
    return Deed(command, _moment(happened), actor, _moment(recorded), Circumstances(**circumstances))


def imported(command, happened, *, unit=None, person=None, **circumstances):
    """A deed taken over from another system, years later, by the import programme."""
    performer = Performer(staff_id=person, unit_code=unit) if unit or person else None
    return deed(
        command,
        happened,
        by=IMPORTER,
        recorded="11-20 10:00",
        imported_from="old-system",
        performed_by=performer,
        **circumstances,
    )


def _moment(said):
    return at(said) if isinstance(said, str) else said


class Sealed(Catalogue):
    """Takes nothing in any more."""

    def __init__(self, whole):
        vars(self).update(vars(whole))

    def apply(self, stream, fact, version=None):
        if stream.partition(":")[0] in {aggregate.name for aggregate in MASTER_DATA}:
            raise AssertionError(f"{fact} stays out: all tests share this county; change county.a_county()")
        super().apply(stream, fact, version)


@cache
def the_county():
    """One county for all tests that only read it."""
    return Sealed(county.a_county())


def aggregate_of(command):
    if isinstance(command, SIGNAL_COMMANDS):
        return SIGNAL
    if isinstance(command, INVESTIGATION_COMMANDS):
        return INVESTIGATION
    if isinstance(command, PERUSAL_COMMANDS):
        return PERUSAL
    return CONTACT if isinstance(command, CONTACT_COMMANDS) else CASE


def decided(state, deed, catalogue):
    return aggregate_of(deed.command).decide(state, deed.command, deed.occasion, catalogue)


def envelope(deed, decision):
    occasion = deed.occasion
    return Envelope(
        occurred_at=occasion.occurred_at,
        actor=occasion.actor,
        circumstances=occasion.circumstances,
        correlation=occasion.correlation,
        item_version=decision.item_version,
        policy_version=decision.policy_version,
        calendar_version=decision.calendar_version,
        irregularities=decision.irregularities,
    )


def heard(case, deed, catalogue):
    return [type(said) for said in _ruling(case, deed.command, Setting(case, deed.occasion, catalogue))]


def legacy(deed):
    """The same, done by the same person, as a record of another system."""
    performer = Performer(staff_id=deed.by.staff_id, unit_code=deed.by.unit_code)
    said = {"imported_from": "old-system", "performed_by": performer}
    return replace(
        deed,
        by=IMPORTER,
        recorded=deed.recorded or deed.happened,
        circumstances=deed.circumstances.model_copy(update=said),
    )


class Given:
    """A state that deeds led to, by the rules alone."""

    def __init__(self, deeds, catalogue):
        self.catalogue, self.deeds, self.history = catalogue, deeds, []
        self.state = aggregate_of(deeds[0].command).blank if deeds else CASE.blank
        for each in deeds:
            self._do(each)

    def _do(self, deed):
        decision = decided(self.state, deed, self.catalogue)
        for fact in decision.facts:
            self.history.append((fact, envelope(deed, decision)))
            self.state = aggregate_of(deed.command).evolve(self.state, *self.history[-1])

    def when(self, command, happened=None, **how):
        """An hour after the last deed, by whoever usually does it, unless said otherwise."""
        return self.when_done(next_deed(self.deeds, command, happened, **how))

    def when_done(self, deed):
        if not self.deeds:
            self.state = aggregate_of(deed.command).blank
        try:
            decision = decided(self.state, deed, self.catalogue)
        except Rejected as objection:
            return Outcome(None, objection, self.state, as_legacy=lambda: self.when_done(legacy(deed)))
        before = state = self.state
        for fact in decision.facts:
            state = aggregate_of(deed.command).evolve(state, fact, envelope(deed, decision))
        return Outcome(decision, None, state, lambda: heard(before, deed, self.catalogue))


def next_deed(deeds, command, happened=None, **how):
    later = deeds[-1].happened + timedelta(hours=1) if deeds else at("03-03 09:00")
    return deed(command, happened or later, **how)


def given(*deeds, catalogue=None):
    return Given(deeds, catalogue or the_county())


def given_nothing():
    return given()


@dataclass(frozen=True)
class Outcome:
    """What came of it. Each `then…` says one thing and can be followed by the next."""

    decision: object
    objection: Objection | None
    state: object
    heard: Callable[[], list[type]] = list
    """The classes of everything the ruling said: several irregularities share one code."""
    as_legacy: Callable[[], "Outcome"] | None = None
    """What comes of the same in a record of another system, where it was refused."""

    def then(self, *facts):
        """Exactly these facts are recorded."""
        self._was_recorded()
        assert self.decision.facts == facts
        return self

    def then_recorded(self, kind, /, **fields):
        """One fact of the kind is recorded, and these of its fields are so."""
        self._was_recorded()
        (fact,) = self.decision.facts
        assert type(fact) is kind
        assert {name: getattr(fact, name) for name in fields} == fields
        return self

    def then_nothing(self):
        self._was_recorded()
        assert self.decision.facts == ()
        return self

    def then_flagged(self, *codes):
        """Recorded, with exactly these irregularities; none named: in good order."""
        self._was_recorded()
        assert self.decision.irregularities == codes
        return self

    def then_flagged_as(self, kind):
        """Recorded, with this irregularity among others."""
        self._was_recorded()
        assert kind in self.heard()
        assert kind.code() in self.decision.irregularities
        return self

    def then_rejected(self, kind, /, **details):
        assert self.objection is not None, f"was not refused: {self.decision}"
        assert type(self.objection) is kind, f"was refused as {self.objection!r}"
        assert {name: self.objection.details[name] for name in details} == details
        return self

    def then_case(self, **parts):
        """The state afterwards: then_case(status=Status.paused)."""
        self._was_recorded()
        assert {name: getattr(self.state, name) for name in parts} == parts
        return self

    def _was_recorded(self):
        assert self.objection is None, f"was refused as {self.objection!r}"


class GivenInTheLog:
    """The same over the keeper and a log in memory: `outcome = await (await given_in_the_log(...)).when(...)`."""

    def __init__(self, keeper, log, identity, deeds):
        self.keeper, self.log, self.identity, self.deeds = keeper, log, identity, deeds

    async def when(self, command, happened=None, **how):
        return await self.when_done(next_deed(self.deeds, command, happened, **how))

    async def when_done(self, deed):
        aggregate = aggregate_of(deed.command)
        try:
            outcome = await self.keeper.handle(
                aggregate, self.identity, deed.command, deed.occasion, key=None, digest=b""
            )
        except Rejected as objection:
            return Outcome(None, objection, None)
        return Outcome(outcome.decision, None, (await self.keeper.load(aggregate, self.identity)).state)


async def given_in_the_log(*deeds, identity="61099910100020260303000017", catalogue=None):
    log = MemoryLog()
    given = GivenInTheLog(Keeper(log, catalogue or the_county()), log, identity, deeds)
    for each in deeds:
        outcome = await given.when_done(each)
        assert outcome.objection is None, f"the history was refused: {outcome.objection!r}"
    return given


def late(deed, recorded, **backfill):
    """The deed as somebody records it later."""
    return replace(
        deed, recorded=_moment(recorded), circumstances=deed.circumstances.model_copy(update=backfill)
    )
