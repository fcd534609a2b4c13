"""How the papers come to the hall: over the counter, or through the agent of a village point."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

from domain.case.agency.commands import (
    CollectResult,
    EntrustAgent,
    HandToHall,
    PickUpPapers,
    ReturnToApplicant,
    SignHallReceipt,
)
from domain.case.delivery.commands import DeliverCertificate
from domain.case.delivery.events import DeliveryMethod
from domain.case.intake.commands import ReceiveCase
from domain.case.values import ApplicantType, Form, Mandate, Material, Mode, Scope
from domain.grammar import Actor, Backfill, Channel, local_day
from domain.point.values import VillagePoint
from ops.demo.course import Way
from ops.demo.story import Story

AGENT_LEG_DAYS: Final = 3
"""traps.md's default: an agent hands in within three working days."""


@dataclass(frozen=True, slots=True)
class Errand:
    """The agent of a village point at work for the applicant."""

    point: VillagePoint
    agent: Actor
    agent_ref: str


def digest(*parts: object) -> str:
    """The digest of a paper that exists only in the demo."""
    return sha256(":".join(map(str, parts)).encode()).hexdigest()


def over_the_counter(story: Story) -> None:
    story.does(story.clerk, _receipt(story, Mode.in_person), channel=story.channel())


def through_the_agent(story: Story, errand: Errand, way: Way) -> None:
    """委托 → 接件 → 移交 → 签收 → 收件."""
    _entrust(story, errand)
    story.after(minutes=story.chance.randrange(3, 20))
    picked_up_at = story.now
    if way is Way.agent_offline:
        story.mark("agent_offline")
        _picked_up_offline(story, errand)
    else:
        story.does(errand.agent, PickUpPapers(materials=_given(story)), channel=Channel.agent_point)
    late = story.chance.randrange(1, 4) if way is Way.agent_late else 0
    if errand.point.is_acceptance_point:
        # An authorised point takes papers in for the hall: the day of the villager's visit counts.
        story.complete_on = local_day(picked_up_at)
    leg = AGENT_LEG_DAYS + late if late else story.chance.randrange(1, AGENT_LEG_DAYS + 1)
    story.until(story.calendar.add(local_day(picked_up_at), leg))
    if late:
        story.mark("agent_late")
    _handed_in(story, errand)
    story.complete_on = story.complete_on or story.today


def _entrust(story: Story, errand: Errand) -> None:
    mandate = Mandate(
        agent_ref=errand.agent_ref,
        scope=Scope.full,
        document_sha256=digest("mandate", story.case_no),
        expires_on=date(story.today.year + 1, 12, 31),
    )
    command = EntrustAgent(
        entrust_no=story.code("WT"),
        applicant_ref=story.applicant.ref,
        mandate=mandate,
        point_code=errand.point.point_code,
        item_codes=(story.item.item_code,),
        materials=_given(story),
    )
    story.mark("agent")
    story.does(errand.agent, command, channel=Channel.agent_point, place=errand.point.title)


def _picked_up_offline(story: Story, errand: Errand) -> None:
    """Written on the device in the village, uploaded when there is a network again."""
    uploaded_at = story.hours.days_later(story.now, story.chance.randrange(2, 5), story.chance)
    story.did(
        errand.agent,
        PickUpPapers(materials=_given(story), is_offline=True),
        uploaded_at,
        device_id=f"pad-{errand.point.point_code}",
        channel=Channel.agent_point,
        place=errand.point.title,
        backfill=Backfill(reason="代办点无网络,联网后上传"),
    )
    story.now = uploaded_at


def _handed_in(story: Story, errand: Errand) -> None:
    window = story.window
    story.does(
        errand.agent,
        HandToHall(to_unit=window.unit_code, to_window=window.window_id, materials=_given(story)),
        channel=Channel.agent_point,
    )
    story.after(minutes=story.chance.randrange(10, 60))
    clerk = story.clerk
    story.does(clerk, SignHallReceipt(materials=_given(story)))
    story.after(minutes=story.chance.randrange(2, 10))
    story.does(clerk, _receipt(story, Mode.agent), channel=Channel.agent_point)


def collected_by_the_agent(story: Story, errand: Errand) -> None:
    """代领 → 回交委托人."""
    numbers = (story.certificate_no,) if story.certificate_no else ()
    story.does(errand.agent, CollectResult(certificate_nos=numbers), channel=Channel.agent_point)
    story.after(minutes=story.chance.randrange(1, 10))
    delivery = DeliverCertificate(
        recipient_ref=errand.agent_ref,
        relation="代办员",
        identity_checked=True,
        method=DeliveryMethod.agent,
        certificate_nos=numbers,
        signature_sha256=digest("delivery", story.case_no),
    )
    story.does(story.clerk, delivery)
    story.after(days=story.chance.randrange(1, 4))
    signature = digest("returned", story.case_no)
    story.does(
        errand.agent,
        ReturnToApplicant(certificate_nos=numbers, signature_sha256=signature),
        channel=Channel.agent_point,
    )


def _receipt(story: Story, mode: Mode) -> ReceiveCase:
    is_organisation = story.applicant.is_organisation
    return ReceiveCase(
        item_code=story.item.item_code,
        mode=mode,
        applicant_ref=story.applicant.ref,
        applicant_type=ApplicantType.company if is_organisation else ApplicantType.natural_person,
        materials=_given(story),
        receipt_no=story.code("SJ"),
        receipt_sha256=digest("receipt", story.case_no),
        query_code_sha256=digest("query", story.case_no),
        object_ref=story.object_ref,
    )


def _given(story: Story) -> tuple[Material, ...]:
    """The published papers, as far as this applicant brought them."""
    return tuple(
        Material(code=paper.code, form=Form.original if paper.originals else Form.copy)
        for paper in story.item.materials
        if paper.code not in story.missing
    )
