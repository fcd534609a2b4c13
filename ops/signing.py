"""The keys of a county at work: made with its log, taken up by each process that records."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Final, NoReturn

import structlog

from domain.application import Keeper
from domain.attestation import COUNTY, KEYS
from domain.attestation.commands import AddLogKey, AddProcessKey
from domain.grammar import Actor, Command, Occasion
from domain.log import LogBusy, VersionConflict
from domain.proof.signing import KeyRing, ProcessSigner, Use
from domain.store.county import Store
from domain.store.key_files import KeyFile, KeyFiles, KeysUnreadable
from domain.store.keys import PROCESS, Told, signer_among, told
from domain.window.values import Role
from ops.at_machine import by_command
from ops.failures import CannotDo
from ops.settings import Settings

OPERATOR: Final = Actor(staff_id="jiandu-keys", role=Role.system_admin)
"""Who introduces and retires keys: the command of that name, on the machine where the files lie."""
LOOK_SECONDS: Final = 5.0
"""So soon a running process takes up a key that was rotated in."""

_log = structlog.get_logger(__name__)


def default_origin(county: str) -> str:
    return f"jiandu.local/{county.replace('_', '-')}"


def origin_of(said: Told, chosen: Settings) -> str:
    """What the log calls itself; before it does, what the settings call it. Raises CannotDo where the two differ."""
    if said.origin is None:
        return chosen.origin or default_origin(chosen.county)
    if chosen.origin not in (None, said.origin):
        raise CannotDo(
            f"JIANDU_ORIGIN is {chosen.origin}, but the log calls itself {said.origin}; its name never changes."
            f" JIANDU_ORIGIN 与日志已登记的名称 {said.origin} 不符；名称不可更改。"
        )
    return said.origin


async def take_up_keys(store: Store, chosen: Settings) -> None:
    """Gives the store the key to sign with; an empty log is given its first keys.

    A log that was begun without keys goes on without: what it holds must first be adopted (`jiandu keys adopt`).
    Raises CannotDo where the log has keys and none of them is in the folder.
    """
    files = KeyFiles(chosen.keys_folder)
    said = await told(store.readers)
    if not said.rows and await store.events.last_position():
        _log.warning("log_unsigned", hint="jiandu keys adopt")
        return
    try:
        if said.origin is None:
            await found(store, files, origin_of(said, chosen))
            said = await told(store.readers)
        store.pen.signer = await _signer(store, files, said, origin_of(said, chosen))
    except (KeysUnreadable, OSError) as error:
        raise CannotDo(f"The keys cannot be used. 签名钥无法使用。\n  {error}") from error
    if store.pen.signer is None:
        raise CannotDo(
            f"No key in {files.folder} counts in this log: bring its keys back from where they are kept, or set"
            f" JIANDU_KEYS_DIR; where they are lost and the log key is not, `jiandu keys replace`."
            f" {files.folder} 中没有本日志认可的签名钥，请取回签名钥或设置 JIANDU_KEYS_DIR；确已遗失而日志签名钥尚在的，用 jiandu keys replace 补立。"
        )


async def _signer(store: Store, files: KeyFiles, said: Told, origin: str) -> ProcessSigner | None:
    position = await store.events.last_position() + 1
    return signer_among(files, said.ring(origin, files.anchors()), origin, position)


def log_signer_among(files: KeyFiles, ring: KeyRing, origin: str, position: int) -> ProcessSigner:
    """The hand of the log key, which may speak of keys where no process key can. Raises CannotDo, KeysUnreadable."""
    own = {file.key: file for file in files.of(Use.log) if file.is_private}
    for key in ring.at(position, Use.log):
        if key in own:
            return ProcessSigner(origin, own[key].signer())
    raise CannotDo(
        f"No key in {files.folder} counts in this log, neither a process key nor a log key."
        f" {files.folder} 中没有本日志认可的进程签名钥或日志签名钥。"
    )


async def follow_keys(store: Store, chosen: Settings) -> NoReturn:
    """Takes up keys that are rotated in while the process runs."""
    files = KeyFiles(chosen.keys_folder)
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        with suppress(LogBusy, KeysUnreadable, OSError):
            said = await told(store.readers)
            newer = await _signer(store, files, said, said.origin) if said.origin else None
            if newer is not None and (store.pen.signer is None or newer.key != store.pen.signer.key):
                store.pen.signer = newer
                _log.info("signs_with_another_key", key=newer.key.vkey())


async def found(store: Store, files: KeyFiles, origin: str) -> None:
    """The log's first keys, made where none lie in the folder, and introduced: each by the first, the first by itself.

    Somebody else may be doing the same; nothing is said twice. Raises KeysUnreadable, OSError.
    """
    with files.to_itself():
        process = _first(files, Use.process, origin + PROCESS)
        log = _first(files, Use.log, origin)
    store.pen.signer = ProcessSigner(origin, process.signer())
    keeper = Keeper(store.log, store.catalogue)
    for version, command in enumerate((AddProcessKey(key=process.key.vkey()), AddLogKey(key=log.key.vkey()))):
        with suppress(
            VersionConflict
        ):  # said before: by another process, or by one that stopped between the two
            await say(keeper, command, expected_version=version)
    _log.info("log_keys_introduced", origin=origin, folder=str(files.folder))


def _first(files: KeyFiles, use: Use, name: str) -> KeyFile:
    """Raises KeysUnreadable where the folder's keys are another log's."""
    own = files.of(use)
    if not own:
        return files.create(use, name)
    if own[-1].key.name != name:
        raise KeysUnreadable(f"{own[-1].path}: belongs to {own[-1].key.name}, not to {name}")
    return own[-1]


async def say(keeper: Keeper, command: Command, *, expected_version: int | None = None) -> int:
    """Records a statement about the keys; its position. Raises Rejected, VersionConflict, LogBusy, OutcomeUnknown."""
    occasion = Occasion(by_command(OPERATOR), datetime.now(UTC), correlation=token_hex(12))
    outcome = await keeper.handle(
        KEYS,
        COUNTY,
        command,
        occasion,
        key=None,
        digest=sha256(occasion.correlation.encode()).digest(),
        expected_version=expected_version,
    )
    return outcome.receipt.last_position or 0
