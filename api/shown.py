"""What the page shows of an answer: its model, and an example out of `api/read_examples`."""

from functools import cache
from importlib import resources
from typing import Any

import orjson
import yaml
from pydantic import BaseModel

from api.answers import JSON


def shown(model: type[BaseModel], example: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a read that stands on no view: `answers` of `api.reading` shows the others."""
    return {200: {"model": model, "content": {JSON: {"example": example_rows(example)}}}}


@cache
def example_rows(name: str) -> dict[str, Any]:
    text = resources.files("api.read_examples").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    # through JSON: YAML knows dates, an answer does not
    told: dict[str, Any] = orjson.loads(
        orjson.dumps(yaml.load(text, Loader=yaml.CSafeLoader), option=orjson.OPT_UTC_Z)
    )
    return told
