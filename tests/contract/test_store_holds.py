"""证据保全: what is held is read from the log itself, the moment it stands there."""

from domain.aggregates import AGGREGATES
from domain.application import Keeper
from domain.case import CASE
from domain.investigation import INVESTIGATION
from domain.investigation.commands import ReleaseLegalHold
from domain.store.county import Store
from tests.county import person_ref
from tests.examples import VILLAGER, a_received_case
from tests.inquiries import (
    CASE_NO,
    HOLDING,
    OTHER_OFFICER,
    an_investigation_about_to_release,
    an_open_investigation,
)
from tests.notes import COUNTY
from tests.spec import deed, the_county
from tests.templates import make_county

NUMBER = "HC-2026-3"
STRANGER = person_ref("stranger")


async def told(store, *deeds, aggregate=INVESTIGATION, identity=NUMBER):
    keeper = Keeper(store.log, the_county())
    for each in deeds:
        await keeper.handle(aggregate, identity, each.command, each.occasion, key=None, digest=bytes(32))


async def test_a_hold_stands_from_its_placing_to_its_release(database):
    make_county(database, COUNTY)
    async with Store.open(database, COUNTY, AGGREGATES) as store:
        opened, placed, proposed = an_investigation_about_to_release()
        await told(store, opened)
        assert await store.holds.over_person(VILLAGER) == ()

        await told(store, placed, proposed)
        standing = ((NUMBER, "BQ-1"),)
        assert await store.holds.over_person(VILLAGER) == standing
        assert await store.holds.over_case(CASE_NO) == standing
        assert await store.holds.over_person(STRANGER) == ()
        assert await store.holds.over_case("X-1") == ()

        await told(store, deed(ReleaseLegalHold(hold_no="BQ-1"), "03-26 10:00", by=OTHER_OFFICER))
        assert await store.holds.over_person(VILLAGER) == ()
        assert await store.holds.over_case(CASE_NO) == ()


async def test_a_hold_over_a_case_holds_whom_the_case_is_about(database18):
    make_county(database18, COUNTY)
    async with Store.open(database18, COUNTY, AGGREGATES) as store:
        await told(store, *a_received_case(applicant_ref=STRANGER), aggregate=CASE, identity=CASE_NO)
        over_the_case = HOLDING.model_copy(update={"persons": ()})
        await told(store, *an_open_investigation(), deed(over_the_case, "03-25 09:10"))
        assert await store.holds.over_person(STRANGER) == ((NUMBER, "BQ-1"),)
        assert await store.holds.over_person(person_ref("somebody else")) == ()
