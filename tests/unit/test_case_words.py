"""One verb runs through: commands, events, topics and refusals keep to their names, in two languages."""

import re
from typing import get_args

import pytest
from pydantic import TypeAdapter

from domain import amendment
from domain.case import CASE, Case, CaseAction, OpeningAction
from domain.contact import CONTACT, ContactAction
from domain.grammar import Irregular, Objection, Rejected
from domain.signal import SIGNAL, SignalAction
from domain.subject import SUBJECT
from domain.subject.commands import SubjectCommand
from domain.subject.searching import PEOPLE_SEARCH, RecordSearch
from tests.examples import a_concluded_case, a_joint_case, a_resumed_case, an_agents_case
from tests.spec import given

COMMANDS = (
    *get_args(get_args(CaseAction)[0]),
    *get_args(ContactAction),
    *get_args(get_args(SignalAction)[0]),
    *get_args(SubjectCommand),
    RecordSearch,
)
FACTS = (*CASE.facts, *CONTACT.facts, *SIGNAL.facts, *SUBJECT.facts, *PEOPLE_SEARCH.facts, *amendment.FACTS)


def _below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


OBJECTIONS = [
    each
    for each in _below(Objection)
    if each not in {Rejected, Irregular} and each.__module__.startswith("domain")
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.__name__)
def test_the_type_of_a_command_is_its_name(command):
    snake = re.sub(r"(?<!^)([A-Z])", r"_\1", command.__name__).lower()
    assert command.model_fields["type"].default == snake


@pytest.mark.parametrize("fact", FACTS, ids=lambda each: each.__name__)
def test_the_topic_of_a_fact_is_its_name_and_a_version(fact):
    snake = re.sub(r"(?<!^)([A-Z])", r"_\1", fact.__name__).lower()
    family, verb, version = fact.TOPIC.split(".")
    assert version == "v1"
    assert snake in {verb, f"{family}_{verb}"} or (fact.__name__, verb) == (
        "DuplicateCaseLinked",
        "duplicate_linked",
    )
    assert re.fullmatch(r"[\u4e00-\u9fff]+", fact.LABEL)


def test_no_two_facts_share_a_topic():
    assert len({fact.TOPIC for fact in FACTS}) == len(FACTS)


@pytest.mark.parametrize("objection", OBJECTIONS, ids=lambda each: each.__name__)
def test_every_objection_says_in_two_languages_what_is_wrong_and_what_is_wanted(objection):
    assert re.search(r"[a-z].*\.$", (objection.__doc__ or "").strip(), re.DOTALL)
    assert objection.__doc__ not in {Rejected.__doc__, Irregular.__doc__}
    assert re.search(r"[\u4e00-\u9fff].*。$", objection.ZH)
    assert objection.WANTED
    assert objection.WANTED.endswith(".")
    assert re.search(r"[\u4e00-\u9fff].*。$", objection.WANTED_ZH)


def test_no_two_refusals_share_a_code():
    refusals = [each for each in OBJECTIONS if issubclass(each, Rejected)]
    assert len({each.code() for each in refusals}) == len(refusals)


def test_every_action_is_told_apart_by_its_type():
    actions = TypeAdapter(CaseAction)
    assert type(actions.validate_json(b'{"type":"approve","decision_no":"2026-17"}')).__name__ == "Approve"
    assert {each.__name__ for each in get_args(get_args(OpeningAction)[0])} == {"ReceiveCase", "EntrustAgent"}


@pytest.mark.parametrize("history", [a_concluded_case, a_joint_case, a_resumed_case, an_agents_case])
def test_a_case_reads_as_json(history):
    state = given(*history()).state
    document = TypeAdapter(Case).dump_python(state, mode="json")
    assert document["status"] == state.status
    assert TypeAdapter(Case).validate_python(TypeAdapter(Case).dump_python(state)) == state
