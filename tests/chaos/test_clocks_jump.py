"""The database's clock jumps a day ahead, and two days back, with fifty clients at work: the order stands, and it is told."""

import pytest

from ops.embedded import EmbeddedPostgres
from tests.chaos.checker import rows_of
from tests.chaos.faults import MortalServer, under_load, verdict
from tests.chaos.wrong_clocks import FAKETIME, put_under_faketime
from tests.servers import DEBIAN_15, missing, open_directory
from tests.serving import settle_county


@pytest.fixture
def told_time():
    """A PostgreSQL 15, and the file that says by how much its clock is wrong."""
    if FAKETIME is None:
        missing("libfaketime is not installed (Debian: libfaketime)")
    if not DEBIAN_15.exists():
        missing(f"PostgreSQL 15 is not installed in {DEBIAN_15} (Debian: postgresql-15)")
    with open_directory() as place:
        clock = place / "clock"
        clock.write_text("+0")
        programs = place / "bin"
        programs.mkdir()
        (programs / "initdb").symlink_to(DEBIAN_15 / "initdb")
        put_under_faketime(DEBIAN_15 / "postgres", clock, programs)
        with EmbeddedPostgres(place / "data", bin_dir=programs) as postgres:
            yield postgres.dsn, clock


async def test_a_clock_that_jumps_changes_no_order_and_is_told(told_time, tmp_path):
    dsn, clock = told_time
    await settle_county(dsn)
    with MortalServer({"JIANDU_DATABASE_URL": dsn}) as server:

        async def disturb(load):
            for jump in ("+1d", "-1d", "+0"):
                await load.progress(100)
                clock.write_text(jump)
            await load.progress(100)

        load = await under_load(server.port, tmp_path / "journal", disturb, clients=50)
        said = server.lives[0].said
    assert load.unexpected == []
    assert verdict(tmp_path / "journal", dsn) == []
    assert "clocks_differ" in said
    stamps = [row.recorded_at for row in rows_of(dsn, "county")]
    assert (stamps[-1] - stamps[0]).total_seconds() > 23 * 3600, "the clock did jump"
