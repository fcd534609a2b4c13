"""The vault's keys: replaced by command, looked over by command; an old dump is unreadable once they are."""

import asyncio
from contextlib import contextmanager

import pytest

from domain.people import PersonUnreadable, SealBroken, Sought
from domain.store.vault_keys import VaultKeyFiles, VaultKeysUnusable
from domain.subject.values import Person, Purpose
from domain.vault.fields import Part, SearchKind
from domain.vault.masking import HIDDEN
from domain.vault.sealed import opened
from domain.vault.wrapping import KeyAbsent
from ops.failures import CannotDo
from ops.people import usable_keys
from ops.vault import Condition, checked, rotated
from tests.notes import COUNTY, in_county
from tests.serving import jiandu
from tests.vaulted import CLERK, LI, VAULT, a_hall, restore, rows_of_the_vault, saved


@pytest.fixture
async def hall(database18, tmp_path):
    async with a_hall(database18, tmp_path / "keys") as entered:
        yield entered


def keys_of(hall):
    return VaultKeyFiles(hall.folder)


async def test_after_a_rotation_everybody_is_read_and_the_old_key_is_gone(hall):
    refs = [await hall.people.enrol(Person(name=f"王{n}"), CLERK) for n in range(25)]
    done = await rotated(hall.store, keys_of(hall))
    assert (done.number, done.persons, done.destroyed, done.failed) == (2, 25, [1], {})
    assert keys_of(hall).numbers() == [2]
    for n, person_ref in enumerate(refs):
        assert await hall.revealed(person_ref, Part.name) == {Part.name: f"王{n}"}


async def test_a_server_that_runs_takes_up_the_new_key(hall):
    """It enrols under the retired one, is told so, and reads the folder again."""
    first = await hall.people.enrol(LI, CLERK)
    await rotated(hall.store, keys_of(hall))
    second = await hall.people.enrol(Person(name="王秀英"), CLERK)
    assert await hall.people.enrol(LI, CLERK) == first
    kept = [await hall.store.vault.person(each) for each in (first, second)]
    assert [each.wrapped.kek for each in kept] == [2, 2]


async def test_nobody_is_lost_who_is_enrolled_while_the_key_is_replaced(hall):
    async def enrolling():
        return [await hall.people.enrol(Person(name=f"王{n}"), CLERK) for n in range(60)]

    async def rotating():
        for _ in range(3):
            await asyncio.sleep(0.05)
            await rotated(hall.store, keys_of(hall))

    refs, _ = await asyncio.gather(enrolling(), rotating())
    for n, person_ref in enumerate(refs):
        assert (await hall.revealed(person_ref, Part.name))[Part.name] == f"王{n}"


async def test_an_erased_person_does_not_open_from_an_old_dump_once_the_key_is_replaced(hall, database18):
    """Whoever has the dump and every key that is left. Before the rotation the dump still opens: hence the rotation."""
    person_ref = await hall.people.enrol(LI, CLERK)
    dump = saved(database18)
    kept = await hall.store.vault.person(person_ref)
    await hall.erase(person_ref)
    assert opened(keys_of(hall).now, person_ref, kept)[Part.name].value == LI.name
    await rotated(hall.store, keys_of(hall))
    with pytest.raises(KeyAbsent):
        opened(keys_of(hall).now, person_ref, kept)
    restore(database18, dump)
    await hall.open_vault()
    assert rows_of_the_vault(database18) == (0, 0, 0)


@contextmanager
def restored_to_now(dsn):
    """The whole vault, the numbers of its keys too, stands at the end as it stands now."""
    with in_county(dsn) as connection:
        keys = connection.execute(f"select kek, made_at, retired_at from {VAULT}.wrapping_keys").fetchall()  # noqa: S608  — a constant
    dump = saved(dsn)
    yield
    with in_county(dsn) as connection:
        connection.execute(f"truncate {VAULT}.wrapping_keys cascade")
        for row in keys:
            connection.execute(f"insert into {VAULT}.wrapping_keys values (%s, %s, %s)", row)  # noqa: S608  — a constant
    restore(dsn, dump)


