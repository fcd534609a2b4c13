"""Whom an auditor, or the log itself, believes: which logs, which witnesses, and how many of them it takes.

Source: C2SP tlog-policy.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from domain.proof.note import COSIGNATURE, ED25519, Key

NOBODY: Final = "none"
"""The quorum that asks for no cosignature."""

_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_BLANK: Final = re.compile(r"[ \t]+")
_DECIMAL: Final = re.compile(r"[1-9][0-9]{0,8}")


class MalformedPolicy(Exception):  # noqa: N818  — the domain's word
    """The file is no policy; the message names the line."""


@dataclass(frozen=True, slots=True)
class Known:
    """A log or a witness, by its key, and where it is reached."""

    name: str
    """A log's origin; a witness's name inside the policy, which means nothing outside."""
    key: Key
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of them, of which `needed` must have cosigned."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A checkpoint holds when one of the logs has signed it and the quorum has cosigned it."""

    logs: tuple[Known, ...]
    witnesses: Mapping[str, Known]
    groups: Mapping[str, Group]
    quorum: str

    def is_witnessed_by(self, names: Collection[str]) -> bool:
        """Whether those witnesses, by their names in this policy, are a quorum."""
        return self.quorum == NOBODY or self._has(self.quorum, names)

    def log_keys(self, origin: str) -> list[Key]:
        return [log.key for log in self.logs if log.name == origin]

    def _has(self, wanted: str, names: Collection[str]) -> bool:
        group = self.groups.get(wanted)
        if group is None:
            return wanted in names
        return sum(self._has(member, names) for member in group.members) >= group.needed

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Raises MalformedPolicy."""
        if _FORBIDDEN.search(stored):
            raise MalformedPolicy("a control character other than tab and newline (CR of Windows, perhaps)")
        if not stored.endswith(b"\n"):
            raise MalformedPolicy("the last line does not end in a newline")
        reading = _Reading()
        # Names are octets: what is not UTF-8 must differ from what is, and nothing is normalised.
        for number, line in enumerate(stored.decode(errors="surrogateescape").split("\n"), start=1):
            try:
                reading.take(line.strip(" \t"))
            except ValueError as error:
                raise MalformedPolicy(f"line {number}: {error}") from error
        if reading.quorum is None:
            raise MalformedPolicy("no line says the quorum")
        return cls(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


@dataclass
class _Reading:
    """A policy line by line. `take` raises ValueError."""

    logs: list[Known] = field(default_factory=list)
    witnesses: dict[str, Known] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str | None = None
    _members: set[str] = field(default_factory=set)

    def take(self, line: str) -> None:
        if not line or line.startswith("#"):
            return
        match _BLANK.split(line):
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(_key(vkey, ED25519), *url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, _key(vkey, COSIGNATURE), *url)
            case ["group", name, needed, *members] if members:
                self._group(name, needed, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise ValueError(
                    "log <vkey> [<url>], witness <name> <vkey> [<url>], group <name> all|any|<k> <name>… "
                    "or quorum <name> is expected"
                )

    def _log(self, key: Key, url: str | None = None) -> None:
        if key.public in {log.key.public for log in self.logs}:
            raise ValueError("the log's key stands here twice")
        self.logs.append(Known(key.name, key, url))

    def _witness(self, name: str, key: Key, url: str | None = None) -> None:
        self._expect_new(name)
        if key.public in {witness.key.public for witness in self.witnesses.values()}:
            raise ValueError("the witness's key stands here twice")
        self.witnesses[name] = Known(name, key, url)

    def _group(self, name: str, needed: str, members: Sequence[str]) -> None:
        self._expect_new(name)
        for member in members:
            self._expect_defined(member)
            if member in self._members:
                raise ValueError(f"{member} is a member already")
            self._members.add(member)
        self.groups[name] = Group(_threshold(needed, len(members)), tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise ValueError("the quorum is said twice")
        if name != NOBODY:
            self._expect_defined(name)
        self.quorum = name

    def _expect_new(self, name: str) -> None:
        if name == NOBODY or name in self.witnesses or name in self.groups:
            raise ValueError(f"the name {name} is taken")

    def _expect_defined(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise ValueError(f"no line above defines {name}")


def _key(vkey: str, kind: int) -> Key:
    key = Key.from_vkey(vkey)
    if key.kind != kind:
        raise ValueError(f"a key of kind {kind:#04x} is expected here")
    return key


def _threshold(told: str, members: int) -> int:
    match told:
        case "all":
            return members
        case "any":
            return 1
        case _ if _DECIMAL.fullmatch(told) and int(told) <= members:
            return int(told)
        case _:
            raise ValueError(f"all, any, or a number from 1 to {members} is expected")
