"""Hostile input on every route of the OpenAPI page: a calm answer, nothing repeated, and the log as it was.

What is attacked is read off the page, so that a new route, parameter or field is attacked as soon as it stands there:
every query parameter, every path part, every declared header, every field of every body, down to the leaves. A kind of
parameter that many routes share meets every value on some of them, and a few on each; whatever is a route's own meets
all. Each field meets every value of its own kind, and one of the byte level's; each body meets all of those.
"""

from collections import Counter
from urllib.parse import quote

import orjson
import pytest

from api.permitted import PERMITTED
from domain.access.permissions import TABLE
from domain.window.values import Role
from tests.attacked import OWN_WORDS, SPEAKERS, SPEAKS_FOR, Request, an_attacked_county
from tests.doors import Doorway

PAGE = orjson.loads(orjson.dumps(Doorway().app.openapi()))
SCHEMAS = PAGE["components"]["schemas"]
OPERATIONS = [(verb, path) for path, verbs in PAGE["paths"].items() for verb in verbs]
BODIES = [(verb, path) for verb, path in OPERATIONS if "requestBody" in PAGE["paths"][path][verb]]
MARKER = "MARKER7391"
"""Planted in every value; no refusal may hold it."""
JSON = {"Content-Type": "application/json"}
ASKERS = (Role.discipline, Role.supervision, Role.window_clerk, Role.system_admin)
"""The first of them who may: whom nobody lets in nobody hears what else is wrong."""

