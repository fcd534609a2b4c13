"""办件起止 case spans: which cases stand, as of a moment, as they stand now; `view.sql` and `table.sql` beside this file.

`engine_settled` tells from them which rows of the tables answer for another day.
"""

from typing import Final

from projections.projection import Projection

CASE_SPANS: Final = Projection.of_folder("projections.case_spans", key="stream", kinds=("case",))
