"""Writes a golden example for every topic that has none: `python -m tests.golden`.

An example is the canonical state of one stored event, byte for byte. It is written once and never again: the bytes
of a released topic stay readable for ever. To add a topic, make a deed of it in tests/golden_histories.py, or a fact
below, and run the script; it refuses to touch what is there. tests/contract/test_golden_events.py keeps the promise.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from domain import amendment
from domain.access.accounts import (
    PasswordSet,
    SessionsEnded,
    SubjectLinked,
    SubjectUnlinked,
    UserAdmitted,
    UserRestored,
    UserSuspended,
)
from domain.access.decision import Reason
from domain.access.journal import (
    ACCESS,
    ActionDenied,
    KeyUsed,
    Means,
    SignedIn,
    SignedOut,
    SignInFailed,
    WhyNot,
)
from domain.access.keys import ApiKey, ApiKeyIssued, ApiKeyRevoked
from domain.access.permissions import Action
from domain.attestation import ATTESTATIONS
from domain.attestation.events import (
    CaseHeadsRooted,
    CheckpointCosigned,
    LogKeyAdded,
    LogKeyRetired,
    ProcessKeyAdded,
    ProcessKeyRetired,
    RecoveryStated,
    UnsealedLossStated,
    UnsignedEventsAdopted,
)
from domain.authorisation.events import AuthorisationRevoked
from domain.case import CASE
from domain.catalogue import FOLDED, Catalogue
from domain.contact import CONTACT
from domain.grammar import Circumstances, Duty, Envelope
from domain.investigation import INVESTIGATION
from domain.item.events import ItemSupervisionScopeSet, ItemWithdrawnFromHall
from domain.log import Entry
from domain.loss import EventLost
from domain.perusal import PERUSAL
from domain.point.events import PointChanged, PointClosed
from domain.policy.events import PolicyPublished
from domain.policy.values import DEFAULT
from domain.signal import SIGNAL
from domain.staff.events import StaffChanged, StaffLeft
from domain.stand_in.events import (
    BPostReleased,
    BPostTookOver,
    DelegationApproved,
    DelegationGranted,
    DelegationRevoked,
)
from domain.stand_in.values import Absence, Delegation
from domain.store.mapper import Mapper
from domain.subject import SUBJECT
from domain.subject.events import (
    PeopleSearched,
    SubjectDataCorrected,
    SubjectDataRevealed,
    SubjectEnrolled,
    SubjectKeyDestroyed,
    SubjectMeasureDeclined,
    SubjectMeasureProposed,
    SubjectReleased,
    SubjectRestricted,
)
from domain.subject.searching import PEOPLE_SEARCH
from domain.subject.values import Commitment, Measure, Purpose
from domain.unit.events import UnitChanged, UnitClosed
from domain.vault.fields import Part, SearchKind
from domain.window.events import PostChanged, PostRelieved, WindowChanged, WindowClosed
from domain.window.values import Role
from domain.workdays.events import CalendarAmended, CalendarPublished
from domain.workdays.values import CalendarException, YearCalendar
from tests import county, examples
from tests.examples import DIGEST
from tests.golden_histories import CLERK, HISTORIES, STATION, STREAM
from tests.sealed import a_leaf
from tests.spec import at, given, the_county

GOLDEN = Path(__file__).parent / "contract" / "golden"
SUMS = GOLDEN / "SHA256SUMS"
MAPPER = Mapper(
    [CASE, CONTACT, SIGNAL, INVESTIGATION, PERUSAL, SUBJECT, PEOPLE_SEARCH, ACCESS, *FOLDED, *ATTESTATIONS]
)
LAST_DAY = date(2026, 12, 31)


def _of_cases_and_contacts():
    for history in HISTORIES:
        yield from given(*history).history


def _of_master_data():
    catalogue = Catalogue()
    for aggregate, command in county._everything():
        yield from county.enter(catalogue, aggregate, command).facts
    known = the_county()
    yield UnitChanged(unit=known.unit(county.TOWN))
    yield UnitClosed(unit_code=county.TOWN, last_day=LAST_DAY, reason="撤并")
    yield StaffChanged(member=known.staff("a-handler"))
    yield StaffLeft(staff_id="a-handler", last_day=LAST_DAY)
    yield WindowChanged(window=known.window(county.TOWN_WINDOW))
    yield WindowClosed(window_id=county.TOWN_WINDOW, closed_on=LAST_DAY, reason="撤窗")
    yield PostChanged(post=known.post(STATION))
    yield PostRelieved(post_id=STATION, staff_id="a-handler", duty=Duty.a, last_day=LAST_DAY)
    yield PointChanged(point=known.point(county.POINT_XIA))
    yield PointClosed(point_code=county.POINT_XIA, last_day=LAST_DAY, reason="撤点")
    yield ItemSupervisionScopeSet(item_code=county.PERMIT, is_supervised=True)
    yield ItemWithdrawnFromHall(item_code=county.PERMIT, window_id=county.TOWN_WINDOW, last_day=LAST_DAY)
    yield AuthorisationRevoked(authorisation_no="SQ-03", revoked_on=LAST_DAY, reason="职权调整")
    yield PolicyPublished(policy=DEFAULT)
    yield from _of_calendars()


def _of_calendars():
    new_year = YearCalendar(
        year=2027,
        version="2027-1",
        source="国务院办公厅关于2027年部分节假日安排的通知",
        published_on=date(2026, 11, 5),
        exceptions=(CalendarException(day=date(2027, 1, 1), is_working=False, label="元旦"),),
    )
    yield CalendarPublished(calendar=new_year)
    yield CalendarAmended(calendar=new_year, reason="春节调休更正")


def _of_attestations():
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    yield ProcessKeyAdded(key=key)
    yield ProcessKeyRetired(key=key, reason="轮换")
    yield LogKeyAdded(key=key)
    yield LogKeyRetired(key=key, reason="轮换")
    yield UnsignedEventsAdopted(first=1, last=9, root=DIGEST, reason="启用签名前的记录")
    yield RecoveryStated(
        first=7, last=9, root=DIGEST, officers=("a-director", "an-auditor"), reason="磁盘损坏，恢复昨日备份"
    )
    yield UnsealedLossStated(
        first=10,
        last=12,
        acknowledged_at=datetime(2026, 3, 3, 4, 0, 0, 123456, tzinfo=UTC),
        officers=("a-director", "an-auditor"),
        reason="主库损坏，备库迟后数条",
    )
    yield CaseHeadsRooted(size=9, root=DIGEST)
    yield CheckpointCosigned(
        origin="example.com/foo",
        size=9,
        root=DIGEST,
        lines=(
            "example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=",
        ),
    )


def _of_subjects():
    committed = (Commitment(part=Part.name, digest=DIGEST), Commitment(part=Part.phone, digest=DIGEST))
    yield SubjectEnrolled(commitments=committed)
    yield SubjectDataCorrected(commitments=committed[1:])
    yield SubjectDataRevealed(parts=(Part.phone,), purpose=Purpose.contact, case_no="X-1", note="通知补正")
    yield SubjectMeasureProposed(
        measure=Measure.erase, reason="保存期限届满", retention_ended_on=date(2025, 12, 31)
    )
    yield SubjectMeasureDeclined(measure=Measure.erase, reason="尚有在办件")
    yield SubjectRestricted(proposed_by="a-handler")
    yield SubjectReleased(proposed_by="a-handler")
    yield SubjectKeyDestroyed(proposed_by="a-handler")
    yield PeopleSearched(
        by=SearchKind.phone, purpose=Purpose.contact, case_no="X-1", found=(examples.VILLAGER,)
    )


def _of_amendments():
    yield amendment.EventCorrected(
        target_version=1,
        field="receipt_no",
        was="SJ-1",
        should_be="SJ-2",
        reason="录入错误",
        approved_by="a-director",
    )
    yield amendment.EventVoided(target_version=2, reason="误录", approved_by="a-director")
    yield EventLost.of(a_leaf(2))


def _of_access():
    key = ApiKey(
        key_id="0a1b2c3d4e5f",
        title="县审批系统对接",
        programme="approvals",
        role=Role.importer,
        division_code=county.COUNTY_DIVISION,
        actions=(Action.record_case, Action.read_case),
        speaks_for_posts=True,
        valid_from=date(2026, 1, 1),
        valid_to=LAST_DAY,
    )
    yield UserAdmitted(staff_id="a-town-clerk", subject_sha256=DIGEST)
    yield UserSuspended(staff_id="a-town-clerk", reason="调离")
    yield UserRestored(staff_id="a-town-clerk")
    yield PasswordSet(staff_id="a-town-clerk")
    yield SessionsEnded(staff_id="a-town-clerk")
    yield SubjectLinked(staff_id="a-town-clerk", subject_sha256=DIGEST)
    yield SubjectUnlinked(staff_id="a-town-clerk")
    yield ApiKeyIssued(key=key)
    yield ApiKeyRevoked(key_id=key.key_id, reason="系统停用")
    yield SignedIn(means=Means.password, session="s-0011223344556677")
    yield SignInFailed(means=Means.provider, why=WhyNot.credentials, unrecorded=3)
    yield SignedOut(session="s-0011223344556677")
    yield ActionDenied(
        action=Action.read_case,
        reason=Reason.foreign,
        route="GET /v1/cases/{case_no}",
        case_no="6109991010002026030300001Y",
    )
    yield KeyUsed(key_id=key.key_id)


def _of_stand_ins():
    day, last = date(2026, 3, 9), date(2026, 3, 20)
    yield BPostTookOver(
        post_id=CLERK,
        staff_id="b-town-clerk",
        for_staff="a-town-clerk",
        absence=Absence.leave,
        valid_from=day,
        valid_to=day,
    )
    yield BPostReleased(post_id=CLERK, staff_id="b-town-clerk", released_on=day)
    delegation = Delegation(
        delegation_no="WT-2026-3",
        post_id=county.APPROVER_POST,
        grantor="a-approver",
        delegate="a-land-approver",
        item_codes=(county.HOMESTEAD,),
        valid_from=day,
        valid_to=last,
    )
    yield DelegationGranted(delegation=delegation, reason="外出学习")
    yield DelegationApproved(delegation_no="WT-2026-3", approved_on=day)
    yield DelegationRevoked(delegation_no="WT-2026-3", revoked_on=last, reason="已返岗")


def examples_by_topic():
    """Topic → state. The first example of a topic counts."""
    states = {}
    plain = Envelope(
        at("03-03 09:00"), county.actor_at(CLERK), Circumstances(), "c", policy_version="default-1"
    )
    others = [
        (fact, plain)
        for source in (
            _of_master_data(),
            _of_subjects(),
            _of_access(),
            _of_attestations(),
            _of_amendments(),
            _of_stand_ins(),
        )
        for fact in source
    ]
    for fact, envelope in (*_of_cases_and_contacts(), *others):
        states.setdefault(fact.TOPIC, MAPPER.state(Entry(STREAM, 1, fact, envelope)))
    return states


def add_missing():
    """Writes the examples of topics that have none; the names of what was added."""
    GOLDEN.mkdir(exist_ok=True)
    added = []
    for topic, state in sorted(examples_by_topic().items()):
        path = GOLDEN / f"{topic}.json"
        if not path.exists():
            path.write_bytes(state)
            with SUMS.open("a") as sums:
                sums.write(f"{sha256(state).hexdigest()}  {path.name}\n")
            added.append(path.name)
    return added


if __name__ == "__main__":
    print("\n".join(add_missing()) or "every topic has its example")  # noqa: T201  — it is a command
