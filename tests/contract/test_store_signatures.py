"""What is recorded is signed as it is stored, by a key that the log itself has introduced."""

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from domain.proof.leaf import Leaf
from domain.proof.signing import Use
from domain.store.county import Store
from domain.store.key_files import KeyFiles, KeysUnreadable
from domain.store.keys import told
from domain.store.leaves import leaf_of, leaves_between
from ops.failures import CannotDo
from ops.signing import default_origin, take_up_keys
from tests.notes import COUNTY, NOTE, append_notes, in_county, noted, notes, open_store
from tests.sealed import chosen, open_signing

ORIGIN = default_origin(COUNTY)


async def ring_and_leaves(store, folder):
    said = await told(store.readers)
    leaves = await leaves_between(store.readers, said.origin, 1, 1000)
    return said.ring(said.origin, KeyFiles(folder).anchors()), leaves


def signed_in(dsn, position):
    with in_county(dsn) as connection:
        row = connection.execute("select signature from events where position = %s", [position]).fetchone()
    return row[0]


async def test_an_empty_log_begins_with_its_keys_and_each_event_is_signed_as_it_stands(database, tmp_path):
    async with open_signing(database, tmp_path) as store:
        await store.log.append(noted("note:1", 1, "一"))
        await store.log.append(notes("note:2", 1, 3))
        ring, leaves = await ring_and_leaves(store, tmp_path)

    assert [leaf.event.stream for leaf in leaves[:3]] == ["keys:county", "keys:county", "note:1"]
    assert [leaf.position for leaf in leaves] == [1, 2, 3, 4, 5, 6]
    assert all(ring.signer(leaf) for leaf in leaves)
    assert ring.at(3, Use.log)[0].name == ORIGIN == "jiandu.local/qingxi"


async def test_a_leaf_made_from_a_row_is_read_back_as_the_same_leaf(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(noted("note:清", 1, "一"))
        _, leaves = await ring_and_leaves(store, tmp_path)
    assert all(Leaf.from_bytes(leaf.to_bytes()) == leaf for leaf in leaves)


async def test_a_second_process_takes_up_the_keys_that_are_there(database18, tmp_path):
    async with open_signing(database18, tmp_path), open_signing(database18, tmp_path) as store:
        assert await store.events.last_position() == 2
        assert store.pen.signer.key == KeyFiles(tmp_path).of(Use.process)[0].key


async def test_introductions_that_stopped_between_the_two_keys_go_on(database18, tmp_path):
    async with open_signing(database18, tmp_path):
        pass
    with in_county(database18) as connection:
        connection.execute("alter table events disable trigger events_stand")
        connection.execute("delete from events where position = 2")
    async with open_signing(database18, tmp_path) as store:
        ring, leaves = await ring_and_leaves(store, tmp_path)
    assert [leaf.event.topic for leaf in leaves] == ["key.process_added.v1", "key.log_added.v1"]
    assert all(ring.signer(leaf) for leaf in leaves)


async def test_without_the_keys_of_its_log_a_process_does_not_record(database18, tmp_path):
    async with open_signing(database18, tmp_path):
        pass
    with pytest.raises(CannotDo, match="counts in this log"):
        async with open_signing(database18, tmp_path / "elsewhere"):
            pass


async def test_a_log_keeps_its_name(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        with pytest.raises(CannotDo, match=r"calls itself jiandu\.local/qingxi"):
            await take_up_keys(store, chosen(database18, tmp_path, origin="other.example/qx"))


async def test_the_keys_of_another_log_are_not_taken_for_a_new_one(database18, tmp_path):
    KeyFiles(tmp_path).create(Use.process, "other.example/qx/process")
    with pytest.raises(CannotDo, match=r"belongs to other\.example/qx"):
        async with open_signing(database18, tmp_path):
            pass


async def test_a_log_begun_without_keys_goes_on_without(database18, tmp_path):
    async with open_store(database18) as store:
        await store.log.append(noted("note:1", 1))
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(noted("note:1", 2))
        assert store.pen.signer is None
    assert signed_in(database18, 2) is None
    assert not list(tmp_path.iterdir())


async def test_a_programme_of_the_version_before_still_records_though_unsigned(database, tmp_path):
    async with open_signing(database, tmp_path):
        pass
    with in_county(database, role="jiandu_qingxi_recorder") as connection:
        assert append_notes(connection, "note:1", [1, 2], key="k")[:3] == ("appended", 3, 4)
        assert append_notes(connection, "note:1", [1, 2], key="k")[:3] == ("repeated", 3, 4)
    assert signed_in(database, 4) is None


def test_a_private_key_is_for_its_owner_alone(tmp_path):
    made = KeyFiles(tmp_path).create(Use.process, "a/process")
    assert made.path.stat().st_mode & 0o777 == 0o600
    made.path.chmod(0o640)
    with pytest.raises(KeysUnreadable, match="others may read it"):
        made.signer()


def test_a_private_key_under_another_ones_line_is_not_used(tmp_path):
    files = KeyFiles(tmp_path)
    one, two = files.create(Use.process, "a/process"), files.create(Use.process, "a/process")
    one.path.write_bytes(two.path.read_bytes())
    with pytest.raises(KeysUnreadable, match="other half"):
        one.signer()


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_broken_key_file_is_named_and_not_shown(tmp_path, content):
    made = KeyFiles(tmp_path).create(Use.log, "a")
    made.path.write_bytes(content)
    with pytest.raises(KeysUnreadable, match=r"log-1\.key") as found:
        made.signer()
    assert "AAAA" not in str(found.value)


class Page(Aggregate):
    @event("Written")
    def write(self, text):
        self.text = text


async def test_what_the_library_records_is_signed_too(database, tmp_path):
    async with open_signing(database, tmp_path):
        pass
    env = {
        "PERSISTENCE_MODULE": "domain.store.recorder",
        "JIANDU_DATABASE_URL": database,
        "JIANDU_COUNTY": COUNTY,
        "JIANDU_KEYS_DIR": str(tmp_path),
    }
    with Application(env=env) as pages:
        page = Page()
        page.write("一")
        pages.save(page)
    async with Store.open(database, COUNTY, [NOTE]) as store:
        ring, leaves = await ring_and_leaves(store, tmp_path)
    assert len(leaves) == 4
    assert all(ring.signer(leaf) for leaf in leaves)
    assert leaves[2].signature[:68] == leaves[3].signature[:64] + bytes([0, 0, 0, 2]), "one batch of two"


async def test_a_signature_covers_the_time_that_is_stored(database18, tmp_path):
    async with open_signing(database18, tmp_path) as store:
        await store.log.append(noted("note:1", 1))
        ring, leaves = await ring_and_leaves(store, tmp_path)
    with in_county(database18) as connection:
        connection.execute("alter table events disable trigger events_stand")
        connection.execute(
            "update events set occurred_at = occurred_at + interval '1 microsecond' where position = 3"
        )
        row = connection.execute(
            "select position, stream, version, topic, occurred_at, recorded_at, sha256(state), signature, null::bytea"
            " from events where position = 3"
        ).fetchone()
    assert ring.signer(leaves[2]) is not None
    assert ring.signer(leaf_of(row, ORIGIN)) is None
