"""Copies of frozen parts, for the hot path: folding an event copies the case once."""

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar

P = TypeVar("P")


def but(part: P, **changes: object) -> P:
    """The part with these fields changed: `dataclasses.replace` at a fifth of the price, for the hot path alone.

    The copy is made thawed, of a class with the same slots that may be written to, and frozen by becoming what
    the part is. It runs no __init__ and checks no field names.
    """
    kind: type[Any] = type(part)
    shape = _SHAPES.get(kind) or _shape(kind)
    copy: Any = shape.thawed(*shape.read(part))
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.__class__ = kind
    frozen: P = copy
    return frozen


def stamped(fresh: P, **values: object) -> P:
    """Writes into a part that was just made and that nobody else has seen, frozen as it is."""
    kind: type[Any] = type(fresh)
    writer_by_field = (_SHAPES.get(kind) or _shape(kind)).writer_by_field
    for name, value in values.items():
        writer_by_field[name](fresh, value)
    return fresh


class Shape(NamedTuple):
    """How parts of one class are read, built and written."""

    read: Callable[[object], tuple[object, ...]]
    thawed: type[Any]
    writer_by_field: dict[str, Callable[[object, object], None]]


_SHAPES: Final[dict[type, Shape]] = {}


def _shape(kind: type[Any]) -> Shape:
    names = tuple(each.name for each in fields(kind))
    thawed = make_dataclass(f"Thawed{kind.__name__}", names, slots=True)
    writer_by_field = {name: getattr(kind, name).__set__ for name in names}
    return _SHAPES.setdefault(kind, Shape(attrgetter(*names), thawed, writer_by_field))
