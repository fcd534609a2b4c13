"""What a rule of the watch finds in a case, and the courses that cases take: for the tests of the rules."""

from contextlib import asynccontextmanager
from datetime import date

from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.decision.commands import Approve
from projections.watch import Watch
from tests import county
from tests.examples import (
    a_received_case,
    completing,
)
from tests.spec import deed
from tests.views import record

STATION = county.HANDLER_POST
FORWARD = ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION)
OTHER_NO = "61099910100020260303000025"


def day(text):
    return date.fromisoformat(f"2026-{text}")


async def found(views, today, *rules):
    """What these rules find on the day."""
    everything = await Watch(views).of_cases(day(today))
    return [each for each in everything if each.rule_code in rules]


async def lights(views, today, *rules):
    """(rule, light) of what is found on the day, of all rules or of these."""
    everything = await Watch(views).of_cases(day(today))
    return [(each.rule_code, each.light) for each in everything if not rules or each.rule_code in rules]


def accepted(item, when):
    return (*a_received_case(item, f"{when} 09:00"), deed(AcceptCase(), f"{when} 09:30"))


def at_the_station(when):
    return (deed(FORWARD, f"{when} 09:40"), deed(SignStationReceipt(), f"{when} 09:50", by=STATION))


def decided(when):
    """承办, 审核 and the approval on one day."""
    return (
        deed(completing("CB"), f"{when} 10:00", by=STATION),
        deed(completing("SH", "审核"), f"{when} 10:30", by=county.REVIEWER_POST),
        deed(Approve(decision_no="2026-1"), f"{when} 11:00"),
    )


@asynccontextmanager
async def told(views, *deeds, **how):
    """A course that the case might take; forgotten afterwards."""
    async with views.transaction(force_rollback=True):
        await record(views, *deeds, **how)
        yield
