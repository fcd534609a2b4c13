"""Units 单位: the county's organs, service centres, townships and stations, as a tree."""

from enum import StrEnum

from domain.grammar import Code, Label
from domain.numbers import CreditCode, DivisionCode
from domain.register import Tenure


class UnitKind(StrEnum):
    government = "government"  # 人民政府
    organ = "organ"  # 部门
    centre = "centre"  # 政务服务中心 / 便民服务中心
    station = "station"  # 站所
    superior = "superior"  # 上级部门


class Unit(Tenure):
    unit_code: Code
    title: Label
    kind: UnitKind
    division_code: DivisionCode
    parent_code: Code | None = None
    credit_code: CreditCode | None = None
