"""Conditional requests: which version of a record an action was decided on. Source: RFC 9110, section 13."""

import re
from typing import Final

from starlette.requests import Request

from api.refusals.head import KeyMalformed, PreconditionMalformed, PreconditionMissing

IF_MATCH: Final = re.compile(r'"([1-9][0-9]{0,9})"')
KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")


def etag(version: int) -> str:
    """The strong entity tag of a record at `version`: 7 gives "7" with its quotes."""
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """The version that If-Match names; None for `*`, whatever stands now.

    Raises PreconditionMissing (428) and PreconditionMalformed: one strong tag, not a list, not W/.
    """
    given = request.headers.getlist("if-match")
    if not given:
        raise PreconditionMissing
    if given == ["*"]:
        return None
    named = IF_MATCH.fullmatch(given[0])
    if named is None or len(given) > 1:
        raise PreconditionMalformed
    return int(named[1])


def idempotency_key(request: Request, staff_id: str) -> str | None:
    """The key in the scope of its sender, so that nobody's key meets anybody else's; None where none is given."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    if len(given) > 1:
        raise KeyMalformed
    return scoped(given[0], staff_id)


def scoped(key: str, staff_id: str) -> str:
    if KEY.fullmatch(key) is None:
        raise KeyMalformed
    return f"{staff_id} {key}"
