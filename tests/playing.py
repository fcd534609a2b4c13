"""Deeds as requests: what a client sends so that the door records what the deed says."""

from dataclasses import dataclass

import orjson

from api.bodies import OPENING_ACTIONS
from domain.grammar import local_day
from domain.numbers import CaseNumber, block_serials
from tests.county import TOWN_DIVISION
from tests.doors import PROGRAMMES
from tests.spec import the_county

NAME_OF_PROGRAMME = {programme.role: name for name, programme in PROGRAMMES.items()}


@dataclass(frozen=True)
class Posted:
    path: str
    content: bytes
    headers: dict


def posted(deed, case_no, *, is_first):
    opens = is_first and isinstance(deed.command, OPENING_ACTIONS)
    body = {"case_no": case_no} if opens else {}
    body["action"] = deed.command.model_dump(mode="json", exclude_none=True)
    body["circumstances"] = deed.occasion.circumstances.model_dump(mode="json", exclude_none=True)
    return Posted(
        "/v1/cases" if opens else f"/v1/cases/{case_no}/actions",
        orjson.dumps(body),
        {"X-Jiandu-Speaks-For": named(deed.by), "Content-Type": "application/json", "If-Match": "*"},
    )


def named(actor):
    return NAME_OF_PROGRAMME.get(actor.role, f"{actor.staff_id}@{actor.post_id}")


def number_for(first, serial=17):
    """Of the day on which the case begins; of the town, or of the village point where it begins there, in its block."""
    day = local_day(first.happened)
    point = the_county().point(first.command.point_code) if hasattr(first.command, "point_code") else None
    if point is None:
        return str(CaseNumber(TOWN_DIVISION, day, serial))
    return str(CaseNumber(point.division_code, day, block_serials(point.serial_block)[serial]))
