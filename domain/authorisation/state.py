"""The state of an authorisation's stream is the authorisation itself, or nothing."""

from domain.authorisation.events import AuthorisationDelegated, AuthorisationGranted, AuthorisationRevoked
from domain.authorisation.values import Authorisation
from domain.grammar import Envelope, Fact


def evolve(authorisation: Authorisation | None, fact: Fact, _: Envelope) -> Authorisation | None:
    match fact:
        case AuthorisationGranted(authorisation=entry) | AuthorisationDelegated(authorisation=entry):
            return entry
        case AuthorisationRevoked(revoked_on=revoked_on) if authorisation is not None:
            return authorisation.model_copy(update={"revoked_on": revoked_on})
        case _:
            return authorisation
