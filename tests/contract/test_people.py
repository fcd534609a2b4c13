"""People on the real tables: who they are lies sealed in the vault, and nowhere else."""

import pytest
from pydantic import ValidationError

from domain.people import DocumentTaken, SealBroken, Sought
from domain.store.vault_keys import VaultKeyFiles
from domain.subject import SUBJECT
from domain.subject.rejections import PersonErased, PersonNotEnrolled, PersonRestricted
from domain.subject.searching import PEOPLE_SEARCH
from domain.subject.values import IdType, Measure, Particulars, Person
from domain.vault.fields import Part, SearchKind
from domain.window.values import Role
from tests.notes import in_county
from tests.vaulted import BY_DOCUMENT, CLERK, LI, VAULT, a_hall, restore, rows_of_the_vault, saved


@pytest.fixture
async def hall(database, tmp_path):
    async with a_hall(database, tmp_path / "keys") as opened:
        yield opened


async def test_a_person_is_revealed_by_the_reference_and_shown_masked(hall):
    person_ref = await hall.people.enrol(LI, CLERK)
    assert (len(person_ref), person_ref[:2]) == (34, "p-")
    shown = await hall.people.shown(person_ref, Role.window_clerk)
    assert shown.values == {
        Part.name: "李**",
        Part.id_type: "111",
        Part.id_number: "1101**********4477",
        Part.phone: "138****1234",
        Part.address: "***",
    }
    assert await hall.revealed(person_ref, *Part) == LI.values()
    assert await hall.topics(SUBJECT, person_ref) == ["subject.enrolled.v1", "subject.data_revealed.v1"]


async def test_who_keeps_the_system_sees_nothing_of_anybody(hall):
    person_ref = await hall.people.enrol(LI, CLERK)
    for role in (Role.system_admin, Role.auditor, Role.catalogue_admin):
        shown = await hall.people.shown(person_ref, role)
        assert set(shown.values.values()) == {"***"}


async def test_the_holder_of_a_document_keeps_the_reference_and_what_is_new_is_a_correction(hall):
    first = await hall.people.enrol(LI, CLERK)
    again = await hall.people.enrol(LI.model_copy(update={"phone": "13900005678", "address": None}), CLERK)
    assert again == first
    assert await hall.revealed(first, *Part) == LI.values() | {Part.phone: "13900005678"}
    history = await hall.keeper.history(SUBJECT, first)
    assert [commitment.part for commitment in history[1].fact.commitments] == [Part.phone]


async def test_the_same_said_again_records_nothing(hall):
    first = await hall.people.enrol(LI, CLERK)
    assert await hall.people.enrol(LI, CLERK) == first
    assert await hall.topics(SUBJECT, first) == ["subject.enrolled.v1"]


async def test_the_same_number_on_another_kind_of_document_is_somebody_else(hall):
    one = Person(name="甲", id_type=IdType.passport, id_number="E12345678")
    other = Person(name="乙", id_type=IdType.other, id_number="E12345678")
    assert await hall.people.enrol(one, CLERK) != await hall.people.enrol(other, CLERK)


async def test_people_without_a_document_are_never_taken_for_each_other(hall):
    refs = [await hall.people.enrol(Person(name="王秀英"), CLERK) for _ in range(3)]
    assert len(set(refs)) == 3
    assert await hall.found(Sought(SearchKind.name, {Part.name: "王秀英"})) == refs


async def test_one_document_belongs_to_one_person(hall):
    await hall.people.enrol(LI, CLERK)
    other = await hall.people.enrol(Person(name="王秀英"), CLERK)
    said = Particulars(id_type=IdType.identity_card, id_number=LI.id_number)
    with pytest.raises(DocumentTaken):
        await hall.people.correct(other, said, CLERK)
    assert await hall.topics(SUBJECT, other) == ["subject.enrolled.v1"]


async def test_an_unknown_reference_is_nobody(hall):
    assert await hall.people.shown("p-" + "0" * 32, Role.window_clerk) is None
    with pytest.raises(PersonNotEnrolled):
        await hall.revealed("p-" + "0" * 32, Part.name)


