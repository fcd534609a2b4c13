"""`python -m api.openapi_page` writes docs/openapi.json, which a test compares with what is served."""

from pathlib import Path
from typing import Any, Final, cast

import orjson

from api.app import create_app
from domain.application import Keeper
from domain.catalogue import Catalogue
from domain.store.memory import MemoryLog

PAGE: Final = Path("docs/openapi.json")


def page() -> dict[str, Any]:
    """The OpenAPI document. It depends on no county, so the door is given an empty one."""
    nobody = cast("Any", None)
    keeper = Keeper(MemoryLog(), Catalogue())
    return create_app(
        keeper=keeper, reader=nobody, people=nobody, serials=nobody, identification=nobody
    ).openapi()


if __name__ == "__main__":
    PAGE.write_bytes(orjson.dumps(page(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
