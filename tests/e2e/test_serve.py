"""`jiandu serve` as an operator meets it: a process, an address, a signal."""

import asyncio
import os
import re
import signal
import socket
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ops.embedded import EmbeddedPostgres
from tests import asking
from tests.clusters import a_cluster
from tests.county import HOMESTEAD, TOWN_CLERK_POST
from tests.examples import VILLAGER
from tests.servers import open_directory
from tests.serving import COLD, KEY, jiandu, launched, serving, settle_county
from tests.waiting import wait_until

CLERK = KEY | {"X-Jiandu-Speaks-For": f"a-town-clerk@{TOWN_CLERK_POST}"}


@pytest.fixture
def data_dir():
    """With 清溪县 in it, its database stopped."""
    with a_cluster(settle_county) as directory:
        yield directory


@contextmanager
def client(server):
    with asking.a_client(base_url=server.address, headers=CLERK) as http:
        yield http


def receive_case(http, key):
    action = {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": VILLAGER}
    return http.post("/v1/cases", json={"action": action}, headers={"Idempotency-Key": key})


def topics(http, case_no):
    return [event["topic"] for event in http.get(f"/v1/cases/{case_no}/history").json()["events"]]


def test_a_case_is_recorded_read_back_and_still_there_after_a_restart(data_dir):
    settings = {"JIANDU_DATA_DIR": str(data_dir)}
    with serving(settings) as server, client(server) as http:
        recorded = receive_case(http, "k1")
        assert recorded.status_code == 201, recorded.text
        case_no = recorded.json()["case_no"]
        assert topics(http, case_no) == ["case.received.v1"]
        assert server.stop() == 0
    with serving(settings) as server, client(server) as http:
        assert topics(http, case_no) == ["case.received.v1"]
        repeated = receive_case(http, "k1")
        assert repeated.headers["Idempotent-Replayed"] == "true"
        assert repeated.json() == recorded.json()


def test_it_serves_a_database_it_was_given(database):
    asyncio.run(settle_county(database))
    with serving({"JIANDU_DATABASE_URL": database}, through=COLD) as server, client(server) as http:
        case_no = receive_case(http, "k1").json()["case_no"]
        assert topics(http, case_no) == ["case.received.v1"]
        assert http.get("/readyz").status_code == 200
        assert server.stop() == 0


def test_a_login_that_may_only_record_serves_all_the_same(database18):
    asyncio.run(settle_county(database18))
    with psycopg.connect(database18) as connection:
        connection.execute("create role clerk_of_test login password 'clerk'")
    owner = {"JIANDU_DATABASE_URL": database18}
    assert jiandu("migrate", "--admit", "clerk_of_test", settings=owner).returncode == 0
    clerk = psycopg.conninfo.make_conninfo(database18, user="clerk_of_test", password="clerk")
    try:
        with serving({"JIANDU_DATABASE_URL": clerk}) as server, client(server) as http:
            assert receive_case(http, "k1").status_code == 201
        with psycopg.connect(clerk) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into county.events values (9999, 'case:A', 1, 'x', now(), now(), '')")
    finally:
        with psycopg.connect(database18) as connection:
            connection.execute("drop role clerk_of_test")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it_cleanly_so_that_nothing_is_recovered_next_time(data_dir, number):
    with serving({"JIANDU_DATA_DIR": str(data_dir)}) as server:
        code = server.stop(number)
    assert code == {signal.SIGTERM: 0, signal.SIGINT: 130, signal.SIGHUP: 0}[number]
    assert "Traceback" not in server.said
    with EmbeddedPostgres(data_dir):
        pass
    assert "not properly shut down" not in (data_dir / "postgres.log").read_text()


def test_a_handshake_of_websocket_is_answered_and_logged_as_any_request(data_dir):
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
    }
    handshake = upgrade | {"Sec-WebSocket-Version": "13"}
    settings = {"JIANDU_DATA_DIR": str(data_dir), "JIANDU_ACCESS_LOG": "true"}
    with serving(settings) as server, client(server) as http:
        refused = http.get("/v1/contacts/13800005678", headers=handshake)
        assert refused.status_code == 422
        assert refused.json()["type"] == "urn:jiandu:problem:personal-data-in-address"
        server.stop()
    assert "13800005678" not in server.said


def test_readers_who_follow_the_log_do_not_hold_up_the_stop(data_dir):
    settings = {"JIANDU_DATA_DIR": str(data_dir), "JIANDU_STOP_SECONDS": "60"}
    with (
        serving(settings) as server,
        client(server) as http,
        http.stream("GET", "/v1/events/stream") as events,
    ):
        assert events.status_code == 200
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 20
    assert "Traceback" not in server.said


