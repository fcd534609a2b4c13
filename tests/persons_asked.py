"""Somebody who is enrolled, and who asks about them."""

from tests.county import actor_at

LI = {
    "name": "李小河",
    "id_type": "111",
    "id_number": "610999198003150022",
    "phone": "13800005678",
    "address": "上河村二组",
}
PROPOSED = {
    "type": "propose_measure",
    "measure": "erase",
    "reason": "届满",
    "retention_ended_on": "2020-01-01",
}
AGREED = {"type": "agree_to_measure", "measure": "erase"}


def at_post(post):
    return {"X-Jiandu-Speaks-For": f"{actor_at(post).staff_id}@{post}"}
