"""清溪县, a small county that exists nowhere: one of everything the rules ask about, built through the aggregates.

`a_county()` is the catalogue as it stands; the names below say what there is. Everything holds from 2020 on.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final

from domain.authorisation import AUTHORISATION
from domain.authorisation.commands import DelegateAuthorisation, GrantAuthorisation
from domain.authorisation.values import Authorisation, Power
from domain.catalogue import Catalogue
from domain.grammar import Actor, Aggregate, Command, Decision, Duty, Occasion
from domain.item import ITEM
from domain.item.commands import CancelItem, PublishItemVersion, StationItem
from domain.item.values import (
    FeeStandard,
    ItemVersion,
    Kind,
    Material,
    Routing,
    SpecialProcedure,
    Stationing,
    StepBudget,
)
from domain.point import POINT
from domain.point.commands import EstablishPoint
from domain.point.values import VillagePoint
from domain.staff import STAFF
from domain.staff.commands import EnrolStaff
from domain.staff.values import StaffMember
from domain.unit import UNIT
from domain.unit.commands import RegisterUnit
from domain.unit.values import Unit, UnitKind
from domain.window import POST, WINDOW
from domain.window.commands import OpenWindow
from domain.window.posts import AssignPost, EstablishPost
from domain.window.values import Assignment, Role, Window, WindowKind

BEGAN: Final = date(2020, 1, 1)

COUNTY_DIVISION: Final = "610999000000"
TOWN_DIVISION: Final = "610999101000"
VILLAGE_DIVISION: Final = "610999101201"
OTHER_VILLAGE_DIVISION: Final = "610999101202"

# Units.
COUNTY, CENTRE, LAND, HOUSING, FIRE, CIVIL = "QX", "QX-ZWZX", "QX-ZRZY", "QX-ZJJ", "QX-XFJY", "QX-MZJ"
PREFECTURE: Final = "SJ-ZRZY"
TOWN, TOWN_CENTRE, LAND_STATION, CIVIL_STATION = "QX-BH", "QX-BH-ZX", "QX-BH-GTS", "QX-BH-SHB"

# Windows.
COUNTY_WINDOW, TOWN_WINDOW, PROXY_WINDOW, MARKET_DAY_WINDOW = "C-01", "T-03", "T-05", "T-06"

# Posts.
COUNTY_CLERK_POST, TOWN_CLERK_POST, PROXY_POST = "P-C01", "P-T03", "P-T05"
HANDLER_POST, REVIEWER_POST, APPROVER_POST = "P-GTS-CB", "P-GTS-SH", "P-GTS-PZ"
CIVIL_HANDLER_POST, CIVIL_APPROVER_POST = "P-SHB-CB", "P-SHB-PZ"
LAND_APPROVER_POST, HOUSING_HANDLER_POST, FIRE_HANDLER_POST = "P-ZRZY-PZ", "P-ZJJ-CB", "P-XFJY-CB"
PREFECTURE_POST: Final = "P-SJ-PZ"
AGENT_POST, OTHER_AGENT_POST = "P-DB-01", "P-DB-02"
DIRECTOR_POST, ORGAN_HEAD_POST, GOVERNMENT_HEAD_POST = "P-ZX-ZR", "P-ZRZY-FZR", "P-XZF-FZR"
COMPLAINT_POST, SUPERVISION_POST, DISCIPLINE_POST, AUDITOR_POST = "P-TS", "P-JC", "P-JW", "P-SJ"
CATALOGUE_POST: Final = "P-SX"

# Village points.
POINT_SHANG, POINT_XIA = "DB-SHANG", "DB-XIA"
"""上河村, no acceptance point, serials 07000–07999; 下河村, an authorised acceptance point, serials 08000–08999."""

# Items.
PROOF: Final = "SX-ZM"
"""即办: a proof of residence; acceptor and approver may be one person."""
HOMESTEAD: Final = "SX-ZJD"
"""承诺 15 of 20 days, 单办: building land in a village; site survey, public notice and testing allowed; a fee."""
SUBSIDY: Final = "SX-BT"
"""承诺 5 of 10 days, 行政给付: handled by the town's civil affairs station."""
PERMIT: Final = "SX-XK"
"""承诺 10 of 20 days, 行政许可, 单办."""
JOINT: Final = "SX-LB"
"""承诺 30 of 45 days, 联办: 自然资源 leads, 住建 and 消防 take part; expert review allowed."""
REPORT_UP: Final = "SX-BP"
"""承诺 20 of 20 days, 报批: the station reports to the county, the county to the prefecture."""
IN_PERSON: Final = "SX-BR"
"""即办; the applicant must appear in person: no agent."""
CANCELLED: Final = "SX-QX"
"""Cancelled on 1 July 2025."""
REVISED: Final = "SX-XG"
"""Version 1 promised 10 days, version 2 since 1 January 2026 promises 7."""
UNAUTHORISED: Final = "SX-WSQ"
"""Stationed nowhere and nobody is authorised for it; 承诺 10."""

