"""Cases 办件: one stream each, `case:<case_no>`; a folder for every phase of a case's life."""

from domain.case.aggregate import CASE, ENDINGS, CaseAction, OpeningAction
from domain.case.state import Case

__all__ = ["CASE", "ENDINGS", "Case", "CaseAction", "OpeningAction"]
