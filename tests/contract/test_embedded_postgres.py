"""What the embedded PostgreSQL promises to those who run Jiandu."""

import psycopg
import pytest


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("password_encryption", "scram-sha-256"),
        ("TimeZone", "UTC"),
    ],
)
def test_the_server_is_durable_private_and_neutral(postgres, setting, value):
    with psycopg.connect(postgres.dsn) as connection:
        assert connection.execute("select current_setting(%s)", [setting]).fetchone() == (value,)


def test_a_fresh_database_is_empty(database):
    with psycopg.connect(database) as connection:
        query = "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        assert connection.execute(query).fetchone() == (0,)