FEE: Final = "SF-ZJD-01"
"""At most 1,000 分 for the homestead certificate."""

TOWN_ACCEPTS, STATION_DECIDES, DELEGATED_DECISION = "SQ-01", "SQ-02", "SQ-05"

_HOLDERS: Final = {
    COUNTY_CLERK_POST: (CENTRE, COUNTY_WINDOW, Role.window_clerk, "a-county-clerk", "b-county-clerk"),
    TOWN_CLERK_POST: (TOWN_CENTRE, TOWN_WINDOW, Role.window_clerk, "a-town-clerk", "b-town-clerk"),
    PROXY_POST: (TOWN_CENTRE, PROXY_WINDOW, Role.proxy_clerk, "a-proxy", "b-proxy"),
    HANDLER_POST: (LAND_STATION, None, Role.handler, "a-handler", "b-handler"),
    REVIEWER_POST: (LAND_STATION, None, Role.reviewer, "a-reviewer", "b-reviewer"),
    APPROVER_POST: (LAND_STATION, None, Role.approver, "a-approver", "b-approver"),
    CIVIL_HANDLER_POST: (CIVIL_STATION, None, Role.handler, "a-civil-handler", "b-civil-handler"),
    CIVIL_APPROVER_POST: (CIVIL_STATION, None, Role.approver, "a-civil-approver", "b-civil-approver"),
    LAND_APPROVER_POST: (LAND, None, Role.approver, "a-land-approver", "b-land-approver"),
    HOUSING_HANDLER_POST: (HOUSING, None, Role.handler, "a-housing-handler", "b-housing-handler"),
    FIRE_HANDLER_POST: (FIRE, None, Role.handler, "a-fire-handler", "b-fire-handler"),
    PREFECTURE_POST: (PREFECTURE, None, Role.approver, "a-prefecture", "b-prefecture"),
    AGENT_POST: (TOWN_CENTRE, None, Role.agent, "a-agent", "b-agent"),
    OTHER_AGENT_POST: (TOWN_CENTRE, None, Role.agent, "a-other-agent", "b-other-agent"),
    DIRECTOR_POST: (TOWN_CENTRE, None, Role.hall_director, "a-director", "b-director"),
    ORGAN_HEAD_POST: (LAND, None, Role.organ_head, "a-organ-head", "b-organ-head"),
    GOVERNMENT_HEAD_POST: (COUNTY, None, Role.government_head, "a-government-head", "b-government-head"),
    COMPLAINT_POST: (CENTRE, None, Role.complaint_team, "a-complaints", "b-complaints"),
    SUPERVISION_POST: (CENTRE, None, Role.supervision, "a-supervision", "b-supervision"),
    DISCIPLINE_POST: (COUNTY, None, Role.discipline, "a-discipline", "b-discipline"),
    AUDITOR_POST: (COUNTY, None, Role.auditor, "a-auditor", "b-auditor"),
    CATALOGUE_POST: (CENTRE, None, Role.catalogue_admin, "a-catalogue", "b-catalogue"),
}
"""Each post's unit, window, role, A person and B person."""

ADMIN: Final = Actor(staff_id="a-catalogue", post_id=CATALOGUE_POST, unit_code=CENTRE, role="catalogue_admin")
OCCASION: Final = Occasion(actor=ADMIN, received_at=datetime(2026, 1, 5, 1, tzinfo=UTC))


def a_county() -> Catalogue:
    """A catalogue of its own each time: change it freely."""
    catalogue = Catalogue()
    for aggregate, command in _everything():
        enter(catalogue, aggregate, command)
    return catalogue


def enter(catalogue: Catalogue, aggregate: Aggregate, command: Command) -> Decision:
    """Decides the command on what the catalogue holds, and lets the catalogue have the facts. Raises Rejected."""
    state = catalogue.entries(aggregate).get(command.identity, aggregate.blank)
    decision = aggregate.decide(state, command, OCCASION, catalogue)
    for fact in decision.facts:
        catalogue.apply(aggregate.stream(command.identity), fact)
    return decision


def actor_at(post_id: str, duty: Duty = Duty.a) -> Actor:
    """The A (or B) person of a post, acting at it."""
    unit_code, window_id, role, first, second = _HOLDERS[post_id]
    return Actor(
        staff_id=first if duty is Duty.a else second,
        post_id=post_id,
        window_id=window_id,
        unit_code=unit_code,
        role=role.value,
        duty=duty,
    )


def person_ref(name: str) -> str:
    """A person reference made from any name, the same each time."""
    return f"p-{sha256(name.encode()).hexdigest()[:32]}"


