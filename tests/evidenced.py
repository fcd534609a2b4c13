"""A sealed log in memory: every key known, every leaf in the tree, for bundles and for those who forge them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.evidence.bundle import Evidence, SealedRow, bundle
from domain.evidence.verify import Trust
from domain.proof.batch import signed_together
from domain.proof.checkpoint import Checkpoint
from domain.proof.heads import Head, Heads
from domain.proof.leaf import Leaf, SealedEvent, state_hash
from domain.proof.note import COSIGNATURE, Note, Signer
from domain.proof.tree import CompactRange, consistency_proof, inclusion_proof, leaf_hash, root_of

ORIGIN = "jiandu.local/county"
BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)


def a_signer(name: str) -> Signer:
    """A key made from a name, the same each time."""
    return Signer(
        name.partition("#")[0], Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())
    )


PROCESS, LOG_KEY = a_signer(f"{ORIGIN}/process"), a_signer(ORIGIN)
WITNESS, ARCHIVE = a_signer("witness.local/jiwei"), a_signer("witness.local/archive")
POLICY = "\n".join(
    (
        f"log {LOG_KEY.key().vkey()}",
        f"witness jiwei {WITNESS.key(COSIGNATURE).vkey()}",
        f"witness archive {ARCHIVE.key(COSIGNATURE).vkey()}",
        "group either any jiwei archive",
        "quorum either\n",
    )
)
KEYS = f"process {PROCESS.key().vkey()} 1\n"


def trusting(policy: str = POLICY, keys: str = KEYS) -> Trust:
    return Trust.read(policy, keys)


@dataclass
class SealedLog:
    """Grows by `tell`; a second passes with each event, a minute with each cosignature."""

    origin: str = ORIGIN
    process: Signer = PROCESS
    log_key: Signer = LOG_KEY
    leaves: list[Leaf] = field(default_factory=list)
    states: list[bytes] = field(default_factory=list)
    now: datetime = BEGAN

    def __post_init__(self):
        self._tree, self._subtrees, self.places = CompactRange(), {}, {}
        self.tell("keys:county", "key.process_added.v1", key=self.process.key().vkey())

    @property
    def size(self) -> int:
        return len(self.leaves)

    def tell(self, stream: str, topic: str, *, signer: Signer | None = None, among: int = 1, **fact) -> int:
        """Records, signs and seals one event; answers its position. `among`: so many were signed together."""
        self.now += timedelta(seconds=1)
        version = sum(leaf.event.stream == stream for leaf in self.leaves) + 1
        state = json.dumps({"envelope": {}, "fact": fact}, sort_keys=True, separators=(",", ":")).encode()
        event = SealedEvent(self.origin, stream, version, self.now, topic, state_hash(state))
        signatures = signed_together(
            [event.signed_bytes(), *(b"another %d" % n for n in range(1, among))],
            (signer or self.process).private.sign,
        )
        self.put(Leaf(self.size + 1, event, self.now, signatures[0]), state)
        return self.size

    def put(self, leaf: Leaf, state: bytes):
        self.leaves.append(leaf)
        self.states.append(state)
        for height, index, root in self._tree.append(leaf_hash(leaf.to_bytes())):
            self._subtrees[height, index] = root

    def subtree(self, height: int, index: int) -> bytes:
        return self._subtrees[height, index]

    def root_heads(self, size: int | None = None) -> int:
        """Records the root of case heads as of now; answers its position."""
        size = size or self.size
        return self.tell(
            "heads:county", "log.case_heads_rooted.v1", size=size, root=self.heads(size).root().hex()
        )

    def heads(self, size: int) -> Heads:
        found = Heads({})
        for leaf in self.leaves[:size]:
            found.put(Head(leaf.event.stream, leaf.event.version, leaf_hash(leaf.to_bytes())))
        return found

    def note(self, size: int | None = None, *witnesses: Signer) -> Note:
        """The checkpoint, signed by the log and by these witnesses (the first of ours, where none is named)."""
        checkpoint = Checkpoint(self.origin, size or self.size, root_of(size or self.size, self.subtree))
        note = Note(checkpoint.text()).signed_by(self.log_key.sign(checkpoint.text()))
        seconds = int(self.now.timestamp())
        return note.signed_by(*(each.cosign(checkpoint.text(), seconds) for each in witnesses or (WITNESS,)))

    def cosign(self) -> int:
        """A witness sees the log as it is, and the log tells it; answers the size that was seen."""
        note, size = self.note(), self.size
        self.now += timedelta(minutes=1)
        root = Checkpoint.from_text(note.text).root.hex()
        lines = [one.line().removeprefix("— ").removesuffix("\n") for one in note.signatures]
        self.tell(
            "cosignatures:county",
            "checkpoint.cosigned.v1",
            origin=self.origin,
            size=size,
            root=root,
            lines=lines,
        )
        return size

    def rows(self, stream: str, size: int) -> list[SealedRow]:
        kept = zip(self.leaves[:size], self.states, strict=False)
        return [
            SealedRow(
                leaf.position, leaf.to_bytes(), state, inclusion_proof(leaf.position - 1, size, self.subtree)
            )
            for leaf, state in kept
            if leaf.event.stream == stream
        ]

    def growth(self, sizes, size: int) -> dict[int, list[bytes]]:
        return {earlier: consistency_proof(earlier, size, self.subtree) for earlier in sizes}

    def evidence(self, stream: str, size: int | None = None) -> Evidence:
        """Of that stream, as the log stood at that size; case heads must have been rooted before."""
        size = size or self.size
        rooted, cosigned = self.rows("heads:county", size)[-1], self.rows("cosignatures:county", size)
        covered, sizes = fact(rooted)["size"], [fact(row)["size"] for row in cosigned]
        heads = self.heads(covered)
        return Evidence(
            note=self.note(size).to_bytes(),
            case=self.rows(stream, size),
            beside=sorted([*self.rows("keys:county", size), rooted, *cosigned], key=lambda row: row.position),
            growth_by_size=self.growth(sizes, size),
            case_head=heads.proof(stream),
            keys_head=heads.proof("keys:county"),
            policy=POLICY,
            keys=KEYS,
        )


def fact(row: SealedRow) -> dict:
    return json.loads(row.state)["fact"]


def a_log(events: int = 5, *, of: str = "case:A", origin: str = ORIGIN, **keys: Signer) -> SealedLog:
    """A case among others, with witnesses before, amid and behind it; every second event of it was signed with others."""
    log = SealedLog(origin, **keys)
    for n in range(4):
        log.tell(f"case:{n}", "case.received.v1", applicant=f"p-{n}")
    log.cosign()
    for n in range(events):
        log.tell(of, f"case.step_{n}.v1", among=1 + n % 2 * 4, step=n)
        log.tell("case:B", "case.noted.v1", note=f"另一办件 {n}")
        if n == events // 2:
            log.cosign()
    log.root_heads()
    log.now += timedelta(seconds=5)
    return log


def unpacked(zipped: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(zipped)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def a_bundle(log: SealedLog | None = None, of: str = "case:A") -> bytes:
    return bundle((log or a_log()).evidence(of))
