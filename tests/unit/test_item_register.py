"""Items 事项: versions that never overlap, promises within the law, cancelled for good."""

from datetime import date

import pytest
from pydantic import ValidationError

from domain.item import ITEM
from domain.item.commands import (
    CancelItem,
    PublishItemVersion,
    SetSupervisionScope,
    StationItem,
    WithdrawItem,
)
from domain.item.events import (
    ItemCancelled,
    ItemCatalogued,
    ItemStationedAtHall,
    ItemSupervisionScopeSet,
    ItemVersionPublished,
    ItemWithdrawnFromHall,
)
from domain.item.rejections import (
    ItemAlreadyCancelled,
    ItemNotPublished,
    ItemStationedOtherwise,
    ItemVersionFixed,
    ItemVersionsOverlap,
    JointItemWithoutPartners,
    NotStationedThere,
    PromiseBeyondLegalLimit,
    PromisedItemWithoutPromise,
)
from domain.item.values import Kind, Material, Routing, Stationing
from domain.register import EndsBeforeItBegins, EntryEnded, NotInRegister
from tests.county import (
    BEGAN,
    CANCELLED,
    HOMESTEAD,
    HOUSING,
    LAND_STATION,
    PERMIT,
    REVISED,
    TOWN_WINDOW,
    UNAUTHORISED,
    a_county,
    an_item,
    enter,
)

NEW = "SX-NEW"


@pytest.fixture
def county():
    return a_county()


def publishing(item_code=NEW, **different):
    return PublishItemVersion(item=an_item(item_code, **different))


def cancelling(item_code=NEW, on=date(2026, 7, 1)):
    return CancelItem(item_code=item_code, cancelled_on=on, basis="国务院关于取消一批行政许可事项的决定")


def stationing(item_code=UNAUTHORISED, window_id=TOWN_WINDOW, valid_from=BEGAN, valid_to=None):
    place = Stationing(window_id=window_id, valid_from=valid_from, valid_to=valid_to)
    return StationItem(item_code=item_code, stationing=place)


def withdrawing(item_code=PERMIT, window_id=TOWN_WINDOW, last_day=date(2026, 6, 30)):
    return WithdrawItem(item_code=item_code, window_id=window_id, last_day=last_day)


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_item_is_catalogued_with_its_first_version(county):
    catalogued, published = enter(county, ITEM, publishing()).facts
    assert isinstance(catalogued, ItemCatalogued)
    assert published == ItemVersionPublished(item=an_item(NEW))
    assert county.item(NEW, BEGAN) == an_item(NEW)


def test_the_same_version_again_is_nothing_to_do(county):
    enter(county, ITEM, publishing())
    assert enter(county, ITEM, publishing()).facts == ()


def test_an_open_version_gives_way_to_the_next(county):
    assert county.item(REVISED, date(2025, 12, 31)).promise_days == 10
    assert county.item(REVISED, date(2026, 1, 1)).promise_days == 7
    assert county.item_version(REVISED, "1").promise_days == 10


def test_an_item_is_not_in_force_before_its_first_day(county):
    assert county.item(REVISED, date(2019, 12, 31)) is None
    assert county.item_version(REVISED, "9") is None


def test_a_version_published_late_takes_its_place_among_the_days(county):
    middle = publishing(REVISED, version="1b", promise_days=9, valid_from=date(2025, 6, 1))
    enter(county, ITEM, middle)
    assert [
        county.item(REVISED, day).promise_days
        for day in (date(2025, 5, 31), date(2025, 6, 1), date(2026, 1, 1))
    ] == [10, 9, 7]


def test_a_published_version_is_never_rewritten(county):
    with pytest.raises(ItemVersionFixed):
        enter(county, ITEM, publishing(PERMIT, promise_days=9))


def test_versions_do_not_begin_on_one_day(county):
    with pytest.raises(ItemVersionsOverlap):
        enter(county, ITEM, publishing(PERMIT, version="2"))


def test_a_version_does_not_begin_within_the_stated_days_of_another(county):
    enter(county, ITEM, publishing(valid_to=date(2026, 6, 30)))
    with pytest.raises(ItemVersionsOverlap):
        enter(county, ITEM, publishing(version="2", valid_from=date(2026, 6, 30)))
    assert enter(county, ITEM, publishing(version="2", valid_from=date(2026, 8, 1))).facts
    assert county.item(NEW, date(2026, 7, 15)) is None


def test_a_promise_lies_within_the_legal_limit(county):
    with pytest.raises(PromiseBeyondLegalLimit):
        enter(county, ITEM, publishing(promise_days=21))
    assert enter(county, ITEM, publishing(promise_days=20)).facts


def test_a_promise_may_stand_alone_where_the_law_sets_no_limit(county):
    assert enter(county, ITEM, publishing(legal_days=None)).facts


def test_a_promised_item_states_its_promise(county):
    with pytest.raises(PromisedItemWithoutPromise):
        enter(county, ITEM, publishing(promise_days=None))
    assert enter(county, ITEM, publishing(promise_days=None, kind=Kind.instant)).facts


