"""Authorisations 授权: which unit or post may do what with an item, and since when."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.grammar import Code, Day, Label
from domain.register import Tenure


class Power(StrEnum):
    accept = "accept"  # 受理
    review = "review"  # 审核
    decide = "decide"  # 决定
    seal = "seal"  # 盖章


class Authorisation(Tenure):
    """An organ lets a unit (every post of it) or one post use powers over items."""

    authorisation_no: Code
    item_codes: Annotated[tuple[Code, ...], Field(min_length=1)]
    granted_by: Code
    """The organ's unit code."""
    unit_code: Code | None = None
    post_id: Code | None = None
    powers: Annotated[tuple[Power, ...], Field(min_length=1)]
    basis: Label | None = None
    delegated_from: Code | None = None
    """The authorisation this one passes on."""
    revoked_on: Day | None = None
    """The first day on which it no longer counts."""

    def counts(self, on: date) -> bool:
        """Granted, within its days and not revoked; says nothing about the authorisations it was delegated from."""
        return self.holds(on) and (self.revoked_on is None or on < self.revoked_on)
