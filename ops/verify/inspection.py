"""The whole log, recomputed from its rows and held against everything that was ever signed or seen of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

import psycopg
from psycopg import sql

from domain.evidence.verify import BROKEN, Checkpoint, Event, Refused, Trust, fact_of, note_of
from ops.verify import rows
from ops.verify.hands import Hands
from ops.verify.rows import Source
from ops.verify.stretches import Stretch, nothing_collected
from ops.verify.tree import Tree
from ops.verify.troubles import Trouble

KEYS, HEADS, COSIGNED = "keys:county", "heads:county", "cosignatures:county"
MICROSECONDS: Final = 1_000_000
SIGNATURES_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Brought:
    """What the log is held against, none of it out of its database."""

    trust: Trust
    held: Mapping[str, bytes] = field(default_factory=dict)
    """Checkpoints that somebody keeps: by whose they are, the signed note."""
    remembered: Mapping[int, bytes] = field(default_factory=dict)
    """Roots by size, as the sealing worker remembers them outside the database."""
    tolerance_seconds: int = 120


@dataclass(frozen=True, slots=True)
class Anchor:
    """A size of the tree whose root is known from somewhere, and whether the rows still have it."""

    size: int
    root: bytes
    whose: str
    times: tuple[int, ...] = ()
    """Seconds at which witnesses saw it."""
    told_at: int | None = None
    """The position of the event that tells of it."""
    is_good: bool = False
    is_witnessed: bool = False
    """Or held by somebody outside: the database alone cannot have made it up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    size: int
    root: bytes
    troubles: tuple[Trouble, ...]
    """The first wrong event first."""
    anchors: tuple[Anchor, ...]
    """By size."""
    unsigned: tuple[str, ...] = ()
    """Checkpoints whose own signatures do not hold."""
    signatures_checked: int = 0
    lost: tuple[Event, ...] = ()
    """Of which a restore left nothing but their leaves, as officers have stated."""
    unseen: int = 0
    """So many times the log tells of witnesses that are no quorum of this policy: they may have been one of their day's."""

    @property
    def is_good(self) -> bool:
        return not self.troubles and not self.unsigned and all(anchor.is_good for anchor in self.anchors)

    @property
    def last_good(self) -> Anchor | None:
        """The last checkpoint before the first wrong thing: all up to it stands."""
        first = min([trouble.position for trouble in self.troubles], default=1 << 62)
        bad = min([anchor.size for anchor in self.anchors if not anchor.is_good], default=1 << 62)
        good = [each for each in self.anchors if each.is_good and each.size < min(first, bad)]
        return good[-1] if good else None


def inspect(source: Source, brought: Brought, *, every_signature: bool = False) -> Verdict:
    """Reads everything. Takes about twice as long as reading and hashing the rows would."""
    with (
        nothing_collected(),  # comparing and folding make many small objects beside all that was read
        psycopg.connect(source.dsn, autocommit=True) as connection,
    ):
        return Inspection(connection, source, brought).verdict(every_signature=every_signature)


