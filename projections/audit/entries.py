"""One event as the audit trail tells it: who, when, where, on what authority, what is not in order, and what became of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from domain.grammar import local_day
from projections.audit import marks

VOID: Final = "event.voided.v1"
CORRECTION: Final = "event.corrected.v1"

Labels = Callable[[str], tuple[str, str]]
"""Chinese and English of a topic."""


@dataclass(frozen=True, slots=True)
class Who:
    """何人 `person` acted, `recorded_by` wrote it down: not the same where a programme tells what its source says."""

    person: str | None
    recorded_by: str | None
    role: str | None
    post_id: str | None
    duty: str | None
    """A or B."""
    on_behalf_of: str | None
    delegation_no: str | None
    operator: str | None
    """The operating system's account, where a command was run."""


@dataclass(frozen=True, slots=True)
class Where:
    """何处"""

    unit_code: str | None
    window_id: str | None
    place: str | None
    channel: str | None
    device_id: str | None
    device_seq: int | None
    clock_offset_ms: int | None


@dataclass(frozen=True, slots=True)
class Authority:
    """依据 `item_code`: the item as its record had named it by then."""

    authorisation_no: str | None
    basis: str | None
    item_code: str | None
    item_version: str | None
    policy_version: str | None
    calendar_version: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """补录说明 why it was recorded late. `evidence`: how many documents."""

    reason: str
    evidence: int
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class Amended:
    """A correction or a void beside what it is about. `field` and both values are of a correction."""

    position: int
    recorded_at: datetime
    kind: str
    """corrected or voided."""
    field: str | None
    was: Any
    should_be: Any
    reason: str | None
    approved_by: str | None
    person: str | None
    post_id: str | None


