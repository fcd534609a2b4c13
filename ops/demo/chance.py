"""Chance that is the same for the same seed."""

from random import Random


def chance_of(*parts: object) -> Random:
    """A source of chance of its own for whatever the parts name."""
    return Random(":".join(map(str, parts)))  # noqa: S311 — demo data must come out the same again, not be unguessable
