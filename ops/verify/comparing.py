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
    root_by_size: dict[int, bytes]
    """Of every checkpoint in it that the log has signed."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two kept things that are both properly signed."""

    is_fork: bool
    is_shown: bool
    """Whether what is at hand decides it."""
    differing: tuple[int, ...] = ()
    """Positions at which the two prove different events."""
    agreed: int = 0
    """Up to this size both are of one log, whatever follows."""


def kept(path: Path, trust: Trust) -> Kept:
    """Of a bundle or of a signed checkpoint. Raises Refused where nothing is proved by it."""
    try:
        if not is_zipfile(path):
            note = path.read_text("utf-8-sig").strip() + "\n"
            top = trust.checkpoint(note.encode(), is_held=True)
            return Kept(top, {}, {}, {top.size: top.root})
        bundle = Bundle.opened(str(path), trust)
        case = bundle.case()
    except BROKEN as error:
        raise Refused(f"{path}: 无法读取 cannot be read: {error}") from error
    leaves = {event.position: event.leaf_hash for event in case.events}
    proofs = [name for name in bundle.files if name.startswith("consistency/")]
    earlier = {int(name.partition("/")[2]): (bundle.top, bundle.hashes(name)) for name in proofs}
    return Kept(bundle.top, leaves, earlier, {each.size: each.root for _, each in case.seen})


def compare(one: Kept, other: Kept) -> Comparison:
    """Raises Refused where they name different logs."""
    if one.top.origin != other.top.origin:
        raise Refused(f"两者属不同日志 two logs: {one.top.origin}, {other.top.origin}")
    first, second = sorted((one, other), key=lambda each: each.top.size)
    common = first.leaf_by_position.keys() & second.leaf_by_position.keys()
    wrong = [at for at in sorted(common) if first.leaf_by_position[at] != second.leaf_by_position[at]]
    sizes = first.root_by_size.keys() & second.root_by_size.keys()
    agreed = [size for size in sizes if first.root_by_size[size] == second.root_by_size[size]]
    if wrong or len(agreed) < len(sizes):
        return Comparison(is_fork=True, is_shown=True, differing=tuple(wrong))
    if first.top.size == second.top.size:
        return Comparison(is_fork=False, is_shown=True)
    if (proof := second.earlier.get(first.top.size)) is None:
        return Comparison(is_fork=False, is_shown=False, agreed=max(agreed, default=0))
    return Comparison(not _continues(first.top, *proof), is_shown=True)


def _continues(earlier: Checkpoint, top: Checkpoint, proof: list[bytes]) -> bool:
    return roots_from(earlier.size, top.size, proof, earlier.root) == (earlier.root, top.root)
