"""Which projections there are; each stands behind those it needs."""

from typing import Final

from projections.calendar import CALENDAR
from projections.case_card import CASE_CARD
from projections.case_figures import CASE_FIGURES
from projections.clock import CLOCK
from projections.custody import CUSTODY
from projections.items import ITEMS
from projections.places import PLACES
from projections.policies import POLICIES
from projections.projection import Projection
from projections.recordings import RECORDINGS
from projections.work_steps import WORK_STEPS

PROJECTIONS: Final[tuple[Projection, ...]] = (
    CALENDAR,
    POLICIES,
    ITEMS,
    PLACES,
    CUSTODY,
    CLOCK,
    CASE_CARD,
    CASE_FIGURES,
    WORK_STEPS,
    RECORDINGS,
)
