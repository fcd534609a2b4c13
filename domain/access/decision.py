"""decide(principal, action, resource) → allow, or deny with its reason. Pure; what nothing allows is denied."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from domain.access.permissions import TABLE, WHOLE, Action, Permissions, Scope
from domain.grammar import Actor

COUNTY_DIGITS: Final = 6
NOTHING: Final[Permissions] = {}
PARTS: Final = (2, 4, 6, 9, 12)
"""Where the parts of a division code end: province, prefecture, county, township, village (GB/T 2260, 10114)."""


@lru_cache(maxsize=4096)
def reach(division_code: str) -> str:
    """What the codes of everything in the division begin with: "610999101000" → "610999101"."""
    return next(
        division_code[:end] for end in PARTS if set(division_code[end:]) <= {"0"} and division_code[:end]
    )


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: somebody at a post, or a programme by its key."""

    actor: Actor
    division_code: str
    """Of the post's unit; of a programme, its key's."""
    actions: frozenset[Action] | None = None
    """What the key may be used for; None: no key."""
    key_division: str | None = None
    """What the key may be used on; None: no key."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What is asked for. Without a division: a list, of which everybody is shown their own part."""

    division_code: str | None = None
    units: frozenset[str] = frozenset()
    """Units that have had a hand in it, wherever it lies."""


A_LIST: Final = Resource()


class Reason(StrEnum):
    """Why not."""

    role = "role"  # the role may not do it anywhere
    key = "key"  # the key is not for that
    foreign = "foreign"  # it lies in another division


@dataclass(frozen=True, slots=True)
class Allow:
    """`sight`: what the division codes of everything shown begin with; "" is the whole county."""

    sight: str


@dataclass(frozen=True, slots=True)
class Deny:
    reason: Reason


Verdict = Allow | Deny


def decide(principal: Principal, action: Action, resource: Resource = A_LIST) -> Verdict:
    """Whether the principal may. A `foreign` thing is answered as one that does not exist."""
    general = _general(principal.actor.role, principal.division_code, principal.key_division, action)
    if not isinstance(general, Allow):
        return general
    if principal.actions is not None and action not in principal.actions:
        return Deny(Reason.key)
    if resource.division_code is None or resource.division_code.startswith(general.sight):
        return general
    if principal.actor.unit_code in resource.units and _holds(principal.key_division, resource.division_code):
        return general
    return Deny(Reason.foreign)


@lru_cache(maxsize=4096)
def _general(role: str, division_code: str, key_division: str | None, action: Action) -> Verdict:
    """What role, post and key say of the action wherever it is done."""
    scope = TABLE.get(role, NOTHING).get(action)
    if scope is None:
        return Deny(Reason.role)
    own = "" if scope is Scope.county else reach(division_code)
    keyed = "" if key_division is None else reach(key_division)
    if action in WHOLE and len(keyed) > COUNTY_DIGITS:
        return Deny(Reason.key)
    if own.startswith(keyed):
        return Allow(own)
    return Allow(keyed) if keyed.startswith(own) else Deny(Reason.key)


def _holds(key_division: str | None, division_code: str) -> bool:
    return key_division is None or division_code.startswith(reach(key_division))
