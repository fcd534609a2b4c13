"""工作日: the working calendar in one row, for whoever counts days; `view.sql` and `table.sql` beside this file."""

from typing import Final

from projections.calendar import CALENDAR
from projections.projection import Projection

WORKING_DAYS: Final = Projection.of_folder(
    "projections.working_days", key="calendar_version", needs={CALENDAR: None}, is_whole=True
)
