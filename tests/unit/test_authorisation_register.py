"""Authorisations 授权: nobody passes on more than they hold."""

from datetime import date

import pytest

from domain.authorisation import AUTHORISATION
from domain.authorisation.commands import DelegateAuthorisation, GrantAuthorisation, RevokeAuthorisation
from domain.authorisation.events import AuthorisationDelegated, AuthorisationGranted, AuthorisationRevoked
from domain.authorisation.rejections import (
    AlreadyRevoked,
    AuthorisationNeedsOneHolder,
    AuthorisationNumberTaken,
    DelegationByAnother,
    DelegationExceedsSource,
    DelegationNamesNoSource,
    GrantNamesASource,
)
from domain.authorisation.values import Authorisation, Power
from domain.register import EndsBeforeItBegins, NotInRegister, NotYetRegistered
from tests.county import (
    APPROVER_POST,
    BEGAN,
    DELEGATED_DECISION,
    HOMESTEAD,
    JOINT,
    LAND,
    LAND_APPROVER_POST,
    LAND_STATION,
    PERMIT,
    STATION_DECIDES,
    TOWN_CENTRE,
    UNAUTHORISED,
    a_county,
    enter,
)

DAY = date(2026, 3, 3)


@pytest.fixture
def county():
    return a_county()


def a_grant(**different):
    usual = {
        "authorisation_no": "SQ-90",
        "item_codes": (UNAUTHORISED,),
        "powers": (Power.decide,),
        "granted_by": LAND,
        "unit_code": LAND_STATION,
        "valid_from": BEGAN,
    }
    return Authorisation(**(usual | different))


def a_delegation(**different):
    usual = {
        "item_codes": (PERMIT,),
        "granted_by": LAND_STATION,
        "unit_code": None,
        "post_id": APPROVER_POST,
        "delegated_from": STATION_DECIDES,
    }
    return a_grant(**(usual | different))


def granting(**different):
    return GrantAuthorisation(authorisation=a_grant(**different))


def delegating(**different):
    return DelegateAuthorisation(authorisation=a_delegation(**different))


def revoking(number, revoked_on=DAY):
    return RevokeAuthorisation(authorisation_no=number, revoked_on=revoked_on, reason="职责调整")


def may_decide(county, item_code, on=DAY, unit_code=LAND_STATION, post_id=None):
    return county.may(Power.decide, item_code, unit_code=unit_code, post_id=post_id, on=on)


def test_a_granted_power_may_be_used_from_its_first_day(county):
    assert may_decide(county, UNAUTHORISED) is None
    assert enter(county, AUTHORISATION, granting()).facts == (AuthorisationGranted(authorisation=a_grant()),)
    assert may_decide(county, UNAUTHORISED, BEGAN) == "SQ-90"
    assert may_decide(county, UNAUTHORISED, date(2019, 12, 31)) is None


def test_a_granted_power_ends_with_its_last_day(county):
    enter(county, AUTHORISATION, granting(valid_to=DAY))
    assert may_decide(county, UNAUTHORISED, DAY) == "SQ-90"
    assert may_decide(county, UNAUTHORISED, date(2026, 3, 4)) is None


def test_only_the_holder_the_power_and_the_item_named_are_meant(county):
    enter(county, AUTHORISATION, granting())
    assert county.may(Power.seal, UNAUTHORISED, unit_code=LAND_STATION, post_id=None, on=DAY) is None
    assert may_decide(county, UNAUTHORISED, unit_code=TOWN_CENTRE) is None
    assert may_decide(county, UNAUTHORISED, unit_code=None, post_id=LAND_STATION) is None


def test_a_post_may_what_its_unit_may(county):
    assert may_decide(county, HOMESTEAD, post_id=APPROVER_POST) == STATION_DECIDES


def test_the_same_grant_again_is_nothing_to_do_even_when_revoked(county):
    enter(county, AUTHORISATION, granting())
    assert enter(county, AUTHORISATION, granting()).facts == ()
    enter(county, AUTHORISATION, revoking("SQ-90"))
    assert enter(county, AUTHORISATION, granting()).facts == ()
    assert may_decide(county, UNAUTHORISED) is None


def test_an_authorisation_is_never_rewritten(county):
    enter(county, AUTHORISATION, granting())
    with pytest.raises(AuthorisationNumberTaken):
        enter(county, AUTHORISATION, granting(powers=(Power.seal,)))


