"""The SQLite form of OCEL 2.0, built in a file: it knows every object once, however many cases name it.

One writer, one transaction, no journal: a file that was not finished is thrown away.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from domain.grammar import CHINA
from domain.store.statements import statements_of
from projections.exports.dossiers import Dossier
from projections.exports.fields import Kind
from projections.exports.ocel.telling import ALWAYS, Event, EventType, Object, Teller
from projections.exports.ocel.types import ObjectType

TEXTS: Final = {
    name: text.decode() for name, text in statements_of("projections.exports.ocel", "database.sql").items()
}
SQL_TYPES: Final = {
    Kind.text: "text",
    Kind.whole: "integer",
    Kind.claim: "boolean",
    Kind.moment: "timestamp",
    Kind.day: "timestamp",
}


@dataclass
class Database:
    """A log that is being written. Use it as a context; leaving it whole keeps the file."""

    path: Path
    teller: Teller
    _event_types: dict[str, tuple[str, EventType]] = field(default_factory=dict)
    """By name: its table's, and the type."""
    _object_types: set[ObjectType] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            self._begin()
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with closing(self._connection):
            if kind is None:
                self._connection.execute("commit")

    def _begin(self) -> None:
        self._connection.executescript(
            "pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off;"
        )
        self._connection.executescript(TEXTS["fixed_tables"])
        self._connection.execute("begin")

    def write(self, dossiers: Sequence[Dossier]) -> None:
        told = [self.teller.tell(dossier) for dossier in dossiers]
        self._write_objects([each for objects, _ in told for each in objects])
        self._write_events([each for _, events in told for each in events])

    # ── events ──────────────────────────────────────────────────────────────────────────────────────────

    def _write_events(self, events: Sequence[Event]) -> None:
        rows_by_table: defaultdict[str, list[list[Any]]] = defaultdict(list)
        for event in events:
            table, type_ = self._event_table(event.type)
            rows_by_table[table].append([event.id, moment(event.at), *_cells(event.values, type_.attributes)])
        self._many("event", ((event.id, event.type.name) for event in events))
        for table, rows in rows_by_table.items():
            self._connection.executemany(_filled("event_values", table=table, places=len(rows[0])), rows)
        self._many(
            "event_object",
            (
                (event.id, id_, qualifier.say(self.teller.language))
                for event in events
                for qualifier, id_ in event.relations
            ),
        )

    def _event_table(self, type_: EventType) -> tuple[str, EventType]:
        if type_.name not in self._event_types:
            taken = {table for table, _ in self._event_types.values()}
            table = _free(type_.table, taken)
            self._event_types[type_.name] = table, type_
            self._connection.execute(TEXTS["event_type"], (type_.name, table))
            self._make("event_table", f"event_{table}", type_.attributes)
        table, known = self._event_types[type_.name]
        return f"event_{table}", known

    # ── objects ─────────────────────────────────────────────────────────────────────────────────────────

    def _write_objects(self, objects: Sequence[Object]) -> None:
        for type_ in ObjectType:
            if of_type := [each for each in objects if each.type is type_]:
                self._write_objects_of(type_, of_type)
        self._many(
            "object_object",
            (
                (each.id, id_, qualifier.say(self.teller.language))
                for each in objects
                for qualifier, id_ in each.relations
            ),
        )

    def _write_objects_of(self, type_: ObjectType, objects: Sequence[Object]) -> None:
        table = self._object_table(type_)
        merged = ", ".join(f'"{name}" = coalesce(excluded."{name}", "{name}")' for name in type_.attributes)
        rows = [[each.id, moment(ALWAYS), None, *_cells(each.values, type_.attributes)] for each in objects]
        self._many("object", ((each.id, type_.names.say(self.teller.language)) for each in objects))
        self._connection.executemany(
            _filled("object_values", table=table, places=len(rows[0]), merged=merged), rows
        )
        changes: defaultdict[str, list[tuple[str, str, str, Any]]] = defaultdict(list)
        for each in objects:
            for when, name, value in each.changes:
                cell = _cell(value, type_.attributes[name])
                changes[name].append((each.id, moment(when), name, cell))
        for name, rows_of_it in changes.items():
            self._connection.executemany(
                _filled("object_change", table=table, column=f'"{name}"'), rows_of_it
            )

    def _object_table(self, type_: ObjectType) -> str:
        table = f"object_{type_.table}"
        if type_ not in self._object_types:
            self._object_types.add(type_)
            self._connection.execute(
                TEXTS["object_type"], (type_.names.say(self.teller.language), type_.table)
            )
            self._make("object_table", table, type_.attributes)
            self._connection.execute(_filled("object_index", table=table, index=f"{table}_values"))
        return table

    # ── statements ──────────────────────────────────────────────────────────────────────────────────────

    def _make(self, statement: str, table: str, attributes: Mapping[str, Kind]) -> None:
        columns = ",\n    ".join(f'"{name}" {SQL_TYPES[kind]}' for name, kind in attributes.items())
        self._connection.execute(_filled(statement, table=table, columns=columns))

    def _many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._connection.executemany(TEXTS[statement], rows)


def _filled(statement: str, *, places: int = 0, **names: str) -> str:
    """The names are those of types and attributes that this programme chose itself."""
    text = TEXTS[statement].replace("{places}", ", ".join("?" * places))
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _free(table: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken."""
    return next(name for name in _numbered(table) if name not in taken)


def _numbered(table: str) -> Iterator[str]:
    yield table
    number = 2
    while True:
        yield f"{table}_{number}"
        number += 1


def _cells(values: Mapping[str, Any], attributes: Mapping[str, Kind]) -> list[Any]:
    return [_cell(values.get(name), kind) for name, kind in attributes.items()]


def _cell(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    match kind:
        case Kind.day:
            day = date.fromisoformat(value) if isinstance(value, str) else value
            return moment(datetime.combine(day, time(), CHINA))
        case Kind.moment:
            return moment(datetime.fromisoformat(value) if isinstance(value, str) else value)
        case Kind.claim:
            return int(value)
        case _:
            return value


def moment(when: datetime) -> str:
    """ISO 8601, in UTC: one offset, so that text sorts as time."""
    return when.astimezone(ALWAYS.tzinfo).isoformat(timespec="milliseconds").replace("+00:00", "Z")
