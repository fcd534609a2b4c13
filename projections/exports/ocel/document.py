"""The JSON form of OCEL 2.0, read out of the SQLite form piece by piece."""

import sqlite3
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import orjson

from projections.exports.ocel.database import TEXTS

AT_ONCE: Final = 500
JSON_TYPES: Final = {"TEXT": "string", "INTEGER": "integer", "BOOLEAN": "boolean", "TIMESTAMP": "time"}

Row = dict[str, Any]


def document(path: Path) -> Generator[bytes, None, None]:
    """The log as one JSON object: eventTypes, objectTypes, events, objects."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        log = _Log(connection)
        yield b'{"eventTypes":' + orjson.dumps(log.types_of("event"))
        yield b',"objectTypes":' + orjson.dumps(log.types_of("object"))
        yield b',"events":['
        yield from _listed(log.events())
        yield b'],"objects":['
        yield from _listed(log.objects())
        yield b"]}\n"


def _listed(pages: Iterator[list[Row]]) -> Iterator[bytes]:
    comma = b""
    for page in pages:
        yield comma + orjson.dumps(page)[1:-1]
        comma = b","


class _Log:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._table_by_type: dict[str, str] = {}
        self._attributes_by_table: dict[str, dict[str, str]] = {}
        for kind in ("event", "object"):
            for type_, name in connection.execute(TEXTS[f"types_of_{kind}s"]):
                table = f"{kind}_{name}"
                self._table_by_type[f"{kind} {type_}"] = table
                self._attributes_by_table[table] = self._attributes(table)

    def _attributes(self, table: str) -> dict[str, str]:
        """Type by name, the columns of every table left out."""
        columns = self._connection.execute("select name, type from pragma_table_info(?)", (table,))
        return {name: type_.upper() for name, type_ in columns if not name.startswith("ocel_")}

    def types_of(self, kind: str) -> list[Row]:
        return [
            {
                "name": type_.partition(" ")[2],
                "attributes": [
                    {"name": name, "type": JSON_TYPES[sql_type]}
                    for name, sql_type in self._attributes_by_table[table].items()
                ],
            }
            for type_, table in self._table_by_type.items()
            if type_.startswith(f"{kind} ")
        ]

    def events(self) -> Iterator[list[Row]]:
        for found in self._pages("events"):
            ids = [id_ for _, id_, _ in found]
            relations = self._relations("objects_of_events", ids)
            row_by_id = {row["ocel_id"]: (table, row) for table, row in self._rows("event", found)}
            yield [
                {
                    "id": id_,
                    "type": type_,
                    "time": row_by_id[id_][1]["ocel_time"],
                    "attributes": list(self._values(*row_by_id[id_])),
                    "relationships": relations[id_],
                }
                for _, id_, type_ in found
            ]

    def objects(self) -> Iterator[list[Row]]:
        for found in self._pages("objects"):
            relations = self._relations("objects_of_objects", [id_ for _, id_, _ in found])
            values: defaultdict[str, list[Row]] = defaultdict(list)
            for table, row in self._rows("object", found):
                values[row["ocel_id"]] += [
                    value | {"time": row["ocel_time"]} for value in self._values(table, row)
                ]
            yield [
                {"id": id_, "type": type_, "attributes": values[id_], "relationships": relations[id_]}
                for _, id_, type_ in found
            ]

    def _pages(self, statement: str) -> Iterator[list[tuple[int, str, str]]]:
        last = 0
        while page := self._connection.execute(TEXTS[statement], (last, AT_ONCE)).fetchall():
            yield page
            last = page[-1][0]

    def _rows(self, kind: str, found: Sequence[tuple[int, str, str]]) -> Iterator[tuple[str, Row]]:
        ids_by_table: defaultdict[str, list[str]] = defaultdict(list)
        for _, id_, type_ in found:
            ids_by_table[self._table_by_type[f"{kind} {type_}"]].append(id_)
        for table, ids in ids_by_table.items():
            cursor = self._connection.execute(TEXTS["rows_of"].replace("{table}", table), (_json(ids),))
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield table, dict(zip(names, row, strict=True))

    def _relations(self, statement: str, ids: Sequence[str]) -> defaultdict[str, list[Row]]:
        relations: defaultdict[str, list[Row]] = defaultdict(list)
        for id_, other, qualifier in self._connection.execute(TEXTS[statement], (_json(ids),)):
            relations[id_].append({"objectId": other, "qualifier": qualifier})
        return relations

    def _values(self, table: str, row: Row) -> Iterator[Row]:
        for name, sql_type in self._attributes_by_table[table].items():
            value = row[name]
            if value is not None:
                yield {"name": name, "value": bool(value) if sql_type == "BOOLEAN" else value}


def _json(ids: Sequence[str]) -> str:
    return orjson.dumps(ids).decode()