async def test_a_person_is_found_by_document_telephone_and_name_however_written(hall):
    person_ref = await hall.people.enrol(LI, CLERK)
    for sought in (
        BY_DOCUMENT,
        Sought(SearchKind.phone, {Part.phone: "+86 138-0000-1234"}),
        Sought(SearchKind.name, {Part.name: "李桂兰"}),
    ):
        assert await hall.found(sought) == [person_ref]
    assert await hall.found(Sought(SearchKind.name, {Part.name: "李桂"})) == []
    searches = await hall.keeper.history(PEOPLE_SEARCH, CLERK.actor.staff_id)
    assert [(search.fact.by, search.fact.found) for search in searches] == [
        (SearchKind.document, (person_ref,)),
        (SearchKind.phone, (person_ref,)),
        (SearchKind.name, (person_ref,)),
        (SearchKind.name, ()),
    ]


async def test_restricted_data_are_neither_shown_nor_found_until_two_persons_release_them(hall):
    person_ref = await hall.people.enrol(LI, CLERK)
    await hall.set_aside(person_ref, Measure.restrict)
    with pytest.raises(PersonRestricted):
        await hall.people.shown(person_ref, Role.window_clerk)
    with pytest.raises(PersonRestricted):
        await hall.revealed(person_ref, Part.name)
    with pytest.raises(PersonRestricted):
        await hall.people.enrol(LI, CLERK)
    assert await hall.found(BY_DOCUMENT) == []
    await hall.set_aside(person_ref, Measure.release)
    assert await hall.found(BY_DOCUMENT) == [person_ref]


async def test_of_an_erased_person_nothing_is_left_in_the_vault(hall, database):
    person_ref = await hall.people.enrol(LI, CLERK)
    await hall.erase(person_ref)
    assert rows_of_the_vault(database) == (0, 0, 0)
    with pytest.raises(PersonErased):
        await hall.people.shown(person_ref, Role.window_clerk)
    with pytest.raises(PersonErased):
        await hall.revealed(person_ref, Part.name)
    assert await hall.found(BY_DOCUMENT) == []
    assert await hall.people.enrol(LI, CLERK) != person_ref


async def test_a_restored_vault_brings_nobody_back(hall, database):
    person_ref = await hall.people.enrol(LI, CLERK)
    kept = saved(database)
    await hall.erase(person_ref)
    restore(database, kept)
    assert rows_of_the_vault(database) == (1, 5, 3)
    await hall.open_vault()
    assert rows_of_the_vault(database) == (0, 0, 0)


async def test_a_destruction_that_was_broken_off_is_finished_when_the_county_is_opened(hall, database):
    person_ref = await hall.people.enrol(LI, CLERK)
    kept = saved(database)
    await hall.erase(person_ref)
    restore(database, kept)
    (hall.folder / "erased").unlink()
    await hall.open_vault()
    assert rows_of_the_vault(database) == (0, 0, 0)


async def test_a_box_moved_to_another_person_does_not_open(hall, database):
    one, other = await hall.people.enrol(LI, CLERK), await hall.people.enrol(Person(name="王秀英"), CLERK)
    with in_county(database) as connection:
        connection.execute(
            f"update {VAULT}.boxes set box = (select box from {VAULT}.boxes where person_ref = %s and part = 'name')"  # noqa: S608  — a constant
            " where person_ref = %s and part = 'name'",
            [one, other],
        )
    with pytest.raises(SealBroken):
        await hall.revealed(other, Part.name)


async def test_an_enrolment_whose_event_was_lost_is_completed_when_it_is_said_again(hall):
    person_ref = f"p-{'1' * 32}"
    digests, _ = await hall.people._put_away(person_ref, LI)
    assert await hall.people.shown(person_ref, Role.window_clerk) is None
    assert await hall.people.enrol(LI, CLERK) == person_ref
    (enrolled,) = await hall.keeper.history(SUBJECT, person_ref)
    assert {each.part: each.digest for each in enrolled.fact.commitments} == digests


