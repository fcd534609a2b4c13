"""Everything that can have a stream in a county's log."""

from typing import Any, Final

from domain.attestation import ATTESTATIONS
from domain.case import CASE
from domain.catalogue import MASTER_DATA
from domain.contact import CONTACT
from domain.grammar import Aggregate
from domain.signal import SIGNAL

AGGREGATES: Final[tuple[Aggregate[Any], ...]] = (CASE, CONTACT, SIGNAL, *MASTER_DATA, *ATTESTATIONS)
