"""`jiandu vault`: the vault of people's data looked over, and its key-encryption key replaced."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

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
from ops.people import first_event, opened_people, usable_keys
from ops.settings import Settings

NAMED: Final = 20
"""References named in an answer; more are counted."""

vault = typer.Typer(help="个人信息保管库 · The vault of people's data, and its keys.", no_args_is_help=True)


class Condition(StrEnum):
    """How one person's seals are found."""

    whole = "与记录相符 · as the record says"
    changed = "数据遭改动 · was changed"
    unreadable = "所用密钥已销毁 · its key was destroyed"


LOST: Final = (
    "上列人员的数据系更换密钥之前的备份，所用密钥已销毁：请取回保管库最新的备份。"
    " · Nobody changed these: they lie under a key that a rotation destroyed. Put the newest dump of the vault back."
)


@dataclass(slots=True)
class Rotation:
    """What a new key-encryption key did."""

    number: int
    persons: int = 0
    failed: dict[str, Condition] = field(default_factory=dict)
    """References whose key could not be unwrapped: somebody changed the vault, or it was restored from before a rotation."""
    destroyed: Sequence[int] = ()


@vault.command(
    "rotate",
    help="更换密钥加密密钥 · Replace the key-encryption key and destroy the older ones: no dump from before can be read again.",
)
def rotate(
    without_destroyed: Annotated[
        bool,
        typer.Option(
            "--without-destroyed",
            help="确知密钥目录即本县的，虽缺更换时已销毁的密钥 · vouch that the folder is this county's, though a key that a rotation destroyed is not proved to be",
        ),
    ] = False,
) -> None:
    async def rotating(store: Store, chosen: Settings) -> bool:
        keys = await usable_keys(store, chosen.vault_keys_folder, is_vouched_for=without_destroyed)
        done = await rotated(store, keys)
        print(
            f"现用 kek-{done.number}，改包 {done.persons} 人；已销毁: {_numbers(done.destroyed)}"
            f" · kek-{done.number} wraps now, {done.persons} persons rewrapped; destroyed: {_numbers(done.destroyed)}"
        )
        _say_failed(done.failed)
        return not _is_hindered(done)

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
        count, whole = len(found), list(found.values()).count(Condition.whole)
        print(f"{count} 人，{whole} 人与记录相符 · {count} persons, {whole} as the record says")
        _say_failed(found)
        return whole == count

    _work(checking)


async def rotated(store: Store, keys: VaultKeyFiles) -> Rotation:
    """Broken off, it is ended by another: a key that still wraps somebody is never destroyed."""
    done = Rotation(keys.create_next())
    await store.vault.use_key(done.number)
    after = ""
    while some := await store.vault.wrapped_by_others(done.number, after):
        boxes = dict(_rewrapped(keys, some, done.failed))
        await store.vault.rewrap(done.number, boxes)
        done.persons += len(boxes)
        after = some[-1][0]
    if not _is_hindered(done):
        if first := await first_event(store):
            keys.remember_vault_of(first)
        done.destroyed = keys.destroy_before(done.number)
    return done


def _is_hindered(done: Rotation) -> bool:
    """Whom only a key wrapped that is gone already, no other key that is here opens."""
    return Condition.changed in done.failed.values()


def _rewrapped(
    keys: VaultKeyFiles, some: Sequence[tuple[str, Wrapped]], failed: dict[str, Condition]
) -> Iterator[tuple[str, bytes]]:
    wrapping = keys.now.wrapping
    for person_ref, wrapped in some:
        try:
            yield person_ref, wrapping.wrap(person_ref, wrapping.unwrap(person_ref, wrapped)).box
        except Unsealable:
            failed[person_ref] = Condition.changed
        except KeyAbsent:
            failed[person_ref] = _without_key(keys, wrapped)


def _without_key(keys: VaultKeyFiles, wrapped: Wrapped) -> Condition:
    return Condition.unreadable if keys.replaced([wrapped.kek]) else Condition.changed


async def checked(store: Store, people: People, keys: VaultKeyFiles) -> Mapping[str, Condition]:
    """By reference; whole are those whose boxes open and hold what the record committed to."""
    found: dict[str, Condition] = {}
    after = ""
    while some := await store.vault.references(after):
        for person_ref in some:
            found[person_ref] = await _condition(store, people, keys, person_ref)
        after = some[-1]
        if len(some) < AT_ONCE:
            break
    return found


async def _condition(store: Store, people: People, keys: VaultKeyFiles, person_ref: str) -> Condition:
    kept = await store.vault.person(person_ref)
    if kept is None:
        return Condition.whole  # erased meanwhile
    try:
        held = opened(keys.now, person_ref, kept)
    except Unsealable:
        return Condition.changed
    except KeyAbsent:
        return _without_key(keys, kept.wrapped)
    return Condition.whole if _agrees(await people.standing(person_ref), held) else Condition.changed


def _agrees(subject: Subject, held: Mapping[Part, Opened]) -> bool:
    return subject.digests.keys() == held.keys() and all(
        is_committed(subject.digests[part], part, each) for part, each in held.items()
    )


def _say_failed(found: Mapping[str, Condition]) -> None:
    """Those who were changed first: whoever is only unreadable hides none of them."""
    for condition in (Condition.changed, Condition.unreadable):
        concerned = [person_ref for person_ref, each in found.items() if each is condition]
        for person_ref in concerned[:NAMED]:
            print(f"  {SUBJECT.stream(person_ref)} {condition}")
        if len(concerned) > NAMED:
            print(f"  … {len(concerned)} 人 · persons")
    if Condition.unreadable in found.values():
        print(LOST)


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
