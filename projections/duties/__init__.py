"""期限义务 duties: by which last days a case's duties are to be met, and from which day on each is broken; `view.sql` is
the definition, `table.sql` its index.

A duty with the last day `due` is broken on the first counted day behind it (行政许可法 Art. 82, model 4.5): a word to the
applicant (Art. 32), the promise, the law's limit, the superior's (Art. 43), delivery (Art. 44). Its days are the policy's
of the day on which it began. The watch 监察 stands on this.
"""

from typing import Final

from projections.clock import CLOCK
from projections.items import ITEMS
from projections.policies import POLICIES
from projections.projection import Projection
from projections.working_days import WORKING_DAYS

DUTIES: Final = Projection.of_folder(
    "projections.duties",
    key="stream",
    kinds=("case",),
    needs={WORKING_DAYS: None, POLICIES: None, ITEMS: None, CLOCK: "stream"},
)