def test_a_signal_during_the_start_stops_it_too():
    with open_directory() as data_dir:
        with launched("serve", settings={"JIANDU_DATA_DIR": str(data_dir)}, through=COLD) as server:
            lock = data_dir / "owner.lock"
            wait_until(lambda: lock.exists() or server.process.poll() is not None, every_seconds=0.005)
            assert server.process.poll() is None, server.said
            assert server.stop() == 0
        assert "Traceback" not in server.said
        with EmbeddedPostgres(data_dir) as postgres, psycopg.connect(postgres.dsn) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_it_goes_on_after_it_was_killed(data_dir):
    settings = {"JIANDU_DATA_DIR": str(data_dir)}
    with serving(settings) as server, client(server) as http:
        case_no = receive_case(http, "k1").json()["case_no"]
        server.stop(signal.SIGKILL)
    with serving(settings) as server, client(server) as http:
        assert topics(http, case_no) == ["case.received.v1"]
        assert server.stop() == 0


def test_a_second_owner_is_refused_in_a_sentence(data_dir):
    settings = {"JIANDU_DATA_DIR": str(data_dir)}
    with serving(settings) as server:
        second = jiandu("serve", settings=settings)
        assert second.returncode == 1
        assert f"in use by process {server.process.pid}" in second.stderr
        assert "Traceback" not in second.stderr


def test_a_taken_port_is_said_before_anything_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = jiandu("serve", settings={"JIANDU_DATA_DIR": str(tmp_path / "var"), "JIANDU_PORT": port})
    assert refused.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert not (tmp_path / "var").exists()


def test_a_database_that_cannot_be_reached_is_said_in_a_sentence():
    refused = jiandu("serve", settings={"JIANDU_DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/none"})
    assert refused.returncode == 1
    assert "数据库无法使用" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr


def test_settings_that_cannot_be_used_are_said_in_a_sentence():
    refused = jiandu("serve", settings={"JIANDU_COUNTY": "No Such County"})
    assert refused.returncode == 1
    assert "JIANDU_COUNTY" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_log_is_printed_while_the_server_runs(data_dir):
    settings = {"JIANDU_DATA_DIR": str(data_dir)}
    with serving(settings) as server, client(server) as http:
        case_no = receive_case(http, "k1").json()["case_no"]
        printed = jiandu("events", "--stream", f"case:{case_no}", settings=settings)
        as_json = jiandu("events", "--limit", "1", "--after", "0", "--json", settings=settings)
        examined = jiandu("doctor", settings=settings)
    assert "收件登记 Case received" in printed.stdout
    assert f"a-town-clerk@{TOWN_CLERK_POST}" in printed.stdout
    assert as_json.stdout.startswith('{"position":1,')
    assert examined.returncode == 0, examined.stdout
    assert "✗" not in examined.stdout


def test_its_metrics_tell_of_batches_and_requests(data_dir):
    with serving({"JIANDU_DATA_DIR": str(data_dir)}) as server, client(server) as http:
        receive_case(http, "k1")
        figures = http.get("/metrics").text
    # the case, and the first use of the key today
    assert 'jiandu_append_batch_commands_count{county="county"} 2.0' in figures
    assert "jiandu_http_requests_total{" in figures


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs all these tests as one anyway")
def test_an_ordinary_user_can_serve():
    with open_directory() as directory:
        os.chown(directory, NOBODY, NOBODY)
        settings = {"JIANDU_DATA_DIR": str(directory / "var"), "HOME": str(directory)}
        with serving(settings, through=(*COLD, *as_nobody())) as server, client(server) as http:
            assert http.get("/readyz").json() == {"status": "ok", "last_position": 2}
            assert (directory / "var" / "postgres").stat().st_uid == NOBODY
            assert Path(f"/proc/{server.process.pid}").stat().st_uid == NOBODY
            assert server.stop() == 0


NOBODY = 65534


def as_nobody():
    """Python and the project may lie where only root can read; that alone is lent to the ordinary user."""
    status = Path("/proc/self/status").read_text()
    held = int(re.search(r"CapBnd:\s*(\w+)", status)[1], 16)
    lent = "dac_read_search" if held & 1 << 2 else "dac_override"  # containers often hold only the latter
    identity = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    return ("setpriv", *identity, f"--inh-caps=+{lent}", f"--ambient-caps=+{lent}")
