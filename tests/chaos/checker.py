"""The one checker of all fault tests: what the clients know, against what the log holds.

It shares no code with what it checks. It reads the journal of the clients in the order in which they wrote it, and
the rows of the log, and says in sentences what does not fit. That it can fail is shown by test_checker.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import orjson
import psycopg
from psycopg import sql

from tests.chaos.journal import Fail, Invoke, Line, Ok, Seen, Unknown

BUSY = "urn:jiandu:problem:log-busy"
NOT_NOW = (BUSY, "urn:jiandu:problem:storage-full")


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it stands in the table; `key` is what its client wrote into the action itself."""

    position: int
    stream: str
    version: int
    topic: str
    recorded_at: datetime
    key: str
    correlation: str
    """One for each time a command was carried out."""


def rows_of(dsn: str, schema: str) -> list[Row]:
    """All case events that clients recorded with their key as the place."""
    query = sql.SQL(
        "select position, stream, version, topic, recorded_at, state from {}.events order by position"
    )
    with psycopg.connect(dsn) as connection:
        return [_row(*found) for found in connection.execute(query.format(sql.Identifier(schema)))]


def _row(position: int, stream: str, version: int, topic: str, recorded_at: datetime, state: bytes) -> Row:
    envelope = orjson.loads(state)["envelope"]
    key = envelope["circumstances"].get("place", "")
    return Row(position, stream, version, topic, recorded_at, key, envelope["correlation"])


def violations(journal: Sequence[Line], log: Sequence[Row]) -> list[str]:
    """Every promise that was not kept; empty: all were. `log` is in the order of the table's positions."""
    return [
        *_numbering(log),
        *_versions(log),
        *_acknowledged(journal, log),
        *_answered_as_new(journal),
        *_refused(journal, log),
        *_at_most_once(journal, log),
        *_real_time(journal, log),
        *_vanished(journal, log),
    ]


def _numbering(log: Sequence[Row]) -> Iterator[str]:
    for expected, row in enumerate(log, start=1):
        if row.position != expected:
            yield f"position {expected} is missing or doubled: found {row.position}"
            return
    for before, row in pairwise(log):
        if row.recorded_at < before.recorded_at:
            yield f"position {row.position} was recorded before its predecessor"


def _versions(log: Sequence[Row]) -> Iterator[str]:
    last: Counter[str] = Counter()
    for row in log:
        last[row.stream] += 1
        if row.version != last[row.stream]:
            yield f"{row.stream}: version {row.version} stands where {last[row.stream]} should"


def _acknowledged(journal: Sequence[Line], log: Sequence[Row]) -> Iterator[str]:
    """Every acknowledged action stands where its receipt says, and every answer under its key says the same."""
    stored = {row.position: row for row in log}
    first: dict[str, Ok] = {}
    for line in journal:
        if not isinstance(line, Ok):
            continue
        told = first.setdefault(line.key, line)
        if line.receipt != told.receipt:
            yield f"{line.key}: a retry was answered differently from the first time"
        for event in line.receipt["events"]:
            row = stored.get(event["position"])
            found = (row.key, row.stream, row.version, row.topic) if row else None
            promised = (line.key, f"case:{line.receipt['case_no']}", event["version"], event["topic"])
            if found != promised:
                yield f"{line.key}: acknowledged at position {event['position']}, which holds {found}"
    told_positions = {event["position"] for answer in first.values() for event in answer.receipt["events"]}
    for row in log:
        if row.key in first and row.position not in told_positions:
            yield f"{row.key}: stored at position {row.position}, of which its receipt does not tell"


def _answered_as_new(journal: Sequence[Line]) -> Iterator[str]:
    """Of all answers under a key one at most is new, and none to who asked when it had been answered.

    Who asks at the same time may hear the repeat before another hears the first answer.
    """
    asked: dict[tuple[int, str], int] = {}
    answered: dict[str, int] = {}
    new = Counter[str]()
    for n, line in enumerate(journal):
        match line:
            case Invoke():
                asked[line.client, line.key] = n
            case Ok():
                was_answered = answered.setdefault(line.key, n) < asked.get((line.client, line.key), 0)
                new[line.key] += not line.is_repeat
                if not line.is_repeat and (was_answered or new[line.key] > 1):
                    yield f"{line.key}: a retry was answered as if it were new"
            case _:
                pass


def _refused(journal: Sequence[Line], log: Sequence[Row]) -> Iterator[str]:
    """What was refused and never acknowledged is not there.

    A refusal speaks for every attempt before it: had one been recorded, its answer would have been given again. It
    does not speak for later attempts. A busy answer speaks for its own attempt alone.
    """
    acknowledged = {line.key for line in journal if isinstance(line, Ok)}
    in_doubt_until = {line.key: n for n, line in enumerate(journal) if isinstance(line, Unknown)}
    stored = {row.key for row in log} - acknowledged
    for n, line in enumerate(journal):
        if not isinstance(line, Fail) or line.key not in stored:
            continue
        in_doubt = (
            line.key in in_doubt_until if line.code in NOT_NOW else in_doubt_until.get(line.key, -1) > n
        )
        if not in_doubt:
            yield f"{line.key}: refused with {line.code}, and stored"


def _at_most_once(journal: Sequence[Line], log: Sequence[Row]) -> Iterator[str]:
    asked = {line.key for line in journal if isinstance(line, Invoke)}
    carried_out: defaultdict[str, set[str]] = defaultdict(set)
    for row in log:
        if row.key:
            carried_out[row.key].add(row.correlation)
    for key, times in carried_out.items():
        if len(times) > 1:
            yield f"{key}: recorded {len(times)} times"
        if key not in asked:
            yield f"{key}: recorded, and nobody asked for it"


def _real_time(journal: Sequence[Line], log: Sequence[Row]) -> Iterator[str]:
    """What was acknowledged before something else was sent stands before it."""
    first_position: dict[str, int] = {}
    for row in log:
        first_position.setdefault(row.key, row.position)
    acknowledged_up_to, asked = 0, set[str]()
    for line in journal:
        match line:
            case Ok() if not line.is_repeat:
                told = [event["position"] for event in line.receipt["events"]]
                acknowledged_up_to = max([acknowledged_up_to, *told])
            case Invoke() if line.key not in asked:  # a retry may have been recorded the first time
                asked.add(line.key)
                if first_position.get(line.key, acknowledged_up_to + 1) <= acknowledged_up_to:
                    yield f"{line.key}: stands before position {acknowledged_up_to}, acknowledged before it was sent"
            case _:
                pass


def _vanished(journal: Sequence[Line], log: Sequence[Row]) -> Iterator[str]:
    """What somebody once read is still there."""
    furthest = max((line.last_position for line in journal if isinstance(line, Seen)), default=0)
    if furthest > len(log):
        yield f"position {furthest} was read, and the log ends at {len(log)}"
