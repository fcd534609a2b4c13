"""The grammar every aggregate is written in: values, facts, commands, objections, rulings.

    command  + state + occasion  → decide → facts      (a rule yields what it records, or what it objects to)
    state    + fact  + envelope  → evolve → state      (never refuses: history has happened)

Nothing here knows a clock, a database or the web.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Generic, Self, TypeVar
from unicodedata import category, is_normalized

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from domain.personal_data import candidate, impersonal, impersonal_number

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The only time zone of the record: China has had one, without daylight saving, since 1991."""

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=CHINA)
LATEST: Final = datetime(2100, 1, 1, tzinfo=CHINA)

RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that no text may hold: controls, bidirectional and zero-width marks, lone surrogates,
private use, unassigned, line and paragraph separators."""


def _clean(text: str, *, also: str = "") -> str:
    if not text.isprintable():  # what is printable is neither Other nor a separator but the space
        for char in text:
            if category(char) in FORBIDDEN_CATEGORIES and char not in also:
                raise ValueError(f"must not contain the character U+{ord(char):04X}")
    if not is_normalized("NFC", text):
        raise ValueError("must be in Unicode normalisation form C (NFC)")
    return text


def _clean_line(text: str) -> str:
    _clean(text)
    return text if candidate(text) is None else impersonal(text)


def _clean_lines(text: str) -> str:
    _clean(text, also="\n")
    return text if candidate(text) is None else impersonal(text)


def _clean_number(text: str) -> str:
    _clean(text)
    return text if candidate(text) is None else impersonal_number(text)


def _rfc3339(value: object) -> object:
    """Only what RFC 3339 calls a time: pydantic would also take "1700000000" for a moment, in UTC at that."""
    if not isinstance(value, str):
        return value
    if RFC3339.fullmatch(value) is None:
        raise ValueError("must be a time of RFC 3339 with its offset")
    return datetime.fromisoformat(value.upper())


def _iso_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    if ISO_DAY.fullmatch(value) is None:
        raise ValueError("must be a day as YYYY-MM-DD")
    return date.fromisoformat(value)


def _within_record(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("must lie between 2000-01-01 and 2099-12-31")
    return moment.astimezone(UTC)


def _within_record_day(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise ValueError("must lie between 2000-01-01 and 2099-12-31")
    return day


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean)]
"""One line that may be personal data, for the people beside the log. NFC, no control characters, 1 to 200 characters."""
Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean_line)]
"""One line of text: a title, a step, a place. As Line, without mobile and identity numbers."""
DocumentNo = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean_number)]
"""The number of a document, a receipt, a seal, a record elsewhere. As Line, without identity numbers; eleven digits
may well be such a number and are no telephone."""
Prose = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_clean_lines)]
"""Text of several lines: an opinion, a reason. As Label, with line feeds, 1 to 4000 characters."""
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z][0-9A-Za-z._/-]*$")]
"""A code someone assigned: letters, digits and . _ / - , 1 to 64 characters."""
Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_within_record)]
"""A moment with an offset, 2000–2099, kept in UTC to the microsecond."""
Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(_within_record_day)]
"""A calendar day in China, 2000–2099."""
Fen = Annotated[int, Field(ge=0, le=10**13)]
"""Money in 分 (1/100 yuan): an integer, never a float."""
Count = Annotated[int, Field(ge=0, le=100_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""


class Value(BaseModel):
    """Something compared by what it holds: frozen, strict, and without room for fields nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, ser_json_inf_nan="constants")


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


def canonical(document: object) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces, UTC times with Z: the same document gives the same bytes for ever.

    Raises TypeError where a key is not text or an integer lies beyond ±2^53.
    Source: RFC 8785 for the subset without floats, which facts never hold.
    """
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_STRICT_INTEGER)


def local_day(moment: datetime) -> date:
    """The day in China on which `moment` falls: 23:59 belongs to that day, whatever UTC says."""
    return moment.astimezone(CHINA).date()


# ── who, when, how ──────────────────────────────────────────────────────────────────────────────────────────


class Precision(StrEnum):
    """How exactly the time of an event is known."""

    second = "second"
    day = "day"


class TimeSource(StrEnum):
    """Where the time of an event was read."""

    system = "system"
    device_clock = "device_clock"
    paper_form = "paper_form"
    testimony = "testimony"


class Channel(StrEnum):
    """办理形式, GB/T 39046—2020 table A.5; codes 91–96 are ours, under 9 其他."""

    window = "1"
    web = "2"
    mobile = "3"
    courier = "4"
    other = "9"
    phone = "91"
    home_visit = "92"
    agent_point = "93"
    kiosk = "94"
    mobile_approval = "95"
    outreach = "96"


class Duty(StrEnum):
    """AB 岗: whether the person acts as the post's first (A) or stand-in (B) holder."""

    a = "A"
    b = "B"


class Actor(Value):
    """Who acts: a member of staff at a post, or a programme. Names stay outside the log."""

    staff_id: Code
    post_id: Code | None = None
    window_id: Code | None = None
    unit_code: Code | None = None
    role: Code
    duty: Duty | None = None
    on_behalf_of: Code | None = None
    delegation_no: Code | None = None
    via: Code | None = None
    """The API key through which a programme said that this person acts; None: the person signed in."""

    def standing_in_for(self, performer: "Performer") -> "Actor":
        """The programme that records what another did, at the other's unit and window."""
        return self.model_copy(
            update={
                "unit_code": performer.unit_code,
                "window_id": performer.window_id,
                "on_behalf_of": performer.staff_id,
            }
        )


class Attachment(Value):
    """A document kept elsewhere, named by the digest of its bytes."""

    sha256: Sha256
    size_bytes: Annotated[int, Field(ge=0, le=2**40)]
    media_type: Label
    title: Label


class Device(Value):
    """An offline point's own bookkeeping: which device, its serial number, how wrong its clock was."""

    device_id: Code
    device_seq: Annotated[int, Field(ge=1, le=2**40)]
    clock_offset_ms: Annotated[int, Field(ge=-(10**9), le=10**9)] = 0


class Backfill(Value):
    """补录: why something is recorded late, on what evidence, and who else vouches for it."""

    reason: Prose
    evidence: Annotated[tuple[Attachment, ...], Field(max_length=20)] = ()
    approved_by: Code | None = None


class Performer(Value):
    """Who acted, where a programme tells it afterwards: codes of the source, never names."""

    staff_id: Code | None = None
    unit_code: Code | None = None
    window_id: Code | None = None


class Circumstances(Value):
    """What the reporter says about when and how; every part may be left out."""

    occurred_at: Instant | None = None
    """When it happened; left out, it happened when it reached the door."""
    occurred_precision: Precision = Precision.second
    occurred_source: TimeSource = TimeSource.system
    channel: Channel = Channel.window
    place: Label | None = None
    basis: Label | None = None
    device: Device | None = None
    backfill: Backfill | None = None
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=50)] = ()
    imported_from: Code | None = None
    """The source of a legacy record. Such a record is taken as it is: what its order or state forbids is flagged, not refused."""
    performed_by: Performer | None = None
    """Who acted, as the source of a legacy record says. The event keeps it with its actor: the programme, at that
    unit and window, on behalf of that person."""

    @model_validator(mode="after")
    def _only_a_source_tells_of_others(self) -> Self:
        if self.performed_by is not None and self.imported_from is None:
            raise ValueError("performed_by belongs to a legacy record: imported_from must name its source")
        return self


ORDINARY: Final = Circumstances()
"""Nothing said: it happened when it reached the door, at a window."""


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


# ── objections and rulings ──────────────────────────────────────────────────────────────────────────────────


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
