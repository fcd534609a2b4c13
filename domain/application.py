"""A command's one way: load → fold → decide → append.

The Keeper runs commands of every aggregate against the port of `domain/log.py`.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple, Protocol

from domain import amendment
from domain.catalogue import Catalogue
from domain.grammar import Aggregate, Command, Decision, Envelope, Fact, Occasion, Rejected
from domain.log import Entry, Log, Receipt, Recorded, Submission, VersionConflict
from domain.references import named_in
from domain.turns import Turns


class References(Protocol):
    """Who was given a person reference, as the application must know."""

    async def expect_known(self, person_refs: Collection[str]) -> None:
        """Raises Rejected where nobody was given one of them, or nobody stands under it any more."""
        ...


class Loaded(NamedTuple):
    """A folded stream: its state after `version` events (0: nothing has happened)."""

    state: Any
    version: int


class Order(NamedTuple):
    """A command on its way, with everything that the Keeper asks."""

    aggregate: Aggregate[Any]
    identity: str
    command: Command
    occasion: Occasion
    key: str | None
    digest: bytes
    expected_version: int | None = None

    @property
    def stream(self) -> str:
        return self.aggregate.stream(self.identity)


class Outcome(NamedTuple):
    """The answer to a command: the receipt, where its stream stands now, and what was found irregular."""

    receipt: Receipt
    stream: str
    version: int | None
    """The stream's version after the command; None for a repeat, which answers from the log."""
    decision: Decision | None


class _Ready(NamedTuple):
    """An order that was decided, before it is appended."""

    place: int
    order: Order
    loaded: Loaded
    decision: Decision
    entries: tuple[Entry, ...]

    @property
    def submission(self) -> Submission:
        return Submission(self.order.key, self.order.digest, self.entries)


