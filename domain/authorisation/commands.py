"""What can be asked of an authorisation, and the rules."""

from collections.abc import Iterator
from typing import Literal, Protocol, assert_never

from domain.authorisation.events import AuthorisationDelegated, AuthorisationGranted, AuthorisationRevoked
from domain.authorisation.rejections import (
    AlreadyRevoked,
    AuthorisationNeedsOneHolder,
    AuthorisationNumberTaken,
    DelegationByAnother,
    DelegationExceedsSource,
    DelegationNamesNoSource,
    GrantNamesASource,
)
from domain.authorisation.values import Authorisation
from domain.grammar import Code, Day, Decision, Occasion, Prose, Rejected, Ruling
from domain.register import (
    EndsBeforeItBegins,
    NotInRegister,
    NotYetRegistered,
    RegisterCommand,
    exists,
    kept,
    units_exist,
)


class Powers(Protocol):
    """The registers an authorisation's rules read."""

    def unit(self, unit_code: str, /) -> object | None: ...
    def post_unit(self, post_id: str, /) -> str | None: ...
    def knows_item(self, item_code: str, /) -> bool: ...
    def authorisation(self, authorisation_no: str, /) -> Authorisation | None: ...


class GrantAuthorisation(RegisterCommand):
    type: Literal["grant_authorisation"] = "grant_authorisation"
    authorisation: Authorisation

    @property
    def identity(self) -> str:
        return self.authorisation.authorisation_no


def grant_authorisation(
    standing: Authorisation | None, command: GrantAuthorisation, registers: Powers
) -> Ruling:
    wanted = command.authorisation
    if standing is not None and _says_the_same(standing, wanted):
        return
    if wanted.delegated_from is not None:
        yield GrantNamesASource(delegated_from=wanted.delegated_from)
    yield from _is_well_formed(standing, wanted, registers)
    yield AuthorisationGranted(authorisation=wanted)


class DelegateAuthorisation(RegisterCommand):
    type: Literal["delegate_authorisation"] = "delegate_authorisation"
    authorisation: Authorisation

    @property
    def identity(self) -> str:
        return self.authorisation.authorisation_no


def delegate_authorisation(
    standing: Authorisation | None, command: DelegateAuthorisation, registers: Powers
) -> Ruling:
    wanted = command.authorisation
    if standing is not None and _says_the_same(standing, wanted):
        return
    yield from _is_well_formed(standing, wanted, registers)
    if wanted.delegated_from is None:
        yield DelegationNamesNoSource()
        return
    source = registers.authorisation(wanted.delegated_from)
    if source is None:
        yield NotInRegister(register="authorisation", code=wanted.delegated_from)
        return
    yield from _is_within(source, wanted, registers)
    yield AuthorisationDelegated(authorisation=wanted)


def _says_the_same(standing: Authorisation, wanted: Authorisation) -> bool:
    """A revoked authorisation is not granted again by repeating what was granted."""
    return wanted in (standing, standing.model_copy(update={"revoked_on": None}))


def _is_well_formed(
    standing: Authorisation | None, wanted: Authorisation, registers: Powers
) -> Iterator[Rejected]:
    if standing is not None:
        yield AuthorisationNumberTaken(authorisation_no=wanted.authorisation_no)
    if (wanted.unit_code is None) == (wanted.post_id is None):
        yield AuthorisationNeedsOneHolder()
    yield from units_exist([wanted.granted_by, wanted.unit_code], registers)
    if wanted.post_id is not None:
        yield from exists("post", wanted.post_id, registers.post_unit(wanted.post_id))
    for item_code in wanted.item_codes:
        yield from exists("item", item_code, registers.knows_item(item_code) or None)


def _is_within(source: Authorisation, wanted: Authorisation, registers: Powers) -> Iterator[Rejected]:
    holder = source.unit_code or registers.post_unit(source.post_id or "")
    if wanted.granted_by != holder:
        yield DelegationByAnother(holder=holder)
    exceeding = [
        *(power.value for power in wanted.powers if power not in source.powers),
        *(item_code for item_code in wanted.item_codes if item_code not in source.item_codes),
        *([] if source.covers(wanted) else ["valid_from, valid_to"]),
        *([] if source.revoked_on is None or source.counts(wanted.valid_from) else ["revoked_on"]),
    ]
    if exceeding:
        yield DelegationExceedsSource(delegated_from=source.authorisation_no, exceeding=exceeding)


class RevokeAuthorisation(RegisterCommand):
    type: Literal["revoke_authorisation"] = "revoke_authorisation"
    authorisation_no: Code
    revoked_on: Day
    reason: Prose

    @property
    def identity(self) -> str:
        return self.authorisation_no


def revoke_authorisation(standing: Authorisation | None, command: RevokeAuthorisation) -> Ruling:
    if standing is None:
        yield NotYetRegistered(register="authorisation", code=command.authorisation_no)
        return
    if command.revoked_on == standing.revoked_on:
        return
    if standing.revoked_on is not None:
        yield AlreadyRevoked(revoked_on=standing.revoked_on.isoformat())
    if command.revoked_on < standing.valid_from:
        yield EndsBeforeItBegins(begins=standing.valid_from.isoformat())
    yield AuthorisationRevoked.as_told(command)


AuthorisationCommand = GrantAuthorisation | DelegateAuthorisation | RevokeAuthorisation


def decide(
    standing: Authorisation | None, command: AuthorisationCommand, occasion: Occasion, registers: Powers
) -> Decision:
    return kept(_rule(standing, command, registers), occasion)


def _rule(standing: Authorisation | None, command: AuthorisationCommand, registers: Powers) -> Ruling:
    match command:
        case GrantAuthorisation():
            return grant_authorisation(standing, command, registers)
        case DelegateAuthorisation():
            return delegate_authorisation(standing, command, registers)
        case RevokeAuthorisation():
            return revoke_authorisation(standing, command)
        case _:
            assert_never(command)