@pytest.mark.parametrize("holders", [{"unit_code": None}, {"post_id": APPROVER_POST}])
def test_an_authorisation_has_one_holder(county, holders):
    with pytest.raises(AuthorisationNeedsOneHolder):
        enter(county, AUTHORISATION, granting(**holders))


@pytest.mark.parametrize(
    "unknown",
    [
        {"unit_code": "QX-XX"},
        {"granted_by": "QX-XX"},
        {"item_codes": ("SX-XX",)},
        {"unit_code": None, "post_id": "P-XX"},
    ],
)
def test_an_authorisation_names_what_is_registered(county, unknown):
    with pytest.raises(NotInRegister):
        enter(county, AUTHORISATION, granting(**unknown))


def test_a_delegation_is_recorded_as_one(county):
    assert enter(county, AUTHORISATION, delegating()).facts == (
        AuthorisationDelegated(authorisation=a_delegation()),
    )
    assert may_decide(county, PERMIT, unit_code=None, post_id=APPROVER_POST) == "SQ-90"
    assert enter(county, AUTHORISATION, delegating()).facts == ()


def test_a_delegation_is_not_a_grant(county):
    with pytest.raises(GrantNamesASource):
        enter(county, AUTHORISATION, GrantAuthorisation(authorisation=a_delegation()))
    with pytest.raises(DelegationNamesNoSource):
        enter(county, AUTHORISATION, delegating(delegated_from=None))


def test_a_delegation_has_a_source_on_record(county):
    with pytest.raises(NotInRegister):
        enter(county, AUTHORISATION, delegating(delegated_from="SQ-XX"))


def test_only_the_holder_delegates(county):
    with pytest.raises(DelegationByAnother) as refused:
        enter(county, AUTHORISATION, delegating(granted_by=LAND))
    assert refused.value.details == {"holder": LAND_STATION}


@pytest.mark.parametrize(
    ("beyond", "exceeding"),
    [
        ({"powers": (Power.decide, Power.accept)}, "accept"),
        ({"item_codes": (PERMIT, JOINT)}, JOINT),
        ({"valid_from": date(2019, 1, 1)}, "valid_from, valid_to"),
    ],
)
def test_a_delegation_stays_within_its_source(county, beyond, exceeding):
    with pytest.raises(DelegationExceedsSource) as refused:
        enter(county, AUTHORISATION, delegating(**beyond))
    assert refused.value.details["exceeding"] == [exceeding]


def test_a_delegation_does_not_outlast_its_source(county):
    enter(county, AUTHORISATION, granting(valid_to=date(2026, 12, 31)))
    beyond = delegating(authorisation_no="SQ-91", item_codes=(UNAUTHORISED,), delegated_from="SQ-90")
    with pytest.raises(DelegationExceedsSource):
        enter(county, AUTHORISATION, beyond)


def test_a_revoked_source_delegates_no_more(county):
    enter(county, AUTHORISATION, revoking(STATION_DECIDES))
    with pytest.raises(DelegationExceedsSource):
        enter(county, AUTHORISATION, delegating(valid_from=DAY))


def test_a_chain_falls_with_any_of_its_links(county):
    assert may_decide(county, JOINT, unit_code=None, post_id=LAND_APPROVER_POST) == DELEGATED_DECISION
    enter(county, AUTHORISATION, revoking("SQ-04"))
    assert may_decide(county, JOINT, unit_code=None, post_id=LAND_APPROVER_POST) is None
    assert may_decide(county, JOINT, date(2026, 3, 2), None, LAND_APPROVER_POST) == DELEGATED_DECISION


def test_a_revocation_is_recorded_once(county):
    assert isinstance(enter(county, AUTHORISATION, revoking(STATION_DECIDES)).facts[0], AuthorisationRevoked)
    assert enter(county, AUTHORISATION, revoking(STATION_DECIDES)).facts == ()
    with pytest.raises(AlreadyRevoked):
        enter(county, AUTHORISATION, revoking(STATION_DECIDES, date(2026, 4, 1)))


def test_nothing_is_revoked_before_it_was_granted(county):
    with pytest.raises(EndsBeforeItBegins):
        enter(county, AUTHORISATION, revoking(STATION_DECIDES, date(2019, 1, 1)))


def test_an_unknown_authorisation_cannot_be_revoked(county):
    with pytest.raises(NotYetRegistered):
        enter(county, AUTHORISATION, revoking("SQ-XX"))