async def test_a_vault_restored_from_before_a_rotation_opens_for_all_but_whom_it_held(hall, database18):
    old, erased = [await hall.people.enrol(who, CLERK) for who in (LI, Person(name="王秀英"))]
    with restored_to_now(database18):
        await rotated(hall.store, keys_of(hall))
        await hall.erase(erased)
    await hall.open_vault()
    assert await hall.store.vault.person(erased) is None, "erased again"
    for asked in (
        hall.revealed(old, Part.name),
        hall.people.shown(old, "window_clerk"),
        hall.people.enrol(LI, CLERK),
    ):
        with pytest.raises(PersonUnreadable):
            await asked
    new = await hall.people.enrol(Person(name="赵新"), CLERK)
    assert await hall.revealed(new, Part.name) == {Part.name: "赵新"}
    assert await checked(hall.store, hall.people, keys_of(hall)) == {
        old: Condition.unreadable,
        new: Condition.whole,
    }


async def test_the_folder_of_another_county_is_refused_though_it_was_rotated(hall, tmp_path, database18):
    """It looks as this county's would after a rotation: kek-1 is gone, kek-2 is here."""
    await hall.people.enrol(LI, CLERK)
    foreign = VaultKeyFiles(tmp_path / "foreign")
    foreign.create_first()
    foreign.destroy_before(foreign.create_next())
    foreign.remember_vault_of("0" * 64)
    foreign.remember_erased("p-" + "0" * 32)
    with pytest.raises(CannotDo, match=r"kek-1.*--without-destroyed.*他县的目录"):
        await usable_keys(hall.store, foreign.folder)
    assert await hall.store.vault.wrapping_keys() == {1: False}
    await hall.open_vault()
    settings = {
        "JIANDU_DATABASE_URL": database18,
        "JIANDU_VAULT_KEYS_DIR": str(foreign.folder),
        "JIANDU_COUNTY": COUNTY,
    }
    assert jiandu("vault", "rotate", settings=settings).returncode == 1
    assert jiandu("vault", "rotate", "--without-destroyed", settings=settings).returncode == 0
    assert await hall.store.vault.wrapping_keys() == {1: True, 2: True, 3: False}


async def test_a_folder_from_before_there_was_a_note_is_known_by_whom_it_erased(hall, database18):
    erased = await hall.people.enrol(LI, CLERK)
    with restored_to_now(database18):
        await hall.erase(erased)
        await rotated(hall.store, keys_of(hall))
        (hall.folder / "vault-of").unlink()
    await usable_keys(hall.store, hall.folder)
    assert await hall.store.vault.wrapping_keys() == {1: True, 2: False}


async def test_whoever_is_unreadable_is_hidden_among_those_whom_a_search_finds(hall, database18):
    lost = await hall.people.enrol(Person(name="王秀英"), CLERK)
    with restored_to_now(database18):
        await rotated(hall.store, keys_of(hall))
    await hall.open_vault()
    new = await hall.people.enrol(Person(name="王秀英"), CLERK)
    sought = Sought(SearchKind.name, {Part.name: "王秀英"})
    found = await hall.people.found(sought, Purpose.handling, None, CLERK)
    assert {each.person_ref: each.values[Part.name] for each in found} == {lost: HIDDEN, new: "王**"}


async def test_whom_a_destroyed_key_wrapped_hinders_no_rotation_and_is_not_called_changed(hall, database18):
    lost = await hall.people.enrol(LI, CLERK)
    with restored_to_now(database18):
        await rotated(hall.store, keys_of(hall))
    await hall.open_vault()
    await hall.people.enrol(Person(name="赵新"), CLERK)
    done = await rotated(hall.store, keys_of(hall))
    assert (done.number, done.persons, done.destroyed) == (3, 1, [2])
    assert done.failed == {lost: Condition.unreadable}
    settings = {
        "JIANDU_DATABASE_URL": database18,
        "JIANDU_VAULT_KEYS_DIR": str(hall.folder),
        "JIANDU_COUNTY": COUNTY,
    }
    looked = jiandu("vault", "check", settings=settings)
    assert looked.returncode == 1, looked.stderr
    assert f"{lost} 所用密钥已销毁 · its key was destroyed" in looked.stdout
    assert "Put the newest dump of the vault back" in looked.stdout
    assert "was changed" not in looked.stdout
    again = jiandu("vault", "rotate", settings=settings)
    assert again.returncode == 0, again.stderr
    assert "destroyed: kek-3" in again.stdout


