"""Looking people up 检索: one stream for each who looks, `people_search:<staff_id>`."""

from typing import Final, Literal

from domain.admission import RoleMayNot
from domain.grammar import Aggregate, Command, Decision, Envelope, Fact, Occasion, Ruling, settle
from domain.subject.commands import BLIND
from domain.subject.events import PeopleSearched, Search


class RecordSearch(Search, Command):
    """What was found is told by the vault, and by nobody else."""

    type: Literal["record_search"] = "record_search"


def record_search(command: RecordSearch, occasion: Occasion) -> Ruling:
    if occasion.actor.role in BLIND:
        yield RoleMayNot(role=occasion.actor.role)
    yield PeopleSearched.as_told(command)


def _decide(_: int, command: RecordSearch, occasion: Occasion, _catalogue: object) -> Decision:
    return Decision(*settle(record_search(command, occasion), occasion))


def _evolve(count: int, _fact: Fact, _envelope: Envelope) -> int:
    return count + 1


PEOPLE_SEARCH: Final[Aggregate[int]] = Aggregate(
    name="people_search",
    blank=0,
    decide=_decide,
    evolve=_evolve,
    facts=(PeopleSearched,),
    amenders=frozenset(),
)
