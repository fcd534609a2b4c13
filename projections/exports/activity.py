"""What an event is called in a log for process mining, and where in the life of an activity it stands."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from projections.exports.fields import FACT_BY_TOPIC


class Language(StrEnum):
    """In which language activities and types are called."""

    zh = "zh"
    en = "en"


START, COMPLETE = "start", "complete"

STARTS: Final = frozenset({"case.step_started.v1", "case.special_procedure_started.v1"})
STEPS: Final = frozenset({"case.step_started.v1", "case.step_completed.v1"})
PROCEDURES: Final = {"case.special_procedure_started.v1", "case.special_procedure_ended.v1"}
PROCEDURE_NAMES: Final = {Language.zh: "特别程序", Language.en: "Special procedure"}


@dataclass(frozen=True, slots=True)
class Activity:
    """Start and completion of one piece of work have one name, and one instance where there may be several.

    `transition`: of the standard lifecycle model of XES, start or complete.
    """

    name: str
    instance: str | None
    transition: str


def label(topic: str, language: Language) -> str:
    """A topic of a later version of the programme is called by itself."""
    fact = FACT_BY_TOPIC.get(topic)
    if fact is None:
        return topic
    return fact.LABEL if language is Language.zh else fact.english_label()


def activity(topic: str, fact: dict[str, Any], language: Language) -> Activity:
    """A step is called by its own code and title, a special procedure by that name, anything else by its label."""
    transition = START if topic in STARTS else COMPLETE
    if topic in STEPS:
        return Activity(f"{fact['step_code']} {fact['step_title']}", fact.get("source_ref"), transition)
    if topic in PROCEDURES:
        return Activity(PROCEDURE_NAMES[language], str(fact["procedure_no"]), transition)
    return Activity(label(topic, language), None, transition)
