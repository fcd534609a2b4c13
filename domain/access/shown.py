"""What of the log somebody is shown, stream by stream: decided once, asked by the raw log, its followers and the trail."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from domain.access.decision import Allow, Principal, decide
from domain.access.permissions import Action
from domain.catalogue import MASTER_DATA
from domain.investigation.state import WATCHERS

CASE: Final = "case"
INVESTIGATION: Final = "investigation"
OF_THE_COUNTY: Final[Mapping[str, Action]] = {
    "contact": Action.read_contact,
    "signal": Action.read_signal,
    "investigation": Action.read_investigation,
    "perusal": Action.read_audit,
    "people_search": Action.read_audit,
    "subject": Action.read_audit,
    "access": Action.read_audit,
    "user": Action.read_audit,
    "api_key": Action.read_audit,
    "takeover": Action.read_catalogue,
    "delegation": Action.read_catalogue,
    "keys": Action.read_proof,
    "heads": Action.read_proof,
    "cosignatures": Action.read_proof,
}
"""Kinds of streams that lie in no division, and what somebody must be allowed who reads them in the log."""
CONFIDENTIAL: Final = frozenset(
    {"investigation", "perusal", "people_search", "subject", "access", "user", "api_key"}
)
"""Of these, what a key reads that names the action, and no other."""
REGISTERS: Final = frozenset(aggregate.name for aggregate in MASTER_DATA)


class Opened(NamedTuple):
    """An investigation: whose it is, and whom it is about."""

    stream: str
    officers: Collection[str]
    persons: Collection[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """`kinds` wholly, the cases whose numbers begin with `sight`, streams `besides`, and never those `without`."""

    kinds: frozenset[str] = frozenset()
    sight: str | None = None
    besides: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def shows(self, stream: str) -> bool:
        kind, _, identity = stream.partition(":")
        if stream in self.without:
            return False
        if kind == CASE:
            return self.sight is not None and identity.startswith(self.sight)
        return kind in self.kinds or stream in self.besides

    def ranges(self) -> Iterator[tuple[str, str]]:
        """What the names of shown streams lie in: lowest ≤ name < beyond, by code points."""
        yield from ((f"{kind}:", f"{kind};") for kind in sorted(self.kinds))
        if self.sight is not None:
            yield f"{CASE}:{self.sight}", f"{CASE}:{self.sight}:" if self.sight else f"{CASE};"
        yield from ((stream, f"{stream}!") for stream in sorted(self.besides))


def shown_to(principal: Principal, sight: str | None) -> Shown:
    """By the permission table; of investigations nothing yet. `sight` is that of reading the log.

    Whoever looks over a part of the county is shown its cases and the master data that everybody knows.
    """
    if sight is None:
        return Shown()
    return Shown(REGISTERS if sight else REGISTERS | _of_the_county(principal), sight)


def _of_the_county(principal: Principal) -> frozenset[str]:
    whoever = replace(principal, actions=None)
    return frozenset(
        kind
        for kind, action in OF_THE_COUNTY.items()
        if kind != INVESTIGATION
        if isinstance(decide(principal if kind in CONFIDENTIAL else whoever, action), Allow)
    )


def knows_of_investigations(principal: Principal) -> bool:
    return isinstance(decide(principal, Action.read_investigation), Allow)


def with_investigations(
    shown: Shown, principal: Principal, person_ref: str | None, opened: Sequence[Opened]
) -> Shown:
    """Also those that are open to the person: all to supervision and 纪委, else their officers'; none about themselves."""
    who = principal.actor
    about = {each.stream for each in opened if not {who.staff_id, person_ref}.isdisjoint(each.persons)}
    if who.role in WATCHERS:
        return replace(shown, kinds=shown.kinds | {INVESTIGATION}, without=frozenset(about))
    theirs = {each.stream for each in opened if who.staff_id in each.officers}
    return replace(shown, besides=frozenset(theirs - about))
