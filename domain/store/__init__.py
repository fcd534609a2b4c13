"""The county's log in PostgreSQL: the only place in domain/ that knows psycopg and eventsourcing."""

from domain.store.county import Store
from domain.store.events import EventReader
from domain.store.references import References
from domain.store.vault import VaultTables

__all__ = ["EventReader", "References", "Store", "VaultTables"]
