"""Laws of the registers: one version a day, and nobody holds more than was granted."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.authorisation import AUTHORISATION
from domain.authorisation.commands import DelegateAuthorisation, GrantAuthorisation, RevokeAuthorisation
from domain.authorisation.values import Authorisation, Power
from domain.catalogue import Catalogue
from domain.grammar import Command, Rejected
from domain.item import ITEM
from domain.item.commands import PublishItemVersion
from domain.register import Tenure
from tests.county import HANDLED, HOUSING, LAND, LAND_STATION, TOWN_CENTRE, a_county, an_item, enter

FIRST = date(2026, 1, 1)
near = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))
tenures = st.tuples(near, st.none() | st.integers(0, 30)).map(
    lambda pair: Tenure(
        valid_from=pair[0], valid_to=None if pair[1] is None else pair[0] + timedelta(days=pair[1])
    )
)
DAYS = [FIRST + timedelta(days=n) for n in range(100)]
UNITS = (LAND, HOUSING, LAND_STATION, TOWN_CENTRE)


@given(tenures, tenures)
def test_tenures_overlap_exactly_where_they_share_a_day(one, other):
    shared = [day for day in DAYS if one.holds(day) and other.holds(day)]
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)


@given(tenures, tenures)
def test_a_tenure_covers_another_exactly_where_it_holds_all_its_days(one, other):
    outside = [day for day in DAYS if other.holds(day) and not one.holds(day)]
    assert one.covers(other) == (not outside)


@settings(max_examples=60)
@given(st.lists(tenures, min_size=1, max_size=6))
def test_an_item_has_at_most_one_version_a_day(versions):
    county = Catalogue()
    county.apply("unit:QX-BH-GTS", a_county_unit())
    published = []
    for n, tenure in enumerate(versions):
        version = an_item("SX-1", version=str(n), valid_from=tenure.valid_from, valid_to=tenure.valid_to)
        if is_recorded(county, ITEM, PublishItemVersion(item=version)):
            published.append(version)
    for day in DAYS:
        begun = [version for version in published if version.valid_from <= day]
        latest = max(begun, key=lambda version: version.valid_from, default=None)
        assert county.item("SX-1", day) == (latest if latest and latest.holds(day) else None)
        assert sum(version.holds(day) and version.valid_to is not None for version in published) <= 1


grants = st.builds(
    lambda number, source, unit, granted_by, items, powers, tenure: Authorisation(
        authorisation_no=f"N{number}",
        delegated_from=None if source is None else f"N{source}",
        unit_code=unit,
        granted_by=granted_by,
        item_codes=tuple(sorted(items)),
        powers=tuple(sorted(powers)),
        valid_from=tenure.valid_from,
        valid_to=tenure.valid_to,
    ),
    st.integers(0, 7),
    st.none() | st.integers(0, 7),
    st.sampled_from(UNITS),
    st.sampled_from(UNITS),
    st.sets(st.sampled_from(HANDLED[:3]), min_size=1),
    st.sets(st.sampled_from(Power), min_size=1),
    tenures,
)
revocations = st.builds(
    lambda number, day: RevokeAuthorisation(authorisation_no=f"N{number}", revoked_on=day, reason="职责调整"),
    st.integers(0, 7),
    near,
)
COUNTY = a_county()


@settings(max_examples=60, deadline=None)
@given(st.lists(grants | revocations, min_size=1, max_size=14))
def test_whoever_may_decide_stands_on_a_whole_chain_that_holds_as_much(commands):
    county = bare_county()
    for command in commands:
        is_recorded(county, AUTHORISATION, as_command(command))
    for day in DAYS[::7]:
        for unit in UNITS:
            for item in HANDLED[:3]:
                number = county.may(Power.decide, item, unit_code=unit, post_id=None, on=day)
                assert number is None or is_founded(county, county.authorisation(number), unit, item, day)


def is_founded(county: Catalogue, link: Authorisation, unit: str, item: str, day: date) -> bool:
    counts = (
        link.unit_code == unit
        and item in link.item_codes
        and Power.decide in link.powers
        and link.counts(day)
    )
    if link.delegated_from is None:
        return counts
    return counts and is_founded(
        county, county.authorisation(link.delegated_from), link.granted_by, item, day
    )


def as_command(said: Authorisation | RevokeAuthorisation) -> Command:
    if isinstance(said, RevokeAuthorisation):
        return said
    return (GrantAuthorisation if said.delegated_from is None else DelegateAuthorisation)(authorisation=said)


def bare_county() -> Catalogue:
    """The county's units and items, nothing authorised yet."""
    county = Catalogue()
    for stream, fact in FACTS:
        county.apply(stream, fact)
    return county


def is_recorded(county: Catalogue, aggregate: object, command: Command) -> bool:
    try:
        return bool(enter(county, aggregate, command).facts)
    except Rejected:
        return False


def a_county_unit() -> object:
    return next(fact for stream, fact in FACTS if stream == "unit:QX-BH-GTS")


FACTS = [
    (stream, past.fact)
    for stream, known in COUNTY._streams.items()
    if stream.startswith(("unit:", "item:"))
    for past in known.history
]
