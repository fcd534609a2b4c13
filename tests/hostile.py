"""What is sent to the door by somebody who means no good, made from its OpenAPI page.

A kind of parameter that many routes share meets every value on some of them, and a few on each; whatever is a route's
own meets all. Each field of a body meets every value that is unfit for it, and one of those that are no JSON; what
several actions have alike meets all in one of them. The first field of each body meets everything that is no JSON.
"""

from collections import Counter
from urllib.parse import quote

import orjson

from api.permitted import OWN, PERMITTED
from domain.access.permissions import TABLE
from domain.window.values import Role
from tests.attacked import JSON, SPEAKERS, SPEAKS_FOR, Request
from tests.hostile_words import (
    CONTENT_TYPES,
    DECLARED_HEADERS,
    FOR_ANY,
    FOR_NUMBERS,
    FOR_TIMES,
    HEADERS,
    NO_NUMBERS,
    NO_TEXTS,
    NO_TIMES,
    ON_THE_WIRE,
    PATH_PARTS,
    STRANGE_QUERIES,
    WHOLE_BODIES,
)
from tests.page import the_page

PAGE = the_page()
SCHEMAS = PAGE["components"]["schemas"]
OPERATIONS = [(verb, path) for path, verbs in PAGE["paths"].items() for verb in verbs]
BODIES = [(verb, path) for verb, path in OPERATIONS if "requestBody" in PAGE["paths"][path][verb]]
ASKERS = (
    Role.discipline,
    Role.supervision,
    Role.window_clerk,
    Role.system_admin,
    Role.catalogue_admin,
)
"""The first of them who may: whom nobody lets in nobody hears what else is wrong."""

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
    "delete": 204,
    "get /v1/sessions/provider": 303,
    "get /v1/sessions/provider/end": 303,
    "get /v1/sessions/provider/return": 401,  # from no errand
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


def as_asked(county, verb, path, requests):
    """By somebody who may; what is of one's own, by somebody who has just signed in."""
    is_own = told(verb, path) in OWN
    by = county.signed_in() if is_own else {SPEAKS_FOR: SPEAKERS[asker(verb, path)]}
    return [each._replace(headers=by | each.headers) for each in requests]
