"""The county's log in PostgreSQL: the only place in domain/ that knows psycopg and eventsourcing."""
