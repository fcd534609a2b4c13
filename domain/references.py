"""Person references 人员引用号: how the record names people, and which people a fact names."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, Field, JsonValue

PATTERN: Final = r"^p-[0-9a-f]{32}$"
_REFERENCE: Final = re.compile(PATTERN)


class _NamesPerson:
    """Marks a type whose values name a person."""


PersonRef = Annotated[str, Field(pattern=PATTERN), _NamesPerson()]
"""Under which the vault keeps a person's data: "p-" and 32 hexadecimal digits, drawn at random."""


def named_in(fact: BaseModel) -> Iterator[str]:
    """The persons whom the fact, or a value in it, names. Most facts name nobody, and cost next to nothing."""
    for name in naming_fields(type(fact)):
        yield from _named(getattr(fact, name))


def _named(value: Any) -> Iterator[str]:
    match value:
        case str():
            if _REFERENCE.fullmatch(value):
                yield value
        case BaseModel():
            yield from named_in(value)
        case dict():
            for each in value.values():
                yield from _named(each)
        case tuple() | list():
            for each in value:
                yield from _named(each)
        case _:
            pass


@cache
def naming_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that can name somebody; one that takes any JSON, as a correction's does, can."""
    return tuple(
        name
        for name, field in model.model_fields.items()
        if any(isinstance(each, _NamesPerson) for each in field.metadata) or _can_name(field.annotation)
    )


def _can_name(kind: Any) -> bool:
    if kind is JsonValue or isinstance(kind, _NamesPerson):
        return True
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return bool(naming_fields(kind))
    return any(map(_can_name, get_args(kind)))
