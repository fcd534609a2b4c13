"""Everything that can have a stream in a county's log."""

from typing import Any, Final

from domain.access.journal import ACCESS
from domain.attestation import ATTESTATIONS
from domain.case import CASE
from domain.catalogue import FOLDED
from domain.contact import CONTACT
from domain.grammar import Aggregate
from domain.investigation import INVESTIGATION
from domain.perusal import PERUSAL
from domain.signal import SIGNAL
from domain.subject import SUBJECT
from domain.subject.searching import PEOPLE_SEARCH

AGGREGATES: Final[tuple[Aggregate[Any], ...]] = (
    CASE,
    CONTACT,
    SIGNAL,
    INVESTIGATION,
    PERUSAL,
    SUBJECT,
    PEOPLE_SEARCH,
    ACCESS,
    *FOLDED,
    *ATTESTATIONS,
)
