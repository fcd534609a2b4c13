"""A receipt that somebody brings: whether a process of this log has signed it, and whether the log holds what it says.

A slip bears its leaf in base64; the answer of a recorded action, as a programme kept it, the fields that a leaf is made of.
"""

import json
import re
import struct
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from domain.evidence.verify import (
    BROKEN,
    EPOCH,
    KEYS,
    Event,
    Key,
    Refused,
    Trust,
    claim_of,
    event_of,
    need,
    shown,
)
from ops.verify import rows
from ops.verify.leaves import ALONE, counted
from ops.verify.rows import Source

_LEAF: Final = re.compile(r"amRsZWFm[A-Za-z0-9+/]+(?:\s?\n[ \t]*[A-Za-z0-9+/]+)*={0,2}")
"""The base64 of what begins with `jdleaf`, on several lines."""
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_BYTES: Final = 10
_MISTYPED: Final = "有缺漏或误抄，与回执码不符 something is missing or mistyped: this is not what the receipt code was given for"
_NO_RECEIPT: Final = (
    "其中没有回执 there is no receipt in it: neither a slip nor the answer of a recorded action"
)


class Judged(NamedTuple):
    """An event as a receipt tells it, the key that signed it, and whether it stands in the log."""

    event: Event
    signer: Key | None
    """None: no process that might sign there."""
    is_held: bool

    @property
    def is_good(self) -> bool:
        return self.signer is not None and self.is_held


def told(text: str) -> list[Event]:
    """The events of a slip, or of an answer. Raises Refused."""
    is_slip = _LEAF.search(text) is not None
    try:
        found = list(_of_slip(text) if is_slip else _of_answer(json.loads(text)))
    except (*BROKEN, AttributeError) as error:
        raise Refused(_MISTYPED if is_slip else _NO_RECEIPT) from error
    return list(need(found, _NO_RECEIPT))


def judge(source: Source, trust: Trust, events: Sequence[Event]) -> list[Judged]:
    """Against the rows as they are, by the keys of `trust` and those that they vouch for."""
    with psycopg.connect(source.dsn) as connection:
        known = _with_keys_told(connection, source, trust)
        return [Judged(each, _signer(known, each), _is_held(connection, source, each)) for each in events]


def lines(judged: Judged) -> Iterator[str]:
    """What people read of it."""
    event, signer = judged.event, judged.signer
    yield f"回执 receipt #{event.position}  卷 stream {event.stream} v{event.version} {event.topic}"
    yield f"  发生 occurred {shown(event.occurred)}  登记 recorded {shown(event.recorded)}"
    if signer is None:
        yield "  ✗ 没有此处有效的进程签名，不是本日志的回执 · NOT SIGNED by a process that might sign there: no receipt of this log"
        return
    yield f"  ✓ 签名 signed by {signer.name}+{signer.key_id.hex()}"
    if judged.is_held:
        yield "  ✓ 日志所载与回执一致 · the log holds what the receipt says"
    else:
        yield "  ✗ 日志中没有：本县进程签发过这一事件，日志却不载 · NOT IN THE LOG: a process of the county has signed what its log does not hold"


def _with_keys_told(connection: psycopg.Connection, source: Source, trust: Trust) -> Trust:
    """With what counting keys say of those that follow them."""
    for event in rows.events_of(connection, source, KEYS):
        with suppress(*BROKEN):  # a statement that says nothing introduces nobody
            trust = trust.told(event) if event.state is not None and trust.is_signed(event) else trust
    return trust


def _signer(trust: Trust, event: Event) -> Key | None:
    claim = claim_of(event)
    return next((key for key in trust.keys_at("process", event.position) if key.holds(*claim)), None)


def _is_held(connection: psycopg.Connection, source: Source, event: Event) -> bool:
    found = rows.events(connection, source, event.position, event.position)
    return [each.leaf_hash for each in found] == [event.leaf_hash]


# What a slip bears.


def _of_slip(text: str) -> Iterator[Event]:
    for match in _LEAF.finditer(text):
        yield _coded(b64decode("".join(match[0].split()), validate=True), text)


def _coded(leaf: bytes, text: str) -> Event:
    """The code is the beginning of the leaf's hash: it shows where whoever copied the leaf went wrong."""
    event = event_of(leaf, None)
    number = int.from_bytes(event.leaf_hash[:_CODE_BYTES])
    digits = "".join(_DIGITS[number >> shift & 31] for shift in range(75, -1, -5))
    code = "-".join((str(event.position), digits[:4], digits[4:8], digits[8:12], digits[12:]))
    need(code in text.upper(), _MISTYPED)
    return event


# What an answer bears.


def _of_answer(document: Any) -> Iterator[Event]:
    """Of one action, or of each of a batch."""
    for answer in document.get("answers", [document]):
        origin, stream = answer.get("sealed", {}).get("origin"), _stream(answer)
        for event in answer.get("events", ()) if origin else ():
            leaf = _leaf(origin, stream, event, answer["recorded_at"])
            yield _coded(leaf, event["leaf"]["receipt"])


def _stream(answer: dict[str, Any]) -> str:
    """`case_no` says which case it is of, and so with the others."""
    kinds = (name for name in answer if name.endswith("_no"))
    return next((f"{name.removesuffix('_no')}:{answer[name]}" for name in kinds), "")


def _leaf(origin: str, stream: str, event: dict[str, Any], recorded_at: str) -> bytes:
    """As docs/decisions/0111 has it."""
    said = event["leaf"]
    signature = b64decode(said["signature"], validate=True)
    is_alone = len(signature) == ALONE
    return b"".join(
        (
            b"jdleaf1\n" if is_alone else b"jdleaf2\n",
            struct.pack(">Q", event["position"]),
            counted(origin.encode()),
            counted(stream.encode()),
            struct.pack(">Qq", event["version"], _microseconds(said["occurred_at"])),
            counted(event["topic"].encode()),
            bytes.fromhex(said["state_hash"]),
            struct.pack(">q", _microseconds(recorded_at)),
            b"" if is_alone else struct.pack(">H", len(signature)),
            signature,
        )
    )


def _microseconds(moment: str) -> int:
    return (datetime.fromisoformat(moment) - EPOCH) // timedelta(microseconds=1)