async def test_people_in_plain_text_are_moved_into_the_vault_and_the_table_is_emptied(hall, database):
    """Where earlier versions kept them; their references stay."""
    refs = [f"p-{n:032x}" for n in range(3)]
    rows = [
        (refs[0], "李桂兰", "111", LI.id_number, "13800001234", None),
        (refs[1], "甲\u3164", "414", "e12345678", None, None),
        (refs[2], "甲", "414", "E12345678", None, "一组"),
    ]
    with in_county(database) as connection, connection.cursor() as cursor:
        cursor.executemany("insert into people values (%s, %s, %s, %s, %s, %s, now())", rows)
    await hall.open_vault()
    with in_county(database) as connection:
        assert connection.execute("select count(*) from people").fetchone() == (0,)
    assert await hall.found(BY_DOCUMENT) == [refs[0]]
    assert await hall.revealed(refs[1], Part.name, Part.id_number) == {
        Part.name: "甲\u3164",
        Part.id_number: "e12345678",
    }
    assert (await hall.revealed(refs[2], Part.address))[Part.address] == "一组"


async def test_a_vault_without_its_keys_is_not_opened(hall):
    await hall.people.enrol(LI, CLERK)
    VaultKeyFiles(hall.folder).wrapping_file(1).unlink()
    with pytest.raises(Exception, match=r"kek-<n>\.key") as refused:
        await hall.open_vault()
    assert "个人信息保管库的密钥无法使用" in str(refused.value)


async def test_a_reference_that_was_not_given_out_is_named_by_no_record(hall):
    known = await hall.people.enrol(LI, CLERK)
    await hall.store.references.expect_known([known])
    with pytest.raises(PersonNotEnrolled):
        await hall.store.references.expect_known([known, "p-" + "0" * 32])
    await hall.erase(await hall.people.enrol(Person(name="王秀英"), CLERK))
    gone = (await hall.store.references.erased())[0]
    with pytest.raises(PersonErased):
        await hall.store.references.expect_known([gone])


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " "},
        {"name": "甲", "address": "\u3000"},
        {"name": "甲", "id_type": IdType.identity_card},
        {"name": "甲", "id_number": "110101199003074477"},
        {"name": "甲", "id_type": IdType.identity_card, "id_number": "110101199003074478"},
        {"name": "甲", "id_type": IdType.credit_code, "id_number": "911101010000000000"},
        {"name": "甲", "phone": "call me"},
        {"name": "甲\u202e乙"},
    ],
)
def test_a_person_who_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        Person(**wrong)


INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\ufe00\ufe0f\uffa0\U0001d159"
SELECTORS = "\U000e0100\U000e0101\U000e01ef"


@pytest.mark.parametrize("char", INVISIBLE + SELECTORS, ids=ascii)
@pytest.mark.parametrize("name", ["{}甲乙", "甲·{}乙", "甲一{}{}"])
def test_a_name_holds_nothing_that_cannot_be_seen(name, char):
    for said in (Person, Particulars):
        with pytest.raises(ValidationError, match=f"must not contain the character U\\+{ord(char):04X}"):
            said(name=name.format(char, char))


@pytest.mark.parametrize("name", ["葛\U000e0100城", "㐂一\U000e0101", "𠮷·田", "买买提·艾力", "金哲秀"])
def test_a_name_is_taken_in_the_form_that_a_document_has_it_in(name):
    assert Person(name=name).name == name


async def test_a_form_of_an_ideograph_is_found_with_and_without_its_selector(hall):
    ref = await hall.people.enrol(Person(name="葛\U000e0100城"), CLERK)
    for name in ("葛城", "葛\U000e0100城", "葛\U000e0101城"):
        assert await hall.found(Sought(SearchKind.name, {Part.name: name})) == [ref]


def test_a_person_is_never_printed_by_accident():
    assert repr(LI) == "Person()"
    assert "李" not in str(LI)
    assert "110101" not in repr(BY_DOCUMENT)
