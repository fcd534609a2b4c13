"""The evidence bundle of one case: a zip of what `verify.py` asks for, the same bytes for the same log and checkpoint.

```
checkpoint                 the signed checkpoint with its witnesses' lines (C2SP tlog-checkpoint)
case/<position>.json       an event's state, byte for byte; absent where it is withheld
case/<position>.tlog-proof its leaf as `extra`, and the way up to the checkpoint (C2SP tlog-proof)
log/<position>.…           likewise, events of the log about itself: its keys, a root of case heads, earlier cosigned checkpoints
consistency/<size>         that the log of the checkpoint begins with the log of that size, a hash a line
later                      what the rows hold of the case behind the checkpoint, named and not proved; absent where there is nothing
case-head, keys-head       that nothing newer stood in the case, and in the list of keys, under that root of case heads
replay.txt                 what the events say, to be read
policy, keys               what the county says of its keys: nobody who checks believes it
verify.py, README          how to check
```
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from itertools import count
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from domain.evidence import verify

GUIDES: Final = ("README.md", "README.zh-CN.md", "verify.py")
"""Files that lie beside this module and go with every bundle."""


@dataclass(frozen=True, slots=True)
class SealedRow:
    """An event as the tree holds it."""

    position: int
    leaf: bytes
    state: bytes | None
    """None: withheld."""
    proof: Sequence[bytes]
    """That the tree of the checkpoint holds the leaf."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about one case, as of one checkpoint."""

    note: bytes
    """The checkpoint, signed and cosigned."""
    case: Sequence[SealedRow]
    beside: Sequence[SealedRow]
    """The county's keys, a root of case heads, the cosigned checkpoints around the events of the case."""
    growth_by_size: Mapping[int, Sequence[bytes]]
    """That the log of the checkpoint begins with those of the cosigned ones beside, and others that somebody may hold."""
    case_head: Sequence[bytes]
    keys_head: Sequence[bytes]
    policy: str
    keys: str
    later: Sequence[str] = ()
    """What the rows hold of the case behind the checkpoint, as `verify.LATER` has it: for naming, nothing proves it."""


def complete_as_of(evidence: Evidence) -> int:
    """Up to where the verifier will say that none of the case's events is missing."""
    rows = {row.position: row for row in (*evidence.case, *evidence.beside)}
    events = [verify.event_of(row.leaf, row.state) for row in evidence.beside]
    (size,) = [int(verify.fact_of(event)["size"]) for event in events if event.stream == verify.HEADS]
    return next(at for at in count(size) if at + 1 not in rows)


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
    yield from _events("case", evidence.case, evidence.note)
    yield from _events("log", evidence.beside, evidence.note)
    for size, growth in sorted(evidence.growth_by_size.items()):
        yield f"consistency/{size}", _lines(growth)
    yield "case-head", _lines(evidence.case_head)
    yield "keys-head", _lines(evidence.keys_head)
    if evidence.later:
        yield "later", "".join(f"{line}\n" for line in evidence.later).encode()
    yield (
        "replay.txt",
        verify.replay([verify.event_of(row.leaf, row.state) for row in evidence.case]).encode(),
    )
    yield "policy", evidence.policy.encode()
    yield "keys", evidence.keys.encode()
    for name in GUIDES:
        yield name, resources.files(__package__).joinpath(name).read_bytes()


def _events(folder: str, rows: Iterable[SealedRow], note: bytes) -> Iterator[tuple[str, bytes]]:
    for row in rows:
        if row.state is not None:
            yield f"{folder}/{row.position}.json", row.state
        yield f"{folder}/{row.position}.tlog-proof", _tlog_proof(row, note)


def _tlog_proof(row: SealedRow, note: bytes) -> bytes:
    """Source: C2SP tlog-proof."""
    head = f"c2sp.org/tlog-proof@v1\nextra {b64encode(row.leaf).decode()}\nindex {row.position - 1}\n"
    return head.encode() + _lines(row.proof) + b"\n" + note


def _lines(hashes: Iterable[bytes]) -> bytes:
    return b"".join(b64encode(each) + b"\n" for each in hashes)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
