"""Facts, commands and objections, and how a rule that yields them is settled."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Generic, Self, TypeVar

from domain.grammar.circumstances import ORDINARY, Actor, Circumstances
from domain.grammar.values import Value, local_day


class Fact(Value):
    """What has happened: the payload of an event. `TOPIC` is its stored name for ever."""

    TOPIC: ClassVar[str]
    LABEL: ClassVar[str]
    """The Chinese term officers use, as 转办."""

    @classmethod
    def english_label(cls) -> str:
        """CaseForwardedToStation → "Case forwarded to station"."""
        spaced = "".join(f" {char.lower()}" if char.isupper() else char for char in cls.__name__)
        return spaced.strip().capitalize()

    @classmethod
    def as_told(cls, command: "Command", **found: object) -> Self:
        """The fact that the command tells, field by field, with what the rule found besides."""
        said = command.__dict__ | found
        said.pop("type", None)
        return cls(**said)


class Command(Value):
    """What somebody asks to record. Subclasses add `type: Literal["the_verb"]`."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about an event but the fact itself and its place in the log."""

    occurred_at: datetime
    actor: Actor
    circumstances: Circumstances
    correlation: str
    """The command that caused the event; all events of one command share it."""
    item_version: str | None = None
    policy_version: str | None = None
    calendar_version: str | None = None
    irregularities: tuple[str, ...] = ()
    """Codes of what was not in order, though it happened and so is recorded."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The occasion on which a command is given. A rule reads the time here, never from a clock."""

    actor: Actor
    received_at: datetime
    """When the command reached the door, by the server's clock, UTC."""
    circumstances: Circumstances = ORDINARY
    correlation: str = "-"

    @property
    def occurred_at(self) -> datetime:
        return self.circumstances.occurred_at or self.received_at

    @property
    def day(self) -> date:
        """The day in China on which it happened."""
        return local_day(self.occurred_at)

    @property
    def is_imported(self) -> bool:
        return self.circumstances.imported_from is not None


class Objection(Exception):  # noqa: N818  — it reads as a word of the rules
    """What a rule has against a command. The docstring is the English sentence people see, `ZH` the Chinese one."""

    ZH: ClassVar[str]
    BASIS: ClassVar[str | None] = None
    """The law or standard behind the rule, as 行政许可法 Art. 42."""
    WANTED: ClassVar[str | None] = None
    """What would be accepted instead, English."""
    WANTED_ZH: ClassVar[str | None] = None

    def __init__(self, **details: object) -> None:
        """`details`: JSON values that make the sentence concrete; never personal data, never an echo of free text."""
        self.details: dict[str, object] = details
        super().__init__(self.__class__.__name__, details)

    @classmethod
    def code(cls) -> str:
        """The stable name: CaseAlreadyDecided → case-already-decided."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


class Rejected(Objection):
    """The rule refuses the command; nothing is recorded."""

    RULE: ClassVar[str | None] = None
    """The supervision rule that a legacy record breaks where it is taken nevertheless; flagged beside `code()`."""
    TOLERATED_IN_IMPORTS: ClassVar[bool] = False
    """True where a legacy record that breaks the rule is taken and flagged with `flags()` instead."""

    @classmethod
    def flags(cls) -> tuple[str, ...]:
        return (cls.code(),) if cls.RULE is None else (cls.code(), cls.RULE)


class Irregular(Objection):
    """Not in order, but it happened: recorded, and flagged with `RULE` (rules.md-style code, as P05) for supervision."""

    RULE: ClassVar[str]

    @classmethod
    def code(cls) -> str:
        return cls.RULE


Ruling = Iterator[Fact | Objection]
"""What a rule has to say about a command, in order: objections, then the facts to record. No facts: nothing to do."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a command that was not refused."""

    facts: tuple[Fact, ...]
    irregularities: tuple[str, ...] = ()
    item_version: str | None = None
    policy_version: str | None = None
    calendar_version: str | None = None


def settle(ruling: Ruling, occasion: Occasion) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """Facts and irregularity codes of a ruling; raises the first Rejected that the occasion does not tolerate."""
    facts: list[Fact] = []
    irregularities: list[str] = []
    for said in ruling:
        match said:
            case Fact():
                facts.append(said)
            case Rejected() if not (occasion.is_imported and said.TOLERATED_IN_IMPORTS):
                raise said
            case Rejected():
                irregularities.extend(said.flags())
            case _:
                irregularities.append(said.code())
    return tuple(facts), tuple(dict.fromkeys(irregularities))


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S]):
    """What the application must know of an aggregate to run its commands."""

    name: str
    """The first part of its stream ids: "case" in "case:610929…"."""
    blank: S
    """The state before anything has happened."""
    decide: Callable[[S, Any, Occasion, Any], Decision]
    """(state, command, occasion, catalogue) → Decision; raises Rejected."""
    evolve: Callable[[S, Fact, Envelope], S]
    facts: tuple[type[Fact], ...]
    """Every fact that can stand in its streams."""
    amenders: frozenset[str] | None = None
    """The roles that may correct and void its events; None: any."""

    def stream(self, identity: str) -> str:
        return f"{self.name}:{identity}"

    def fold(self, history: Sequence[tuple[Fact, Envelope]]) -> S:
        state = self.blank
        for fact, envelope in history:
            state = self.evolve(state, fact, envelope)
        return state
