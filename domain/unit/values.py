"""Units 单位: the county's organs, service centres, townships and stations, as a tree."""

from enum import StrEnum

from domain.grammar import Code, Day, Label, Value


class UnitKind(StrEnum):
    government = "government"  # 人民政府
    organ = "organ"  # 部门
    centre = "centre"  # 政务服务中心 / 便民服务中心
    station = "station"  # 站所
    superior = "superior"  # 上级部门


class Unit(Value):
    unit_code: Code
    title: Label
    kind: UnitKind
    division_code: Code
    """行政区划, 12 digits."""
    parent_code: Code | None = None
    credit_code: Code | None = None
    """统一社会信用代码, GB 32100."""
    valid_from: Day
    valid_to: Day | None = None
