"""Who acts, when and how: what surrounds a fact, as it is reported."""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import (
    Field,
    model_validator,
)

from domain.grammar.values import Code, Instant, Label, Prose, Sha256, Value


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
    operator: Code | None = None
    """The operating system's account that ran a command, as zhang/1001; None: it came through the door."""

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