async def test_a_changed_vault_is_found_and_the_person_named(hall, database18):
    refs = [await hall.people.enrol(Person(name=name), CLERK) for name in ("甲", "乙", "丙")]
    with in_county(database18) as connection:
        move = f"""
            update {VAULT}.boxes set box = (select box from {VAULT}.boxes where person_ref = %s) where person_ref = %s
        """  # noqa: S608  — a constant
        connection.execute(move, refs[:2])
    found = await checked(hall.store, hall.people, keys_of(hall))
    assert found == {refs[0]: Condition.whole, refs[1]: Condition.changed, refs[2]: Condition.whole}
    with pytest.raises(SealBroken):
        await hall.revealed(refs[1], Part.name)


async def test_an_older_value_put_back_is_found_though_it_opens(hall, database18):
    """The box is the person's own; the record committed to another value since."""
    person_ref = await hall.people.enrol(LI, CLERK)
    dump = saved(database18)
    await hall.people.enrol(LI.model_copy(update={"phone": "13900005678"}), CLERK)
    with in_county(database18) as connection:
        connection.execute(f"delete from {VAULT}.persons")  # noqa: S608  — a constant
    restore(database18, dump)
    assert await checked(hall.store, hall.people, keys_of(hall)) == {person_ref: Condition.changed}


async def test_a_key_that_still_wraps_somebody_unreadable_is_not_destroyed(hall, database18):
    await hall.people.enrol(LI, CLERK)
    with in_county(database18) as connection:
        connection.execute(f"update {VAULT}.persons set wrapped_key = '\\x00'")  # noqa: S608  — a constant
    done = await rotated(hall.store, keys_of(hall))
    assert list(done.failed.values()) == [Condition.changed]
    assert keys_of(hall).numbers() == [1, 2]


def test_the_commands_say_what_they_did(database18, tmp_path):
    settings = {"JIANDU_DATABASE_URL": database18, "JIANDU_VAULT_KEYS_DIR": str(tmp_path / "apart")}
    assert jiandu("migrate", settings=settings).returncode == 0
    looked = jiandu("vault", "check", settings=settings)
    assert (looked.returncode, looked.stdout) == (
        0,
        "0 人，0 人与记录相符 · 0 persons, 0 as the record says\n",
    )
    done = jiandu("vault", "rotate", settings=settings)
    assert done.returncode == 0, done.stderr
    assert "kek-2 wraps now, 0 persons rewrapped; destroyed: kek-1" in done.stdout
    assert VaultKeyFiles(tmp_path / "apart").numbers() == [2]
    (tmp_path / "apart" / "kek-2.key").unlink()
    refused = jiandu("vault", "check", settings=settings)
    assert refused.returncode == 1
    assert "个人信息保管库的密钥无法使用" in refused.stderr


@pytest.mark.parametrize("content", [b"", b"short", b"!" * 44, b"A" * 80])
def test_a_broken_key_file_is_named_and_not_shown(tmp_path, content):
    files = VaultKeyFiles(tmp_path)
    files.create_first()
    files.wrapping_file(1).write_bytes(content)
    files.read_again()
    with pytest.raises(VaultKeysUnusable, match=r"kek-1\.key"):
        _ = files.now


def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    files = VaultKeyFiles(tmp_path)
    files.create_first()
    files.wrapping_file(1).chmod(0o644)
    files.read_again()
    with pytest.raises(VaultKeysUnusable, match="0600"):
        _ = files.now


async def test_what_may_reach_the_vault_reaches_it_through_its_functions_alone(hall, database18):
    await hall.people.enrol(LI, CLERK)
    with in_county(database18, role=f"jiandu_{COUNTY}_recorder") as connection:
        for table in ("persons", "boxes", "fingerprints", "wrapping_keys"):
            with pytest.raises(Exception, match="permission denied"):
                connection.execute(f"select * from {VAULT}.{table}")  # noqa: S608  — constants
    vault_owner = in_county(database18, role=f"jiandu_{COUNTY}_vault")
    with vault_owner, pytest.raises(Exception, match="permission denied"):
        vault_owner.execute(f"select * from {COUNTY}.events")  # noqa: S608  — a constant
