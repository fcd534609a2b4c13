"""The case as the application runs it: which phase a command and a fact belong to, and what follows."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, get_args

from pydantic import Field

from domain.admission import CalendarTooShort
from domain.amendment import CorrectEvent, VoidEvent
from domain.calendar import CalendarUnknown
from domain.case.acceptance import commands as acceptance
from domain.case.acceptance import events as acceptance_events
from domain.case.admission import admission
from domain.case.agency import commands as agency
from domain.case.agency import events as agency_events
from domain.case.copying import but, stamped
from domain.case.custody import commands as custody
from domain.case.custody import events as custody_events
from domain.case.decision import commands as decision
from domain.case.decision import events as decision_events
from domain.case.delivery import commands as delivery
from domain.case.delivery import events as delivery_events
from domain.case.ending import commands as ending
from domain.case.ending import events as ending_events
from domain.case.fees import commands as fees
from domain.case.fees import events as fees_events
from domain.case.intake import commands as intake
from domain.case.intake import events as intake_events
from domain.case.joint import commands as joint
from domain.case.joint import events as joint_events
from domain.case.pauses import commands as pauses
from domain.case.pauses import events as pauses_events
from domain.case.roles import AMENDERS
from domain.case.setting import Setting
from domain.case.standing import status_of
from domain.case.state import Case
from domain.case.steps import commands as steps
from domain.case.steps import events as steps_events
from domain.case.superior import commands as superior
from domain.case.superior import events as superior_events
from domain.catalogue import Catalogue
from domain.grammar import Aggregate, Command, Decision, Envelope, Fact, Occasion, Ruling, settle

CaseAction = Annotated[
    intake.IntakeAction
    | acceptance.AcceptanceAction
    | custody.CustodyAction
    | steps.StepsAction
    | pauses.PausesAction
    | joint.JointAction
    | superior.SuperiorAction
    | agency.AgencyAction
    | decision.DecisionAction
    | delivery.DeliveryAction
    | fees.FeesAction
    | ending.EndingAction
    | CorrectEvent
    | VoidEvent,
    Field(discriminator="type"),
]
"""Every action that can be recorded in a case, told apart by `type`."""

OpeningAction = Annotated[intake.ReceiveCase | agency.EntrustAgent, Field(discriminator="type")]
"""What can begin a case."""

ENDINGS: Final = (
    acceptance_events.AcceptanceRefused,
    decision_events.CaseClosedAsInstant,
    ending_events.CaseConcluded,
    ending_events.CaseWithdrawnByApplicant,
    ending_events.CaseTerminated,
)
"""Whatever case holds one of these has ended, unless it was reopened, or something in it was amended."""

Rule = Callable[[Case, Any, Setting], Ruling]
Change = Callable[[Case, Any, Envelope], Case]

_RULES: Final[Mapping[type[Command], Rule]] = {
    action: decide
    for actions, decide in (
        (intake.IntakeAction, intake.decide),
        (acceptance.AcceptanceAction, acceptance.decide),
        (custody.CustodyAction, custody.decide),
        (steps.StepsAction, steps.decide),
        (pauses.PausesAction, pauses.decide),
        (joint.JointAction, joint.decide),
        (superior.SuperiorAction, superior.decide),
        (agency.AgencyAction, agency.decide),
        (decision.DecisionAction, decision.decide),
        (delivery.DeliveryAction, delivery.decide),
        (fees.FeesAction, fees.decide),
        (ending.EndingAction, ending.decide),
    )
    for action in get_args(actions)
}

_CHANGES: Final[Mapping[type[Fact], Change]] = {
    fact: evolve
    for facts, evolve in (
        (intake_events.IntakeFact, intake_events.evolve),
        (acceptance_events.AcceptanceFact, acceptance_events.evolve),
        (custody_events.CustodyFact, custody_events.evolve),
        (steps_events.StepsFact, steps_events.evolve),
        (pauses_events.PausesFact, pauses_events.evolve),
        (joint_events.JointFact, joint_events.evolve),
        (superior_events.SuperiorFact, superior_events.evolve),
        (agency_events.AgencyFact, agency_events.evolve),
        (decision_events.DecisionFact, decision_events.evolve),
        (delivery_events.DeliveryFact, delivery_events.evolve),
        (fees_events.FeesFact, fees_events.evolve),
        (ending_events.EndingFact, ending_events.evolve),
    )
    for fact in get_args(facts)
}


def decide(case: Case, command: Command, occasion: Occasion, catalogue: Catalogue) -> Decision:
    """What is recorded for the command. Raises Rejected.

    Amendments are not decided here but on the history itself (domain/amendment.py).
    """
    at = Setting(case, occasion, catalogue)
    try:
        facts, irregularities = settle(_ruling(case, command, at), occasion)
    except CalendarUnknown as error:
        raise CalendarTooShort from error
    consulted = at.consulted()
    return Decision(
        facts=facts,
        irregularities=irregularities,
        item_version=consulted.item or _version_of(facts),
        policy_version=consulted.policy,
        calendar_version=consulted.calendar,
    )


def _ruling(case: Case, command: Command, at: Setting) -> Ruling:
    yield from admission(case, command, at)
    yield from _RULES[type(command)](case, command, at)


def _version_of(facts: tuple[Fact, ...]) -> str | None:
    return next((fact.item_version for fact in facts if isinstance(fact, intake_events.CaseReceived)), None)


def evolve(case: Case, fact: Fact, envelope: Envelope) -> Case:
    """The case after the fact. Never refuses; a fact of no phase (an amendment) leaves it as it is."""
    change = _CHANGES.get(type(fact))
    if change is None:
        return case
    changed = change(case, fact, envelope)
    latest_at = case.latest_at
    if latest_at is None or latest_at < envelope.occurred_at:
        latest_at = envelope.occurred_at
    fresh = but(case) if changed is case else changed
    return stamped(fresh, status=status_of(fresh), latest_at=latest_at)


CASE: Final[Aggregate[Case]] = Aggregate(
    name="case",
    blank=Case(),
    decide=decide,
    evolve=evolve,
    facts=tuple(_CHANGES),
    amenders=AMENDERS,
)
