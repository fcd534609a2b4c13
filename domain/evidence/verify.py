#!/usr/bin/env python3
"""验证简牍证据包 · Checks an evidence bundle of Jiandu. No network, no Jiandu: Python and its `cryptography` are enough.

    python3 verify.py BUNDLE.zip --policy POLICY --keys KEYS [--checkpoint HELD] [--withheld 7,9] [--files FOLDER] [--tolerance 120]

POLICY 策略，列日志、见证人及其法定数 · a C2SP tlog-policy: the log, its witnesses, their quorum. KEYS 公钥清单，每行一条 · has lines
    process <vkey> <first> [<last>]   该钥可签的事件位置；首钥即可，后续之钥由其担保 · the positions it may sign; the log's first vouches for those after it
    log <vkey> <first> [<last>]       可不写：日志之钥可签的大小 · if you like: the sizes that the log's key may sign
HELD 您所持的检查点 · a checkpoint that you hold. 7,9 未附内容的事件 · events without contents. FOLDER 附件，按 SHA-256 核对 · documents that events name.
120 容许的时钟偏差（秒）· how far clocks may differ. 以上皆由您自备，包内之物经其证明方可信 · All are what YOU hold; nothing in the bundle is believed
before it is proved from them. 退出码 Exit code 0 通过 proved; 1 未通过 not. C2SP signed-note, tlog-checkpoint, -cosignature, -proof, -policy; RFC 9162, 2.1."""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_BYTES, MOST_FILES, TOLERANCE_SECONDS, FOR_EVER = 512 << 20, 200_000, 120, 1 << 62
KEYS, HEADS, COSIGNED = "keys:county", "heads:county", "cosignatures:county"
NOT_LOOKED_AT = {"README.md", "README.zh-CN.md", "verify.py", "policy", "keys"}
LOOKED_AT = r"checkpoint|replay\.txt|(case|keys)-head|later|consistency/\d+|(case|log)/\d+\.(tlog-proof|json)"
NOTE = r"(([^\x00-\x1f]+)\n([0-9]+)\n(.+)\n)\n((?:— [^\s\x00-\x1f+]+ [A-Za-z0-9+/=]+\n)+)"
PROOF = r"c2sp\.org/tlog-proof@v1\nextra (.+)\nindex (.+)\n((?:.+\n)*)\n"  # then the checkpoint's note
DOCUMENT = rb'"(\w*sha256)":"([0-9a-f]{64})"'  # a field of the content, as it was written
LATER, UNPROVED = r"(#[0-9]+ v[0-9]+ [a-z0-9_.]+\n)*", "县方所称，未证 said to follow, NOT PROVED:"
NEWER = "本核验程序不识，真伪未判：请以可信来源的新版 verify.py 再验，或系他人添加 not known to this verify.py, and so not judged: try a newer one that you have from somebody you trust; or somebody put it there:"
BROKEN = (ValueError, LookupError, TypeError, ArithmeticError, OSError, RuntimeError, EOFError, struct.error, zlib.error, zipfile.BadZipFile)  # fmt: skip
EPOCH, CHINA = datetime(1970, 1, 1, tzinfo=timezone.utc), timezone(timedelta(hours=8))


class Refused(Exception):  # noqa: N818  — the domain's word
    """Why nothing is proved, in Chinese and English."""


def need(claim: Any, otherwise: str, *about: object) -> Any:
    if not claim:
        raise Refused(" ".join([otherwise, *map(str, about)]))
    return claim


def sha256(told: bytes) -> bytes:
    return hashlib.sha256(told).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def decoded(told: str, length: int | None = None) -> bytes:
    """Base64 that encodes to itself again: no two spellings mean the same."""
    value = base64.b64decode(told, validate=True)
    need(told == base64.b64encode(value).decode() and length in (None, len(value)), "Base64 有误 broken")
    return value


def number(told: str) -> int:
    return int(need(re.fullmatch(r"0|[1-9][0-9]{0,17}", told, re.ASCII), "数字有误 broken number", told)[0])


