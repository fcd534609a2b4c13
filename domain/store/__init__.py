"""The county's log in PostgreSQL: the only place in domain/ that knows psycopg and eventsourcing."""

from domain.store.county import Store
from domain.store.events import EventReader
from domain.store.people import People, Person

__all__ = ["EventReader", "People", "Person", "Store"]
