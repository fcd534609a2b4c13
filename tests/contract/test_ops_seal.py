"""What an operator sees of keys and seal: the commands, the doctor, the metrics."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from psycopg.errors import InsufficientPrivilege

from domain.store.schema import County
from ops.doctor import examine
from ops.doctor.findings import Health
from ops.doctor.seal import reading
from ops.failures import CannotDo
from ops.seal_metrics import SealMetrics
from ops.seal_troubles import told_trouble
from ops.settings import Settings
from tests.contract.test_sealing import sealed, tamper
from tests.notes import COUNTY, in_county, noted, notes, open_store
from tests.sealed import open_signing
from tests.serving import jiandu


def said_by(dsn, folder, *words):
    settings = {"JIANDU_DATABASE_URL": dsn, "JIANDU_COUNTY": COUNTY, "JIANDU_KEYS_DIR": str(folder)}
    done = jiandu(*words, settings=settings)
    return done.returncode, done.stdout + done.stderr


def found(dsn, folder):
    settings = Settings(database_url=dsn, county=COUNTY, keys_dir=folder)
    return {finding.en: finding.health for finding in examine(settings)}


def test_keys_are_made_listed_rotated_and_retired_by_command(database18, tmp_path):
    code, said = said_by(database18, tmp_path, "keys", "create")
    assert code == 0, said
    assert "process-1" in said
    assert said_by(database18, tmp_path, "keys", "create")[0] == 1
    code, said = said_by(database18, tmp_path, "keys", "rotate", "--use", "log")
    assert code == 0, said
    assert "log-2 " in said
    code, said = said_by(database18, tmp_path, "keys", "retire", "log-1")
    assert code == 0, said
    code, said = said_by(database18, tmp_path, "keys", "retire", "process-1")
    assert code == 1
    assert "may still sign" in said
    assert said_by(database18, tmp_path, "keys", "retire", "process-9")[0] == 1
    code, said = said_by(database18, tmp_path, "keys", "retire", "process-1", "--lost")
    assert code == 1
    assert "最后一把在用签名钥" in said


async def test_an_old_county_is_adopted_by_command(database18, tmp_path):
    async with open_store(database18) as store:
        await store.log.append(notes("note:1", 1, 3))
    code, said = said_by(database18, tmp_path, "keys", "create")
    assert code == 1
    assert "jiandu keys adopt" in said
    code, said = said_by(database18, tmp_path, "keys", "adopt", "--reason", "启用签名")
    assert code == 0, said
    assert "positions 1 to 3 are adopted" in said
    assert (await sealed(database18, tmp_path)).size == 6


async def test_the_seal_is_shown_with_its_checkpoint_and_what_is_quarantined(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 3))
    tamper(database18, "update events set signature = null where position = 4")
    await sealed(database18, tmp_path)
    code, said = said_by(database18, tmp_path, "seal", "show")
    assert code == 0
    assert "sealed up to 3" in said
    assert "quarantined: 4 unsigned" in said
    assert "\njiandu.local/qingxi\n3\n" in said


async def test_a_new_machine_is_told_what_was_signed_last(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await sealed(database18, tmp_path)
        (tmp_path / "sealed").rename(tmp_path / "elsewhere")
        code, said = said_by(database18, tmp_path, "seal", "remember")
        assert code == 0, said
        assert (tmp_path / f"{COUNTY}.sealed").read_text().startswith("2 ")
        await store.log.append(noted("note:1", 1))
        for key in tmp_path.glob("log-*.pub"):
            key.unlink()
        code, said = said_by(database18, tmp_path, "seal", "remember")
    assert code == 1
    assert "not signed by a key" in said


async def test_a_memory_of_a_larger_tree_is_not_forgotten(database18, tmp_path):
    async with open_signing(database18, tmp_path):
        await sealed(database18, tmp_path)
    (tmp_path / f"{COUNTY}.sealed").write_text("9 " + "A" * 43 + "=\n")
    code, said = said_by(database18, tmp_path, "seal", "remember")
    assert code == 1
    assert "set back" in said


@pytest.mark.parametrize(
    ("memory", "said"),
    [("9 " + "A" * 43 + "=\n", "The log is shorter than the tree"), ("nine\n", "memory cannot be read")],
)
async def test_a_log_that_was_set_back_is_told_while_nothing_runs(database18, tmp_path, memory, said):
    async with open_signing(database18, tmp_path):
        await sealed(database18, tmp_path)
    (tmp_path / f"{COUNTY}.sealed").write_text(memory)
    assert [
        each for each, health in found(database18, tmp_path).items() if said in each and health is Health.ill
    ]
    assert said in said_by(database18, tmp_path, "seal", "show")[1]


async def test_the_doctor_is_content_with_a_sealed_log(database18, tmp_path):
    async with open_signing(database18, tmp_path):
        await sealed(database18, tmp_path)
    findings = found(database18, tmp_path)
    assert findings["0 events are quarantined"] is Health.well
    assert findings["private keys are for their owner alone"] is Health.well
    assert any(said.startswith("sealed up to 2 of 2") for said in findings)


async def test_the_doctor_looks_at_the_seal_as_the_auditor(database18):
    async with open_store(database18):
        pass
    with in_county(database18) as connection, reading(connection, County.named(COUNTY)):
        assert connection.execute("select current_user").fetchone() == (f"jiandu_{COUNTY}_auditor",)
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute("delete from quarantine")


async def test_lost_process_keys_are_replaced_under_the_log_key(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 1))
    (tmp_path / "process-1.key").unlink()
    with pytest.raises(CannotDo, match="jiandu keys replace"):
        async with open_signing(database18, tmp_path):
            pass
    code, said = said_by(database18, tmp_path, "keys", "replace", "--reason", "磁盘损坏")
    assert code == 0, said
    assert said_by(database18, tmp_path, "keys", "replace", "--reason", "再次")[0] == 1
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 2, 1))
    assert (await sealed(database18, tmp_path)).size == 6
    code, said = said_by(database18, tmp_path, "verify")
    assert code == 0, said


async def test_a_restored_empty_database_is_refused_before_anything_is_recorded(database18, tmp_path):
    async with open_signing(database18, tmp_path):
        await sealed(database18, tmp_path)
    (tmp_path / "sealed").rename(tmp_path / f"{COUNTY}.sealed")
    tamper(database18, "truncate events")
    for words in (("keys", "create"), ("keys", "adopt", "--reason", "-"), ("admin", "users")):
        code, said = said_by(database18, tmp_path, *words)
        assert (code, "was signed" in said) == (1, True), said
    with in_county(database18) as connection:
        assert connection.execute("select count(*) from events").fetchone() == (0,)


async def test_the_doctor_finds_an_exposed_key_a_quarantine_and_a_log_without_keys(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 1))
    tamper(database18, "update events set signature = null where position = 3")
    await sealed(database18, tmp_path)
    (tmp_path / "log-1.key").chmod(0o644)
    findings = found(database18, tmp_path)
    assert findings["1 events are quarantined"] is Health.ill
    assert findings["others may read private keys: log-1"] is Health.ill


async def test_the_doctor_is_doubtful_about_a_log_that_nobody_signs(database18, tmp_path):
    async with open_store(database18) as store:
        await store.log.append(notes("note:1", 1, 1))
    findings = found(database18, tmp_path)
    assert findings["the log has no keys and is not sealed: run `jiandu keys adopt`"] is Health.doubtful


async def test_the_metrics_tell_position_lag_and_quarantine(database18, tmp_path):
    registry = CollectorRegistry()
    metrics = SealMetrics(COUNTY, registry)
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(notes("note:1", 1, 3))
        tamper(database18, "update events set signature = null where position = 4")
        await sealed(database18, tmp_path)
        metrics.tell(await store.seal.standing())
    told = generate_latest(registry).decode()
    assert 'jiandu_seal_position{county="qingxi"} 3.0' in told
    assert 'jiandu_seal_unsealed_events{county="qingxi"} 2.0' in told
    assert 'jiandu_seal_quarantined_events{county="qingxi"} 1.0' in told
    assert "jiandu_seal_lag_seconds" in told


@pytest.mark.parametrize("trouble", ["quarantine 7", "memory-contradicts", "of-a-later-version"])
def test_every_trouble_has_words_in_both_languages(trouble):
    zh, en = told_trouble(trouble)
    assert zh.endswith("。")
    assert en.endswith(".")