class Key(namedtuple("Key", "name kind public")):
    __slots__ = ()

    @classmethod
    def read(cls, told: str, kind: int) -> Key:
        name, key_id, encoded = [*told.split("+", 2), "", ""][:3]
        key = cls(name, (value := decoded(encoded, 33))[0], value[1:])
        need(name and (key.kind, key.key_id.hex()) == (kind, key_id), "公钥有误 not a verifier key:", told)
        return key

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)[:4]

    @lru_cache(maxsize=4096)  # noqa: B019  — one checkpoint stands in every proof; the programme is over soon
    def holds(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def among(self, signatures: list[tuple[str, bytes]]) -> list[bytes]:
        return [value[4:] for name, value in signatures if name == self.name and value[:4] == self.key_id]


Checkpoint = namedtuple("Checkpoint", "origin size root times")  # times: seconds, one of each witness
Case = namedtuple("Case", "events seen complete_as_of")  # seen: [(position that tells it, checkpoint)]
Event = namedtuple("Event", "position county stream version occurred topic state_hash recorded signature signed leaf_hash state")  # fmt: skip


@dataclass
class Trust:
    """What the auditor brings."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = ""
    ranges: list[tuple[str, Key, int, int]] = field(default_factory=list)

    @classmethod
    def read(cls, policy: str, keys: str) -> Trust:
        trust = cls()
        for line in filter(None, map(words, policy.split("\n"))):
            need(trust.has_read(*line), "策略有误 broken line in the policy:", *line)
        for what, key, *places in filter(None, map(words, keys.split("\n"))):
            need(what in ("process", "log") and len(places) in (1, 2), "KEYS 有误 broken line in KEYS:", what)
            last = number(places[1]) if places[1:] else FOR_EVER
            trust.ranges.append((what, Key.read(key, 1), number(places[0]), last))
        publics = [key.public for key in [*trust.logs, *trust.witnesses.values()]]
        is_whole = trust.quorum and trust.logs and len(set(publics)) == len(publics)
        need(is_whole, "策略须有日志与见证规则 the policy needs a log, a quorum, no key twice")
        return trust

    def has_read(self, what: str, name: str = "", *told: str) -> bool:
        known, is_new = {*self.witnesses, *self.groups}, name not in {*self.witnesses, *self.groups, "none"}
        if what == "log" and name and len(told) < 2:
            self.logs.append(Key.read(name, 1))
        elif what == "witness" and is_new and len(told) in (1, 2):
            self.witnesses[name] = Key.read(told[0], 4)
        elif what == "group" and is_new and len(told) > 1 and known.issuperset(told[1:]):
            least, members = {"all": len(told) - 1, "any": 1}.get(told[0]) or number(told[0]), list(told[1:])
            self.groups[name] = (least, members)
            return 1 <= least <= len(members) == len(set(members))
        elif what == "quorum" and not self.quorum and name in {*known, "none"} and not told:
            self.quorum = name
        else:
            return False
        return True

    def is_quorum(self, name: str, seen: dict[str, int]) -> bool:
        if name not in self.groups:
            return name == "none" or name in seen
        least, members = self.groups[name]
        return sum(self.is_quorum(member, seen) for member in members) >= least

    def keys_at(self, what: str, place: int) -> list[Key]:
        """The keys that may have signed here: an event's position, or a checkpoint's size."""
        return [key for kind, key, first, last in self.ranges if kind == what and first <= place <= last]

    def is_signed(self, event: Event) -> bool:
        """By a process that might sign there; or adopted, or stated to be lost, by a statement that counts."""
        keys = self.keys_at("process", event.position)
        if event.stream == KEYS:  # the log's own key may speak of keys: the process keys may all be lost
            keys += self.logs_at(event.county, event.position)
        is_adopted = event.signature == bytes(64) and self.keys_at("adopted", event.position)
        return bool(is_adopted) or self.is_lost(event) or any(key.holds(*claim_of(event)) for key in keys)

    def is_lost(self, event: Event) -> bool:
        """Of which a restore left the leaf alone, as a statement right behind the last such says."""
        return event.state is None and bool(self.keys_at("lost", event.position))

    def told(self, event: Event) -> Trust:
        """With what a counting key says of the keys that count behind it."""
        fact, ranges, at = fact_of(event), self.ranges, event.position
        if event.topic == "key.process_added.v1":
            key = Key.read(fact["key"], 1)
            is_new = all(known != key for _, known, _, _ in ranges)  # else the auditor has said it himself
            ranges = [*ranges, ("process", key, at + 1, FOR_EVER)] if is_new else ranges
        elif event.topic == "key.process_retired.v1":
            gone = Key.read(fact["key"], 1)
            ranges = [(*each[:3], min(each[3], at)) if each[1] == gone else each for each in ranges]
        elif event.topic == "log.unsigned_adopted.v1":
            ranges = [*ranges, ("adopted", Key("", 0, b""), fact["first"], min(fact["last"], at - 1))]
        elif event.topic == "log.recovery_stated.v1" and fact["last"] == at - 1:
            ranges = [*ranges, ("lost", Key("", 0, b""), fact["first"], fact["last"])]
        return replace(self, ranges=ranges)

    def checkpoint(self, note: bytes, *, is_held: bool = False, is_old: bool = False) -> Checkpoint:
        """Signed by a log of the policy where its key may, and by a quorum unless held; of old days only times need one."""
        match = need(re.fullmatch(NOTE, note.decode()), "不是检查点 not a checkpoint")
        text, origin, size, root = match[1], match[2], number(match[3]), decoded(match[4], 32)
        signatures = [(name, decoded(value)) for name, value in re.findall("— (.+) (.+)", match[5])]
        need(len(set(signatures)) == len(signatures), "签名行重复 a signature stands there twice")
        logs, message = self.logs_at(origin, size), text.encode()
        is_signed = any(key.holds(one, message) for key in logs for one in key.among(signatures))
        need(is_signed, "检查点无日志有效签名 a checkpoint that no log of the policy signed:", origin, size)
        cosigned = [(name, key, one) for name, key in self.witnesses.items() for one in key.among(signatures)]
        seen = {name: cosigned_at(key, one, text) for name, key, one in cosigned}
        is_seen = is_held or self.is_quorum(self.quorum, seen)
        need(is_seen or is_old, "缺见证 lacks its quorum of witnesses:", size)
        return Checkpoint(origin, size, root, tuple(seen.values()) if is_seen else ())

    def logs_at(self, origin: str, size: int) -> list[Key]:
        beyond = {key for kind, key, _, _ in self.ranges if kind == "log"} - {*self.keys_at("log", size)}
        return [key for key in self.logs if key.name == origin and key not in beyond]


def words(line: str) -> list[str]:
    told = re.split("[ \t]+", line.strip(" \t"))
    return [] if told[0] == "" or told[0].startswith("#") else [*told, ""][: max(2, len(told))]


def cosigned_at(key: Key, value: bytes, text: str) -> int:
    time = int.from_bytes(value[:8], "big")
    holds = time < 1 << 37 and key.holds(value[8:], f"cosignature/v1\ntime {time}\n{text}".encode())
    need(holds, "见证签名无效 a witness's signature does not hold:", key.name)
    return time


def root_from(index: int, size: int, hashed: bytes, proof: list[bytes]) -> bytes:
    """The root to which the proof leads from a leaf.  Source: RFC 9162, section 2.1.3."""
    need(0 <= index < size and bool(proof) == (size > 1), "包含证明有误 broken inclusion proof")
    if size == 1:
        return hashed
    middle = 1 << (size - 1).bit_length() - 1
    if index < middle:
        return node(root_from(index, middle, hashed, proof[:-1]), proof[-1])
    return node(proof[-1], root_from(index - middle, size - middle, hashed, proof[:-1]))


def roots_from(size: int, later: int, proof: list[bytes], known: bytes | None) -> tuple[bytes, bytes]:
    """The two roots to which a consistency proof leads; `known` is the earlier.  Source: RFC 9162, section 2.1.4."""
    if size == later:
        need(len(proof) == (known is None), "一致性证明有误 broken consistency proof")
        return (proof[0], proof[0]) if known is None else (known, known)
    need(0 < size < later and proof, "一致性证明有误 broken consistency proof")
    middle = 1 << (later - 1).bit_length() - 1
    if size <= middle:
        before, after = roots_from(size, middle, proof[:-1], known)
        return before, node(after, proof[-1])
    before, after = roots_from(size - middle, later - middle, proof[:-1], None)
    return node(proof[-1], before), node(proof[-1], after)


def head_root(event: Event, proof: list[bytes]) -> bytes:
    """The root of the map of case heads under which this event is its stream's latest."""
    stream = event.stream.encode()
    way = f"{int.from_bytes(sha256(stream), 'big'):0256b}"[: len(proof)]
    told = struct.pack(">H", len(stream)) + stream + struct.pack(">Q", event.version) + event.leaf_hash
    folded = sha256(b"\x00jdhead1\n" + told)
    need(len(way) == len(proof), "案头证明过长 too long a case-head proof")
    for side, beside in zip(reversed(way), proof):
        folded = node(folded, beside) if side == "0" else node(beside, folded)
    return folded


def event_of(leaf: bytes, state: bytes | None) -> Event:
    magic, position = struct.unpack_from(">8sQ", leaf)
    county, at = counted(leaf, 16)
    stream, at = counted(leaf, at)
    version, occurred = struct.unpack_from(">Qq", leaf, at)
    topic, at = counted(leaf, at + 16)
    (hashed, recorded), rest = struct.unpack_from(">32sq", leaf, at), leaf[at + 40 :]
    signature, length = (rest, 64) if magic == b"jdleaf1\n" else (rest[2:], int.from_bytes(rest[:2], "big"))
    known = {b"jdleaf1\n": range(64, 65), b"jdleaf2\n": range(100, 325, 32)}.get(magic)
    need(length in need(known, NEWER, magic) and len(signature) == length, "叶子有误 broken leaf")
    need(state is None or sha256(state) == hashed, "与封存不符 not the content that was sealed:", position)
    occurred, recorded = (EPOCH + timedelta(microseconds=each) for each in (occurred, recorded))
    told = (county, stream, version, occurred, topic, hashed, recorded, signature)
    return Event(position, *told, b"jdevt1\n" + leaf[16 : at + 32], sha256(b"\x00" + leaf), state)


def claim_of(event: Event) -> tuple[bytes, bytes]:
    """A signature, and what it must be over: the event, or the root over a batch in which the event has its place."""
    told = event.signature
    if len(told) == 64:
        return told, event.signed
    index, size = struct.unpack_from(">HH", told, 64)
    path = [told[at : at + 32] for at in range(68, len(told), 32)]
    try:
        root = root_from(index, size, sha256(b"\x00" + event.signed), path)
    except Refused:
        return b"", b""  # nobody's
    return told[:64], b"jdbatch1\n" + told[66:68] + root


def fact_of(event: Event) -> dict[str, Any]:
    return dict(json.loads(event.state)["fact"])


def note_of(fact: dict[str, Any]) -> bytes:
    """The cosigned checkpoint of which the log tells."""
    root = base64.b64encode(bytes.fromhex(fact["root"])).decode()
    lines = "".join(f"— {line}\n" for line in fact["lines"])
    return f"{fact['origin']}\n{fact['size']}\n{root}\n\n{lines}".encode()


def counted(leaf: bytes, at: int) -> tuple[str, int]:
    end = at + 2 + int(struct.unpack_from(">H", leaf, at)[0])
    return leaf[at + 2 : end].decode(), end


class Bundle:
    """The files, and what they prove to somebody with this trust."""

    def __init__(self, files: dict[str, bytes], trust: Trust) -> None:
        self.files, self.trust, self.note = files, trust, files.get("checkpoint", b"").decode()
        strange = [name for name in files if name not in NOT_LOOKED_AT and not re.fullmatch(LOOKED_AT, name)]
        need(not strange, NEWER, strange)
        self.top = trust.checkpoint(self.note.encode())
        orphans = [name for name in files if name.replace(".json", ".tlog-proof") not in files]
        need(not orphans, "内容没有证明 contents without proof:", orphans)

    @classmethod
    def opened(cls, path: str, trust: Trust) -> Bundle:
        with zipfile.ZipFile(path) as told:
            names, size = told.namelist(), sum(entry.file_size for entry in told.infolist())
            is_fit = len(set(names)) == len(names) <= MOST_FILES and size <= MOST_BYTES
            need(is_fit, "压缩包重名或过大 the zip names a file twice, or is too large")
            return cls({name: told.read(name) for name in names}, trust)

    def case(self) -> Case:
        beside, events = self.events("log/"), self.events("case/")
        need(len({event.stream for event in events}) == 1, "须恰为一个办件 not exactly one case")
        mute = [each.position for each in beside if each.state is None and not self.trust.is_lost(each)]
        need(not mute, "缺少内容 contents are missing of events of the log about itself:", mute)
        earlier = [(each.position, self.cosigned(each)) for each in beside if each.stream == COSIGNED]
        return Case(events, [*earlier, (FOR_EVER, self.top)], self.completeness(events, beside))

    def events(self, folder: str) -> list[Event]:
        names = [name[:-11] for name in self.files if re.fullmatch(folder + r"\d+\.tlog-proof", name)]
        found = []
        # what has no content comes last: a statement behind it may say that it is lost
        for name in sorted(names, key=lambda name: (name + ".json" not in self.files, len(name), name)):
            found.append(self.proved(name))
            if found[-1].stream == KEYS and found[-1].state is not None:
                self.trust = self.trust.told(found[-1])
        return sorted(found, key=lambda event: event.position)

    def proved(self, name: str) -> Event:
        """The event, shown to stand in the tree and to be signed by a process that might sign there."""
        told, _, end = self.files[name + ".tlog-proof"].decode().rpartition(self.note)
        match = need(not end and re.fullmatch(PROOF, told), "不属此检查点 not under this checkpoint:", name)
        event = event_of(decoded(match[1]), self.files.get(name + ".json"))
        index, proof = number(match[2]), [decoded(line, 32) for line in match[3].split("\n")[:-1]]
        is_there = event.position == index + 1 and name.split("/")[1] == str(event.position)
        need(is_there and event.county == self.top.origin, "位置不符 the leaf stands elsewhere:", name)
        is_in = root_from(index, self.top.size, event.leaf_hash, proof) == self.top.root
        need(is_in, "不在检查点的树中 not in the tree of the checkpoint:", event.position)
        is_signed = self.trust.is_signed(event)
        need(is_signed, "无此处有效的进程签名 not signed by a process that might sign there:", event.position)
        return event

    def cosigned(self, event: Event) -> Checkpoint:
        earlier = self.trust.checkpoint(note_of(fact_of(event)), is_old=True)
        need(earlier.size < event.position, "检查点不早于记载 a checkpoint later than:", event.position)
        self.refuse_fork(earlier)
        return earlier

    def refuse_fork(self, earlier: Checkpoint) -> None:
        proof = self.hashes(name) if (name := f"consistency/{earlier.size}") in self.files else []
        is_told = proof or earlier.size == self.top.size  # two of one size need none
        need(is_told, "未含一致性证明 the bundle does not reach back to checkpoint", earlier.size)
        roots = roots_from(earlier.size, self.top.size, proof, earlier.root)
        is_same = earlier.origin == self.top.origin and roots == (earlier.root, self.top.root)
        need(is_same, "日志分叉 a fork: this log does not begin with that of checkpoint", earlier.size)

    def completeness(self, events: list[Event], beside: list[Event]) -> int:
        """Up to which position these are all the events of the case."""
        rooted = [event for event in beside if event.stream == HEADS]
        need(len(rooted) == 1, "缺少案头证明 no case-head proof: newer events could have been left out")
        size, root = int(fact_of(rooted[0])["size"]), bytes.fromhex(fact_of(rooted[0])["root"])
        for name, part in ("keys-head", [one for one in beside if one.stream == KEYS]), ("case-head", events):
            follow = [event.version for event in part] in [[*range(n, n + len(part))] for n in (0, 1)]
            covered = [event for event in part if event.position <= size < rooted[0].position]
            need(covered and follow, "事件有缺或乱序 events are missing or out of order:", name)
            is_latest = head_root(covered[-1], self.hashes(name)) == root
            need(is_latest, "缺少最新事件 these are not all events up to position", size, name)
        here = {event.position for event in [*events, *beside]}  # may go on right behind what the root covers
        return next(at for at in range(size, self.top.size + 1) if at + 1 not in here)

    def bracket(self, event: Event, case: Case) -> tuple[int | None, int | None]:
        """Between which seconds witnesses show the event to have been sealed."""
        after = [min(seen.times) for at, seen in case.seen if at < event.position and seen.times]
        before = [max(seen.times) for _, seen in case.seen if seen.size >= event.position and seen.times]
        return max(after, default=None), min(before, default=None)

    def refuse_back_dating(self, case: Case, tolerance: int) -> None:
        for event in case.events:
            after, before = self.bracket(event, case)
            at = (event.recorded - EPOCH).total_seconds()
            fits = (after or 0) - tolerance <= at <= (FOR_EVER if before is None else before + tolerance)
            need(fits, "登记时间与见证矛盾 recorded at another time than witnesses saw:", event.position)

    def hashes(self, name: str) -> list[bytes]:
        return [decoded(line, 32) for line in self.files[name].decode().split("\n")[:-1]]

    def report(self, case: Case) -> Iterator[str]:
        yield harmless(f"日志 log {self.top.origin}  卷 stream {case.events[0].stream}")
        for event in case.events:
            times = [EPOCH + timedelta(seconds=at) if at else None for at in self.bracket(event, case)]
            yield from told(event)
            yield "  见证 witnessed " + " … ".join("—" if at is None else shown(at) for at in times)
            yield "  签名 signature " + ("✓" if any(event.signature) else "无，经认领 NONE, adopted later")
            withheld = "已失，见恢复声明 LOST, as stated" if self.trust.is_lost(event) else "未附 WITHHELD"
            yield "  内容 content " + (withheld if event.state is None else event.state_hash.hex())
        later = [event.position for event in case.events if event.position > case.complete_as_of]
        yield f"检查点 checkpoint {self.top.size} {self.top.root.hex()}"
        yield f"齐全至位置 complete as of position {case.complete_as_of}; 此后 after it: {later}"
        said = need(re.fullmatch(LATER, self.files.get("later", b"").decode()), "后续有误 broken: later")[0]
        yield from (f"{UNPROVED} {line}" for line in said.split("\n")[:-1])


def shown(at: datetime) -> str:
    return at.astimezone(CHINA).isoformat(" ", "microseconds")


def replay(events: list[Event]) -> str:
    """What the events say, field by field; replay.txt must be this, to the byte."""
    return "\n".join(line for event in events for line in [*told(event), *fields(event.state), ""])


def told(event: Event) -> Iterator[str]:
    yield harmless(f"#{event.position} v{event.version} {event.topic}")
    yield f"  发生 occurred {shown(event.occurred)}  登记 recorded {shown(event.recorded)}"


def fields(state: bytes | None) -> list[str]:
    try:
        lines = json.dumps(json.loads(state or b'"---"'), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        lines = (state or b"").hex()
    return ["  " + harmless(line) for line in lines.split("\n")]


def documents(events: list[Event], folder: Path | None) -> Iterator[str]:
    """Those that events name by their SHA-256, and which of them the folder holds; it may hold no others."""
    paths = [path for path in folder.rglob("*") if path.is_file()] if folder else []
    brought = {sha256(path.read_bytes()).hex().encode(): harmless(path.name) for path in paths}
    named = [(event.position, *each) for event in events for each in re.findall(DOCUMENT, event.state or b"")]
    strange = sorted(brought[each] for each in brought.keys() - {hashed for *_, hashed in named})
    need(not strange, "附件不符 no event names these documents, or they were changed:", *strange)
    for at, told, hashed in named:
        found = f"✓ {brought[hashed]}" if hashed in brought else "未带来 not brought"
        yield f"附件 document of #{at} {told.decode()} {hashed.decode()}: {found}"


def harmless(line: str) -> str:
    """Spells out control characters and those that turn the reading direction."""
    return line if line.isprintable() else "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)


def verify(path: str, trust: Trust, held: bytes | None, withheld: list[int], tolerance: int, folder: Path | None = None) -> list[str]:  # fmt: skip
    """The lines of the report. Raises Refused, and any of BROKEN where the bundle is no bundle."""
    bundle = Bundle.opened(path, trust)
    case = bundle.case()
    bundle.refuse_back_dating(case, tolerance)
    missing = [each.position for each in case.events if each.state is None and not bundle.trust.is_lost(each)]
    need(missing == sorted(withheld), "未附内容的事件 contents withheld (see --withheld):", missing)
    is_told = bundle.files.get("replay.txt") == replay(case.events).encode()
    need(is_told, "replay.txt 与事件不符 replay.txt does not tell these events")
    if held is not None:
        own = bundle.trust.checkpoint(held, is_held=True)
        need(case.complete_as_of >= own.size, "早于所持检查点 before the checkpoint you hold:", own.size)
        bundle.refuse_fork(own)
    return [*bundle.report(case), *documents(case.events, folder)]


def main() -> int:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # of GBK
    asked = argparse.ArgumentParser("verify.py 用法有误", f"用法\n\n{__doc__}", add_help=False)
    asked.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
    asked.add_argument("bundle", help=argparse.SUPPRESS)
    for name, is_needed in {"policy": True, "keys": True, "checkpoint": False, "files": False}.items():
        asked.add_argument(f"--{name}", required=is_needed, type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--withheld", default="", help=argparse.SUPPRESS)
    asked.add_argument("--tolerance", type=int, default=TOLERANCE_SECONDS, help=argparse.SUPPRESS)
    given = asked.parse_args()
    try:
        trust = Trust.read(given.policy.read_text("utf-8-sig"), given.keys.read_text("utf-8-sig"))
        held = (given.checkpoint.read_text("utf-8-sig").strip() + "\n").encode() if given.checkpoint else None
        withheld = [number(position) for position in given.withheld.split(",") if position]
        lines = verify(given.bundle, trust, held, withheld, given.tolerance, given.files)
    except (Refused, *BROKEN) as reason:
        print("✗ 未通过 NOT PROVED:", reason)
        return 1
    print(*lines, "✓ 通过 PROVED" + "，至此 UP TO THERE" * any(UNPROVED in line for line in lines), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
