"""Erasing a person over the real log: whatever is recorded of the person meanwhile is seen, or refused."""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest

from domain.aggregates import AGGREGATES
from domain.amendment import FACTS as AMENDMENTS
from domain.amendment import CorrectEvent, VoidEvent
from domain.application import Keeper
from domain.case import CASE
from domain.case.ending.commands import WithdrawCase
from domain.contact import CONTACT
from domain.contact.commands import RegisterFirstAsk
from domain.investigation import INVESTIGATION
from domain.people import People
from domain.references import naming_fields
from domain.store.county import Store
from domain.store.dealings import DealingsInLog
from domain.store.references import References
from domain.store.statements import text_of
from domain.subject import SUBJECT
from domain.subject.commands import AgreeToMeasure, ProposeMeasure
from domain.subject.rejections import CasesUnderWay, PersonErased, UnderLegalHold
from domain.subject.values import Measure, Person
from tests.examples import a_mandate, receiving
from tests.inquiries import HOLDING, an_open_investigation
from tests.notes import COUNTY
from tests.people import people_of
from tests.spec import deed, the_county
from tests.templates import make_county
from tests.vaulted import CLERK, DIRECTOR, LAST_YEAR

CASES = tuple(f"6109991020020260303000{n:02}X" for n in range(10, 16))
WANG = Person(name="王秀英")
AGREED = AgreeToMeasure(measure=Measure.erase)


class Hall:
    """A county whose cases name people: on the tables, with as many programmes as a test opens."""

    def __init__(self, store):
        self.store = store
        self.keeper = Keeper(store.log, the_county(), references=store.references)
        self.people: People

    async def someone(self):
        person_ref = await self.people.enrol(WANG, CLERK)
        proposal = ProposeMeasure(measure=Measure.erase, reason="期满", retention_ended_on=LAST_YEAR)
        await self.people.propose(person_ref, proposal, CLERK)
        return person_ref

    async def record(self, identity, each, of=CASE):
        await self.keeper.handle(of, identity, each.command, each.occasion, key=None, digest=bytes(32))

    async def receive(self, case_no, person_ref):
        await self.record(case_no, deed(receiving(applicant_ref=person_ref), "03-03 09:00"))

    async def end(self, case_no):
        await self.record(case_no, deed(WithdrawCase(reason="不办了"), "03-03 10:00"))

    async def standing_of(self, person_ref):
        return (await self.keeper.load(SUBJECT, person_ref)).state


class Once:
    """What somebody else does in the moment between a look and what is recorded on it."""

    def __init__(self, happens):
        self._happens = happens
        self.looks = 0

    async def come(self):
        self.looks += 1
        happens, self._happens = self._happens, None
        if happens:
            await happens()


class DealingsMeanwhile(DealingsInLog):
    def __init__(self, hall, happens=None):
        super().__init__(hall.store.readers)
        self.moment = Once(happens)

    async def open_cases(self, person_ref):
        found = await super().open_cases(person_ref)
        await self.moment.come()
        return found


class ReferencesMeanwhile(References):
    def __init__(self, hall, happens):
        super().__init__(hall.store.readers)
        self.moment = Once(happens)

    async def expect_known(self, person_refs):
        await super().expect_known(person_refs)
        await self.moment.come()


@asynccontextmanager
async def opened(dsn):
    async with Store.open(dsn, COUNTY, AGGREGATES) as store:
        hall = Hall(store)
        hall.people = await people_of(store, hall.keeper, holds=store.holds)
        yield hall


@pytest.fixture
async def hall(database18):
    make_county(database18, COUNTY)
    async with opened(database18) as one:
        yield one


def looking(hall, happens=None):
    hall.people._dealings = DealingsMeanwhile(hall, happens)
    return hall.people._dealings.moment


async def test_a_case_received_while_the_person_is_looked_through_stops_the_erasure(hall):
    person_ref = await hall.someone()
    moment = looking(hall, lambda: hall.receive(CASES[0], person_ref))
    with pytest.raises(CasesUnderWay):
        await hall.people.agree(person_ref, AGREED, DIRECTOR)
    assert moment.looks == 2
    assert (await hall.standing_of(person_ref)).destroyed_at is None


async def test_what_others_record_meanwhile_does_not_stop_it(hall):
    person_ref, neighbour = await hall.someone(), await hall.someone()
    moment = looking(hall, lambda: hall.receive(CASES[0], neighbour))
    await hall.people.agree(person_ref, AGREED, DIRECTOR)
    assert moment.looks == 1


async def test_a_case_that_goes_on_after_all_in_that_moment_stops_it(hall):
    person_ref = await hall.someone()
    await hall.receive(CASES[0], person_ref)
    await hall.end(CASES[0])
    voided = VoidEvent(target_version=2, reason="录错", approved_by="a-director")
    looking(hall, lambda: hall.record(CASES[0], deed(voided, "03-04 09:00")))
    with pytest.raises(CasesUnderWay):
        await hall.people.agree(person_ref, AGREED, DIRECTOR)


