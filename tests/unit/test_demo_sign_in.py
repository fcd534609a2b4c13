"""The demo's sheet of ways in, which can be lost."""

from ops.demo.sign_in import ways_in
from tests.served_door import ServedDoor, sign_in


async def test_who_lost_the_sheet_is_given_another_that_holds(tmp_path):
    door = ServedDoor()
    first = await ways_in(door.accounts, tmp_path)
    for kept in tmp_path.iterdir():
        kept.unlink()
    second = await ways_in(door.accounts, tmp_path)
    assert [user.staff_id for user in second.users] == [user.staff_id for user in first.users]
    user = second.users[0]
    async with door.client() as client:
        signed_in = await sign_in(client, user.staff_id, user.password, post_id=user.post_id)
    assert signed_in.status_code == 201
