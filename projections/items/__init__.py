"""事项 items: the published versions of what can be applied for; `view.sql` and `table.sql` beside this file."""

from typing import Final

from projections.projection import Projection

ITEMS: Final = Projection.of_folder("projections.items", key="item_code", kinds=("item",), is_whole=True)
