"""People: the only place of personal data."""

import pytest
from pydantic import ValidationError

from domain.store.people import IdType, Person
from tests.notes import COUNTY, in_county, noted, open_store

LI = Person(
    name="李桂兰",
    id_type=IdType.identity_card,
    id_number="110101199003074477",
    phone="13800001234",
    address="清溪镇一组 3 号",
)


async def test_a_person_is_found_by_the_reference(database):
    async with open_store(database) as store:
        person_ref = await store.people.enrol(LI)

        assert await store.people.get(person_ref) == LI
        assert person_ref.startswith("p-")
        assert len(person_ref) == 34


async def test_the_holder_of_a_document_keeps_the_reference(database):
    async with open_store(database) as store:
        first = await store.people.enrol(LI)
        again = await store.people.enrol(LI.model_copy(update={"phone": "13900005678", "address": None}))

        assert again == first
        assert await store.people.get(first) == LI.model_copy(update={"phone": "13900005678"})


async def test_the_same_number_on_another_kind_of_document_is_somebody_else(database):
    async with open_store(database) as store:
        one = await store.people.enrol(Person(name="甲", id_type=IdType.passport, id_number="E12345678"))
        other = await store.people.enrol(Person(name="乙", id_type=IdType.other, id_number="E12345678"))

        assert one != other


async def test_people_without_a_document_are_never_taken_for_each_other(database):
    async with open_store(database) as store:
        refs = {await store.people.enrol(Person(name="王秀英")) for _ in range(3)}

        assert len(refs) == 3


async def test_an_unknown_reference_is_nobody(database):
    async with open_store(database) as store:
        assert await store.people.get("p-" + "0" * 32) is None


async def test_nothing_of_a_person_enters_the_log(database):
    async with open_store(database) as store:
        await store.people.enrol(LI)
        await store.log.append(noted("note:1", 1))
    with in_county(database) as connection:
        stored = connection.execute("select string_agg(encode(state, 'escape'), '') from events").fetchone()[
            0
        ]
        texts = connection.execute(
            "select count(*) from information_schema.columns where table_schema = %s and column_name in ('name', 'phone') and table_name <> 'people'",
            [COUNTY],
        ).fetchone()

    assert "110101" not in stored
    assert texts == (0,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
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


def test_a_person_is_never_printed_by_accident():
    assert repr(LI) == "Person()"
    assert "李" not in str(LI)
