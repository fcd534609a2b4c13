"""What each stored topic is called: the Chinese term officers use, and the English one."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from domain import amendment
from domain.aggregates import AGGREGATES
from domain.grammar import Fact


@lru_cache(maxsize=1024)
def english(fact: type[Fact]) -> str:
    """CaseForwardedToStation → "Case forwarded to station"."""
    return fact.english_label()


def _labels(facts: Iterable[type[Fact]]) -> dict[str, tuple[str, str]]:
    return {fact.TOPIC: (fact.LABEL, english(fact)) for fact in facts}


LABELS: Final = _labels((*amendment.FACTS, *(fact for each in AGGREGATES for fact in each.facts)))


def labels(topic: str) -> tuple[str, str]:
    """Chinese and English; an unknown topic, written by a later version of the programme, is called by itself."""
    return LABELS.get(topic, (topic, topic))
