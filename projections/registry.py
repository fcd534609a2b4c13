"""Which projections there are; each stands behind those it needs."""

from typing import Final

from projections.calendar import CALENDAR
from projections.projection import Projection

PROJECTIONS: Final[tuple[Projection, ...]] = (CALENDAR,)