PATH_PARTS = (
    f"{MARKER}%00",
    "%FF",
    "%ED%A0%80",
    f"{MARKER}%E2%80%AE",
    "%E2%80%8B",
    "..%2f..%2fetc%2fpasswd",
    "%25%32%65",
    f"{MARKER}'%20or%201=1--",
    f"%3Cscript%3E{MARKER}",
    f"{MARKER}%0d%0aSet-Cookie:%20a=b",
    "9" * 4000,
    "%F0%A0%AE%B7",
    "%",
    "%zz",
    "NaN",
    "-1",
    str(2**63),
    str(2**70),
)
FOR_ANY = (
    "",
    f"{MARKER}%00",
    "%FF",
    "%ED%A0%80",
    f"{MARKER}%E2%80%AE",
    f"{MARKER}%E2%80%8B",
    f"{MARKER}%0d%0aSet-Cookie:%20a=b",
    f"{MARKER}'%20or%201=1--",
    MARKER * 1000,
    "%",
    "%zz",
)
FOR_NUMBERS = (
    "-1",
    "1.0",
    "1_0",
    str(2**53),
    str(2**63),
    str(2**70),
    "9" * 5000,
    "NaN",
    "1e999",
    "-Infinity",
    "%D9%A1",
)
FOR_TIMES = (
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "2026-05-13T09:30:00%2B24:00",
    "1700000000",
    "NaN",
)
STRANGE_QUERIES = (
    f"{MARKER}=1",
    "%FF=1",
    "%00=1",
    "a" * 5000 + "=1",
    "&".join(f"{MARKER}{n}=1" for n in range(1500)),
    "__proto__=1",
    "=",
    "&&&",
    ";",
    f"{MARKER}",
)
HEADERS = (
    {"Accept": b"\xff" + MARKER.encode()},
    {"Accept-Language": "," * 4000},
    {"Cookie": f"{MARKER}=" + "x" * 6000},
    {"Cookie": b"__Host-jiandu=\xff\xfe"},
    {"Authorization": f"Bearer {MARKER}"},
    {"Authorization": b"Basic \xff"},
    {"X-Forwarded-For": MARKER, "Forwarded": f"for={MARKER}"},
    {"Host": f"{MARKER}.example"},
    {"Origin": f"https://{MARKER}.example", "Sec-Fetch-Site": "cross-site"},
    {"Range": f"bytes={2**70}-{MARKER}"},
    {"Content-Length": str(2**70), "X-HTTP-Method-Override": "DELETE"},
    {SPEAKS_FOR: f"{MARKER}@{MARKER}"},
    {SPEAKS_FOR: b"\xff@\xff"},
)
DECLARED_HEADERS = (
    MARKER,
    f'"{MARKER}"',
    MARKER * 20,
    b'"\xff\xfe"',
    "-1",
    '"-1"',
    f'"{2**63}"',
    f'"{2**70}"',
    str(2**63),
    "9" * 5000,
    '"1", "2"',
    "NaN",
    '"1"\r\nSet-Cookie: a=b',
    b"\x00",
    "",
)
NO_TEXTS = (
    f"{MARKER}\u202e",
    f"{MARKER}\u2066",
    f"{MARKER}\u200b",
    f"{MARKER}\ufeff",
    f"{MARKER}\u0007",
    f"{MARKER}\U0003ffff",
    f"{MARKER}e\u0301",
    MARKER * 2000,
    "",
    [],
    {},
    [[MARKER]],
    {MARKER: MARKER},
    -1,
)
NO_TIMES = (
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "2026-05-13T09:30:00+24:00",
    1700000000,
    f"{MARKER}\u200b",
    {MARKER: MARKER},
)
NO_NUMBERS = (-1, -(2**53 - 1), 2**53 - 1, True, "1", "NaN", "１", [], {MARKER: MARKER}, "9" * 5000)
ON_THE_WIRE = (
    b'"MARKER7391\\u0000"',
    b'"MARKER7391\x00"',
    b'"MARKER7391\\ud800"',
    b'"\\udfffMARKER7391"',
    b'"MARKER7391\xff"',
    b'"\xc0\x80MARKER7391"',
    b'"\xed\xa0\x80"',
    b"%d" % 2**63,
    b"%d" % 2**70,
    b"-%d" % 2**70,
    b"9" * 5000,
    b"1e999",
    b"1e5",
    b"0.1",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"[" * 300 + b"]" * 300,
    b'{"MARKER7391":1,"MARKER7391":1}',
    b"{%s}" % b",".join(b'"%d":1' % n for n in range(1000)),
    b"MARKER7391",
    b"'MARKER7391'",
)
"""In the place of a field, as it would stand on the wire: no JSON that the edge lets in."""
WHOLE_BODIES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"MARKER7391"',
    "a number": b"7",
    "an empty object": b"{}",
    "cut off": b'{"action": {"type": "MARKER7391"',
    "twice": b"{}{}",
    "half a pair for a key": b'{"MARKER7391\\udc00": 1}',
    "NUL for a key": b'{"MARKER7391\\u0000": 1}',
    "UTF-16": '{"action": {}}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "100,000 levels": b"[" * 100_000,
    "100,000 entries": b'{"actions": [' + b"0," * 99_999 + b"0]}",
    "the prototype": b'{"__proto__": {"MARKER7391": 1}, "constructor": {}}',
    "a log message that asks": b'{"action": {"type": "${jndi:ldap://MARKER7391}"}}',
    "a type that is an object": b'{"action": {"type": {"MARKER7391": 1}}}',
    "too large": b'{"a": "' + b"x" * (9 * 2**20) + b'"}',
}
CONTENT_TYPES = (
    "",
    "text/plain",
    f"text/{MARKER}",
    "application/json; charset=gbk",
    "application/x-www-form-urlencoded",
    f"multipart/form-data; boundary={MARKER}",
    "application/json, application/json",
    b"\xff/\xff",
)


# ── who is asked, and what ──────────────────────────────────────────────────────────────────────────────────


def told(verb, path):
    return f"{verb.upper()} {path}".replace("{tile}", "{tile:path}")


def asker(verb, path):
    action = PERMITTED.get(told(verb, path))
    return next((role for role in ASKERS if action in TABLE[role]), ASKERS[0])


def declared(verb, path, where):
    return [each for each in PAGE["paths"][path][verb].get("parameters", ()) if each["in"] == where]


def target(path, words, **instead):
    """The path with its words; a word of the attack's own `instead` of one."""
    for name in _names(path):
        path = path.replace(f"{{{name}}}", instead.get(name, words[name]))
    return path


def _names(path):
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


