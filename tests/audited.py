"""Two cases whose trail has everything in it: late records, numbers left out, corrections, a void; and how it is asked."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import psycopg

from domain.amendment import CorrectEvent, VoidEvent
from domain.case.acceptance.commands import AcceptCase
from domain.case.agency.commands import HandToHall, PickUpPapers, SignHallReceipt
from domain.case.decision.commands import Approve
from domain.case.values import Mode
from domain.grammar import Channel, Device
from projections.audit import AUDIT
from projections.calendar import CALENDAR
from projections.view_readers import ViewReaders
from tests import county
from tests.doors import Doorway
from tests.examples import EXPLAINED, VOUCHED, completing, entrusting, receiving
from tests.projected import SCHEMA, access, an_engine, founded
from tests.reads import OTHER_NO, ReadCounty
from tests.servers import fresh_database
from tests.spec import deed

VIEWS = (CALENDAR, AUDIT)


def offline(number):
    device = Device(device_id="DB-1", device_seq=number, clock_offset_ms=2000)
    return {
        "device": device,
        "backfill": EXPLAINED,
        "channel": Channel.agent_point,
        "recorded": "04-09 18:20",
    }


def through_the_agent():
    """Positions 1 to 9; the numbers 42 and 43 of the agent's device never came."""
    return (
        deed(entrusting(item_codes=(county.PERMIT,)), "04-03 09:00", **offline(41)),
        deed(PickUpPapers(is_offline=True), "04-03 09:10", **offline(44)),
        deed(HandToHall(to_unit=county.TOWN_CENTRE), "04-10 08:50"),
        deed(SignHallReceipt(), "04-10 09:00"),
        deed(receiving(county.PERMIT, mode=Mode.agent), "04-10 09:10", basis="行政许可法第三十二条"),
        deed(AcceptCase(), "04-10 09:20", place="二号柜台"),
        deed(misread("receipt_no", "SJ-1", "SJ-2"), "04-13 09:00"),
        deed(misread("receipt_no", "SJ-2", "SJ-3"), "04-14 09:00"),
        deed(VoidEvent(target_version=6, reason="误点", approved_by="a-director"), "04-15 09:00"),
    )


def misread(field, was, should_be, version=5):
    return CorrectEvent(
        target_version=version,
        field=field,
        was=was,
        should_be=should_be,
        reason="抄错",
        approved_by="a-director",
    )


def entered_late():
    """Positions 10 to 14: the approval of 8 May recorded on 15 May, its time corrected on 18 May."""
    return (
        deed(receiving(county.PERMIT), "04-27 09:00", channel=Channel.web),
        deed(AcceptCase(), "04-27 09:30"),
        deed(completing("CB"), "04-30 09:00", by=county.HANDLER_POST),
        deed(Approve(decision_no="XK-6"), "05-08 15:00", recorded="05-15 09:00", backfill=VOUCHED),
        deed(
            misread("occurred_at", "2026-05-08T15:00:00+08:00", "2026-05-12T15:00:00+08:00", version=4),
            "05-18 09:00",
        ),
    )


@contextmanager
def a_told_county(server_dsn, views):
    """The conninfo of a county in which both cases stand, and these views of them."""
    with fresh_database(server_dsn) as dsn:
        asyncio.run(_tell(dsn, views))
        yield dsn


async def _tell(dsn, views):
    founded(dsn)
    async with an_engine(dsn, views) as engine:
        read_county = ReadCounty(dsn, None, engine)
        await read_county.insert(*through_the_agent())
        await read_county.insert(*entered_late(), case_no=OTHER_NO)
        await engine.catch_up()


@asynccontextmanager
async def supervised(dsn, views):
    """A told county as supervision reads it over HTTP."""
    readers = ViewReaders(access(dsn), views, size=2)
    async with Doorway(views=readers).entered(county.SUPERVISION_POST) as client:
        yield ReadCounty(dsn, client, None)
    await readers.close()


async def put(read_county, position, stream, version, topic, state):
    """Past the one door, as somebody could who owns the database; the views hold it."""
    async with await psycopg.AsyncConnection.connect(read_county.dsn) as connection:
        await connection.execute(f"set search_path = {SCHEMA}")
        await connection.execute(
            "insert into events (position, stream, version, topic, occurred_at, recorded_at, state)"
            " values (%s, %s, %s, %s, now(), now(), %s)",
            [position, stream, version, topic, state],
        )
    await read_county.engine.catch_up()


async def positions(read_county, **query):
    return [entry["position"] for entry in (await read_county.read("/v1/audit", **query))["entries"]]


async def entry(read_county, position, **query):
    page = await read_county.read("/v1/audit", after=position - 1, limit=1, **query)
    (found,) = page["entries"]
    assert found["position"] == position
    return found
