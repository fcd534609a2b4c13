"""The county of the demonstration adds up: its files load without an objection, and nothing in it is left over."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from domain.application import Keeper
from domain.authorisation import AUTHORISATION
from domain.authorisation.values import Power
from domain.catalogue import MASTER_DATA, Catalogue
from domain.item import ITEM
from domain.store.memory import MemoryLog
from domain.window import POST, WINDOW
from ops.catalogue_files import load, read

DEMONSTRATION = Path(__file__).parents[2] / "ops" / "demo_county"


class People:
    """Gives everybody a reference."""

    async def enrol(self, person, _occasion):
        return f"p-{sha256(person.id_number.encode()).hexdigest()[:32]}"


async def demonstrated():
    keeper = Keeper(MemoryLog(), Catalogue())
    report = await load(keeper, People(), DEMONSTRATION, received_at=datetime(2026, 3, 3, tzinfo=UTC))
    assert report.refused == []
    return keeper.catalogue


def test_the_demonstration_county_adds_up():
    entries = read(DEMONSTRATION).entries
    assert {heading: len(placed) for heading, placed in entries.items()} == {
        "units": 68,
        "staff": 273,
        "windows": 31,
        "posts": 244,
        "points": 15,
        "items": 57,
        "supervision": 1,
        "stationings": 25,
        "cancellations": 1,
        "authorisations": 105,
        "revocations": 1,
        "calendars": 0,
        "policies": 2,
    }


async def test_the_demonstration_county_has_items_of_every_class_kind_and_routing():
    catalogue = await demonstrated()
    assert {aggregate.name: len(catalogue.entries(aggregate)) for aggregate in MASTER_DATA} == {
        "unit": 68, "staff": 273, "window": 31, "post": 244, "point": 15, "item": 52, "authorisation": 105,
        "calendar": 33, "policy": 1,
    }  # fmt: skip
    in_force = [
        version for code in catalogue.entries(ITEM) if (version := catalogue.item(code, date(2026, 11, 1)))
    ]
    by_class = {
        code: sum(version.class_code == code for version in in_force)
        for code in ("01", "05", "07", "20", "10")
    }
    assert by_class == {"01": 17, "05": 11, "07": 8, "20": 12, "10": 3}
    assert {(version.kind.value, version.routing.value) for version in in_force} == {
        ("instant", "single"), ("promised", "single"), ("promised", "joint"), ("promised", "report_up"),
    }  # fmt: skip


async def test_every_post_of_the_demonstration_county_has_an_a_and_a_b():
    catalogue = await demonstrated()
    for post in catalogue.entries(POST).values():
        assert [holder.duty.value for holder in post.assignments] == ["A", "B"]


async def test_every_item_of_the_demonstration_county_is_accepted_and_decided_by_somebody():
    catalogue = await demonstrated()
    on = date(2026, 3, 3)
    holders = [grant.unit_code or grant.post_id for grant in catalogue.entries(AUTHORISATION).values()]
    for item_code in catalogue.entries(ITEM):
        for power in (Power.accept, Power.decide):
            found = [
                catalogue.may(power, item_code, unit_code=holder, post_id=holder, on=on) for holder in holders
            ]
            assert any(found), f"nobody may {power} {item_code}"
        windows = catalogue.entries(WINDOW)
        assert any(catalogue.is_stationed(item_code, window, on) for window in windows), item_code
