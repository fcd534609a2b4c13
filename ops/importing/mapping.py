"""The mapping file: how another system's columns, activities and codes are called here.

Every word of a mapping is a claim about the source; a value that the mapping does not know is reported with its
line and never guessed.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator

from domain.grammar import Channel, Code, Label, Value, canonical

SHIPPED: Final = Path(__file__).with_name("mappings")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is not the name of a time zone, as Asia/Shanghai") from error
    return name


def _compiles(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    if not {"code", "title"} <= set(groups):
        raise ValueError("must name the groups (?P<code>…) and (?P<title>…)")
    return pattern


Column = Annotated[str, Field(min_length=1, max_length=200)]
Cell = Annotated[str, Field(max_length=1000)]
Zone = Annotated[str, AfterValidator(_known_zone)]
StepPattern = Annotated[str, Field(max_length=500), AfterValidator(_compiles)]


class Times(Value):
    """How the source writes a time."""

    format: Annotated[str, Field(max_length=100)] | None = None
    """A strptime pattern; left out: ISO 8601."""
    zone: Zone | None = None
    """The zone of times that carry no offset; left out: such times are refused."""
    precision: Literal["second", "day"] = "second"


class EventColumns(Value):
    """Where a row says what happened."""

    case: Column
    activity: Column
    occurred_at: Column
    row: Column | None = None
    """What identifies the row in the source; left out: its content does."""
    unit: Column | None = None
    person: Column | None = None
    transition: Column | None = None
    """XES lifecycle:transition; only rows with the value `complete` are steps."""


class CaseColumns(Value):
    """Where a row repeats what is true of its whole case. Texts are recorded in the source's own words."""

    channel: Column | None = None
    department: Column | None = None
    group: Column | None = None
    responsible: Column | None = None
    started_at: Column | None = None
    deadline: Column | None = None
    planned_end: Column | None = None
    concluded_at: Column | None = None


class ReceiptMapping(Value):
    """Which activity is the receipt 收件, and what the source leaves unsaid about it."""

    activity: Cell
    item_code: Code
    """事项 of all cases; the division of its unit is where they are numbered."""


class StepMapping(Value):
    """How the activity names of steps 环节 are taken apart into code and title."""

    pattern: StepPattern
    known: Annotated[dict[Cell, Code], Field(default_factory=dict)]
    """Activities that do not fit the pattern, and the code each gets."""


class Named(Value):
    """A unit of the source: our code for it, and what it is called."""

    code: Code
    title: Label


class Mapping(Value):
    source: Code
    """Names the source for ever: it stands in `imported_from` and in the idempotency key of every row."""
    title: Label
    encoding: Literal["utf-8", "gb18030", "latin-1", "cp1252"] = "utf-8"
    delimiter: Annotated[str, Field(pattern=r"^[,;|\t]$")] = ","
    times: Times = Times()
    event: EventColumns
    case: CaseColumns = CaseColumns()
    receipt: ReceiptMapping
    steps: StepMapping
    channels: Annotated[dict[Cell, Channel], Field(default_factory=dict)]
    units: Annotated[dict[Cell, Named], Field(default_factory=dict)]
    nobody: tuple[Cell, ...] = ("",)
    """What the source writes where it does not know the unit or person."""
    catalogue: Annotated[str, Field(max_length=200)] | None = None
    """A folder beside the mapping file, for `jiandu load-catalogue`: the item and units that the rules ask for."""

    @model_validator(mode="after")
    def _channels_are_mapped(self) -> Self:
        if self.case.channel and not self.channels:
            raise ValueError("channels: is missing, though case.channel names a column")
        return self

    def columns(self) -> frozenset[str]:
        """Every column the mapping reads."""
        named = (self.event.model_dump() | self.case.model_dump()).values()
        return frozenset(column for column in named if column)


class MappingUnusable(Exception):  # noqa: N818  — it reads as a word of the rules
    """The mapping file cannot be used as it is. `complaints`: one sentence each, with the place in the file."""

    def __init__(self, path: Path, complaints: tuple[str, ...]) -> None:
        super().__init__(f"{path}: {'; '.join(complaints)}")
        self.path, self.complaints = path, complaints


def load_mapping(path: Path) -> Mapping:
    """Reads a mapping file. Raises MappingUnusable where it is no YAML or says what no mapping can say."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate_json(canonical(document))
    except ValidationError as error:
        raise MappingUnusable(path, tuple(_complaint(dict(entry)) for entry in error.errors())) from error
    except (yaml.YAMLError, OSError, UnicodeDecodeError, TypeError) as error:
        raise MappingUnusable(path, (str(error),)) from error


def _complaint(entry: dict[str, object]) -> str:
    place = entry["loc"]
    parts = place if isinstance(place, tuple) else (place,)
    return f"{'.'.join(map(str, parts)) or 'the file'}: {entry['msg']}"


def shipped_mappings() -> dict[str, Path]:
    """The mappings that come with Jiandu, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
