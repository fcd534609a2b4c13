"""Items 事项: one stream each, `item:<item_code>`."""

from domain.grammar import Aggregate
from domain.item.commands import decide
from domain.item.events import (
    ItemCancelled,
    ItemCatalogued,
    ItemStationedAtHall,
    ItemSupervisionScopeSet,
    ItemVersionPublished,
    ItemWithdrawnFromHall,
)
from domain.item.state import evolve
from domain.item.values import Item
from domain.register import KEEPERS

ITEM: Aggregate[Item | None] = Aggregate(
    name="item",
    blank=None,
    decide=decide,
    evolve=evolve,
    facts=(
        ItemCatalogued,
        ItemVersionPublished,
        ItemCancelled,
        ItemSupervisionScopeSet,
        ItemStationedAtHall,
        ItemWithdrawnFromHall,
    ),
    amenders=KEEPERS,
)