class Keeper:
    """Keeps the record: handles commands, remembers the folded state of the streams in use."""

    RACES: Final = 8
    """How often a command that named no version is decided anew after losing a race to another process."""

    def __init__(
        self,
        log: Log,
        catalogue: Catalogue,
        *,
        remembered_streams: int = 50_000,
        references: References | None = None,
    ) -> None:
        """`references`: without them, any person may be named; for logs that are made up, as a benchmark's."""
        self._log = log
        self._references = references
        self.catalogue = catalogue
        self._remembered: OrderedDict[str, Loaded] = OrderedDict()
        self._capacity = remembered_streams
        self._turns = Turns()

    async def load(self, aggregate: Aggregate[Any], identity: str) -> Loaded:
        """The state of a stream as the log has it now, corrections and voids applied."""
        history = await self.history(aggregate, identity)
        loaded = Loaded(aggregate.fold(amendment.effective(history)), len(history))
        self._remember(aggregate.stream(identity), loaded)
        return loaded

    async def history(self, aggregate: Aggregate[Any], identity: str) -> Sequence[Recorded]:
        """All events of a stream as they were recorded, amendments among them; empty where there is none."""
        return await self._log.history(aggregate.stream(identity))

    async def handle(
        self,
        aggregate: Aggregate[Any],
        identity: str,
        command: Command,
        occasion: Occasion,
        *,
        key: str | None,
        digest: bytes,
        expected_version: int | None = None,
    ) -> Outcome:
        """As `handle_order`."""
        return await self.handle_order(
            Order(aggregate, identity, command, occasion, key, digest, expected_version)
        )

    async def handle_order(self, order: Order) -> Outcome:
        """Decides the command on the stream's state and appends what it decides.

        `expected_version` None: whatever stands now; such commands on one stream take turns, and a race lost to
        another process is decided again, at most RACES times.
        Raises Rejected where a rule refuses, VersionConflict where the expected version is not the stream's,
        and what Log.append raises. A key that was answered before gives that answer, whatever happened since.
        """
        try:
            if order.expected_version is None:
                return await self._in_turn(order)
            return await self._decide_and_append(order)
        except (Rejected, VersionConflict):
            # What refuses a retry may be the first attempt's own effect.
            first = await self.answered(order)
            if first is None:
                raise
            return first

    async def _in_turn(self, order: Order) -> Outcome:
        """Without turns, callers at once on one stream would use up their RACES on each other."""
        await self._turns.wait(order.stream)
        try:
            return await self._decide_and_append(order)
        finally:
            self._turns.pass_on(order.stream)

    async def answered(self, order: Order) -> Outcome | None:
        """The first answer given under the order's key, as a repeat; None: there was none. Raises KeyReused, LogBusy."""
        first = await self._log.earlier(order.key, order.digest) if order.key else None
        return None if first is None else Outcome(first, order.stream, None, None)

    async def handle_together(self, orders: Sequence[Order]) -> list[Outcome | Exception | None]:
        """Decides at once what memory can decide, and appends it together; each order is answered for itself.

        In an outcome's place stands what `handle` would raise, or None where the order has to go alone: nothing
        of it was recorded, and `handle` says what becomes of it.
        """
        answers: list[Outcome | Exception | None] = [None] * len(orders)
        taken = [(n, order) for n, order in enumerate(orders) if self._turns.take(order.stream)]
        try:
            ready = [each for n, order in taken if (each := self._ready(n, order))]
            receipts = await self._log.append_all([each.submission for each in ready])
            for each, receipt in zip(ready, receipts, strict=True):
                answers[each.place] = self._settled(each, receipt)
        finally:
            for _, order in taken:
                self._turns.pass_on(order.stream)
        return answers

    def _ready(self, place: int, order: Order) -> _Ready | None:
        """The order as memory decides it; None where memory is not enough, or a person is named who must be known."""
        stream = order.stream
        found = self._decide_at_once(order, stream)
        if found is None or _named(found[1].facts):
            return None
        loaded, decision = found
        entries = entries_of(stream, loaded.version, decision, order.occasion)
        return _Ready(place, order, loaded, decision, entries)

    def _settled(self, ready: _Ready, receipt: Receipt | Exception) -> Outcome | Exception | None:
        match receipt:
            case VersionConflict():
                self._remembered.pop(ready.order.stream, None)
                return None
            case Exception():
                return receipt
            case _:
                return self._recorded(ready.order, receipt, ready.loaded, ready.decision, ready.entries)

    async def _decide_and_append(self, order: Order) -> Outcome:
        stream = order.stream
        for race in range(self.RACES):
            loaded, decision = await self._decide(order, stream)
            await self._expect_known(decision.facts)
            entries = entries_of(stream, loaded.version, decision, order.occasion)
            try:
                receipt = await self._log.append(Submission(order.key, order.digest, entries))
            except VersionConflict:
                self._remembered.pop(stream, None)
                if order.expected_version is not None or race == self.RACES - 1:
                    raise
                continue
            return self._recorded(order, receipt, loaded, decision, entries)
        raise AssertionError("unreachable")  # pragma: no cover

    def _recorded(
        self, order: Order, receipt: Receipt, loaded: Loaded, decision: Decision, entries: tuple[Entry, ...]
    ) -> Outcome:
        stream = order.stream
        if receipt.is_repeat:
            return Outcome(receipt, stream, None, None)
        self._advance(order.aggregate, stream, loaded, entries)
        self._inform(entries)
        return Outcome(receipt, stream, loaded.version + len(entries), decision)

    async def _decide(self, order: Order, stream: str) -> tuple[Loaded, Decision]:
        """Decides on the remembered state; what memory refuses is asked again of the log before it is refused."""
        at_once = self._decide_at_once(order, stream)
        if at_once is not None:
            return at_once
        aggregate, command, expected = order.aggregate, order.command, order.expected_version
        if isinstance(command, amendment.Amendment):
            return await self._decide_amendment(aggregate, stream, command, order.occasion, expected)
        loaded = await self.load(aggregate, order.identity)
        _expect(stream, expected, loaded.version)
        return loaded, aggregate.decide(loaded.state, command, order.occasion, self.catalogue)

    def _decide_at_once(self, order: Order, stream: str) -> tuple[Loaded, Decision] | None:
        """None where memory holds nothing to decide on, or would refuse the command or find nothing to do."""
        expected = order.expected_version
        remembered = self._remembered.get(stream)
        if remembered is None and expected == 0:
            remembered = Loaded(order.aggregate.blank, 0)  # the log will say if it is wrong
        if remembered is None or expected not in (None, remembered.version):
            return None
        if isinstance(order.command, amendment.Amendment):
            return None
        try:
            decision = order.aggregate.decide(remembered.state, order.command, order.occasion, self.catalogue)
        except Rejected:
            return None
        return (remembered, decision) if decision.facts else None

    async def _expect_known(self, facts: Sequence[Fact]) -> None:
        """What is about to be recorded names nobody but those whom the record knows."""
        named = _named(facts)
        if named and self._references is not None:
            await self._references.expect_known(named)

    async def _decide_amendment(
        self,
        aggregate: Aggregate[Any],
        stream: str,
        command: "amendment.Amendment",
        occasion: Occasion,
        expected_version: int | None,
    ) -> tuple[Loaded, Decision]:
        """An amendment is decided on the history itself; the state is folded anew by the next command."""
        history = await self._log.history(stream)
        _expect(stream, expected_version, len(history))
        self._remembered.pop(stream, None)
        decision = amendment.decide(
            history, command, occasion, staff=self.catalogue, amenders=aggregate.amenders
        )
        return Loaded(None, len(history)), decision

    def _advance(
        self, aggregate: Aggregate[Any], stream: str, loaded: Loaded, entries: tuple[Entry, ...]
    ) -> None:
        if loaded.state is None:
            return
        state = loaded.state
        for entry in entries:
            state = aggregate.evolve(state, entry.fact, entry.envelope)
        self._remember(stream, Loaded(state, loaded.version + len(entries)))

    def _inform(self, entries: tuple[Entry, ...]) -> None:
        """The next command is decided with the master data this one recorded; who follows the log may tell it again."""
        for entry in entries:
            self.catalogue.apply(entry.stream, entry.fact, entry.version)

    def _remember(self, stream: str, loaded: Loaded) -> None:
        self._remembered[stream] = loaded
        self._remembered.move_to_end(stream)
        if len(self._remembered) > self._capacity:
            self._remembered.popitem(last=False)


def _named(facts: Sequence[Fact]) -> set[str]:
    return {person_ref for fact in facts for person_ref in named_in(fact)}


def _expect(stream: str, expected: int | None, actual: int) -> None:
    if expected is not None and expected != actual:
        raise VersionConflict(stream, expected, actual)


def entries_of(stream: str, version: int, decision: Decision, occasion: Occasion) -> tuple[Entry, ...]:
    envelope = Envelope(
        occurred_at=occasion.occurred_at,
        actor=occasion.actor,
        circumstances=occasion.circumstances,
        correlation=occasion.correlation,
        item_version=decision.item_version,
        policy_version=decision.policy_version,
        calendar_version=decision.calendar_version,
        irregularities=decision.irregularities,
    )
    return tuple(Entry(stream, version + n, fact, envelope) for n, fact in enumerate(decision.facts, start=1))
