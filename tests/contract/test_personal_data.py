"""No text of the record takes a telephone or an identity number: a person is known to it by a reference."""

from datetime import date
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.attestation import ATTESTATIONS
from domain.case import CASE
from domain.catalogue import FOLDED
from domain.contact import CONTACT
from domain.grammar import Actor, Circumstances, Command, DocumentNo, Fact, Label, Prose
from domain.investigation import INVESTIGATION
from domain.numbers import CaseNumber, identity_check
from domain.perusal import PERUSAL
from domain.signal import SIGNAL
from domain.subject import SUBJECT
from domain.subject.searching import PEOPLE_SEARCH
from domain.subject.values import Person

SENTENCE = "电话 13800005678, 身份证 11010519491231002X"
PHONE, IDENTITY = "13800005678", "11010519491231002X"
LABEL, PROSE, NUMBER = map(TypeAdapter, (Label, Prose, DocumentNo))
AGGREGATES = (
    CASE,
    CONTACT,
    SIGNAL,
    INVESTIGATION,
    PERUSAL,
    SUBJECT,
    PEOPLE_SEARCH,
    *FOLDED,
    *ATTESTATIONS,
)


def subclasses(of):
    for each in of.__subclasses__():
        if each.__module__.startswith("domain."):  # tests have facts of their own
            yield each
            yield from subclasses(each)


def texts(kind, path):
    """(path, type) of every text that a value of this type can hold."""
    origin = get_origin(kind)
    if origin is Annotated and get_args(kind)[0] is str:
        yield path, kind
    elif origin is Annotated:
        yield from texts(get_args(kind)[0], path)
    elif origin in (Union, UnionType, tuple, list, dict):
        for part in get_args(kind):
            yield from texts(part, path)
    elif kind is str:
        yield path, kind
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            whole = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            yield from texts(whole, f"{path}.{name}")
    else:
        assert (
            origin is Literal
            or kind is Any
            or not (isinstance(kind, type) and issubclass(kind, str))
            or (issubclass(kind, Enum))
        ), f"{path}: {kind}"


MODELS = {*subclasses(Fact), *subclasses(Command), Circumstances, Actor}
TEXTS = dict(pair for model in sorted(MODELS, key=str) for pair in texts(model, model.__qualname__))


def takes(kind, text):
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


def is_code(kind):
    """What somebody assigned: no free text, as its pattern has room for neither Chinese nor spaces."""
    return not takes(kind, "电话")


def is_number(kind):
    """A document's number, where eleven digits are no telephone."""
    return takes(kind, PHONE)


def test_the_walk_meets_every_fact_of_the_record():
    assert {fact for aggregate in AGGREGATES for fact in aggregate.facts} <= MODELS
    assert {"Approve.decision_no", "StepCompleted.opinion"} <= TEXTS.keys()


@pytest.mark.parametrize("path", TEXTS)
def test_no_text_takes_a_sentence_with_personal_data(path):
    assert not takes(TEXTS[path], f"身份证 {IDENTITY}")
    assert not takes(TEXTS[path], SENTENCE)


def test_only_codes_and_numbers_of_documents_may_be_eleven_digits():
    free = {path for path, kind in TEXTS.items() if not is_code(kind)}
    assert {path.rpartition(".")[2] for path in free if is_number(TEXTS[path])} == {
        "basis_document",
        "batch_no",
        "certificate_no",
        "certificate_nos",
        "decision_no",
        "document_no",
        "e_licence_id",
        "entrust_no",
        "external_ref",
        "notice_no",
        "receipt_no",
        "seals",
        "source_ref",
    }
    assert not any(takes(TEXTS[path], IDENTITY) for path in free)


BEFORE = st.text("电话:，A+-. 是", max_size=6)
AFTER = st.text("。，、;B 吧", max_size=6)
MOBILES = st.builds(
    lambda second, rest, one, two: f"1{second}{rest[0]}{one}{rest[1:5]}{two}{rest[5:]}",
    st.sampled_from("3456789"),
    st.text("0123456789", min_size=9, max_size=9),
    st.sampled_from(["", " ", "-"]),
    st.sampled_from(["", " ", "-"]),
)
BORN = st.dates(date(1900, 1, 1), date(2026, 12, 31))


@settings(max_examples=150)
@given(BEFORE, MOBILES, AFTER)
def test_a_mobile_number_is_found_wherever_it_stands(before, mobile, after):
    for text in (LABEL, PROSE):
        with pytest.raises(ValidationError) as told:
            text.validate_python(before + mobile + after)
        assert mobile not in told.value.errors(include_input=False)[0]["msg"]


@settings(max_examples=150)
@given(BEFORE, st.integers(110000, 659999), BORN, st.integers(0, 999), AFTER)
def test_an_identity_number_is_found_wherever_it_stands(before, place, born, serial, after):
    body = f"{place}{born:%Y%m%d}{serial:03d}"
    number = body + identity_check(body)
    for written in (number, number.lower()):
        assert not takes(Label, before + written + after)
    assert takes(DocumentNo, number) is (born.year >= 2000)


@settings(max_examples=150)
@given(MOBILES, st.text("0123456789", min_size=1, max_size=9))
def test_a_part_of_a_longer_number_is_no_telephone(mobile, digits):
    longer = mobile.replace(" ", "").replace("-", "") + digits
    assert takes(Label, longer) or len(longer) == len(IDENTITY)


@pytest.mark.parametrize(
    "text",
    [
        "+86 13800005678",
        "+8613800005678",
        "008613800005678",
        "138-0000-5678",
        "138 0000 5678",
        "打13800005678或13900005678",
        "１３８００００５６７８",
        "138\u30000000\u30005678",
        "１３８－００００－５６７８",
        "138—0000—5678",
        "138\u20110000\u20115678",
        "138\u00a00000\u00a05678",
        "138  0000 - 5678",
        "138.0000.5678",
        "138\n0000\n5678",
        "8613800005678",
        "＋８６１３８００００５６７８",
    ],
)
def test_the_usual_ways_to_write_a_telephone_are_known(text):
    assert not takes(Prose, text)


@pytest.mark.parametrize(
    "text",
    [
        "110105 19491231 002X",
        "110105-1949-1231-002x",
        "1101 0519 4912 3100 2X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５－１９４９１２３１－００２Ｘ",
        "110105\u00a019491231\u00a0002X",
        "110105 – 19491231 – 002X",
        "110105.19491231.002X",
    ],
)
def test_the_usual_ways_to_write_an_identity_number_are_known(text):
    assert not takes(Prose, text)
    assert not takes(DocumentNo, text)


@pytest.mark.parametrize(
    "text",
    [
        str(CaseNumber("610999100000", date(2026, 3, 3), 17)),
        "陕政发〔2020〕13号",
        "2026-03-03 09:00",
        "金额12345678901分",
        "0914-8322345",
        "GB/T 39046—2020",
        "100000000000000000",
        "2026-11-23，138.50元",
        "13.5 2026.11.23",
        "8613812345678901",
    ],
)
def test_other_figures_are_left_alone(text):
    assert takes(Label, text)


def test_the_people_beside_the_log_may_have_both():
    assert Person(name="王13800005678", address="电话 13800005678").address == "电话 13800005678"