async def test_a_hold_that_is_placed_in_that_moment_stops_it(hall):
    person_ref = await hall.someone()
    held = deed(HOLDING.model_copy(update={"persons": (person_ref,)}), "03-25 09:10")

    async def placed():
        for each in (*an_open_investigation(), held):
            await hall.record("HC-2026-1", each, of=INVESTIGATION)

    looking(hall, placed)
    with pytest.raises(UnderLegalHold):
        await hall.people.agree(person_ref, AGREED, DIRECTOR)


async def test_a_case_is_not_received_for_somebody_who_is_erased_in_that_moment(hall):
    person_ref = await hall.someone()
    hall.keeper._references = ReferencesMeanwhile(
        hall, lambda: hall.people.agree(person_ref, AGREED, DIRECTOR)
    )
    with pytest.raises(PersonErased):
        await hall.receive(CASES[0], person_ref)
    assert await hall.keeper.history(CASE, CASES[0]) == ()


async def test_a_programme_that_remembers_a_person_records_nothing_about_them_once_they_are_erased(database):
    make_county(database, COUNTY)
    async with opened(database) as hall, opened(database) as other:
        person_ref, neighbour = await hall.someone(), await hall.someone()
        await hall.receive(CASES[0], person_ref)
        await hall.end(CASES[0])
        await hall.receive(CASES[1], neighbour)
        await other.people.agree(person_ref, AGREED, DIRECTOR)
        for of, identity, each in naming(person_ref, instead_of=neighbour):
            with pytest.raises(PersonErased):
                await hall.record(identity, each, of=of)
        assert len(await hall.keeper.history(CASE, CASES[1])) == 1


def naming(person_ref, instead_of):
    """The ways in which what is recorded can name somebody."""
    asked = RegisterFirstAsk(asker_ref=person_ref, matter="建房")
    for_another = receiving(applicant_ref=instead_of, mandate=a_mandate(agent_ref=person_ref))
    corrected = CorrectEvent(
        target_version=1,
        field="applicant_ref",
        was=instead_of,
        should_be=person_ref,
        reason="抄错",
        approved_by="a-director",
    )
    yield CASE, CASES[2], deed(receiving(applicant_ref=person_ref), "03-03 09:00")
    yield CASE, CASES[2], deed(for_another, "03-03 09:00")
    yield CASE, CASES[1], deed(corrected, "03-04 09:00")
    yield CONTACT, "SW-1", deed(asked, "03-03 09:00")


async def test_one_refused_receipt_does_not_fail_those_sent_with_it(hall):
    gone, here = await hall.someone(), await hall.someone()
    for case_no, each in zip(CASES, (gone, here), strict=False):
        await hall.receive(case_no, each)
    await hall.end(CASES[0])
    await hall.people.agree(gone, AGREED, DIRECTOR)
    asked = [hall.receive(CASES[2], gone), hall.receive(CASES[3], here), hall.receive(CASES[4], here)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in answers] == [PersonErased, type(None), type(None)]


async def test_every_case_counts_however_many_name_the_person(hall):
    person_ref = await hall.someone()
    for case_no in CASES:
        await hall.receive(case_no, person_ref)
    for case_no in CASES[1:5]:
        await hall.end(case_no)
    with pytest.raises(CasesUnderWay) as refused:
        await hall.people.agree(person_ref, AGREED, DIRECTOR)
    assert refused.value.details == {"cases": 2}


async def test_an_erasure_that_is_said_again_looks_at_no_case(hall):
    person_ref = await hall.someone()
    moment = looking(hall)
    for _ in range(2):
        await hall.people.agree(person_ref, AGREED, DIRECTOR)
    assert moment.looks == 1
    history = await hall.keeper.history(SUBJECT, person_ref)
    assert [event.topic for event in history][-1] == "subject.key_destroyed.v1"
    assert history[-1].fact.as_of == history[-1].position - 1


NOT_OF_A_CASE = {
    "people.searched.v1",  # tells who was found
    "investigation.legal_hold_placed.v1",  # over somebody who is erased, it holds nothing
    "staff.enrolled.v1",
    "staff.changed.v1",
}
"""What names people and is asked only before it is recorded, not again under the writer's lock."""


def test_whatever_else_names_somebody_is_asked_for_by_the_log_itself():
    """A new fact that names people needs a further step of the schema: erased.sql, named.sql, and what reads by them."""
    facts = (*(fact for aggregate in AGGREGATES for fact in aggregate.facts), *AMENDMENTS)
    naming = {fact.TOPIC for fact in facts if naming_fields(fact)}
    refused = text_of("domain.store", "erased.sql").partition("create function refuse_erased")[2]
    listed = re.search(r"where topic in \(([^)]*)\)", refused)[1]
    assert naming == {*re.findall(r"'([a-z0-9_.]+)'", listed), *NOT_OF_A_CASE}
