"""The evidence bundle of one case: a zip of what `verify.py` asks for, the same bytes for the same log and checkpoint.

```
checkpoint                 the signed checkpoint with its witnesses' lines (C2SP tlog-checkpoint)
case/<position>.json       an event's state, byte for byte; absent where it is withheld
case/<position>.tlog-proof its leaf as `extra`, and the way up to the checkpoint (C2SP tlog-proof)
log/<position>.…           likewise, events of the log about itself: its keys, a root of case heads, earlier cosigned checkpoints
consistency/<size>         that the log of the checkpoint begins with the log of that size, a hash a line
case-head, keys-head       that nothing newer stood in the case, and in the list of keys, under that root of case heads
replay.txt                 what the events say, to be read
policy, keys               what the county says of its keys: nobody who checks believes it
verify.py, README          how to check
```
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from domain.evidence import verify
from domain.proof.tree import Subtree, consistency_proof, inclusion_proof

GUIDES: Final = ("README.md", "README.zh-CN.md", "verify.py")
"""Files that lie beside this module and go with every bundle."""


@dataclass(frozen=True, slots=True)
class SealedRow:
    """An event as the tree holds it."""

    position: int
    leaf: bytes
    state: bytes | None
    """None: withheld."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about one case, as of one checkpoint."""

    size: int
    note: bytes
    """The checkpoint of that size, signed and cosigned."""
    subtree: Subtree
    case: Sequence[SealedRow]
    beside: Sequence[SealedRow]
    """The county's keys, the last root of case heads at or below `size`, the cosigned checkpoints around the case."""
    earlier: frozenset[int]
    """The sizes of the cosigned checkpoints beside, and of others that somebody may hold."""
    case_head: Sequence[bytes]
    keys_head: Sequence[bytes]
    policy: str
    keys: str


def bundle(evidence: Evidence) -> bytes:
    """The zip."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as packed:
        for name, content in files(evidence):
            packed.writestr(_entry(name), content)
    return written.getvalue()


def files(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    """Names and contents, in the order in which they are packed."""
    yield "checkpoint", evidence.note
    yield from _events("case", evidence.case, evidence)
    yield from _events("log", evidence.beside, evidence)
    for size in sorted(evidence.earlier):
        yield f"consistency/{size}", _lines(consistency_proof(size, evidence.size, evidence.subtree))
    yield "case-head", _lines(evidence.case_head)
    yield "keys-head", _lines(evidence.keys_head)
    yield (
        "replay.txt",
        verify.replay([verify.event_of(row.leaf, row.state) for row in evidence.case]).encode(),
    )
    yield "policy", evidence.policy.encode()
    yield "keys", evidence.keys.encode()
    for name in GUIDES:
        yield name, resources.files(__package__).joinpath(name).read_bytes()


def _events(folder: str, rows: Iterable[SealedRow], evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    for row in rows:
        if row.state is not None:
            yield f"{folder}/{row.position}.json", row.state
        yield f"{folder}/{row.position}.tlog-proof", _tlog_proof(row, evidence)


def _tlog_proof(row: SealedRow, evidence: Evidence) -> bytes:
    """Source: C2SP tlog-proof."""
    index = row.position - 1
    head = f"c2sp.org/tlog-proof@v1\nextra {b64encode(row.leaf).decode()}\nindex {index}\n".encode()
    return head + _lines(inclusion_proof(index, evidence.size, evidence.subtree)) + b"\n" + evidence.note


def _lines(hashes: Iterable[bytes]) -> bytes:
    return b"".join(b64encode(each) + b"\n" for each in hashes)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
