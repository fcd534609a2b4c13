"""What the log can be made to say of itself, and the rules. Programmes and their operators say it, never the web."""

from typing import Annotated, Literal

from pydantic import Field

from domain.attestation.events import (
    CaseHeadsRooted,
    CheckpointCosigned,
    LogKeyAdded,
    LogKeyRetired,
    ProcessKeyAdded,
    ProcessKeyRetired,
    RecoveryStated,
    UnsealedLossStated,
    UnsignedEventsAdopted,
)
from domain.attestation.rejections import (
    AdoptedBackwards,
    KeyKnown,
    KeyNotInUse,
    LastKey,
    OneOfficer,
    TreeOnlyGrows,
)
from domain.attestation.state import Keys, Seen
from domain.attestation.values import Hash, Origin, SignatureLine, Size, VerifierKey
from domain.grammar import Code, Command, Decision, Instant, Occasion, Prose, Ruling, settle


class AddProcessKey(Command):
    type: Literal["add_process_key"] = "add_process_key"
    key: VerifierKey


class RetireProcessKey(Command):
    type: Literal["retire_process_key"] = "retire_process_key"
    key: VerifierKey
    reason: Prose


class AddLogKey(Command):
    type: Literal["add_log_key"] = "add_log_key"
    key: VerifierKey


class RetireLogKey(Command):
    type: Literal["retire_log_key"] = "retire_log_key"
    key: VerifierKey
    reason: Prose


class AdoptUnsignedEvents(Command):
    type: Literal["adopt_unsigned_events"] = "adopt_unsigned_events"
    first: Size
    last: Size
    root: Hash
    reason: Prose


class StateRecovery(Command):
    type: Literal["state_recovery"] = "state_recovery"
    first: Size
    last: Size
    root: Hash
    officers: Annotated[tuple[Code, ...], Field(min_length=2, max_length=2)]
    reason: Prose


class StateUnsealedLoss(Command):
    type: Literal["state_unsealed_loss"] = "state_unsealed_loss"
    first: Size
    last: Size
    acknowledged_at: Instant
    officers: Annotated[tuple[Code, ...], Field(min_length=2, max_length=2)]
    reason: Prose


class RootCaseHeads(Command):
    type: Literal["root_case_heads"] = "root_case_heads"
    size: Size
    root: Hash


class RecordCosignatures(Command):
    type: Literal["record_cosignatures"] = "record_cosignatures"
    origin: Origin
    size: Size
    root: Hash
    lines: Annotated[tuple[SignatureLine, ...], Field(min_length=1, max_length=64)]


def decide_keys(keys: Keys, command: Command, occasion: Occasion, _: object) -> Decision:
    return Decision(*settle(_about_keys(keys, command), occasion))


def decide_heads(seen: Seen, command: RootCaseHeads, occasion: Occasion, _: object) -> Decision:
    return Decision(*settle(root_case_heads(seen, command), occasion))


def decide_witnessed(seen: Seen, command: RecordCosignatures, occasion: Occasion, _: object) -> Decision:
    return Decision(*settle(record_cosignatures(seen, command), occasion))


def _about_keys(keys: Keys, command: Command) -> Ruling:
    match command:
        case AddProcessKey() | AddLogKey():
            return add_key(keys, command)
        case RetireProcessKey():
            return retire_key(keys.process, command.key, ProcessKeyRetired.as_told(command))
        case RetireLogKey():
            return retire_key(keys.log, command.key, LogKeyRetired.as_told(command))
        case AdoptUnsignedEvents():
            return adopt_unsigned_events(command)
        case StateRecovery():
            return by_two(command.officers, RecoveryStated.as_told(command))
        case StateUnsealedLoss():
            return by_two(command.officers, UnsealedLossStated.as_told(command))
        case _:
            raise AssertionError(f"no rule for {type(command).__name__}")


def add_key(keys: Keys, command: AddProcessKey | AddLogKey) -> Ruling:
    if command.key in keys.known:
        yield KeyKnown()
    fact = ProcessKeyAdded if isinstance(command, AddProcessKey) else LogKeyAdded
    yield fact(key=command.key)


def retire_key(in_use: tuple[str, ...], key: str, recorded: ProcessKeyRetired | LogKeyRetired) -> Ruling:
    if key not in in_use:
        yield KeyNotInUse()
    if in_use == (key,):
        yield LastKey()
    yield recorded


def adopt_unsigned_events(command: AdoptUnsignedEvents) -> Ruling:
    if command.last < command.first:
        yield AdoptedBackwards()
    yield UnsignedEventsAdopted.as_told(command)


def by_two(officers: tuple[str, ...], recorded: RecoveryStated | UnsealedLossStated) -> Ruling:
    if len(set(officers)) < len(officers):
        yield OneOfficer()
    yield recorded


def root_case_heads(seen: Seen, command: RootCaseHeads) -> Ruling:
    if command.size <= seen.size:
        yield TreeOnlyGrows(last=seen.size)
    yield CaseHeadsRooted.as_told(command)


def record_cosignatures(seen: Seen, command: RecordCosignatures) -> Ruling:
    """Further witnesses of the same checkpoint may be recorded after the first."""
    if command.size < seen.size:
        yield TreeOnlyGrows(last=seen.size)
    yield CheckpointCosigned.as_told(command)