@dataclass(frozen=True, slots=True)
class Amends:
    """What a correction or a void is about. `position` None: there is no such event."""

    position: int | None
    version: int | None
    topic: str | None
    label: str | None
    label_en: str | None
    field: str | None
    was: Any
    should_be: Any
    reason: str | None
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of the trail. `lag_days`: working days from happening to recording; None beyond the calendar.

    `approvers`: whoever vouched for it, for its lateness or for the amendment.
    """

    position: int
    stream: str
    version: int
    topic: str
    label: str
    label_en: str
    occurred_at: datetime
    occurred_precision: str | None
    occurred_source: str | None
    recorded_at: datetime
    lag_days: int | None
    lag_seconds: int
    who: Who
    where: Where
    authority: Authority
    approvers: list[str]
    backfill: Explanation | None
    imported_from: str | None
    attachments: int
    correlation: str | None
    marks: list[str]
    marks_zh: list[str]
    marks_en: list[str]
    amended_by: list[Amended]
    amends: Amends | None
    fact: dict[str, Any]
    state_sha256: str
    """Of the bytes as they are stored."""


class Found(NamedTuple):
    """A row of the trail, and the bytes of its event."""

    position: int
    stream: str
    version: int
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    person: str | None
    item_code: str | None
    approvers: list[str]
    marks: list[str]
    is_voided: bool | None
    is_corrected: bool | None
    has_device: bool
    state: bytes


class Target(NamedTuple):
    position: int
    topic: str


class WorkingDays:
    """How many working days lie between two days of the calendar."""

    def __init__(self, first_day: date, ordinals: Sequence[int]) -> None:
        self._first_day = first_day
        self._ordinals = ordinals

    def between(self, earlier: datetime, later: datetime) -> int | None:
        """Of (earlier, later], negative where they change places; None beyond the calendar."""
        begins, ends = self._place(earlier), self._place(later)
        if not (0 <= begins < len(self._ordinals) and 0 <= ends < len(self._ordinals)):
            return None
        return self._ordinals[ends] - self._ordinals[begins]

    def _place(self, moment: datetime) -> int:
        return (local_day(moment) - self._first_day).days


@dataclass(frozen=True, slots=True)
class Around:
    """What an entry needs to know besides its own event."""

    days: WorkingDays
    labels: Labels
    amended_by: Mapping[tuple[str, int], Sequence[Amended]]
    """By stream and version of the event that was amended."""
    targets: Mapping[tuple[str, int], Target]
    device_marks: Mapping[int, Sequence[str]]
    """By position."""


def entry_of(found: Found, around: Around) -> Entry:
    document = orjson.loads(found.state)
    envelope, fact = document.get("envelope", {}), document.get("fact", {})
    circumstances = envelope.get("circumstances", {})
    codes = _marks(found, around)
    named = [marks.name(code) for code in codes]
    zh, en = around.labels(found.topic)
    return Entry(
        position=found.position,
        stream=found.stream,
        version=found.version,
        topic=found.topic,
        label=zh,
        label_en=en,
        occurred_at=found.occurred_at,
        occurred_precision=circumstances.get("occurred_precision"),
        occurred_source=circumstances.get("occurred_source"),
        recorded_at=found.recorded_at,
        lag_days=around.days.between(found.occurred_at, found.recorded_at),
        lag_seconds=(found.recorded_at - found.occurred_at) // timedelta(seconds=1),
        who=_who(found, envelope.get("actor", {})),
        where=_where(envelope.get("actor", {}), circumstances),
        authority=_authority(found, envelope, fact),
        approvers=found.approvers,
        backfill=_explanation(circumstances.get("backfill")),
        imported_from=circumstances.get("imported_from"),
        attachments=len(circumstances.get("attachments", ())),
        correlation=envelope.get("correlation"),
        marks=codes,
        marks_zh=[zh for zh, _ in named],
        marks_en=[en for _, en in named],
        amended_by=list(around.amended_by.get((found.stream, found.version), ())),
        amends=_amends(found, fact, around),
        fact=fact,
        state_sha256=sha256(found.state).hexdigest(),
    )


def target_of(stream: str, fact: Mapping[str, Any]) -> tuple[str, int] | None:
    version = fact.get("target_version")
    return (stream, version) if isinstance(version, int) else None


def amended(
    position: int, recorded_at: datetime, topic: str, fact: Mapping[str, Any], who: Sequence[Any]
) -> Amended:
    """`who`: person and post."""
    return Amended(
        position=position,
        recorded_at=recorded_at,
        kind=marks.VOIDED if topic == VOID else marks.CORRECTED,
        field=fact.get("field"),
        was=fact.get("was"),
        should_be=fact.get("should_be"),
        reason=fact.get("reason"),
        approved_by=fact.get("approved_by"),
        person=who[0],
        post_id=who[1],
    )


def _marks(found: Found, around: Around) -> list[str]:
    later = [(marks.VOIDED, found.is_voided), (marks.CORRECTED, found.is_corrected)]
    return [
        *found.marks,
        *around.device_marks.get(found.position, ()),
        *(mark for mark, is_so in later if is_so),
    ]


def _who(found: Found, actor: Mapping[str, Any]) -> Who:
    return Who(
        person=found.person,
        recorded_by=actor.get("staff_id"),
        role=actor.get("role"),
        post_id=actor.get("post_id"),
        duty=actor.get("duty"),
        on_behalf_of=actor.get("on_behalf_of"),
        delegation_no=actor.get("delegation_no"),
        operator=actor.get("operator"),
    )


def _where(actor: Mapping[str, Any], circumstances: Mapping[str, Any]) -> Where:
    device = circumstances.get("device", {})
    return Where(
        unit_code=actor.get("unit_code"),
        window_id=actor.get("window_id"),
        place=circumstances.get("place"),
        channel=circumstances.get("channel"),
        device_id=device.get("device_id"),
        device_seq=device.get("device_seq"),
        clock_offset_ms=device.get("clock_offset_ms"),
    )


def _authority(found: Found, envelope: Mapping[str, Any], fact: Mapping[str, Any]) -> Authority:
    return Authority(
        authorisation_no=fact.get("authorisation_no"),
        basis=envelope.get("circumstances", {}).get("basis"),
        item_code=found.item_code,
        item_version=envelope.get("item_version"),
        policy_version=envelope.get("policy_version"),
        calendar_version=envelope.get("calendar_version"),
    )


def _explanation(backfill: Mapping[str, Any] | None) -> Explanation | None:
    if backfill is None:
        return None
    return Explanation(backfill["reason"], len(backfill.get("evidence", ())), backfill.get("approved_by"))


def _amends(found: Found, fact: Mapping[str, Any], around: Around) -> Amends | None:
    if found.topic not in (VOID, CORRECTION):
        return None
    about = target_of(found.stream, fact)
    target = around.targets.get(about) if about else None
    zh, en = around.labels(target.topic) if target else (None, None)
    return Amends(
        position=target.position if target else None,
        version=about[1] if about else None,
        topic=target.topic if target else None,
        label=zh,
        label_en=en,
        field=fact.get("field"),
        was=fact.get("was"),
        should_be=fact.get("should_be"),
        reason=fact.get("reason"),
        approved_by=fact.get("approved_by"),
    )
