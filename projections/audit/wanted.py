"""Which entries of the trail are wanted, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from psycopg import sql

from domain.access.shown import Shown
from projections.audit import marks

_BY_THEN: Final = """coalesce(
    case
        when corrected_from <= %(upto)s then (
            select (convert_from(correction.state, 'UTF8')::jsonb -> 'fact' ->> 'should_be')::timestamptz
            from {trail} as later
            join events as correction on correction.position = later.position
            where later.stream = trail.stream
                and later.version > trail.version
                and later.topic = 'event.corrected.v1'
                and later.position <= %(upto)s
                and convert_from(correction.state, 'UTF8')::jsonb -> 'fact' ->> 'field' = 'occurred_at'
                and convert_from(correction.state, 'UTF8')::jsonb -> 'fact' ->> 'target_version' = trail.version::text
            order by later.version desc
            limit 1
        )
    end,
    occurred_at
) <= %(happened_by)s"""
"""What had happened by then, at its corrected time."""
_EACH: Final[Mapping[str, str]] = {
    "person": "person = %(person)s",
    "approver": "approvers <> '{{}}' and approvers @> array[%(approver)s::text]",
    "post": "post_id = %(post)s",
    "window": "window_id = %(window)s",
    "unit": "unit_code = %(unit)s",
    "item": "item_code = %(item)s",
    "stream": "stream = %(stream)s",
    "topic": "topic = %(topic)s",
    "channel": "channel = %(channel)s",
    "device": "device_id = %(device)s",
    "mark": "marks <> '{{}}' and marks @> array[%(mark)s::text]",
    "recorded_since": "position >= %(first)s and recorded_at >= %(recorded_since)s",
    "recorded_before": "position <= %(last)s and recorded_at < %(recorded_before)s",
    "occurred_since": "occurred_at >= %(occurred_since)s",
    "occurred_before": "occurred_at < %(occurred_before)s",
    "happened_by": _BY_THEN,
    "shown": """stream <> all (%(without)s::text[]) and exists (
        select
        from unnest(%(lowest)s::text[], %(beyond)s::text[]) as shown (lowest, beyond)
        where trail.stream >= shown.lowest and trail.stream < shown.beyond
    )""",
}
"""What each filter asks of a row, so that an index can answer."""
_OF_MARKS: Final[Mapping[str, str]] = {
    marks.VOIDED: "voided_from <= %(upto)s",
    marks.CORRECTED: "corrected_from <= %(upto)s",
    marks.DEVICE_GAP: """device_id is not null and device_seq > (
        select max(before.device_seq) + 1
        from {trail} as before
        where before.device_id = trail.device_id
            and before.device_seq < trail.device_seq
            and before.position <= %(upto)s
    )""",
    marks.DEVICE_REPEAT: """device_id is not null and exists (
        select
        from {trail} as other
        where other.device_id = trail.device_id
            and other.device_seq = trail.device_seq
            and other.position <= %(upto)s
            and (other.stream, other.recorded_at) <> (trail.stream, trail.recorded_at)
    )""",
}
"""Likewise the marks that follow from what came later, or from other records."""


def _names(shown: Shown) -> dict[str, list[str]]:
    ranges = list(shown.ranges())
    return {
        "lowest": [lowest for lowest, _ in ranges],
        "beyond": [beyond for _, beyond in ranges],
        "without": list(shown.without),
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is None leaves nothing out. `until`: the trail as it stood at that position.

    `happened_by`: what had happened by then, at its corrected time. `person` acted, `approver` vouched. `item`: as the record had named it by the event. `mark`: a code of
    `projections.audit.marks`. Periods are of the times that were told when the events were recorded.
    """

    person: str | None = None
    approver: str | None = None
    post: str | None = None
    window: str | None = None
    unit: str | None = None
    item: str | None = None
    stream: str | None = None
    topic: str | None = None
    channel: str | None = None
    device: str | None = None
    mark: str | None = None
    recorded_since: datetime | None = None
    recorded_before: datetime | None = None
    occurred_since: datetime | None = None
    occurred_before: datetime | None = None
    happened_by: datetime | None = None
    until: int | None = None
    shown: Shown | None = None
    """The streams that whoever asks may know of; None: all."""
    is_by_occurrence: bool = field(default=False, kw_only=True)

    @property
    def parameters(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in _EACH if name != "shown"}
        return told | (_names(self.shown) if self.shown else {})

    def conditions(self, trail: sql.Identifier) -> sql.Composed:
        """Of a row of `trail`, whose name in the statement is trail. `upto`, and `first` and `last` of those recorded in
        the period, are parameters of the statement.
        """
        asked = [self._condition(each.name) for each in fields(self) if self._is_asked(each.name)]
        return sql.SQL(" and ").join([sql.SQL(text).format(trail=trail) for text in asked or ["true"]])

    def _is_asked(self, name: str) -> bool:
        return name in _EACH and getattr(self, name) is not None

    def _condition(self, name: str) -> str:
        told = self.mark if name == "mark" else None
        return _OF_MARKS.get(told or "", _EACH[name])
