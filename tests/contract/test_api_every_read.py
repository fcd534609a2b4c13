"""Every read of the API's page: it shows an example, and says clearly what is wrong with a parameter."""

import pytest

from tests.county import SUPERVISION_POST
from tests.doors import Doorway
from tests.page import the_page

DOORWAY = Doorway()
PAGE = the_page()
GET = {path: methods["get"] for path, methods in PAGE["paths"].items() if "get" in methods}
CASE_NO = "6109991010002026030300001Y"
WORDS = {
    "case_no": CASE_NO,
    "investigation_no": "HC-2026-3",
    "table": "up_pro_accept",
    "signal_no": "T03-4736A120F8757553",
}
MOMENTS = ("known_at", "happened_by")


def asked_by(said):
    """The query parameters, by name."""
    return {each["name"]: each for each in said.get("parameters", ()) if each["in"] == "query"}


VIEWS = {path: asked_by(said) for path, said in GET.items() if "min_position" in asked_by(said)}
WITH_BAD = [
    *((path, {name: "yesterday"}) for path in VIEWS for name in MOMENTS),
    *((path, {name: "2026-03-03T09:00:00"}) for path in VIEWS for name in MOMENTS),
    *((path, {"day": day}) for path in VIEWS for day in ("2026-02-30", "3 March", "20260303")),
    *((path, {"min_position": position}) for path in VIEWS for position in ("-1", "1.5", str(2**53 + 1))),
    *(
        (path, {"limit": limit})
        for path, asked in VIEWS.items()
        if "limit" in asked
        for limit in ("0", "-3", "x")
    ),
]


BY_OTHER_WORDS = {
    "/v1/statistics",  # `after` is the name of a group: any text
    "/v1/cases/{case_no}/perusals",  # a case that is not there is said first
    "/v1/investigations/{investigation_no}/perusals",  # likewise
}
PAGED = [path for path, asked in VIEWS.items() if "after" in asked and path not in BY_OTHER_WORDS]
NO_PLACES = ("@", "eHg=", "e30=", "W10=", "bnVsbA==", "W3t9XQ==", "LTE=", "x" * 801)
"""Not of the letters; then, in base64: xx, {}, [], null, [{}], -1; and too long."""


async def problem(path, query):
    async with DOORWAY.entered(SUPERVISION_POST) as client:
        answer = await client.get(path.format_map(WORDS), params=query)
    document = answer.json()
    return answer.status_code, document["type"].removeprefix("urn:jiandu:problem:"), document


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"day": "2026-02-30"}, "must be a day as YYYY-MM-DD"),
        ({"known_at": "2026-02-30T09:00:00+08:00"}, "must be a time of RFC 3339 with its offset"),
        ({"happened_by": "2026-02-28T24:30:00+08:00"}, "must be a time of RFC 3339 with its offset"),
    ],
    ids=str,
)
async def test_of_a_day_that_the_calendar_lacks_it_is_said_what_would_do(query, wanted):
    _, _, document = await problem("/v1/deadlines", query)
    assert [each["message_en"] for each in document["errors"]] == [wanted]


@pytest.mark.parametrize(("path", "query"), WITH_BAD, ids=str)
async def test_a_value_that_cannot_be_is_named(path, query):
    status, code, document = await problem(path, query)
    assert (status, code) == (422, "parameter-invalid")
    (name,) = query
    assert [error["pointer"] for error in document["errors"]] == [f"/query/{name}"]


@pytest.mark.parametrize("after", NO_PLACES)
@pytest.mark.parametrize("path", PAGED)
async def test_a_place_that_no_page_ended_at_is_refused(path, after):
    status, code, _ = await problem(path, {"after": after})
    assert status == 422
    assert code in ("after-unreadable", "parameter-invalid")


@pytest.mark.parametrize("path", VIEWS)
async def test_what_is_not_declared_or_said_twice_is_refused(path):
    for query, wrong in (
        ({"knwon_at": "x"}, "undeclared"),
        ({"day": ["2026-03-03", "2026-03-04"]}, "repeated"),
    ):
        status, code, document = await problem(path, query)
        assert (status, code) == (422, "parameter-invalid")
        assert [error["code"] for error in document["errors"]] == [wrong]


@pytest.mark.parametrize("path", ["/v1/data-quality/tallies", "/v1/ledgers/agents/points"])
@pytest.mark.parametrize("of_a_page", [{"after": "WzFd"}, {"limit": "10"}], ids=lambda each: next(iter(each)))
async def test_what_is_told_whole_takes_no_page(path, of_a_page):
    status, code, document = await problem(path, of_a_page)
    assert (status, code) == (422, "parameter-invalid")
    assert [error["code"] for error in document["errors"]] == ["undeclared"]


@pytest.mark.parametrize("path", VIEWS)
async def test_nobody_knows_the_future_and_nobody_waits_for_the_past(path):
    for name in MOMENTS:
        assert (await problem(path, {name: "2099-01-01T00:00:00+08:00"}))[:2] == (422, "as-of-in-future")
        past_and_position = {name: "2026-03-03T09:00:00+08:00", "min_position": "1"}
        assert (await problem(path, past_and_position))[:2] == (422, "position-with-as-of")


@pytest.mark.parametrize("path", VIEWS)
def test_it_shows_an_example_of_each_answer_in_json(path):
    shown = GET[path]["responses"]["200"]["content"].get("application/json")
    assert shown is None or shown.get("example") or shown["schema"] == {"type": "object"}


ELSEWHERE = (
    "/v1/events",  # the log itself: `until` a position
    "/v1/log/",
    "/v1/receipts/",
    "/v1/cases/{case_no}/evidence",  # a bundle is of a checkpoint
    "/v1/audit/marks",  # what there can be, not what is
    "/v1/exports/exchange",
    "/v1/persons/",  # the vault keeps no earlier state
    "/v1/projections",  # the machinery of now
    "/healthz",
    "/readyz",
    "/metrics",
    "/v1/sessions/",
    "/v1/admin/",
)
OF_THE_RECORD = [path for path in GET if path in VIEWS or not path.startswith(ELSEWHERE)]


@pytest.mark.parametrize("path", OF_THE_RECORD)
async def test_whatever_follows_from_the_record_is_told_under_two_clocks(path):
    assert set(MOMENTS) <= asked_by(GET[path]).keys()
    words = WORDS | {"contact_no": "SW-1", "register": "units", "code": "QX-BH"}
    for name in MOMENTS:
        async with DOORWAY.entered(SUPERVISION_POST) as client:
            answer = await client.get(path.format_map(words), params={name: "2099-01-01T00:00:00+08:00"})
        assert answer.json()["type"] == "urn:jiandu:problem:as-of-in-future"


def test_most_reads_are_views():
    assert len(VIEWS) > 20
