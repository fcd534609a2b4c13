"""Authorisations 授权: one stream each, `authorisation:<authorisation_no>`."""

from domain.authorisation.commands import decide
from domain.authorisation.events import AuthorisationDelegated, AuthorisationGranted, AuthorisationRevoked
from domain.authorisation.state import evolve
from domain.authorisation.values import Authorisation
from domain.grammar import Aggregate
from domain.register import KEEPERS

AUTHORISATION: Aggregate[Authorisation | None] = Aggregate(
    name="authorisation",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(AuthorisationGranted, AuthorisationDelegated, AuthorisationRevoked),
    amenders=KEEPERS,
)
