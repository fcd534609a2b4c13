"""Errors that pass: what PostgreSQL refuses because of what others did at the same moment, and says nothing of what was asked."""

from collections.abc import Callable
from typing import Final, TypeVar

import psycopg
from psycopg.errors import DeadlockDetected, InternalError_, LockNotAvailable, SerializationFailure

CATALOGUE_CHANGED: Final = frozenset({"simple_heap_update", "simple_heap_delete", "ExecGrant_Relation"})
"""Where PostgreSQL refuses the later of two that change one line of its catalogue, and a grant on what has just gone."""
TRIES: Final = 5

Made = TypeVar("Made")


def gives_way(error: psycopg.Error) -> bool:
    """Whether what was rolled back can be made again at once: whoever stood in its way is done."""
    match error:
        case SerializationFailure() | DeadlockDetected():
            return True
        case InternalError_():
            return error.diag.source_function in CATALOGUE_CHANGED
        case _:
            return False


def passes(error: psycopg.Error) -> bool:
    """Likewise in a later round: whoever still holds a lock may hold it for long."""
    return isinstance(error, LockNotAvailable) or gives_way(error)


def made_again(make: Callable[[], Made]) -> Made:
    """What changes nothing when it is made again is made again where others got in its way, some times."""
    for _ in range(TRIES - 1):
        try:
            return make()
        except psycopg.Error as error:
            if not gives_way(error):
                raise
    return make()
