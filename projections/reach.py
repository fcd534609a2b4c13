"""What a definition asks of the log, read off its text: of which topics it sees events, and of which of them it reads the
fact, the envelope, or of the envelope no more than who acted.

A definition says so in these words, and whatever is said otherwise counts as everything:

    select …, case when topic in ('…', …) then fact … end as …, case when topic in ('…', …) then envelope -> 'actor' … end as …
    from effective_events
    where topic in ('…', …)
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

Topics = frozenset[str] | None
"""None: any."""

COMMENT: Final = re.compile(r"--[^\n]*")
TOPIC: Final = re.compile(r"'([a-z_.0-9]+)'")
_MENTION: Final = re.compile(r"\beffective_events\b")
_COLUMNS: Final = re.compile(
    r"\bas\s*\(\s*select\b((?:(?!\bselect\b).)*?)\bfrom\s+effective_events\s+where\s+topic\s+in\s*\([^()]*\)"
    r"\s*(?=\)|union\b|window\s+\w+\s+as\s*\(partition\s+by\s+stream\s+order\s+by\s+occurred_at,\s*position\b)",
    re.DOTALL,
)
"""What a reading takes along; nothing behind it reads more."""
_GUARDED: Final = re.compile(
    r"\bcase\s+when\s+topic\s+in\s*\(([^()]*)\)\s*then\s((?:(?!\b(?:case|when|else|end|then)\b).)*?)\bend\b",
    re.DOTALL,
)
_ACTOR: Final = re.compile(r"\benvelope\s*->\s*'actor'")
_ALIAS: Final = re.compile(r"\bas\s+\w+")
_WHOLE_ROW: Final = re.compile(r"(?:,|^|\.)\s*\*\s*(?:,|$)|\beffective_events\b")


class Reach(NamedTuple):
    """The only events that are seen, and the only ones of which the fact, the envelope, or at least its actor is read, by topic."""

    topics: Topics = None
    facts: Topics = None
    envelopes: Topics = None
    actors: Topics = None

    def holds(self, other: "Reach") -> bool:
        """Whether all that the other asks for is in it."""
        return all(
            held is None or (wanted is not None and wanted <= held)
            for held, wanted in zip(self, other, strict=True)
        )


def all_of(reaches: Iterable[Reach]) -> Reach:
    """The smallest that holds each of some."""
    return Reach(*(_united(topics) for topics in zip(*reaches, strict=True)))


@cache
def reach_of(view: str, topics: Topics) -> Reach:
    """Of a definition that sees events of these topics."""
    text = COMMENT.sub("", view)
    readings = _COLUMNS.findall(text)
    if topics is None or len(readings) != len(_MENTION.findall(text)):
        return Reach(topics)
    return all_of(
        Reach(
            topics, _read("fact", told), _read("envelope", _ACTOR.sub("null", told)), _read("envelope", told)
        )
        for told in readings
    )


def _read(column: str, told: str) -> Topics:
    mention = re.compile(rf"\b{column}\b")
    rest = _ALIAS.sub("", _GUARDED.sub("", told))
    if mention.search(rest) or _WHOLE_ROW.search(rest.strip()):
        return None
    guarded = (topics for topics, then in _GUARDED.findall(told) if mention.search(then))
    return frozenset(topic for topics in guarded for topic in TOPIC.findall(topics))


def _united(some: Iterable[Topics]) -> Topics:
    told = list(some)
    return None if None in told else frozenset().union(*(topics for topics in told if topics))
