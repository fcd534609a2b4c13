"""Who has to do with a person: what the log says by its indexes is what its facts say, read one by one."""

from domain.aggregates import AGGREGATES
from domain.amendment import CorrectEvent
from domain.application import Keeper
from domain.case import CASE
from domain.contact import CONTACT
from domain.contact.commands import RegisterFirstAsk
from domain.store.county import Store
from domain.store.dealings import ENDED, IN_DOUBT
from domain.store.memory import MemoryLog
from domain.store.statements import STATEMENTS
from domain.subject import SUBJECT
from domain.subject.commands import EnrolSubject
from tests.county import TOWN_CENTRE, TOWN_CLERK_POST, actor_at, person_ref
from tests.doors import DealingsOf
from tests.examples import AGENT, CASE_NO, VILLAGER, a_case_collected_by_the_agent, a_received_case
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
        for persons in (
            [VILLAGER],
            [AGENT],
            [RENAMED],
            [ASKER],
            [STRANGER],
            [VILLAGER, AGENT, RENAMED, ASKER],
        ):
            found = set(await store.dealings.of(persons))
            assert found == set(await DealingsOf(memory).of(persons))
            assert bool(found) is (persons != [STRANGER])
        assert actor_at(TOWN_CLERK_POST).unit_code == TOWN_CENTRE
        assert {each.unit_code for each in await store.dealings.of([AGENT])} == {TOWN_CENTRE}
        assert (await store.dealings.open_cases(VILLAGER)).under_way == 1
        assert await store.dealings.open_cases(RENAMED) == (0, [TOLD[1][1]])
        assert await store.dealings.open_cases(STRANGER) == (0, [])
        for statement in ("dealings", "open_cases"):
            assert walked_through(database, statement) == set()


def walked_through(database, statement):
    """Whether anything of the log is read otherwise than by an index over who is named."""
    with in_county(database) as connection:
        connection.execute("set enable_seqscan = off")
        connection.execute("set enable_bitmapscan = off")
        asked = {"person_refs": [VILLAGER], "streams": [f"subject:{VILLAGER}"], "at_most": 10}
        asked |= {"ended": ENDED, "in_doubt": IN_DOUBT}
        plan = connection.execute(b"explain " + STATEMENTS[statement], asked).fetchall()
    scans = [line for (line,) in plan if "Scan" in line and "Subquery" not in line]
    by_name = ("events_persons_named", "events_agents_named", "events_stream_version_key")
    return {line for line in scans if not any(name in line for name in by_name)}
