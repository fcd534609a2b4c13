"""Why a row was not recorded, in both languages: the file was broken, or the door refused."""

from domain.grammar import Objection
from ops.client import Problem
from ops.importing.report import Refusal


def refused_by_the_file(line: int, objection: Objection, column: str | None) -> Refusal:
    return Refusal(
        line=line,
        column=column,
        code=objection.code(),
        zh=objection.ZH,
        en=(objection.__doc__ or "").strip(),
        wanted_zh=objection.WANTED_ZH,
        wanted_en=objection.WANTED,
    )


def refused_by_the_door(line: int, problem: Problem) -> Refusal:
    """The door's own words; its stable name is the code."""
    return Refusal(
        line=line,
        code=problem.code,
        zh=problem.title,
        en=problem.title_en,
        wanted_zh=problem.wanted,
        wanted_en=problem.wanted_en,
    )
