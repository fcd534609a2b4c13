"""An answer never repeats what was sent: it may be a name, a number or a script, and answers are logged and shown."""

from collections.abc import Iterator

from pydantic import BaseModel

from domain.grammar import Rejected


def keep_quiet(rejected: Rejected, said: BaseModel) -> None:
    """Takes out of the objection's details whatever the action itself says; what the record says stays."""
    texts = frozenset(_texts(said.model_dump(mode="json")))
    rejected.details = {
        name: value for name, value in rejected.details.items() if texts.isdisjoint(_texts(value))
    }


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for held in value.values():
                yield from _texts(held)
        case list() | tuple():
            for held in value:
                yield from _texts(held)
        case _:
            return
