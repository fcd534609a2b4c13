"""Hostile input on every route of the OpenAPI page: a calm answer, nothing repeated, and the log as it was.

What is attacked is read off the page (tests/hostile.py): a new route, parameter or field is attacked as soon as it stands
there, and its first test fails where an ordinary request does not get as far.
"""

import pytest

from tests.attacked import JSON, OWN_WORDS, Request, an_attacked_county
from tests.hostile import (
    BODIES,
    NEEDED,
    OPERATIONS,
    ORDINARY,
    as_asked,
    attacks_on_the_body,
    attacks_on_the_headers,
    attacks_on_the_path,
    attacks_on_the_query,
    target,
)
from tests.hostile_words import MARKER
from tests.identity_provider import ISSUER


def expect_calm(answer, sent):
    assert answer.status < 500, (sent, answer.text[:300])
    assert answer.headers["x-content-type-options"] == "nosniff", sent
    assert answer.headers["content-security-policy"].startswith("default-src 'none'"), sent
    assert not any("\r" in value or "\n" in value for value in answer.headers.values()), sent
    assert "a=b" not in answer.headers.get("set-cookie", ""), sent
    assert answer.headers.get("location", ISSUER).startswith((ISSUER, "/v1/")), sent
    if answer.status >= 400 and answer.body:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json", sent
        assert problem["type"].startswith("urn:jiandu:problem:"), sent
        assert problem["title"], sent
        assert problem["title_en"], sent
    if answer.status >= 400:
        assert MARKER not in answer.text, (sent, answer.text[:500])
        assert MARKER not in str(answer.headers), sent


def shown(request):
    return f"{request.method} {request.target[:150]} {str(request.headers)[:150]} {request.content[:200]!r}"


@pytest.fixture(scope="module")
def county(postgres18):
    with an_attacked_county(postgres18.dsn) as county:
        yield county


def words_for(county, path):
    """What the names of the path stand for: two of them stand for other things elsewhere."""
    if path.startswith("/v1/receipts"):
        return county.words | {"code": county.words["receipt"]}
    if path.startswith("/v1/log/tile/entries"):
        return county.words | {"tile": "000.p/3"}
    return county.words


def attacked(county, verb, path, requests):
    """Every answer is calm, and nothing is recorded but that somebody looked or was refused."""
    before = county.record()
    sent = as_asked(county, verb, path, requests)
    answers = county.ask_all(sent)
    for request, answer in zip(sent, answers, strict=True):
        expect_calm(answer, shown(request))
    after = county.record()
    assert {position: after[position] for position in before} == before
    added = {topic for position, (topic, _) in after.items() if position not in before}
    assert all(topic.startswith(OWN_WORDS) for topic in added), added
    return list(zip(sent, answers, strict=True))


@pytest.mark.parametrize(("verb", "path"), OPERATIONS, ids=lambda each: each)
def test_an_ordinary_request_is_answered(county, verb, path):
    """Else what follows would be refused for want of something else."""
    where = f"{target(path, words_for(county, path))}?{NEEDED.get(path, '')}"
    asked = Request(verb.upper(), where.rstrip("?"), JSON | {"If-Match": "*"}, b"{}")
    (answered,) = county.ask_all(as_asked(county, verb, path, [asked]))
    assert answered.status == ORDINARY.get(f"{verb} {path}", ORDINARY.get(verb)), answered.text


@pytest.mark.parametrize(("verb", "path"), OPERATIONS, ids=lambda each: each)
def test_a_hostile_address_or_header_meets_a_calm_answer_and_changes_nothing(county, verb, path):
    words = words_for(county, path)
    attacks = (attacks_on_the_path, attacks_on_the_query, attacks_on_the_headers)
    attacked(county, verb, path, [each for attack in attacks for each in attack(verb, path, words)])


@pytest.mark.parametrize(("verb", "path"), BODIES, ids=lambda each: each)
def test_a_hostile_body_is_refused_and_changes_nothing(county, verb, path):
    requests = list(attacks_on_the_body(verb, path, words_for(county, path)))
    for request, answer in attacked(county, verb, path, requests):
        refused = answer.json()["answers"] if answer.status == 207 else [{"problem": {}}]
        assert answer.status in range(400, 500) or answer.status == 207, shown(request)
        assert all("problem" in each for each in refused), shown(request)