@pytest.mark.parametrize("partners", [(), (LAND_STATION,)])
def test_a_joint_item_has_partners(county, partners):
    with pytest.raises(JointItemWithoutPartners):
        enter(county, ITEM, publishing(routing=Routing.joint, joint_units=partners))
    assert enter(county, ITEM, publishing(routing=Routing.joint, joint_units=(HOUSING,))).facts


@pytest.mark.parametrize("unknown", [{"unit_code": "QX-XX"}, {"joint_units": ("QX-XX",)}])
def test_an_item_names_registered_units(county, unknown):
    with pytest.raises(NotInRegister):
        enter(county, ITEM, publishing(**unknown))


@pytest.mark.parametrize(
    "wrong",
    [
        {"legal_basis": ""},
        {"legal_basis": None},
        {"class_code": "1"},
        {"level": "8"},
        {"promise_days": -1},
        {"promise_days": 1.5},
        {"valid_to": date(2019, 1, 1)},
        {"materials": (Material(code="M1", title="甲"), Material(code="M1", title="乙"))},
        {"joint_units": ("A", "A")},
    ],
)
def test_a_version_is_well_formed_or_none(wrong):
    with pytest.raises(ValidationError):
        an_item(NEW, **wrong)


# ── cancelled ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cancelled_item_is_not_in_force_from_that_day(county):
    assert isinstance(enter(county, ITEM, cancelling(PERMIT)).facts[0], ItemCancelled)
    assert county.item(PERMIT, date(2026, 6, 30)) is not None
    assert county.item(PERMIT, date(2026, 7, 1)) is None
    assert county.knows_item(PERMIT)
    assert county.item_version(PERMIT, "1") is not None


def test_a_cancellation_is_recorded_once(county):
    enter(county, ITEM, cancelling(PERMIT))
    assert enter(county, ITEM, cancelling(PERMIT)).facts == ()


@pytest.mark.parametrize(
    "command",
    [
        publishing(CANCELLED, version="2", valid_from=date(2026, 1, 1)),
        cancelling(CANCELLED),
        stationing(CANCELLED),
    ],
)
def test_a_cancelled_item_does_not_come_back(county, command):
    with pytest.raises(ItemAlreadyCancelled):
        enter(county, ITEM, command)


def test_an_item_is_not_cancelled_before_it_began(county):
    with pytest.raises(EndsBeforeItBegins):
        enter(county, ITEM, cancelling(PERMIT, date(2019, 1, 1)))


# ── supervised, stationed ───────────────────────────────────────────────────────────────────────────────────


def test_an_item_is_supervised_until_it_is_said_otherwise(county):
    leaving = SetSupervisionScope(item_code=PERMIT, is_supervised=False)
    assert isinstance(enter(county, ITEM, leaving).facts[0], ItemSupervisionScopeSet)
    assert enter(county, ITEM, leaving).facts == ()
    assert county.entries(ITEM)[PERMIT].is_supervised is False


def test_an_item_is_handled_at_its_windows_on_their_days(county):
    assert isinstance(
        enter(county, ITEM, stationing(valid_from=date(2026, 3, 1))).facts[0], ItemStationedAtHall
    )
    assert not county.is_stationed(UNAUTHORISED, TOWN_WINDOW, date(2026, 2, 28))
    assert county.is_stationed(UNAUTHORISED, TOWN_WINDOW, date(2026, 3, 1))
    assert not county.is_stationed("SX-XX", TOWN_WINDOW, date(2026, 3, 1))


def test_an_item_withdrawn_from_a_window_is_handled_there_to_the_last_day(county):
    assert isinstance(enter(county, ITEM, withdrawing()).facts[0], ItemWithdrawnFromHall)
    assert enter(county, ITEM, withdrawing()).facts == ()
    assert county.is_stationed(PERMIT, TOWN_WINDOW, date(2026, 6, 30))
    assert not county.is_stationed(PERMIT, TOWN_WINDOW, date(2026, 7, 1))


def test_the_same_window_again_is_nothing_to_do(county):
    assert enter(county, ITEM, stationing(HOMESTEAD)).facts == ()


def test_an_item_is_stationed_at_a_window_once_at_a_time(county):
    with pytest.raises(ItemStationedOtherwise):
        enter(county, ITEM, stationing(HOMESTEAD, valid_from=date(2026, 1, 1)))


def test_a_stationing_that_ended_is_not_reopened(county):
    enter(county, ITEM, withdrawing())
    with pytest.raises(EntryEnded):
        enter(county, ITEM, stationing(PERMIT))
    assert enter(county, ITEM, stationing(PERMIT, valid_from=date(2026, 9, 1))).facts


def test_an_item_is_stationed_at_a_registered_window(county):
    with pytest.raises(NotInRegister):
        enter(county, ITEM, stationing(window_id="T-99"))


def test_an_item_is_withdrawn_only_from_where_it_is(county):
    with pytest.raises(NotStationedThere):
        enter(county, ITEM, withdrawing(UNAUTHORISED))


@pytest.mark.parametrize(
    "command",
    [
        cancelling(),
        stationing(NEW),
        withdrawing(NEW),
        SetSupervisionScope(item_code=NEW, is_supervised=False),
    ],
)
def test_an_item_without_a_version_is_nothing_yet(county, command):
    with pytest.raises(ItemNotPublished):
        enter(county, ITEM, command)
