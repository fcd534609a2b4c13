"""A county's vault on the real tables, its keys in a folder: for tests of what is done with it."""

from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg

from domain.application import Keeper
from domain.catalogue import Catalogue
from domain.grammar import Occasion
from domain.people import Sought
from domain.store.county import Store
from domain.subject import SUBJECT
from domain.subject.commands import AgreeToMeasure, ProposeMeasure, RevealData
from domain.subject.searching import PEOPLE_SEARCH
from domain.subject.values import IdType, Measure, Person, Purpose
from domain.vault.fields import Part, SearchKind
from ops.people import opened_people
from tests.county import DIRECTOR_POST, OCCASION, TOWN_CLERK_POST, actor_at
from tests.notes import COUNTY, in_county
from tests.templates import make_county

LI = Person(
    name="李桂兰",
    id_type=IdType.identity_card,
    id_number="110101199003074477",
    phone="13800001234",
    address="清溪镇一组 3 号",
)
CLERK = Occasion(actor_at(TOWN_CLERK_POST), OCCASION.received_at, correlation="c")
DIRECTOR = Occasion(actor_at(DIRECTOR_POST), OCCASION.received_at, correlation="d")
LAST_YEAR = (OCCASION.received_at - timedelta(days=400)).date()
BY_DOCUMENT = Sought(SearchKind.document, {Part.id_type: "111", Part.id_number: LI.id_number})
VAULT = f"{COUNTY}_vault"


class Hall:
    """A county's store with its people, under keys in a folder."""

    def __init__(self, store, folder):
        self.store, self.folder = store, folder
        self.keeper = Keeper(store.log, Catalogue(), references=store.references)
        self.people = None

    async def open_vault(self):
        self.people = await opened_people(self.store, self.keeper, self.folder)

    async def topics(self, aggregate, identity):
        return [event.topic for event in await self.keeper.history(aggregate, identity)]

    async def set_aside(self, person_ref, measure, **said):
        proposal = ProposeMeasure(measure=measure, reason="当事人要求", **said)
        await self.people.propose(person_ref, proposal, CLERK)
        await self.people.agree(person_ref, AgreeToMeasure(measure=measure), DIRECTOR)

    async def erase(self, person_ref):
        await self.set_aside(person_ref, Measure.erase, retention_ended_on=LAST_YEAR)

    async def revealed(self, person_ref, *parts):
        command = RevealData(parts=parts, purpose=Purpose.contact)
        return await self.people.revealed(person_ref, command, CLERK)

    async def found(self, sought):
        found = await self.people.found(sought, Purpose.handling, None, CLERK)
        return [each.person_ref for each in found]


@asynccontextmanager
async def a_hall(dsn, folder):
    make_county(dsn, COUNTY)
    async with Store.open(dsn, COUNTY, [SUBJECT, PEOPLE_SEARCH]) as store:
        hall = Hall(store, folder)
        await hall.open_vault()
        yield hall


def rows_of_the_vault(dsn):
    with in_county(dsn) as connection:
        return connection.execute(
            f"select (select count(*) from {VAULT}.persons), (select count(*) from {VAULT}.boxes),"  # noqa: S608  — constants
            f" (select count(*) from {VAULT}.fingerprints)"
        ).fetchone()


TABLES = ("persons", "boxes", "fingerprints")


def saved(dsn):
    with psycopg.connect(dsn) as connection:
        return {
            table: connection.execute(f"select * from {VAULT}.{table}").fetchall()  # noqa: S608  — constants
            for table in TABLES
        }


def restore(dsn, kept):
    with psycopg.connect(dsn) as connection:
        for table, rows in kept.items():
            for row in rows:
                values = ", ".join(["%s"] * len(row))
                connection.execute(f"insert into {VAULT}.{table} values ({values})", row)  # noqa: S608  — constants
