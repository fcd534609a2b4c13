"""Chinese sentences are set in Chinese punctuation: full-width beside Chinese characters."""

import re

import pytest

import api.statuses
import domain.people
import ops.catalogue_files.reading
import ops.importing.sayings
import ops.importing.xes
from api.validation import CHECKS, SENTENCES, UNTOLD
from domain.attestation import ATTESTATIONS
from domain.case import CASE
from domain.catalogue import FOLDED
from domain.contact import CONTACT
from domain.grammar import Objection
from domain.investigation import INVESTIGATION
from domain.perusal import PERUSAL
from domain.signal import SIGNAL
from domain.subject import SUBJECT
from domain.subject.searching import PEOPLE_SEARCH
from ops.importing.rows import RowObjection

HALF_WIDTH = re.compile(r"[㐀-鿿][,;:!?()]|[,;:!?(] ?[㐀-鿿]")
PLACES = (
    ATTESTATIONS,
    CASE,
    CONTACT,
    INVESTIGATION,
    PERUSAL,
    PEOPLE_SEARCH,
    FOLDED,
    SIGNAL,
    SUBJECT,
    domain.people,
    api.statuses,
    ops.catalogue_files.reading,
    ops.importing.sayings,
    ops.importing.xes,
)
"""Imported for the objections that they define."""


def below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


SPOKEN = [
    pytest.param(sentence, id=f"{kind.__name__}-{name}")
    for kind in (*below(Objection), *below(RowObjection))
    for name in ("ZH", "WANTED_ZH")
    if (sentence := getattr(kind, name, None))
]
ANSWERED = [zh for zh, _ in (*SENTENCES.values(), UNTOLD)] + list(CHECKS.values())


@pytest.mark.parametrize("sentence", [*SPOKEN, *ANSWERED])
def test_a_chinese_sentence_has_chinese_punctuation(sentence):
    assert HALF_WIDTH.search(sentence) is None


def test_what_is_looked_for_is_found_where_it_stands():
    assert HALF_WIDTH.search("补录须附证据,或序号。")
    assert HALF_WIDTH.search("请登记办结(conclude)。")
    assert not HALF_WIDTH.search("请登记办结（conclude），时间如 09:00。")
