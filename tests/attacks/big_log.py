"""A sealed log of a hundred thousand events in a real database, made once and copied for each attack.

The rows are signed as processes sign them and sealed as the worker seals them, but written straight into the tables: what
the worker does with them is tested where it lives.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing import get_context
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from domain.attestation.events import CaseHeadsRooted
from domain.evidence.verify import Trust
from domain.grammar import ORDINARY, Envelope
from domain.proof.batch import signed_together
from domain.proof.checkpoint import Checkpoint
from domain.proof.heads import Head, Heads
from domain.proof.leaf import Leaf, SealedEvent, state_hash
from domain.proof.note import Note
from domain.proof.tree import CompactRange, leaf_hash
from domain.store import schema
from domain.store.mapper import stored_state
from ops.heads import SEALER
from ops.verify.inspection import Brought
from ops.verify.rows import Source
from tests.evidenced import KEYS, LOG_KEY, ORIGIN, POLICY, PROCESS, WITNESS

COUNTY = "county"
EVENTS, BLOCK = 100_000, 4_000
"""A witness sees the log after each block."""
BEGAN = datetime(2026, 1, 5, 1, tzinfo=UTC)
TOPICS = ("case.received.v1", "case.accepted.v1", "case.forwarded.v1", "case.reviewed.v1", "case.decided.v1")
EVERYTHING = 1 << 62
SIGNED_AT_ONCE = 500
COPY_EVENTS = (
    "copy events (position, stream, version, topic, occurred_at, recorded_at, state, signature) from stdin"
)
"""By one hand, in batches of sixteen; every fourth hand signs each alone."""
OF_A_BATCH = 16
ENVELOPE = json.loads(
    stored_state(
        CaseHeadsRooted(size=1, root="0" * 64),
        Envelope(occurred_at=BEGAN, actor=SEALER, circumstances=ORDINARY, correlation="c"),
    )
)["envelope"]


def sign(messages: list[bytes], size: int) -> list[bytes]:
    parts = [messages[n : n + size] for n in range(0, len(messages), size)]
    return [one for part in parts for one in signed_together(part, PROCESS.private.sign)]


def hash_of(leaf: Leaf) -> bytes:
    return leaf_hash(leaf.to_bytes())


@dataclass
class Seal:
    """What a sealing worker writes: tiles, checkpoints, case heads. With somebody else's key, what a thief writes."""

    log_key: object = LOG_KEY
    hashes: list[bytes] = field(default_factory=list)
    tiles: dict[tuple[int, int], bytearray] = field(default_factory=dict)
    checkpoints: list[tuple[int, bytes, str]] = field(default_factory=list)
    places: dict = field(default_factory=dict)

    def __post_init__(self):
        self.tree, self.heads = CompactRange(), Heads(self.places)

    def take_in(self, hashed: bytes) -> None:
        self.hashes.append(hashed)
        for height, index, root in self.tree.append(hashed):
            if height % 8 == 0:
                self.tiles.setdefault((height // 8, index // 256), bytearray()).extend(root)

    def note(self, *witnesses_at: int) -> Note:
        text = Checkpoint(ORIGIN, self.tree.size, self.tree.root()).text()
        note = Note(text).signed_by(self.log_key.sign(text))
        return note.signed_by(*(WITNESS.cosign(text, at) for at in witnesses_at))

    def keep_checkpoint(self) -> None:
        self.checkpoints.append((self.tree.size, self.tree.root(), self.note().to_bytes().decode()))

    def write(self, connection: psycopg.Connection) -> None:
        """Over whatever is there, as a superuser may."""
        connection.execute("alter table checkpoints disable trigger all")
        connection.execute("truncate tiles, checkpoints, seal")
        with connection.cursor() as cursor:
            with cursor.copy("copy tiles (level, number, hashes) from stdin (format binary)") as rows:
                rows.set_types(["int2", "int8", "bytea"])
                for (level, number), hashes in self.tiles.items():
                    rows.write_row((level, number, bytes(hashes)))
            cursor.executemany("insert into checkpoints values (%s, %s, %s, now())", self.checkpoints)
        roots = b"".join(self.tree.roots)
        connection.execute("insert into seal (size, roots) values (%s, %s)", (self.tree.size, roots))


@dataclass(frozen=True)
class BigLog:
    """The database, and what others keep of the log."""

    dsn: str
    size: int
    held: bytes
    """The checkpoint of the last block, as the witness keeps it."""
    memory: dict[int, bytes]
    """The sealing worker's file: of the last size its root."""
    blocks: tuple[int, ...]
    """The sizes that the witness saw."""
    hashes: tuple[bytes, ...] = field(repr=False)
    """Of the leaves, as they were sealed."""

    @property
    def source(self) -> Source:
        return Source(self.dsn, COUNTY, ORIGIN)

    def brought(self, **different) -> Brought:
        given = {"held": {"见证人 the witness": self.held}, "remembered": self.memory} | different
        return Brought(Trust.read(POLICY, KEYS), **given)

    @contextmanager
    def broken_into(self) -> Iterator[psycopg.Connection]:
        """As a superuser, with every trigger silent."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(f"set search_path = {COUNTY}")
            connection.execute("set session_replication_role = replica")
            connection.execute("alter table events disable trigger all")
            connection.execute("alter table checkpoints disable trigger all")
            connection.execute("alter table events drop constraint if exists events_stream_version_key")
            yield connection

    def rows(self, connection: psycopg.Connection, places: Sequence[int] | range) -> Iterator[Leaf]:
        """Those at these positions, in order."""
        asked = (
            "select position, stream, version, topic, occurred_at, recorded_at, state, signature from events"
        )
        among = "between %(first)s and %(last)s" if isinstance(places, range) else "= any (%(all)s)"
        ends = {"first": places[0], "last": places[-1]}
        told = ends if isinstance(places, range) else {"all": list(places)}
        for row in connection.execute(f"{asked} where position {among} order by 1", told):
            position, stream, version, topic, occurred_at, recorded_at, state, signature = row
            event = SealedEvent(ORIGIN, stream, version, occurred_at, topic, state_hash(state))
            yield Leaf(position, event, recorded_at, signature or bytes(64))

    def reseal(self, connection: psycopg.Connection, log_key=LOG_KEY, *, since: int) -> Seal:
        """Makes tiles and checkpoints fit the rows again, changed `since` a position, signed with what key there is."""
        seal = Seal(log_key)
        sizes = {size for (size,) in connection.execute("select size from checkpoints").fetchall()}
        changed = map(hash_of, self.rows(connection, range(since, EVERYTHING)))
        for hashed in chain(self.hashes[: since - 1], changed):
            seal.take_in(hashed)
            if seal.tree.size in sizes:
                seal.keep_checkpoint()
        if seal.tree.size not in sizes:
            seal.keep_checkpoint()
        seal.write(connection)
        return seal


@dataclass
class Writing:
    """The log as it is being written: rows into the table, leaves into the seal, the clock a second on with each event."""

    pool: ProcessPoolExecutor
    rows: psycopg.Copy
    seal: Seal = field(default_factory=Seal)
    head_by_stream: dict[str, Head] = field(default_factory=dict)
    now: datetime = BEGAN

    def tell(self, told) -> None:
        unsigned = [self._unsigned(n, *each) for n, each in enumerate(told)]
        messages = [leaf.event.signed_bytes() for leaf, _ in unsigned]
        parts = [messages[n : n + SIGNED_AT_ONCE] for n in range(0, len(messages), SIGNED_AT_ONCE)]
        sizes = [OF_A_BATCH if n % 4 else 1 for n in range(len(parts))]
        signatures = [one for part in self.pool.map(sign, parts, sizes) for one in part]
        for (leaf, state), signature in zip(unsigned, signatures, strict=True):
            self._put(leaf._replace(signature=signature), state)
        self.now += timedelta(seconds=len(unsigned))

    def _unsigned(self, n: int, stream: str, topic: str, fact: dict) -> tuple[Leaf, bytes]:
        document = {"envelope": ENVELOPE, "fact": fact}
        state = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
        version = self.head_by_stream[stream].version + 1 if stream in self.head_by_stream else 1
        self.head_by_stream[stream] = Head(stream, version, b"")
        at = self.now + timedelta(seconds=n)
        event = SealedEvent(ORIGIN, stream, version, at, topic, state_hash(state))
        return Leaf(self.seal.tree.size + n + 1, event, at, b""), state

    def _put(self, leaf: Leaf, state: bytes) -> None:
        self.seal.take_in(hash_of(leaf))
        event = leaf.event
        self.head_by_stream[event.stream] = Head(event.stream, event.version, self.seal.hashes[-1])
        self.rows.write_row((leaf.position, event.stream, event.version, event.topic, event.occurred_at,
                             leaf.recorded_at, "\\x" + state.hex(), "\\x" + leaf.signature.hex()))  # fmt: skip

    def introduce_keys(self) -> None:
        self.tell([("keys:county", "key.process_added.v1", {"key": PROCESS.key().vkey()}),
                   ("keys:county", "key.log_added.v1", {"key": LOG_KEY.key().vkey()})])  # fmt: skip

    def show_witness(self) -> Note:
        self.seal.keep_checkpoint()
        return self.seal.note(int(self.now.timestamp()))

    def tell_of_witness(self, note: Note) -> None:
        tree, lines = self.seal.tree, [one.line()[2:-1] for one in note.signatures]
        fact = {"origin": ORIGIN, "size": tree.size, "root": tree.root().hex(), "lines": lines}
        self.tell([("cosignatures:county", "checkpoint.cosigned.v1", fact)])

    def root_heads(self) -> None:
        for head in self.head_by_stream.values():
            self.seal.heads.put(head)
        fact = {"size": self.seal.tree.size, "root": self.seal.heads.root().hex()}
        self.tell([("heads:county", "log.case_heads_rooted.v1", fact)])
        self.seal.keep_checkpoint()


def made(dsn: str) -> BigLog:
    """Fills an empty database. The log itself tells what the witness has seen, but of the last block nothing yet."""
    schema.create(dsn, COUNTY)
    own = make_conninfo(dsn, options=f"-csearch_path={COUNTY}")
    with ProcessPoolExecutor(2, get_context("fork")) as pool, psycopg.connect(own) as connection:
        with connection.cursor() as cursor, cursor.copy(COPY_EVENTS) as rows:
            seal, held, blocks = _written(Writing(pool, rows))
        _write_tree(connection, seal)
    return BigLog(dsn, seal.tree.size, held, {seal.tree.size: seal.tree.root()}, blocks, tuple(seal.hashes))


def _written(log: Writing) -> tuple[Seal, bytes, tuple[int, ...]]:
    """The seal, what the witness keeps, and the sizes that it saw."""
    blocks = list[int]()
    log.introduce_keys()
    while True:
        log.tell(_cases(log.seal.tree.size))
        note = log.show_witness()
        blocks.append(log.seal.tree.size)
        if log.seal.tree.size >= EVENTS:
            break
        log.tell_of_witness(note)
    log.root_heads()
    return log.seal, note.to_bytes(), tuple(blocks)


def _write_tree(connection: psycopg.Connection, seal: Seal) -> None:
    seal.write(connection)
    with connection.cursor().copy("copy heads (way, hash, lone_way) from stdin") as rows:
        for way, place in seal.places.items():
            rows.write_row((way, "\\x" + place.hashed.hex(), place.way))
    connection.execute("analyze events")


def _cases(size):
    """A block of events: five of each case, some cases in step."""
    for n in range(BLOCK):
        at = size + n
        case, step = at // 50 * 10 + at % 10, at % 50 // 10
        yield (
            f"case:{case:08d}",
            TOPICS[step],
            {"case": case, "step": step, "note": f"第{step}步办理意见" * 4},
        )


@contextmanager
def copied(log: BigLog) -> Iterator[BigLog]:
    """A database of its own with the same log."""
    name = f"attacked_{uuid4().hex[:12]}"
    template = psycopg.conninfo.conninfo_to_dict(log.dsn)["dbname"]
    maintenance = make_conninfo(log.dsn, dbname="postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template} strategy file_copy")
    try:
        yield replace(log, dsn=make_conninfo(log.dsn, dbname=name))
    finally:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")
