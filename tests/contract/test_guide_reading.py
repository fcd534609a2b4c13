"""The guide to reading is true: every request in it runs against a recorded case and is answered as it says."""

import json

import pytest

from tests.contract.test_api_custody import who_sat_on_it
from tests.contract.test_guides import BLOCK, ROOT, as_told, assert_holds
from tests.reads import a_read_county


@pytest.mark.parametrize("guide", ["reading.md", "reading.zh-CN.md"])
async def test_every_request_of_the_guide_to_reading_is_answered_as_it_says(database18, guide):
    async with a_read_county(database18) as read_county:
        await read_county.record(*who_sat_on_it())
        del read_county.client.headers["X-Jiandu-Speaks-For"]
        answer = {}
        for kind, block in BLOCK.findall((ROOT / "docs" / guide).read_text(encoding="utf-8")):
            if kind == "json":
                assert_holds(answer, json.loads(block))
            else:
                response = await read_county.client.request(**as_told(block, {"key": "jdk_any"}))
                answer = response.json()
