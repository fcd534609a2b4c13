"""登记簿 places: units, windows, posts, village points and staff, as they stand; `view.sql` and `table.sql` beside
this file.
"""

from typing import Final

from projections.projection import Projection

PLACES: Final = Projection.of_folder(
    "projections.places",
    key="code",
    kinds=("unit", "window", "post", "point", "staff"),
    is_whole=True,
)
