"""What a witness's keeper wants to know: whether the memory is whole, how far each log is, what speaks against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.proof.note import NotSigned, opened
from domain.proof.policy import Known
from ops.witness.desk import Desk
from ops.witness.evidence import Kept
from ops.witness.memory import Cosigned, Memory, MemoryDamaged, opened_memory, path_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What the witness remembers of one log."""

    origin: str
    cosigned: int
    """How many trees it has cosigned."""
    last: Cosigned | None
    damage: str | None = None


def standings(desk: Desk) -> Iterator[Standing]:
    """Of each trusted log; a log with two keys is one."""
    for origin in dict.fromkeys(log.name for log in desk.logs.logs):
        yield _standing(desk, origin)


def exposed(folder: Path) -> bool:
    """Whether others than its owner may read the key."""
    return bool((folder / "key").stat().st_mode & 0o077)


def evidence(desk: Desk) -> list[Kept]:
    return list(desk.evidence.all())


def _standing(desk: Desk, origin: str) -> Standing:
    if not path_of(desk.folder, origin).exists():
        return Standing(origin, 0, None)
    try:
        with opened_memory(desk.folder, origin) as memory:
            return _whole(memory, origin, desk.logs.logs)
    except MemoryDamaged as damage:
        return Standing(origin, 0, None, str(damage))


def _whole(memory: Memory, origin: str, logs: tuple[Known, ...]) -> Standing:
    """Every line signed by a log that is trusted, every tree larger than the one before, no time earlier."""
    keys = [log.key for log in logs if log.name == origin]
    count, before = 0, None
    for each in memory.all():
        if before is not None and (each.size <= before.size or each.time < before.time):
            return Standing(origin, count, before, f"line {count + 1} does not follow the one above it")
        try:
            opened(each.note(origin), keys)
        except NotSigned:
            return Standing(origin, count, before, f"line {count + 1} is not signed by the log")
        count, before = count + 1, each
    return Standing(origin, count, before)
