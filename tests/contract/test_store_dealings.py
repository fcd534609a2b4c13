"""Who has to do with a person: what the log says by its indexes is what its facts say, read one by one."""

from dataclasses import replace

from domain.aggregates import AGGREGATES
from domain.amendment import CorrectEvent
from domain.application import Keeper
from domain.case import CASE
from domain.case.involved import units_of
from domain.contact import CONTACT
from domain.contact.commands import RegisterFirstAsk
from domain.dealings import Place
from domain.store.county import Store
from domain.store.dealings import ENDED, IN_DOUBT
from domain.store.memory import MemoryLog
from domain.store.statements import STATEMENTS
from domain.subject import SUBJECT
from domain.subject.commands import EnrolSubject
from tests.county import (
    CENTRE,
    COUNTY_CLERK_POST,
    TOWN_CENTRE,
    TOWN_CLERK_POST,
    TOWN_DIVISION,
    actor_at,
    person_ref,
)
from tests.doors import DealingsOf
from tests.examples import AGENT, VILLAGER, a_case_collected_by_the_agent, a_received_case
from tests.inquiries import CASE_NO
from tests.notes import COUNTY, in_county
from tests.people import COMMITTED
from tests.spec import deed, the_county
from tests.templates import make_county

RENAMED, ASKER, STRANGER = person_ref("renamed"), person_ref("asker"), person_ref("stranger")
CORRECTION = CorrectEvent(
    target_version=1,
    field="applicant_ref",
    was=VILLAGER,
    should_be=RENAMED,
    reason="抄错",
    approved_by="a-director",
)
TOLD = (
    (CASE, CASE_NO, a_case_collected_by_the_agent()),
    (CASE, "61099910200020260303000016", (*a_received_case(), deed(CORRECTION, "03-04 09:00"))),
    (CONTACT, "SW-1", (deed(RegisterFirstAsk(asker_ref=ASKER, matter="建房"), "03-03 09:00"),)),
    (SUBJECT, VILLAGER, (deed(EnrolSubject(commitments=(COMMITTED,)), "03-03 08:00", by=TOWN_CLERK_POST),)),
)
EVERYBODY = [VILLAGER, AGENT, RENAMED, ASKER, STRANGER]
ELSEWHERE = "610999102000"
PLACES = (
    Place(TOWN_DIVISION, ()),
    Place(TOWN_DIVISION, (TOWN_CENTRE,)),
    Place(ELSEWHERE, ("a-unit-of-nobody",)),
    Place(TOWN_DIVISION[:6], ()),
    Place(None, ()),
)
THOUSANDS_LIKE_IT = """
    insert into events (position, stream, version, topic, occurred_at, recorded_at, state)
    select position + n, left(stream, 17) || lpad(n::text, 14, '0'), 1, topic, occurred_at, recorded_at, state
    from events, generate_series(1, 6000) as n
"""


async def test_the_indexes_say_what_the_facts_say(database):
    make_county(database, COUNTY)
    async with Store.open(database, COUNTY, AGGREGATES) as store:
        memory = MemoryLog()
        for log in (store.log, memory):
            keeper = Keeper(log, the_county())
            for aggregate, identity, deeds in TOLD:
                for each in deeds:
                    await keeper.handle(
                        aggregate, identity, each.command, each.occasion, key=None, digest=bytes(32)
                    )
        told = {place: await store.dealings.known(EVERYBODY, place) for place in PLACES}
        assert told == {place: await DealingsOf(memory).known(EVERYBODY, place) for place in PLACES}
        assert [{person for person in each if each[person]} for each in told.values()] == [
            {VILLAGER, AGENT},
            {VILLAGER, AGENT, RENAMED, ASKER},
            {VILLAGER, RENAMED},
            {VILLAGER, AGENT, RENAMED},
            set(),
        ]
        assert all(set(each) == set(EVERYBODY) - {STRANGER} for each in told.values())
        assert await store.dealings.cases_in_hand_of(AGENT, TOWN_CENTRE) == [CASE_NO]
        assert await store.dealings.cases_in_hand_of(AGENT, TOWN_CENTRE[:-1]) == []
        assert await store.dealings.cases_in_hand_of(STRANGER, TOWN_CENTRE) == []
        history = [(event.fact, event.envelope) for event in await memory.history(CASE.stream(CASE_NO))]
        for unit_code in units_of(history):
            assert await store.dealings.cases_in_hand_of(AGENT, unit_code) == [CASE_NO]
        # what stands in the case as something else than a unit
        assert await store.dealings.cases_in_hand_of(AGENT, actor_at(TOWN_CLERK_POST).staff_id) == []
        assert (await store.dealings.open_cases(VILLAGER)).under_way == 1
        assert await store.dealings.open_cases(RENAMED) == (0, [TOLD[1][1]])
        assert await store.dealings.open_cases(STRANGER) == (0, [])
        for statement in ("dealings", "cases_in_hand_of", "open_cases"):
            assert walked_through(database, statement) == set()


async def test_one_record_of_a_place_is_found_behind_thousands_of_others(database):
    make_county(database, COUNTY)
    received, *_ = a_received_case()
    async with Store.open(database, COUNTY, AGGREGATES) as store:
        keeper = Keeper(store.log, the_county())

        async def receive(case_no, each):
            await keeper.handle(CASE, case_no, each.command, each.occasion, key=None, digest=bytes(32))

        await receive(TOLD[1][1], replace(received, by=actor_at(COUNTY_CLERK_POST)))
        with in_county(database) as connection:
            connection.execute(THOUSANDS_LIKE_IT)
        await receive(CASE_NO, received)
        for place in (Place(TOWN_DIVISION, ()), Place(None, [TOWN_CENTRE])):
            assert await store.dealings.known([VILLAGER], place) == {VILLAGER: True}
        assert await store.dealings.known([VILLAGER], Place("610999103", ["another"])) == {VILLAGER: False}
        assert await store.dealings.cases_in_hand_of(VILLAGER, TOWN_CENTRE) == [CASE_NO]
        assert len(await store.dealings.cases_in_hand_of(VILLAGER, CENTRE)) == 6001


def walked_through(database, statement):
    """Whether anything of the log is read otherwise than by an index over who is named."""
    with in_county(database) as connection:
        connection.execute("set enable_seqscan = off")
        connection.execute("set enable_bitmapscan = off")
        asked = {"person_refs": [VILLAGER], "division": TOWN_DIVISION, "unit_codes": [TOWN_CENTRE]}
        asked |= {
            "person_ref": VILLAGER,
            "words": [TOWN_CENTRE.encode()],
            "ended": ENDED,
            "in_doubt": IN_DOUBT,
        }
        plan = connection.execute(b"explain " + STATEMENTS[statement], asked).fetchall()
    scans = [line for (line,) in plan if "Scan" in line and "Subquery" not in line and "unnest" not in line]
    by_name = ("events_persons_named", "events_agents_named", "events_stream_version_key")
    return {line for line in scans if not any(name in line for name in by_name)}
