"""The people of a county, ready to work with: the vault's keys at hand, nobody in plain text, nobody back from a backup."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from domain.application import Keeper
from domain.grammar import Actor, Occasion
from domain.people import People
from domain.personal_data import taken_as_it_stands
from domain.store.county import Store
from domain.store.vault_keys import VaultKeyFiles, VaultKeysUnusable
from domain.subject.values import IdType, Person
from domain.window.values import Role
from ops.at_machine import by_command
from ops.failures import CannotDo

MOVER: Final = Actor(staff_id="vault-mover", role=Role.system_admin)
AT_ONCE: Final = 500
FOREIGN: Final = (
    "The keys of this vault are not in {folder}: {gone} not there, and nothing there proves that a rotation of this vault destroyed them; another county's folder looks"
    " the same. Set JIANDU_VAULT_KEYS_DIR to this county's folder. Only where you know that it is: `jiandu vault rotate --without-destroyed`;"
    " whom the lost key wrapped stays unreadable."
    " {folder} 中缺少本保管库的密钥 {gone}，且无凭据证明系本库更换时所销毁：他县的目录看来也是如此。请将 JIANDU_VAULT_KEYS_DIR 指向本县的密钥目录。"
    "确知即为本县目录的，方可执行 `jiandu vault rotate --without-destroyed`，由所缺密钥包裹的人员此后仍无法解封。"
)

_log = structlog.get_logger(__name__)


async def opened_people(store: Store, keeper: Keeper, folder: Path) -> People:
    """Makes the vault's first keys where it has none; erases again whom a restored database brought back; takes over
    whom the table `people` of earlier versions still holds.

    Raises CannotDo where the keys of a vault that is in use are not in the folder.
    """
    keys = await usable_keys(store, folder)
    await sweep(store, keys)
    people = People(keeper, store.vault, keys, store.holds, store.dealings)
    if moved := await _take_over(store, people):
        _log.info("people_moved_into_the_vault", persons=moved)
    return people


async def usable_keys(store: Store, folder: Path, *, is_vouched_for: bool = False) -> VaultKeyFiles:
    """Of a vault that was restored from before a rotation the newest key is used from now on, for those who come: those whom only the
    destroyed one wrapped stay unreadable, and the county goes on.

    Raises CannotDo, also where nothing proves that the folder is this vault's and nobody has vouched for it.
    """
    keys, numbers = VaultKeyFiles(folder), await store.vault.wrapping_keys()
    try:
        if not numbers:
            keys.create_first()
            await store.vault.use_key(max(keys.numbers()))
        standing = [number for number, is_retired in numbers.items() if not is_retired]
        gone = keys.replaced(standing)
        if gone and not is_vouched_for:
            await _expect_own(store, keys, gone)
        keys.expect(number for number in standing if number not in gone)
        if gone:
            _log.error("vault_is_of_before_a_rotation", destroyed=gone)
            await store.vault.use_key(max(keys.numbers()))
    except (VaultKeysUnusable, OSError) as error:
        raise CannotDo(
            f"The keys of the vault cannot be used: {error}. Set JIANDU_VAULT_KEYS_DIR to their folder."
            " 个人信息保管库的密钥无法使用，请将 JIANDU_VAULT_KEYS_DIR 指向密钥所在目录。"
        ) from error
    return keys


async def _expect_own(store: Store, keys: VaultKeyFiles, gone: Sequence[int]) -> None:
    """Rotated by an earlier version, a folder tells of this county only by whom it erased. Raises CannotDo."""
    if await first_event(store) in keys.vault_of() or await store.references.knows_any(keys.erased()):
        return
    raise CannotDo(FOREIGN.format(folder=keys.folder, gone=", ".join(f"kek-{number}" for number in gone)))


async def first_event(store: Store) -> str | None:
    """By what one county's log is told from every other, however far back it is set; None where nothing is recorded."""
    for first in await store.events.stored(0, 1):
        told = f"{first.recorded_at.astimezone(UTC).isoformat()} {first.stream}\n"
        return sha256(told.encode() + first.state).hexdigest()
    return None


async def sweep(store: Store, keys: VaultKeyFiles) -> int:
    """Destroys what is left of everybody whom the log or the keys' own list calls erased. How many there were."""
    erased = {*keys.erased(), *await store.references.erased()}
    count = await store.vault.destroy(sorted(erased)) if erased else 0
    if count:
        _log.warning("erased_again", persons=count)
    return count


async def _take_over(store: Store, people: People) -> int:
    occasion = Occasion(actor=by_command(MOVER), received_at=datetime.now(UTC), correlation="vault:people")
    moved = 0
    while rows := await store.vault.in_plain(moved, AT_ONCE):
        for person_ref, *values in rows:
            with taken_as_it_stands():
                person = _person(values)
            await people.adopt(person_ref, person, occasion)
        moved += len(rows)
    if moved:
        await store.vault.empty_plain()
    return moved


def _person(values: Sequence[str | None]) -> Person:
    name, id_type, id_number, phone, address = values
    return Person(
        name=name or "",
        id_type=None if id_type is None else IdType(id_type),
        id_number=id_number,
        phone=phone,
        address=address,
    )