def an_item(item_code: str, **different: object) -> ItemVersion:
    """A version 1 in force since 2020: 承诺 10 of 20 days, 单办, one material; with whatever is different."""
    usual = {
        "version": "1",
        "title": f"测试事项{item_code}",
        "class_code": "01",
        "kind": Kind.promised,
        "level": "5",
        "unit_code": LAND_STATION,
        "legal_basis": "中华人民共和国行政许可法",
        "legal_days": 20,
        "promise_days": 10,
        "materials": (
            Material(code="M1", title="申请表", originals=1),
            Material(code="M2", title="身份证", copies=1),
        ),
        "valid_from": BEGAN,
    }
    return ItemVersion.model_validate({"item_code": item_code, **usual, **different})


def _everything() -> list[tuple[Aggregate, Command]]:
    return [
        *_units(),
        *_staff(),
        *_windows(),
        *_posts(),
        *_points(),
        *_items(),
        *_stationings(),
        *_authorisations(),
    ]


def _units() -> list[tuple[Aggregate, Command]]:
    rows = (
        (PREFECTURE, "市自然资源局", UnitKind.superior, "610900000000", None),
        (COUNTY, "清溪县人民政府", UnitKind.government, COUNTY_DIVISION, None),
        (CENTRE, "清溪县政务服务中心", UnitKind.centre, COUNTY_DIVISION, COUNTY),
        (LAND, "清溪县自然资源局", UnitKind.organ, COUNTY_DIVISION, COUNTY),
        (HOUSING, "清溪县住房和城乡建设局", UnitKind.organ, COUNTY_DIVISION, COUNTY),
        (FIRE, "清溪县消防救援大队", UnitKind.organ, COUNTY_DIVISION, COUNTY),
        (CIVIL, "清溪县民政局", UnitKind.organ, COUNTY_DIVISION, COUNTY),
        (TOWN, "白鹤镇人民政府", UnitKind.government, TOWN_DIVISION, COUNTY),
        (TOWN_CENTRE, "白鹤镇便民服务中心", UnitKind.centre, TOWN_DIVISION, TOWN),
        (LAND_STATION, "白鹤镇国土所", UnitKind.station, TOWN_DIVISION, LAND),
        (CIVIL_STATION, "白鹤镇社会事务办", UnitKind.station, TOWN_DIVISION, TOWN),
    )
    return [
        (UNIT, RegisterUnit(unit=Unit(unit_code=code, title=title, kind=kind, division_code=division,
                                      parent_code=parent, valid_from=BEGAN)))
        for code, title, kind, division, parent in rows
    ]  # fmt: skip


def _staff() -> list[tuple[Aggregate, Command]]:
    return [
        (STAFF, EnrolStaff(member=StaffMember(staff_id=staff_id, unit_code=unit, person_ref=person_ref(staff_id),
                                              valid_from=BEGAN)))
        for unit, _, _, *people in _HOLDERS.values()
        for staff_id in people
    ]  # fmt: skip


def _windows() -> list[tuple[Aggregate, Command]]:
    rows = (
        (COUNTY_WINDOW, CENTRE, "县中心1号窗口", WindowKind.permanent),
        (TOWN_WINDOW, TOWN_CENTRE, "3号综合窗口", WindowKind.permanent),
        (PROXY_WINDOW, TOWN_CENTRE, "5号综合代理窗口", WindowKind.proxy),
        (MARKET_DAY_WINDOW, TOWN_CENTRE, "6号赶集日窗口", WindowKind.scheduled),
    )
    return [
        (
            WINDOW,
            OpenWindow(
                window=Window(window_id=code, unit_code=unit, title=title, kind=kind, opened_on=BEGAN)
            ),
        )
        for code, unit, title, kind in rows
    ]


def _posts() -> list[tuple[Aggregate, Command]]:
    commands: list[tuple[Aggregate, Command]] = []
    for post_id, (unit_code, window_id, role, *people) in _HOLDERS.items():
        post = EstablishPost(
            post_id=post_id, unit_code=unit_code, window_id=window_id, title=f"{post_id}岗", role=role
        )
        commands.append((POST, post))
        for staff_id, duty in zip(people, Duty, strict=True):
            assignment = Assignment(staff_id=staff_id, duty=duty, valid_from=BEGAN)
            commands.append((POST, AssignPost(post_id=post_id, assignment=assignment)))
    return commands


def _points() -> list[tuple[Aggregate, Command]]:
    rows = (
        (POINT_SHANG, VILLAGE_DIVISION, "上河村代办点", False, "07"),
        (POINT_XIA, OTHER_VILLAGE_DIVISION, "下河村代办点", True, "08"),
    )
    return [
        (POINT, EstablishPoint(point=VillagePoint(
            point_code=code, division_code=division, title=title, hall_unit_code=TOWN_CENTRE,
            is_acceptance_point=accepts, serial_block=block, valid_from=BEGAN)))
        for code, division, title, accepts, block in rows
    ]  # fmt: skip


