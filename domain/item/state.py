"""The state of an item's stream is the item with its versions, or nothing."""

from domain.grammar import Envelope, Fact
from domain.item.events import (
    ItemCancelled,
    ItemCatalogued,
    ItemStationedAtHall,
    ItemSupervisionScopeSet,
    ItemVersionPublished,
    ItemWithdrawnFromHall,
)
from domain.item.values import Item, Stationing
from domain.register import ended


def evolve(item: Item | None, fact: Fact, _: Envelope) -> Item | None:
    if isinstance(fact, ItemCatalogued):
        return Item(item_code=fact.item_code)
    return item and item.model_copy(update=_changed(item, fact))


def _changed(item: Item, fact: Fact) -> dict[str, object]:
    match fact:
        case ItemVersionPublished(item=version):
            return {"versions": tuple(sorted((*item.versions, version), key=lambda each: each.valid_from))}
        case ItemCancelled(cancelled_on=cancelled_on):
            return {"cancelled_on": cancelled_on}
        case ItemSupervisionScopeSet(is_supervised=is_supervised):
            return {"is_supervised": is_supervised}
        case ItemStationedAtHall(stationing=stationing):
            return {"stationings": (*item.stationings, stationing)}
        case ItemWithdrawnFromHall():
            return {"stationings": tuple(_withdrawn(place, fact) for place in item.stationings)}
        case _:
            return {}


def _withdrawn(place: Stationing, fact: ItemWithdrawnFromHall) -> Stationing:
    is_meant = place.window_id == fact.window_id and place.holds(fact.last_day)
    return ended(place, fact.last_day) if is_meant else place