class Inspection:
    def __init__(self, connection: psycopg.Connection, source: Source, brought: Brought) -> None:
        self._connection, self._source, self._brought, self._trust = (
            connection,
            source,
            brought,
            brought.trust,
        )
        self._troubles: set[Trouble] = set()
        self._unsigned: list[str] = []
        self._unseen = 0
        self._last = self._number("select coalesce(max(position), 0) from {events}")

    def verdict(self, *, every_signature: bool) -> Verdict:
        with Hands(self._connection, self._source, self._last) as self._hands:
            self._ask()
            self._learn_keys()
            read = self._read()
            self._tree = Tree(
                b"".join(each.hashes for each in read), list(chain(*(each.roots for each in read)))
            )
            anchors = self._judged([*self._held(), *self._remembered(), *self._seen(), *self._sealed()])
            lost = self._lost(read)
            self._follow_streams(read)
            self._compare_neighbours(read)
            self._compare_times(read, anchors)
        self._blame_what_is_wrong(anchors)
        checked = self._check_signatures([(1, self._last)] if every_signature else self._doubtful(anchors))
        self._troubles |= {Trouble(position, "quarantined", reason) for position, reason in self._quarantined}
        size = self._tree.size
        return Verdict(
            size,
            self._tree.root(size),
            tuple(sorted(self._troubles)),
            tuple(anchors),
            tuple(self._unsigned),
            checked,
            lost,
            self._unseen,
        )

    # What stands in the database.

    def _ask(self) -> None:
        self._about_keys = self._told_in(KEYS)
        self._rooted, self._cosigned = self._told_in(HEADS)[-1:], self._told_in(COSIGNED)
        self._checkpoints = self._rows("select size, root, note from {checkpoints} order by size")
        self._quarantined = self._rows("select position, reason from {quarantine} where adopted_at is null")

    def _number(self, statement: str) -> int:
        return int(self._rows(statement)[0][0])

    def _rows(self, statement: str, *arguments: object) -> list[tuple]:  # type: ignore[type-arg]  # as the statement says
        names = ("events", "checkpoints", "quarantine")
        tables = {name: sql.Identifier(self._source.schema, name) for name in names}
        return self._connection.execute(sql.SQL(statement).format(**tables), arguments or None).fetchall()

    def _told_in(self, stream: str) -> list[Event]:
        """Without those that are lost."""
        events = rows.events_of(self._connection, self._source, stream)
        return [event for event in events if event.state is not None]

    # Keys.

    def _learn_keys(self) -> None:
        for event in self._about_keys:
            if not self._trust.is_signed(event):
                self._troubles.add(Trouble(event.position, "keys"))
                continue
            with suppress(*BROKEN):  # what is not sound is found with the rows
                self._trust = self._trust.told(event)

    # Rows.

    def _read(self) -> list[Stretch]:
        found = self._stretches()
        self._troubles |= set(chain(*(stretch.troubles for stretch in found)))
        return found

    def _stretches(self) -> list[Stretch]:
        return self._hands.read(self._claimed_heads()[0])

    def _lost(self, read: Sequence[Stretch]) -> tuple[Event, ...]:
        """Those of which a statement says so; each must be stated, and all that is stated must be lost."""
        gone = set(chain(*(stretch.lost for stretch in read)))
        ranges = [
            (first, min(last, self._last)) for what, _, first, last in self._trust.ranges if what == "lost"
        ]
        stated = {position for first, last in ranges for position in range(first, last + 1)}
        self._troubles |= {Trouble(position, "unstated") for position in gone - stated}
        self._troubles |= {Trouble(position, "stands") for position in stated - gone}
        told = chain(*(rows.events(self._connection, self._source, first, last) for first, last in ranges))
        return tuple(event for event in told if event.state is None)

    def _follow_streams(self, read: Sequence[Stretch]) -> None:
        troubles, root = self._hands.followed(read, self._claimed_heads()[0])
        self._troubles |= set(troubles)
        self._compare_heads(root)

    def _compare_heads(self, root: bytes) -> None:
        _, claimed = self._claimed_heads()
        if claimed is not None and root.hex() != claimed:
            self._troubles.add(Trouble(self._rooted[0].position, "heads"))

    def _compare_neighbours(self, read: Sequence[Stretch]) -> None:
        """The first row of a stretch with the last in front of it: within a stretch this is done already."""
        latest = None
        for stretch in read:
            if stretch.opens is None:
                continue
            position, recorded_at = stretch.opens
            if latest is not None and recorded_at < latest:
                self._troubles.add(Trouble(position, "time"))
            latest = stretch.closes

    def _compare_times(self, read: Sequence[Stretch], anchors: Iterable[Anchor]) -> None:
        """Rows are in order of time, so it is enough to look where witnesses did."""
        recorded = (
            [at for stretch in read for at in stretch.recorded] if any(a.times for a in anchors) else []
        )
        slack = self._brought.tolerance_seconds
        for anchor in anchors:
            if not anchor.times or not anchor.is_good:
                continue
            if recorded[anchor.size - 1] > (max(anchor.times) + slack) * MICROSECONDS:
                self._troubles.add(Trouble(anchor.size, "late"))
            behind = anchor.told_at or len(recorded)
            if behind < len(recorded) and recorded[behind] < (min(anchor.times) - slack) * MICROSECONDS:
                self._troubles.add(Trouble(behind + 1, "early"))

    def _claimed_heads(self) -> tuple[int, str | None]:
        """Size and root as the log last stated them; a statement that nobody can read states a root that nothing has."""
        if not self._rooted:
            return 0, None
        try:
            fact = fact_of(self._rooted[0])
            return int(fact["size"]), str(fact["root"])
        except BROKEN:
            return 0, ""

    # Checkpoints.

    def _held(self) -> Iterator[Anchor]:
        for whose, note in self._brought.held.items():
            if found := self._opened(note, whose):
                yield Anchor(found.size, found.root, whose, found.times, is_witnessed=True)

    def _remembered(self) -> Iterator[Anchor]:
        for size, root in self._brought.remembered.items():
            yield Anchor(size, root, "封印程序的外部记忆 the sealing worker's memory", is_witnessed=True)

    def _seen(self) -> Iterator[Anchor]:
        """Those that witnesses signed, as the log tells."""
        for event in self._cosigned:
            whose = f"见证，记于位置 {event.position} · witnesses, told at position {event.position}"
            if found := self._opened(_note(event), whose, is_old=True):
                self._unseen += bool(self._trust.witnesses and not found.times)
                yield Anchor(
                    found.size, found.root, whose, found.times, event.position, is_witnessed=bool(found.times)
                )

    def _sealed(self) -> Iterator[Anchor]:
        """Those of the database: of the latest the signature is checked, of all the root."""
        for size, root, note in self._checkpoints:
            whose = "数据库 the database"
            if size == self._checkpoints[-1][0]:
                found = self._opened(note.encode(), whose)
                if found is not None and (found.size, found.root) != (size, bytes(root)):
                    self._unsigned.append(f"{whose} {size}")
            yield Anchor(size, bytes(root), whose)

    def _opened(self, note: bytes, whose: str, *, is_old: bool = False) -> Checkpoint | None:
        try:
            found = self._trust.checkpoint(note, is_held=not is_old, is_old=is_old)
        except (Refused, *BROKEN) as refusal:
            self._unsigned.append(f"{whose}: {refusal}")
            return None
        if found.origin != self._source.origin:
            self._unsigned.append(f"{whose}: 另一日志 another log, {found.origin}")
            return None
        return found

    def _judged(self, anchors: Iterable[Anchor]) -> list[Anchor]:
        def judged(anchor: Anchor) -> Anchor:
            is_good = anchor.size <= self._tree.size and self._tree.root(anchor.size) == anchor.root
            return replace(anchor, is_good=is_good)

        found = sorted(map(judged, anchors), key=lambda anchor: (anchor.size, anchor.is_witnessed))
        beyond = [anchor.size for anchor in found if anchor.size > self._tree.size]
        if beyond:
            self._troubles.add(Trouble(self._tree.size + 1, "missing", str(max(beyond))))
        return found

    def _blame_what_is_wrong(self, anchors: Iterable[Anchor]) -> None:
        """A row that is missing is not changed too. A row that an outsider's checkpoint still shows is right; then it was the tile that somebody changed."""
        proved = max((each.size for each in anchors if each.is_good and each.is_witnessed), default=0)
        gone = {trouble.position for trouble in self._troubles if trouble.what == "missing"}
        self._troubles -= {Trouble(position, "changed") for position in gone}
        wrong = {
            trouble for trouble in self._troubles if trouble.what == "changed" and trouble.position <= proved
        }
        self._troubles = (self._troubles - wrong) | {replace(each, what="tile") for each in wrong}

    # Signatures.

    def _doubtful(self, anchors: Sequence[Anchor]) -> list[tuple[int, int]]:
        """What no outsider's checkpoint covers, and what lies between the last that is good and the first that is not."""
        known = [anchor for anchor in anchors if anchor.is_witnessed]
        bad = min((each.size for each in known if not each.is_good), default=self._last)
        good = max((each.size for each in known if each.is_good and each.size <= bad), default=0)
        covered = max((each.size for each in known), default=0)
        return [(good + 1, min(bad, self._last)), (max(bad, covered) + 1, self._last)]

    def _check_signatures(self, places: Iterable[tuple[int, int]]) -> int:
        """Up to the first that does not count."""
        checked = 0
        for first, last in places:
            for begin in range(first, last + 1, SIGNATURES_AT_ONCE):
                end = min(last, begin + SIGNATURES_AT_ONCE - 1)
                checked += end - begin + 1
                if wrong := rows.first_unsigned(self._connection, self._source, self._trust, begin, end):
                    self._troubles.add(Trouble(wrong, "unsigned"))
                    break
        return checked


def _note(event: Event) -> bytes:
    try:
        return note_of(fact_of(event))
    except BROKEN:
        return b""
