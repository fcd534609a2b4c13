"""What a projection is: a folder with one `select` over the log, and what the engine must know to keep its rows.

`view.sql`   the definition: one `select` over `effective_events` and, by their names, other projections
`table.sql`  runs after the table of that name was made with the definition's columns: its primary key and indexes
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Final, NamedTuple, Self

from psycopg import sql

from domain.store.statements import text_of
from projections.reach import COMMENT, TOPIC, Reach, reach_of

STANDING_TEXTS: Final = {
    file: text_of("projections", file) for file in ("log_views.sql", "log_positions.sql", "day_sets.sql")
}
"""What every definition may stand on, by file."""

_MENTION: Final = re.compile(r"\beffective_events\b")
_OTHER_READING: Final = re.compile(
    r"\b(?:recorded_events|parsed_events)\b"
    r"|\b(?:from|join)\s+events\b(?!\s+(?:as\s+\w+\s+)?where\s+topic\s*=\s*'event\.(?:corrected|voided)\.v1')"
)
"""A reading of the log itself, unless of amendments, which touch every projection of their stream."""
_READING: Final = re.compile(
    r"\bfrom\s+effective_events\s+where\s+topic\s+in\s*\(((?:\s*'[a-z_.0-9]+'\s*,?)+)\)"
    r"(\s*or\s+jsonb_array_length\(envelope -> 'irregularities'\) > 0)?"
    r"(?=\s*(?:\)|window\b|group\b|union\b|$))"
)
"""A reading of some topics alone, or of these and of flagged events: nothing may stand beside that would let others in."""
_PRIMARY_KEY: Final = re.compile(r"\bprimary key\s*\(([^)]*)\)")
_UNIQUE: Final = re.compile(r"\b(?:unique|exclude)\b")


class Sight(NamedTuple):
    """The only events that a definition can see: those of some topics, and perhaps those that the rules flagged."""

    topics: frozenset[str]
    sees_flagged: bool


class FurtherKeyError(ValueError):
    """Beside its primary key a table may have no unique index: rows are changed in their places, one after the other, and
    two that change values with each other would stand against it (decision 0161). A plain index finds them as well.
    """


@dataclass(frozen=True, slots=True)
class Need:
    """A projection stands on another one, by name."""

    name: str
    via: str | None = None
    """The other's column, of type text, whose values are this one's keys: a row that came or went touches its key.
    None: any change of the other touches every key, and this one is built anew beside its table."""


@dataclass(frozen=True, slots=True)
class Projection:
    """One definition. `kinds` and `needs` together must name every key whose rows an event can change."""

    name: str
    view: str
    table: str
    key: str
    """The column, of type text, by whose values rows are replaced; of a whole one any column."""
    kinds: tuple[str, ...] = ()
    """Kinds of streams, as "case": an event in such a stream touches the key that is the stream's name."""
    needs: tuple[Need, ...] = ()
    is_whole: bool = False
    """Small: whatever touches it, all its rows are compared and, where they differ, replaced."""
    grows: str | None = None
    """The column with the position of the event that a row tells, where a further event of the stream, unless it is an
    amendment, changes no row that stands there: then its own rows are added, and the others not looked at."""
    hash_by_need: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises FurtherKeyError."""
        if self.identity and not self.is_whole and _UNIQUE.search(COMMENT.sub("", self.table)):
            raise FurtherKeyError(self.name)

    @classmethod
    def of_folder(
        cls,
        package: str,
        *,
        key: str,
        kinds: tuple[str, ...] = (),
        needs: Mapping["Projection", str | None] | None = None,
        is_whole: bool = False,
        grows: str | None = None,
        constants: Mapping[str, str] | None = None,
    ) -> Self:
        """The projection in the folder of `package`, named like it.

        `needs`: the column of each projection it stands on, see `Need.via`.
        `constants`: text by name, written `:'name'` in view.sql.
        """
        needs = needs or {}
        return cls(
            name=package.rpartition(".")[2],
            view=_filled(text_of(package, "view.sql"), constants or {}),
            table=text_of(package, "table.sql"),
            key=key,
            kinds=kinds,
            needs=tuple(Need(other.name, via) for other, via in needs.items()),
            is_whole=is_whole,
            grows=grows,
            hash_by_need={other.name: other.hash for other in needs},
        )

    @property
    def hash(self) -> str:
        """16 hexadecimal digits of SHA-256 over everything its rows follow from: the version of the projection."""
        return _hash_of(self)

    @property
    def is_of_streams(self) -> bool:
        """Its keys are streams: the rows of a key follow from that stream, and from what is passed on."""
        return bool(self.kinds) and not self.is_whole

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns of the table's primary key, as table.sql says it; none where there is none."""
        found = _PRIMARY_KEY.search(self.table)
        return tuple(re.split(r",\s*", found[1].strip())) if found else ()

    @property
    def sight(self) -> Sight | None:
        """What the definition can see of the log, where each of its readings says so; None: everything."""
        return _sight(self.view)

    @property
    def topics(self) -> frozenset[str] | None:
        """The only topics of events that the definition can see; None: any."""
        sight = self.sight
        return None if sight is None or sight.sees_flagged else sight.topics

    @property
    def reach(self) -> Reach:
        """What it asks of the events that it sees."""
        return reach_of(self.view, self.topics)

    @property
    def definition(self) -> sql.SQL:
        """The `select` as a trusted part of a statement that has parameters."""
        return sql.SQL(self.view.strip().removesuffix(";").replace("%", "%%"))

    def __hash__(self) -> int:
        return hash((self.name, self.view))


def _filled(view: str, constants: Mapping[str, str]) -> str:
    for name, value in constants.items():
        view = view.replace(f":'{name}'", sql.Literal(value).as_string())
    return view


@cache
def _hash_of(projection: Projection) -> str:
    digest = sha256()
    for part in (
        *STANDING_TEXTS.values(),
        *(projection.view, projection.table, projection.key, *projection.kinds),
        *sorted(projection.hash_by_need.values()),
    ):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


@cache
def _sight(view: str) -> Sight | None:
    said, text = _READING.findall(view), COMMENT.sub("", view)
    if not said or len(said) != len(_MENTION.findall(text)) or _OTHER_READING.search(text):
        return None
    topics = frozenset(topic for listed, _ in said for topic in TOPIC.findall(listed))
    return Sight(topics, any(flagged for _, flagged in said))
