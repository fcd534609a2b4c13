"""What can have happened to an authorisation."""

from typing import ClassVar

from domain.authorisation.values import Authorisation
from domain.grammar import Code, Day, Fact, Prose


class AuthorisationGranted(Fact):
    TOPIC: ClassVar[str] = "authorisation.granted.v1"
    LABEL: ClassVar[str] = "授权"

    authorisation: Authorisation


class AuthorisationDelegated(Fact):
    """The holder of an authorisation passes on some of it."""

    TOPIC: ClassVar[str] = "authorisation.delegated.v1"
    LABEL: ClassVar[str] = "转授权"

    authorisation: Authorisation


class AuthorisationRevoked(Fact):
    TOPIC: ClassVar[str] = "authorisation.revoked.v1"
    LABEL: ClassVar[str] = "撤销授权"

    authorisation_no: Code
    revoked_on: Day
    """The first day on which it no longer counts; what was delegated from it falls with it."""
    reason: Prose
