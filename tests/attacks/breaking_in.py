"""What somebody does who owns the server, and perhaps a key of the county's, and how it is found."""

from time import process_time

import psycopg

from domain.evidence.bundle import bundle
from domain.proof.leaf import Leaf, SealedEvent, state_hash
from domain.store.connecting import Access, Readers
from domain.store.evidence import EvidenceReader
from domain.store.schema import County
from domain.store.seal_reading import SealReader
from ops.verify.hands import read
from ops.verify.inspection import Inspection
from ops.verify.stretches import Stretch
from tests.attacks.big_log import COUNTY
from tests.evidenced import ORIGIN, PROCESS, a_signer

WITHIN_SECONDS = 10
THIEF = a_signer(f"{ORIGIN}/process#thief")
THIEF_OF_LOGS = a_signer(f"{ORIGIN}#thief")
EVENT = 54_321
"""The one that somebody would like to be different."""
GRANTED = b'{"envelope":{},"fact":{"granted":true}}'


def found(county, **brought):
    """The verdict, in time: of the processor, for what else the machine does says nothing of us."""
    began = process_time()
    verdict = Sparing(county, county.brought(**brought)).verdict(every_signature=False)
    assert process_time() - began < WITHIN_SECONDS
    return verdict


class Sparing(Inspection):
    """`inspect`; but rows that nobody has written to since are not read a second time, by whomever."""

    _read_last: tuple[object, list[Stretch]] | None = None

    def __init__(self, county, brought) -> None:
        self._own = psycopg.connect(county.dsn, autocommit=True)
        super().__init__(self._own, county.source, brought)
        written = self._own.execute("select pg_snapshot_xmax(pg_current_snapshot())").fetchone()
        self._stand = (county.dsn, written)

    def verdict(self, *, every_signature):
        with self._own:
            return super().verdict(every_signature=every_signature)

    def _stretches(self):
        if Sparing._read_last is None or Sparing._read_last[0] != self._stand:
            Sparing._read_last = self._stand, super()._stretches()
        return Sparing._read_last[1]


class TwoHanded(Sparing):
    """`inspect` as of a log that is long enough for two processes."""

    def _stretches(self):
        return read(self._source, self._last, self._claimed_heads()[0], count=2)


def first(verdict):
    assert not verdict.is_good
    return verdict.troubles[0].position, verdict.troubles[0].what


def looks_whole(connection):
    """All that the database could notice by itself: places, versions and times are in order."""
    return connection.execute(
        """
        select count(*) = max(position) and bool_and(follows) and bool_and(is_in_time)
        from (
            select
                position,
                version = row_number() over (partition by stream order by position) as follows,
                recorded_at >= coalesce(lag(recorded_at) over (order by position), recorded_at) as is_in_time
            from events
        ) as each
        """
    ).fetchone() == (True,)


def last_seen_before(county, position):
    return max(size for size in county.blocks if size < position)


def assert_stands_up_to(verdict, county, position):
    assert verdict.last_good.size == last_seen_before(county, position)
    assert verdict.last_good.is_witnessed


def shift(database, position, by):
    database.execute("alter table events drop constraint events_position_key")
    database.execute("update events set position = position + %s where position >= %s", [by, position])
    database.execute("alter table events add constraint events_position_key primary key (position)")


def edit(database, position, state=GRANTED):
    database.execute("update events set state = %s where position = %s", [state, position])


def sign_again(database, county, *positions, signer=PROCESS):
    """With the stolen key of a process: the rows bear a signature that counts."""
    for leaf in county.rows(database, positions):
        signature = signer.private.sign(leaf.event.signed_bytes())
        database.execute("update events set signature = %s where position = %s", [signature, leaf.position])


async def taken(log, path, position):
    """A bundle of the case to which the event belongs."""
    readers = Readers(Access(log.dsn, County.named(COUNTY)), size=1)
    try:
        seal = SealReader(readers)
        (leaf,) = await seal.leaves(ORIGIN, position, position)
        path.write_bytes(bundle(await EvidenceReader(seal).of(leaf.event.stream)))
    finally:
        await readers.close()
    return path


def insert(database, position, stream, version, state, *, signer=THIEF, at=None):
    """A row as good as somebody without the county's keys can make it."""
    asked = "select max(recorded_at) from events where position < %s"
    at = at or database.execute(asked, [position]).fetchone()[0]
    event = SealedEvent(ORIGIN, stream, version, at, "case.decided.v1", state_hash(state))
    signature = signer.private.sign(event.signed_bytes())
    database.execute(
        "insert into events (position, stream, version, topic, occurred_at, recorded_at, state, signature)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [position, stream, version, event.topic, at, at, state, signature],
    )
    return Leaf(position, event, at, signature)
