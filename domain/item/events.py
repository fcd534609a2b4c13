"""What can have happened to an item."""

from typing import ClassVar

from domain.grammar import Code, Day, Fact, Label, Prose
from domain.item.values import ItemVersion, Stationing


class ItemCatalogued(Fact):
    """The item enters the county's list; its first version follows at once."""

    TOPIC: ClassVar[str] = "item.catalogued.v1"
    LABEL: ClassVar[str] = "事项入库"

    item_code: Code
    title: Label
    class_code: Code
    unit_code: Code


class ItemVersionPublished(Fact):
    """事项发布、调整: an open version before it ends on the eve of this one."""

    TOPIC: ClassVar[str] = "item.version_published.v1"
    LABEL: ClassVar[str] = "事项版本发布"

    item: ItemVersion


class ItemCancelled(Fact):
    TOPIC: ClassVar[str] = "item.cancelled.v1"
    LABEL: ClassVar[str] = "事项取消"

    item_code: Code
    cancelled_on: Day
    """The first day on which it can no longer be applied for."""
    basis: Prose


class ItemSupervisionScopeSet(Fact):
    TOPIC: ClassVar[str] = "item.supervision_scope_set.v1"
    LABEL: ClassVar[str] = "监管范围调整"

    item_code: Code
    is_supervised: bool


class ItemStationedAtHall(Fact):
    TOPIC: ClassVar[str] = "item.stationed_at_hall.v1"
    LABEL: ClassVar[str] = "事项进驻"

    item_code: Code
    stationing: Stationing


class ItemWithdrawnFromHall(Fact):
    TOPIC: ClassVar[str] = "item.withdrawn_from_hall.v1"
    LABEL: ClassVar[str] = "事项退驻"

    item_code: Code
    window_id: Code
    last_day: Day
