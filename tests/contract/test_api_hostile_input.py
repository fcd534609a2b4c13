"""Hostile input on every route of the OpenAPI page: a calm answer, nothing repeated, and the log as it was.

What is attacked is read off the page (tests/hostile.py): a new route, parameter or field is attacked as soon as it stands
there, and its first test fails where an ordinary request does not get as far.
"""

import csv
import io
from zipfile import ZipFile

import pytest

from projections.exports.tables import FORMULA_BEGINS
from tests.attacked import FORMULA, JSON, OWN_WORDS, Request, an_attacked_county
from tests.hostile import (
    BODIES,
    NEEDED,
    OPERATIONS,
    ORDINARY,
    PAGE,
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


# ── what is taken away ──────────────────────────────────────────────────────────────────────────────────────

TABLES = [
    (verb, path)
    for verb, path in OPERATIONS
    if "text/csv" in PAGE["paths"][path][verb]["responses"].get("200", {}).get("content", {})
]
SHOWN = ("application/json", "text/plain", "text/html", "text/event-stream", "application/octet-stream")
"""What is no file: a browser shows it, and runs nothing in it; of octets it makes a file by itself."""


def files_of(county, verb, path, *formats):
    """Its files, of every exchange table where it is theirs."""
    words = words_for(county, path)
    tables = exchange_tables(county) if "{table}" in path else [words["table"]]
    queries = [f"{NEEDED.get(path, '')}&format={each}".lstrip("&") for each in formats]
    addresses = [f"{target(path, words, table=table)}?{query}" for table in tables for query in queries]
    answers = county.ask_all(as_asked(county, verb, path, [Request("GET", each) for each in addresses]))
    assert {answer.status for answer in answers} == {200}
    return answers


def exchange_tables(county):
    (listed,) = county.ask_all(as_asked(county, "get", LISTED, [Request("GET", LISTED)]))
    return [table["name"] for table in listed.json()["tables"]]


LISTED = "/v1/exports/exchange"


def is_number(cell):
    return cell.removeprefix("-").replace(".", "", 1).isdigit()


@pytest.mark.parametrize(("verb", "path"), TABLES, ids=lambda each: each)
def test_no_cell_of_any_table_is_a_formula(county, verb, path):
    for answer in files_of(county, verb, path, "csv", "xlsx"):
        if answer.headers["content-type"].startswith("text/csv"):
            rows = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
            cells = [cell for row in rows for cell in row]
            assert [cell for cell in cells if cell.startswith(FORMULA_BEGINS) and not is_number(cell)] == []
        else:
            with ZipFile(io.BytesIO(answer.body)) as book:
                sheets = [book.read(name) for name in book.namelist() if "worksheets" in name]
            assert sheets
            assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def test_a_formula_that_somebody_wrote_is_told_as_the_text_it_is(county):
    (table,) = files_of(county, "get", "/v1/cases", "csv")
    cells = [cell for row in csv.reader(io.StringIO(table.text)) for cell in row]
    assert f"'{FORMULA}" in cells


@pytest.mark.parametrize(
    ("verb", "path"), [each for each in OPERATIONS if each[0] == "get"], ids=lambda each: each
)
def test_what_is_no_answer_to_be_shown_is_an_attachment(county, verb, path):
    where = f"{target(path, words_for(county, path))}?{NEEDED.get(path, '')}".rstrip("?")
    answers = county.ask_all(as_asked(county, verb, path, [Request("GET", where)]))
    if (verb, path) in TABLES:
        answers += files_of(county, verb, path, "csv", "jsonl")
    for answer in answers:
        is_shown = answer.headers.get("content-type", SHOWN[0]).startswith(SHOWN)
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        assert is_shown or is_problem or answer.headers["content-disposition"].startswith("attachment;"), (
            where
        )


def test_no_route_takes_a_file():
    """Papers stay where they are kept; the record has their digests."""
    taken = {kind for verb, path in BODIES for kind in PAGE["paths"][path][verb]["requestBody"]["content"]}
    assert taken == {"application/json"}
