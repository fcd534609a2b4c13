"""Which fields of a fact leave the county in an event log for process mining, and of what type they are.

Codes, numbers, days and titles do. What stays at home: text that somebody wrote freely (opinions, reasons, findings),
references to persons, digests, who signed at another organ, where on the map somebody lives, and whatever has parts.
"""

from enum import StrEnum
from typing import Any, Final

from domain.case import CASE
from domain.grammar import Fact

LONGEST_LABEL: Final = 200
STAYS: Final = frozenset({"signed_by", "latitude_e6", "longitude_e6"})


class Kind(StrEnum):
    """The types that XES and OCEL share."""

    text = "text"
    whole = "whole"
    claim = "claim"
    moment = "moment"
    day = "day"


_KIND_BY_FORMAT: Final = {"date": Kind.day, "date-time": Kind.moment}
_KIND_BY_TYPE: Final = {"integer": Kind.whole, "boolean": Kind.claim}


def _kind(schema: dict[str, Any], definitions: dict[str, Any]) -> Kind | None:
    """None: it stays."""
    told = next(option for option in schema.get("anyOf", [schema]) if option.get("type") != "null")
    if "$ref" in told:
        told = definitions[told["$ref"].rpartition("/")[2]]
    if told.get("type") != "string":
        return _KIND_BY_TYPE.get(told.get("type", ""))
    if "format" in told:
        return _KIND_BY_FORMAT.get(told["format"])
    is_short = "enum" in told or told.get("maxLength", LONGEST_LABEL + 1) <= LONGEST_LABEL
    return Kind.text if is_short else None


def _fields_of(fact: type[Fact]) -> dict[str, Kind]:
    schema = fact.model_json_schema(mode="serialization")
    kinds = {
        name: _kind(each, schema.get("$defs", {})) for name, each in schema.get("properties", {}).items()
    }
    return {name: kind for name, kind in kinds.items() if kind is not None and name not in STAYS}


FACT_BY_TOPIC: Final[dict[str, type[Fact]]] = {fact.TOPIC: fact for fact in CASE.facts}
FIELDS_BY_TOPIC: Final = {topic: _fields_of(fact) for topic, fact in FACT_BY_TOPIC.items()}
"""By topic: the fields that leave, each with its type. A topic of a later version has none."""
