"""Cases for the exports: played through the rules, read by the dossiers, written by an exporter."""

import os
import subprocess
from datetime import date
from pathlib import Path

import orjson
import pytest

from domain.case.acceptance.commands import AcceptCase
from domain.case.custody.commands import ForwardToStation, SignStationReceipt
from domain.case.pauses.commands import EndSpecialProcedure
from projections.exports.dossiers import Dossiers, Wanted
from tests import county
from tests.examples import a_received_case, surveying
from tests.serving import ROOT
from tests.spec import deed

PM4PY = Path(os.environ.get("JIANDU_PM4PY_PYTHON") or ROOT / "var" / "pm4py" / "bin" / "python")

STATION = county.HANDLER_POST
FAR = 2**53
LATER = date(2026, 3, 20)


def accepted(item, when):
    return (*a_received_case(item, f"{when} 09:00"), deed(AcceptCase(), f"{when} 09:30"))


def a_surveyed_case():
    """Accepted on 3 March, three days not counted, sent on the 18th, signed for by the station on the 20th."""
    return (
        *accepted(county.HOMESTEAD, "03-03"),
        deed(surveying(), "03-05 14:00"),
        deed(EndSpecialProcedure(result="四至清楚"), "03-10 16:00"),
        deed(ForwardToStation(to_unit=county.LAND_STATION, to_post=STATION), "03-18 16:40"),
        deed(SignStationReceipt(), "03-20 10:05", by=STATION),
    )


async def dossiers_of(connection, wanted=None, *, day=LATER, position=FAR):
    """All of them, in one list."""
    reader = Dossiers(connection, day=day, position=position)
    return [dossier async for some in reader.read(wanted or Wanted()) for dossier in some]


async def in_pieces(*pieces):
    """What an exporter is given."""
    for piece in pieces:
        yield list(piece)


def read_by_pm4py(folder):
    """What PM4Py reads of cases.xes, cases.json and cases.sqlite; skips, visibly, where nobody installed it."""
    if not PM4PY.exists():
        pytest.skip(f"PM4Py is not there: {PM4PY} (make pm4py installs it beside the project)")
    done = subprocess.run(
        [PM4PY, "-W", "ignore", ROOT / "tests" / "read_by_pm4py.py", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout.splitlines()[-1])