def _items() -> list[tuple[Aggregate, Command]]:
    fee = FeeStandard(
        standard_id=FEE,
        title="不动产权属证书工本费",
        basis="发改价格规〔2016〕2559号",
        at_most_fen=1000,
        valid_from=BEGAN,
    )
    instant = {"kind": Kind.instant, "legal_days": None, "promise_days": None, "class_code": "20"}
    steps = (
        StepBudget(step_code="CB", title="承办", working_days=5),
        StepBudget(step_code="SH", title="审核", working_days=5),
        StepBudget(step_code="PZ", title="批准", working_days=5),
    )
    surveys = (SpecialProcedure.site_survey, SpecialProcedure.public_notice, SpecialProcedure.testing)
    versions = (
        an_item(PROOF, **instant, unit_code=TOWN_CENTRE, single_officer_ok=True),
        an_item(HOMESTEAD, promise_days=15, step_budgets=steps, fee_standards=(fee,), special_procedures=surveys),
        an_item(SUBSIDY, class_code="05", legal_days=10, promise_days=5, unit_code=CIVIL_STATION),
        an_item(PERMIT),
        an_item(JOINT, routing=Routing.joint, unit_code=LAND, joint_units=(HOUSING, FIRE), legal_days=45,
                promise_days=30, level="4", special_procedures=(SpecialProcedure.expert_review,)),
        an_item(REPORT_UP, routing=Routing.report_up, promise_days=20),
        an_item(IN_PERSON, **instant, unit_code=TOWN_CENTRE, applicant_must_appear=True),
        an_item(CANCELLED),
        an_item(REVISED),
        an_item(REVISED, version="2", promise_days=7, valid_from=date(2026, 1, 1)),
        an_item(UNAUTHORISED),
    )  # fmt: skip
    cancelled = CancelItem(item_code=CANCELLED, cancelled_on=date(2025, 7, 1), basis="国发〔2025〕1号")
    return [*((ITEM, PublishItemVersion(item=version)) for version in versions), (ITEM, cancelled)]


HANDLED: Final = (PROOF, HOMESTEAD, SUBSIDY, PERMIT, JOINT, REPORT_UP, IN_PERSON, REVISED)
"""The items that can be applied for in 2026 and that somebody is authorised for."""


def _stationings() -> list[tuple[Aggregate, Command]]:
    return [
        (ITEM, StationItem(item_code=item, stationing=Stationing(window_id=window, valid_from=BEGAN)))
        for item in HANDLED
        for window in (COUNTY_WINDOW, TOWN_WINDOW, PROXY_WINDOW)
    ]


def _authorisations() -> list[tuple[Aggregate, Command]]:
    everything = (Power.review, Power.decide, Power.seal)
    accept = (Power.accept,)
    decide = (Power.decide,)
    station_items = (HOMESTEAD, PERMIT, REPORT_UP, REVISED)
    grants = (
        _authorisation(TOWN_ACCEPTS, HANDLED, accept, COUNTY, unit_code=TOWN_CENTRE),
        _authorisation(STATION_DECIDES, station_items, everything, LAND, unit_code=LAND_STATION),
        _authorisation("SQ-03", (SUBSIDY,), everything, CIVIL, unit_code=CIVIL_STATION),
        _authorisation("SQ-04", (JOINT, REPORT_UP, HOMESTEAD), everything, COUNTY, unit_code=LAND),
        _authorisation("SQ-06", HANDLED, accept, COUNTY, unit_code=CENTRE),
        _authorisation("SQ-07", (PROOF, IN_PERSON), (*accept, *decide), COUNTY, post_id=TOWN_CLERK_POST),
        _authorisation("SQ-08", (REPORT_UP,), decide, PREFECTURE, post_id=PREFECTURE_POST),
    )
    delegated = _authorisation(
        DELEGATED_DECISION, (JOINT,), decide, LAND, post_id=LAND_APPROVER_POST, delegated_from="SQ-04"
    )
    return [
        *((AUTHORISATION, GrantAuthorisation(authorisation=grant)) for grant in grants),
        (AUTHORISATION, DelegateAuthorisation(authorisation=delegated)),
    ]


def _authorisation(
    number: str, items: tuple[str, ...], powers: tuple[Power, ...], organ: str, **different: str
) -> Authorisation:
    return Authorisation.model_validate(
        {
            "authorisation_no": number,
            "item_codes": items,
            "powers": powers,
            "granted_by": organ,
            "valid_from": BEGAN,
            **different,
        }
    )
