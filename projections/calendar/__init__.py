"""工作日历: the working days as SQL counts them; `view.sql` and `table.sql` beside this file."""

from typing import Final

import orjson

from domain.workdays.seed import HOLIDAYS_BY_LAW, shipped
from projections.projection import Projection

CALENDAR: Final = Projection.of_folder(
    "projections.calendar",
    key="day",
    kinds=("calendar",),
    is_whole=True,
    constants={
        "shipped": orjson.dumps(
            [
                {
                    "year": calendar.year,
                    "is_provisional": calendar.is_provisional,
                    "exceptions": [
                        {"day": exception.day, "is_working": exception.is_working}
                        for exception in calendar.exceptions
                    ],
                }
                for calendar in shipped().values()
            ]
        ).decode(),
        "fixed_by_law": orjson.dumps([f"{month:02}-{day:02}" for month, day, _ in HOLIDAYS_BY_LAW]).decode(),
    },
)
