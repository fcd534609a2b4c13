"""Ciphertext moved from one person to another by whoever owns the server: the last of the fourteen attacks."""

import pytest

from domain.people import SealBroken
from domain.subject.values import Person
from domain.vault.fields import Part
from domain.vault.sealed import Kept, opened
from domain.vault.sealing import Unsealable
from tests.notes import in_county
from tests.vaulted import CLERK, LI, VAULT, a_hall

BOX = f"""
    update {VAULT}.boxes as own
    set box = other.box
    from {VAULT}.boxes as other
    where own.person_ref = %(to)s and other.person_ref = %(of)s and own.part = 'name' and other.part = 'name'
"""  # noqa: S608  — constants
KEY = f"""
    update {VAULT}.persons as own
    set kek = other.kek, wrapped_key = other.wrapped_key
    from {VAULT}.persons as other
    where own.person_ref = %(to)s and other.person_ref = %(of)s
"""  # noqa: S608  — constants


def move(dsn, what, *, of, to):
    with in_county(dsn) as connection:
        connection.execute("set session_replication_role = replica")
        for statement in what:
            connection.execute(statement, {"to": to, "of": of})


@pytest.mark.parametrize("moved", [(BOX,), (KEY,), (BOX, KEY)], ids=["the box", "the key", "both"])
async def test_what_is_moved_between_persons_does_not_open(database18, tmp_path, moved):
    async with a_hall(database18, tmp_path / "keys") as hall:
        one, other = await hall.people.enrol(LI, CLERK), await hall.people.enrol(Person(name="王秀英"), CLERK)
        move(database18, moved, of=one, to=other)
        with pytest.raises(SealBroken):
            await hall.revealed(other, Part.name)
        assert await hall.revealed(one, Part.name) == {Part.name: LI.name}


async def test_nothing_but_whose_it_is_keeps_a_moved_box_shut(database18, tmp_path):
    """The control: key and box as they lie with the other open for whom they were taken from."""
    async with a_hall(database18, tmp_path / "keys") as hall:
        one, other = await hall.people.enrol(LI, CLERK), await hall.people.enrol(Person(name="王秀英"), CLERK)
        move(database18, (KEY, BOX), of=one, to=other)
        wrapped, boxes = await hall.store.vault.person(other)
        keys = hall.people._keys.now
        assert opened(keys, one, Kept(wrapped, boxes))[Part.name].value == LI.name
        with pytest.raises(Unsealable):
            opened(keys, other, Kept(wrapped, boxes))