ORDINARY = {
    "post": 422,  # of a body without members
    "get": 200,
    "get /v1/sessions/current": 401,  # it is the tests' own port that says who acts, and no session
    "delete /v1/sessions/current": 401,
    "get /v1/log/checkpoint/cosigned": 404,  # here are no witnesses
    "post /v1/persons/{person_ref}/corrections": 201,  # nothing to correct
}
"""How a request is answered in which nothing is hostile."""
NEEDED = {
    "/v1/statistics": "from=2026-01-01&to=2026-12-31",
    "/v1/log/proof/inclusion": "position=3",
    "/v1/log/proof/consistency": "from=3",
}
"""Queries without which a route refuses everybody."""


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────


def dealt(values, n, shared_by):
    """All of them where nobody else has a share; else the n-th share and a few more."""
    share = max(4, -(-len(values) // shared_by) + 1)
    begins = n * share % len(values)
    return (values * 2)[begins : begins + min(share, len(values))]


def kinds_of(where):
    """How many operations have each kind of parameter, by name and schema."""
    shared = {}
    for verb, path in OPERATIONS:
        for each in declared(verb, path, where):
            shared.setdefault(kind_of(each), []).append((verb, path))
    return shared


def kind_of(parameter):
    return parameter["name"], orjson.dumps(parameter["schema"])


SHARED = {where: kinds_of(where) for where in ("path", "query", "header")}


def share_of(parameter, verb, path, values):
    sharers = SHARED[parameter["in"]][kind_of(parameter)]
    return dealt(values, sharers.index((verb, path)), len(sharers))


def attacks_on_the_path(verb, path, words):
    for each in declared(verb, path, "path"):
        for part in share_of(each, verb, path, PATH_PARTS):
            yield Request(verb.upper(), target(path, words, **{each["name"]: part}), {"If-Match": "*"})


def attacks_on_the_query(verb, path, words):
    plain = target(path, words)
    asked = declared(verb, path, "query")
    for each in asked:
        for value in share_of(each, verb, path, unfit_for(each["schema"])):
            yield Request(verb.upper(), f"{plain}?{quote(each['name'])}={value}")
    if asked:
        name = quote(asked[0]["name"])
        yield Request(verb.upper(), f"{plain}?{name}=1&{name}=2")
    for query in dealt(STRANGE_QUERIES, OPERATIONS.index((verb, path)), len(OPERATIONS)):
        yield Request(verb.upper(), f"{plain}?{query}")


def unfit_for(schema):
    schema = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    if schema.get("format") in ("date", "date-time"):
        return FOR_ANY + FOR_TIMES
    return FOR_ANY + (FOR_NUMBERS if schema.get("type") == "integer" else ())


def attacks_on_the_headers(verb, path, words):
    plain = target(path, words)
    base = {"If-Match": "*"} | (JSON if verb == "post" else {})
    for each in declared(verb, path, "header"):
        for value in share_of(each, verb, path, DECLARED_HEADERS):
            yield Request(verb.upper(), plain, base | {each["name"]: value}, b"{}")
    for headers in dealt(HEADERS, OPERATIONS.index((verb, path)), len(OPERATIONS)):
        yield Request(verb.upper(), plain, base | headers, b"{}")


def attacks_on_the_body(verb, path, words):
    plain = target(path, words)
    is_empty_refused = ORDINARY.get(f"{verb} {path}", 422) == 422
    for content in WHOLE_BODIES.values() if is_empty_refused else set(WHOLE_BODIES.values()) - {b"{}"}:
        yield Request(verb.upper(), plain, JSON | {"If-Match": "*"}, content)
    for kind in CONTENT_TYPES:
        yield Request(verb.upper(), plain, {"Content-Type": kind, "If-Match": "*"}, b'{"a": "MARKER7391"}')
    yield Request(verb.upper(), plain, JSON | {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08MARKER7391")
    for n, (body, place, unfit) in enumerate(fields(verb, path)):
        for value in unfit:
            yield Request(
                verb.upper(), plain, JSON | {"If-Match": "*"}, orjson.dumps(put(body, place, value))
            )
        raw = ON_THE_WIRE if n == 0 else [ON_THE_WIRE[n % len(ON_THE_WIRE)]]
        there = orjson.dumps(put(body, place, "@@"))
        for wire in raw:
            yield Request(verb.upper(), plain, JSON | {"If-Match": "*"}, there.replace(b'"@@"', wire))


def fields(verb, path):
    """Each leaf of each kind of body, with an example around it: the body, the way to the leaf, and what is unfit for it.

    What several actions have alike meets every value in one of them, and a few in each other.
    """
    told_body = PAGE["paths"][path][verb]["requestBody"]["content"]["application/json"]
    examples = [each["value"] for each in told_body.get("examples", {}).values()]
    times_met = Counter()
    for place, schema in leaves(told_body["schema"]):
        if path.endswith(":batch") and "action" in place.way and place.tag != "receive_case":
            continue  # read by the model that reads a single action
        fits = [each for each in examples if tag_in(each, place) == place.tag]
        alike = place.way[-1:], orjson.dumps(schema)
        unfit = hostile_to(schema)
        yield (fits or examples)[0], place.way, few(unfit, times_met[alike]) if times_met[alike] else unfit
        times_met[alike] += 1


def few(values, n):
    return [values[(n * 3 + each) % len(values)] for each in range(3)]


class Place:
    """The way to a leaf, and the tag of the action it belongs to."""

    def __init__(self, way=(), tag=None, tagged_at=()):
        self.way, self.tag, self.tagged_at = way, tag, tagged_at

    def into(self, step):
        return Place((*self.way, step), self.tag, self.tagged_at)

    def of(self, tag):
        return Place(self.way, tag, self.way)


def tag_in(body, place):
    if place.tag is None:
        return None
    for step in place.tagged_at:
        body = body[step] if isinstance(body, list) or step in body else {}
    return body.get("type")


def leaves(schema, place=None):
    place = place or Place()
    schema = resolved(schema)
    if "discriminator" in schema:
        for tag, ref in schema["discriminator"]["mapping"].items():
            yield from leaves({"$ref": ref}, place.of(tag))
    elif "anyOf" in schema or "oneOf" in schema:
        for each in schema.get("anyOf") or schema["oneOf"]:
            if each.get("type") != "null":
                yield from leaves(each, place)
    elif schema.get("type") == "object" and "properties" in schema:
        for name, held in schema["properties"].items():
            yield from leaves(held, place.into(name))
    elif schema.get("type") == "array" and "items" in schema:
        yield from leaves(schema["items"], place.into(0))
    else:
        yield place, schema


def resolved(schema):
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return schema


def hostile_to(schema):
    """Nothing that its schema admits: that would be no attack."""
    if schema.get("format") in ("date", "date-time"):
        return NO_TIMES
    if schema.get("type") != "integer":
        return NO_TEXTS
    least, most = schema.get("minimum", -(2**53)), schema.get("maximum", 2**53)
    return [value for value in NO_NUMBERS if not (type(value) is int and least <= value <= most)]


def put(body, way, value):
    """A copy of the body with the value at the end of the way; what is missing on the way is made."""
    if not way:
        return value
    step, *rest = way
    if isinstance(step, int):
        held = list(body) if isinstance(body, list) and body else [None]
        return [put(held[0], rest, value), *held[1:]]
    held = dict(body) if isinstance(body, dict) else {}
    return held | {step: put(held.get(step), rest, value)}


# ── what is expected ────────────────────────────────────────────────────────────────────────────────────────


def expect_calm(answer, sent):
    assert answer.status < 500, (sent, answer.text[:300])
    assert answer.headers["x-content-type-options"] == "nosniff", sent
    assert answer.headers["content-security-policy"].startswith("default-src 'none'"), sent
    assert not any("\r" in value or "\n" in value for value in answer.headers.values()), sent
    assert "set-cookie" not in answer.headers, sent
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


def as_asked(verb, path, requests):
    speaks = {SPEAKS_FOR: SPEAKERS[asker(verb, path)]}
    return [each._replace(headers=speaks | each.headers) for each in requests]


def attacked(county, verb, path, requests):
    """Every answer is calm, and nothing is recorded but that somebody looked or was refused."""
    before = county.record()
    sent = as_asked(verb, path, requests)
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
    (answered,) = county.ask_all(as_asked(verb, path, [asked]))
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
