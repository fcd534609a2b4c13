"""The OpenAPI page as it is checked in. `test_openapi` holds it to be the one that is served, which takes seconds to write."""

from pathlib import Path

import orjson

CHECKED_IN = Path(__file__).resolve().parents[1] / "docs/openapi.json"


def the_page():
    """Anew for each who asks, for they change it."""
    return orjson.loads(CHECKED_IN.read_bytes())
