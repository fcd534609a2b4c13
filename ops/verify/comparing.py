"""Two checkpoints, or two bundles, against each other: are they of one log?"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import is_zipfile

from domain.evidence.verify import BROKEN, Bundle, Checkpoint, Refused, Trust, roots_from


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody keeps of a log."""

    top: Checkpoint
    leaf_by_position: dict[int, bytes]
    """Hashes of the leaves that it proves: none of a bare checkpoint."""
    earlier: dict[int, tuple[Checkpoint, list[bytes]]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two kept things that are both properly signed."""

    is_fork: bool
    is_shown: bool
    """Whether what is at hand decides it."""
    differing: tuple[int, ...] = ()
    """Positions at which the two prove different events."""


def kept(path: Path, trust: Trust) -> Kept:
    """Of a bundle or of a signed checkpoint. Raises Refused where nothing is proved by it."""
    try:
        if not is_zipfile(path):
            return Kept(trust.checkpoint(path.read_bytes(), is_held=True), {}, {})
        bundle = Bundle.opened(str(path), trust)
        case = bundle.case()
    except BROKEN as error:
        raise Refused(f"{path}: 无法读取 cannot be read: {error}") from error
    leaves = {event.position: event.leaf_hash for event in case.events}
    proofs = [name for name in bundle.files if name.startswith("consistency/")]
    earlier = {int(name.partition("/")[2]): (bundle.top, bundle.hashes(name)) for name in proofs}
    return Kept(bundle.top, leaves, earlier)


def compare(one: Kept, other: Kept) -> Comparison:
    """Raises Refused where they name different logs."""
    if one.top.origin != other.top.origin:
        raise Refused(f"两者属不同日志 two logs: {one.top.origin}, {other.top.origin}")
    first, second = sorted((one, other), key=lambda each: each.top.size)
    common = first.leaf_by_position.keys() & second.leaf_by_position.keys()
    wrong = [at for at in sorted(common) if first.leaf_by_position[at] != second.leaf_by_position[at]]
    if first.top.size == second.top.size:
        return Comparison(first.top.root != second.top.root, is_shown=True, differing=tuple(wrong))
    if wrong:
        return Comparison(is_fork=True, is_shown=True, differing=tuple(wrong))
    if (proof := second.earlier.get(first.top.size)) is None:
        return Comparison(is_fork=False, is_shown=False)
    return Comparison(not _continues(first.top, *proof), is_shown=True)


def _continues(earlier: Checkpoint, top: Checkpoint, proof: list[bytes]) -> bool:
    return roots_from(earlier.size, top.size, proof, earlier.root) == (earlier.root, top.root)
