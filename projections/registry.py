"""Which projections there are; each stands behind those it needs."""

from typing import Final

from projections.acceptances import ACCEPTANCES
from projections.agency import AGENCY
from projections.audit import AUDIT
from projections.calendar import CALENDAR
from projections.case_card import CASE_CARD
from projections.case_figures import CASE_FIGURES
from projections.case_spans import CASE_SPANS
from projections.certificates import CERTIFICATES
from projections.clock import CLOCK
from projections.custody import CUSTODY
from projections.duties import DUTIES
from projections.flaws import FLAWS
from projections.investigations import INVESTIGATIONS
from projections.items import ITEMS
from projections.legs import LEGS
from projections.perusals import PERUSALS
from projections.places import PLACES
from projections.policies import POLICIES
from projections.projection import Projection
from projections.signals import SIGNALS
from projections.steps import STEPS
from projections.watch import WATCH
from projections.work_steps import WORK_STEPS
from projections.working_days import WORKING_DAYS

PROJECTIONS: Final[tuple[Projection, ...]] = (
    CALENDAR,
    WORKING_DAYS,
    POLICIES,
    ITEMS,
    PLACES,
    CUSTODY,
    CLOCK,
    CASE_SPANS,
    CASE_CARD,
    CASE_FIGURES,
    WORK_STEPS,
    STEPS,
    LEGS,
    AGENCY,
    CERTIFICATES,
    ACCEPTANCES,
    FLAWS,
    AUDIT,
    SIGNALS,
    INVESTIGATIONS,
    PERUSALS,
    DUTIES,
    WATCH,
)
