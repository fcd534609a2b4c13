"""The guide for investigators is true: its commands run, in order, as they stand there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.county import PROOF
from tests.proved import a_proved_county
from tests.servers import fresh_database
from tests.serving import jiandu

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
CASE_NO, HELD_SIZE = "6109991010002026030300001Y", "48012"
RECEIPT = {"action": {"type": "receive_case", "item_code": PROOF, "applicant_ref": f"p-{0:032x}"}}


@pytest.fixture
async def county(postgres18, tmp_path):
    with fresh_database(postgres18.dsn) as dsn:
        (tmp_path / "keys-of-the-county").mkdir()
        async with a_proved_county(dsn, tmp_path / "keys-of-the-county") as county:
            yield county


@pytest.mark.parametrize("guide", ["verifying.md", "verifying.zh-CN.md"])
async def test_every_command_of_the_guide_does_what_it_says(county, tmp_path, guide):
    async with county.doorway.entered() as client:
        recorded = (await client.post("/v1/cases", json=RECEIPT)).json()
        case_no, code = recorded["case_no"], recorded["events"][0]["leaf"]["receipt"]
        (tmp_path / "slip.html").write_bytes((await client.get(f"/v1/receipts/{code}/slip")).content)
        held_size = await county.seal()
        (tmp_path / "held").write_bytes((await client.get("/v1/log/checkpoint")).content)
        await client.post("/v1/cases", json=RECEIPT)
        await county.root()
    (tmp_path / "policy").write_text(county.policy, encoding="utf-8")
    (tmp_path / "keys").write_text(county.keys, encoding="utf-8")
    commands = BLOCK.findall((ROOT / "docs" / guide).read_text(encoding="utf-8"))
    assert len(commands) == 5
    for block in commands:
        done = run(
            county, tmp_path, block.strip().replace(CASE_NO, case_no).replace(HELD_SIZE, str(held_size))
        )
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        unpack(tmp_path)


def run(county, folder, command):
    first, *rest = shlex.split(command)
    if first == "jiandu":
        return jiandu(*rest, settings=county.settings, folder=folder)
    assert first == "python3"
    alone = [sys.executable, "-I", *rest]
    return subprocess.run(alone, cwd=folder, capture_output=True, text=True, check=False)


def unpack(folder):
    """What the investigator has by then: the verifier out of the bundle, and a colleague's bundle."""
    with ZipFile(folder / "case.zip") as bundle:
        (folder / "verify.py").write_bytes(bundle.read("verify.py"))
    for name in ("yours.zip", "mine.zip"):
        (folder / name).write_bytes((folder / "case.zip").read_bytes())
