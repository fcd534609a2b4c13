"""`jiandu vault`: the vault of people's data looked over, and its key-encryption key replaced."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import typer

from domain.application import Keeper
from domain.people import People
from domain.store.county import Store
from domain.store.vault import AT_ONCE
from domain.store.vault_keys import VaultKeyFiles
from domain.subject import SUBJECT, Subject
from domain.vault.commitment import is_committed
from domain.vault.fields import Part
from domain.vault.sealed import opened
from domain.vault.sealing import Opened, Unsealable
from domain.vault.wrapping import KeyAbsent, Wrapped
from ops import database, settings
from ops.county import opened_to_record
from ops.people import opened_people, usable_keys
from ops.settings import Settings

NAMED: Final = 20
"""References named in an answer; more are counted."""

vault = typer.Typer(help="个人信息保管库 · The vault of people's data, and its keys.", no_args_is_help=True)


@dataclass(slots=True)
class Rotation:
    """What a new key-encryption key did."""

    number: int
    persons: int = 0
    broken: list[str] = field(default_factory=list)
    """References whose key could not be unwrapped: somebody changed the vault."""
    destroyed: Sequence[int] = ()


@vault.command(
    "rotate",
    help="更换密钥加密密钥 · Replace the key-encryption key and destroy the older ones: no dump from before can be read again.",
)
def rotate() -> None:
    async def rotating(store: Store, chosen: Settings) -> bool:
        done = await rotated(store, await usable_keys(store, chosen.vault_keys_folder))
        print(
            f"现用 kek-{done.number}，改包 {done.persons} 人；已销毁: {_numbers(done.destroyed)}"
            f" · kek-{done.number} wraps now, {done.persons} persons rewrapped; destroyed: {_numbers(done.destroyed)}"
        )
        return _say_broken(done.broken)

    _work(rotating)


@vault.command(
    "check",
    help="核对保管库 · Open every seal, hold it to the record's commitments, and finish erasures that were broken off.",
)
def check() -> None:
    async def checking(store: Store, chosen: Settings) -> bool:
        keeper = Keeper(store.log, store.catalogue, references=store.references)
        people = await opened_people(store, keeper, chosen.vault_keys_folder)
        found = await checked(store, people, VaultKeyFiles(chosen.vault_keys_folder))
        count, broken = len(found), [person_ref for person_ref, is_whole in found.items() if not is_whole]
        print(
            f"{count} 人，{count - len(broken)} 人与记录相符 · {count} persons, {count - len(broken)} as the record says"
        )
        return _say_broken(broken)

    _work(checking)


async def rotated(store: Store, keys: VaultKeyFiles) -> Rotation:
    """Broken off, it is ended by another: a key that still wraps somebody is never destroyed."""
    done = Rotation(keys.create_next())
    await store.vault.use_key(done.number)
    after = ""
    while some := await store.vault.wrapped_by_others(done.number, after):
        boxes = dict(_rewrapped(keys, some, done.broken))
        await store.vault.rewrap(done.number, boxes)
        done.persons += len(boxes)
        after = some[-1][0]
    if not done.broken:
        done.destroyed = keys.destroy_before(done.number)
    return done


def _rewrapped(
    keys: VaultKeyFiles, some: Sequence[tuple[str, Wrapped]], broken: list[str]
) -> Iterator[tuple[str, bytes]]:
    wrapping = keys.now.wrapping
    for person_ref, wrapped in some:
        try:
            yield person_ref, wrapping.wrap(person_ref, wrapping.unwrap(person_ref, wrapped)).box
        except (Unsealable, KeyAbsent):
            broken.append(person_ref)


async def checked(store: Store, people: People, keys: VaultKeyFiles) -> Mapping[str, bool]:
    """Whether each person's boxes open and hold what the record committed to, by reference."""
    found: dict[str, bool] = {}
    after = ""
    while some := await store.vault.references(after):
        for person_ref in some:
            found[person_ref] = await _is_whole(store, people, keys, person_ref)
        after = some[-1]
        if len(some) < AT_ONCE:
            break
    return found


async def _is_whole(store: Store, people: People, keys: VaultKeyFiles, person_ref: str) -> bool:
    kept = await store.vault.person(person_ref)
    if kept is None:
        return True  # erased meanwhile
    try:
        held = opened(keys.now, person_ref, kept)
    except (Unsealable, KeyAbsent):
        return False
    return _agrees(await people.standing(person_ref), held)


def _agrees(subject: Subject, held: Mapping[Part, Opened]) -> bool:
    return subject.digests.keys() == held.keys() and all(
        is_committed(subject.digests[part], part, each) for part, each in held.items()
    )


def _say_broken(broken: Sequence[str]) -> bool:
    """Whether there was nothing to say."""
    for person_ref in broken[:NAMED]:
        print(f"  {SUBJECT.stream(person_ref)} 数据遭改动 · was changed")
    if len(broken) > NAMED:
        print(f"  … {len(broken)} 人 · persons")
    return not broken


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(f"kek-{number}" for number in numbers) or "–"


def _work(work: Callable[[Store, Settings], Awaitable[bool]]) -> None:
    """Exits with 1 where something was found."""

    async def working(chosen: Settings, dsn: str) -> bool:
        async with opened_to_record(dsn, chosen) as store:
            return await work(store, chosen)

    chosen = settings.read()
    with database.opened(chosen) as dsn:
        is_fine = asyncio.run(working(chosen, dsn))
    if not is_fine:
        raise typer.Exit(1)
