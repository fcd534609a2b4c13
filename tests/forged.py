"""Bundles that somebody has changed, and what the verifier tells of them."""

from dataclasses import replace
from functools import cache
from zipfile import ZipFile

from domain.evidence import verify as verifier
from domain.evidence.bundle import Evidence, bundle
from domain.evidence.verify import BROKEN, TOLERANCE_SECONDS, Bundle, Refused
from tests.evidenced import (
    a_log,
    trusting,
    unpacked,
)

TRUST = trusting()


@cache
def genuine():
    log = a_log(events=2)
    return bundle(log.evidence("case:A"))


def report(files, trust=TRUST):
    """What the verifier tells of these files. Raises what it raises."""
    opened = Bundle(files, trust)
    case = opened.case()
    opened.refuse_back_dating(case, TOLERANCE_SECONDS)
    assert [event for event in case.events if event.state is None] == []
    if files["replay.txt"] != verifier.replay(case.events).encode():
        raise Refused("replay")
    return list(opened.report(case))


def accepted(files, trust=TRUST):
    try:
        return report(files, trust)
    except (Refused, AssertionError, *BROKEN):
        return None


def checked(path, **different):
    """As the command does."""
    given = {"trust": TRUST, "held": None, "withheld": [], "tolerance": TOLERANCE_SECONDS, **different}
    return verifier.verify(path, **given)


def packed(path, files):
    with ZipFile(path, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    return path


def case_files(files):
    return [name for name in files if name.startswith("case/") and name.endswith(".tlog-proof")]


def without(files, *names):
    return {name: content for name, content in files.items() if name not in names}


def without_event(files, position):
    return without(files, f"case/{position}.tlog-proof", f"case/{position}.json")


def swapped(files, one, other):
    return {**files, one: files[other], other: files[one]}


def forged(log=None, of="case:A", **different):
    """A bundle that the county's own programme makes of other things than it should."""
    evidence: Evidence = (log or a_log(events=2)).evidence(of)
    return unpacked(bundle(replace(evidence, **different)))
