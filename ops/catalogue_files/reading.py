"""A folder of files becomes entries with their places. All of it is read, or nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson
from pydantic import ValidationError

from api.validation import errors_of
from domain.grammar import Value
from domain.item.values import ItemVersion
from domain.workdays.values import CalendarException, YearCalendar
from ops.catalogue_files import marked_yaml, tables
from ops.catalogue_files.broken import Broken, FilesBroken
from ops.catalogue_files.entries import KINDS, CalendarEntry
from ops.catalogue_files.marked_yaml import Document, Unreadable

DEFAULTS: Final = "defaults"
Fields = dict[str, Any]
V = TypeVar("V", bound=Value)

READ: Final = frozenset({".yaml", ".yml", ".csv"})
BY_HEADING: Final = {kind.heading: kind for kind in KINDS}
NO_LIST: Final = (
    f"must be a list under one of {', '.join(BY_HEADING)}",
    f"应为 {'、'.join(BY_HEADING)} 之一的列表",
)
NO_FIELDS: Final = ("must hold fields and their values", "应为字段及其取值")
ITEM_TABLES: Final = "items*.csv"


@dataclass(frozen=True, slots=True)
class Place:
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and where it stands."""

    place: Place
    entry: Value


@dataclass(slots=True)
class County:
    """Everything a folder says, by heading, in the order of the files."""

    entries: dict[str, list[Placed]] = field(default_factory=lambda: {kind.heading: [] for kind in KINDS})
    calendars: list[tuple[Place, YearCalendar, str | None]] = field(default_factory=list)
    """The county's own years, and why they amend what was published before."""


def read(folder: Path) -> County:
    """Raises FilesBroken with every place that is wrong."""
    reading = _Reading(folder)
    reading.everything()
    if reading.broken:
        raise FilesBroken(reading.broken)
    return reading.county


class _Reading:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: set[str] = set()
        self.broken: list[Broken] = []
        self.county = County()

    def everything(self) -> None:
        files = self._files()
        for path in files:
            try:
                self._file(path)
            except Unreadable as unreadable:
                self.broken.append(unreadable.broken)
        self._calendars()
        self._refuse_unnamed_tables(files)

    def _files(self) -> list[Path]:
        files = sorted(path for path in self._folder.glob("*") if path.suffix in READ)
        if not any(path.suffix != ".csv" for path in files):
            self._complain(
                self._folder.name, 1, "", "no .yaml file in this folder", "该目录中没有 .yaml 文件"
            )
        return files

    def _refuse_unnamed_tables(self, files: Iterable[Path]) -> None:
        english, chinese = "no entry under calendars names this file", "没有日历条目引用该文件"
        for path in files:
            is_read = path.suffix != ".csv" or path.name in self._tables or path.match(ITEM_TABLES)
            if not is_read:
                self._complain(path.name, 1, "", english, chinese)

    def _file(self, path: Path) -> None:
        if path.suffix != ".csv":
            self._yaml(path.name, marked_yaml.read(path.name, path.read_bytes()))
        elif path.match(ITEM_TABLES):
            self._items_table(path)

    def _yaml(self, file: str, document: Document) -> None:
        if not isinstance(document.content, dict):
            self._complain(file, 1, "", *NO_LIST)
            return
        content = dict(document.content)
        defaults = content.pop(DEFAULTS, None)
        if not isinstance(defaults, dict | None):
            self._complain(file, document.line((DEFAULTS,)), DEFAULTS, *NO_FIELDS)
            return
        for heading, entries in content.items():
            self._list(file, document, heading, entries, defaults or {})

    def _list(self, file: str, document: Document, heading: str, entries: Any, defaults: Fields) -> None:
        if heading not in BY_HEADING or not isinstance(entries, list):
            self._complain(file, document.line((heading,)), heading, *NO_LIST)
            return
        for n, entry in enumerate(entries):
            self._entry(file, document, (heading, n), entry, defaults)

    def _entry(
        self, file: str, document: Document, path: marked_yaml.Path, said: Any, defaults: Fields
    ) -> None:
        fields = defaults | said if isinstance(said, dict) else said
        heading = str(path[0])
        try:
            entry = BY_HEADING[heading].entry.model_validate_json(orjson.dumps(fields))
        except ValidationError as error:
            for loc, english, chinese in _complaints(error):
                self._complain(file, document.line((*path, *loc)), _dotted(loc), english, chinese)
        else:
            self.county.entries[heading].append(Placed(Place(file, document.line(path)), entry))

    def _items_table(self, path: Path) -> None:
        for row in tables.read(path.name, path.read_bytes()):
            item = self._row(path.name, row.line, ItemVersion, tables.entry(row))
            if item is not None:
                self.county.entries["items"].append(Placed(Place(path.name, row.line), item))

    def _calendars(self) -> None:
        for placed in self.county.entries["calendars"]:
            entry = placed.entry
            if isinstance(entry, CalendarEntry):
                try:
                    self._calendar(placed.place, entry)
                except Unreadable as unreadable:
                    self.broken.append(unreadable.broken)

    def _calendar(self, place: Place, entry: CalendarEntry) -> None:
        path = self._folder / entry.days
        if path.parent != self._folder or not path.is_file():
            self._complain(
                place.file,
                place.line,
                "days",
                "must name a .csv file in this folder",
                "应为本目录中的 .csv 文件",
            )
            return
        self._tables.add(path.name)
        rows = list(tables.read(path.name, path.read_bytes()))
        days = [self._row(path.name, row.line, CalendarException, tables.day_exception(row)) for row in rows]
        exceptions = [day for day in days if day is not None]
        if len(exceptions) == len(rows):
            self._year(place, entry, sorted(exceptions, key=lambda exception: exception.day))

    def _year(self, place: Place, entry: CalendarEntry, exceptions: Iterable[CalendarException]) -> None:
        fields = entry.model_dump(exclude={"days", "amends_because"}) | {"exceptions": tuple(exceptions)}
        try:
            calendar = YearCalendar.model_validate(fields)
        except ValidationError as error:
            for _, english, chinese in _complaints(error):
                self._complain(entry.days, 1, "date", english, chinese)
        else:
            self.county.calendars.append((place, calendar, entry.amends_because))

    def _row(self, file: str, line: int, kind: type[V], fields: Fields) -> V | None:
        try:
            return kind.model_validate_json(orjson.dumps(fields))
        except ValidationError as error:
            for loc, english, chinese in _complaints(error):
                self._complain(file, line, _dotted(loc), english, chinese)
            return None

    def _complain(self, file: str, line: int, where: str, english: str, chinese: str) -> None:
        self.broken.append(Broken(file, line, where, english, chinese))


def _complaints(error: ValidationError) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Path, English and Chinese of each thing that the validation found."""
    for found in error.errors(include_url=False, include_input=False):
        (told,) = errors_of([found])
        yield found["loc"], told["message_en"], told["message"]


def _dotted(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in loc)
