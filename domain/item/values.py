"""Items 事项: what can be applied for, under which limits, with which papers. Source: GB/T 39046—2020 table 4."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.grammar import Code, Count, Day, Fen, Label, Prose, Value
from domain.register import Tenure


class Kind(StrEnum):
    """办件类型, GB/T 39046 A.6."""

    instant = "instant"  # 1 即办件
    promised = "promised"  # 2 承诺件
    other = "other"  # 9 其他


class Routing(StrEnum):
    """How a case of the item travels."""

    single = "single"  # 单办
    joint = "joint"  # 联办
    report_up = "report_up"  # 报批


class SpecialProcedure(StrEnum):
    """特别程序: time that is not counted. Source: 行政许可法 Art. 45; 公示 and 勘察 where a law or the item says so."""

    hearing = "hearing"  # 听证
    bidding = "bidding"  # 招标
    auction = "auction"  # 拍卖
    inspection = "inspection"  # 检验
    testing = "testing"  # 检测
    quarantine = "quarantine"  # 检疫
    appraisal = "appraisal"  # 鉴定
    expert_review = "expert_review"  # 专家评审
    site_survey = "site_survey"  # 现场勘察
    public_notice = "public_notice"  # 公示
    other = "other"


Days = Annotated[int, Field(ge=0, le=3650)]


class Material(Value):
    """A paper the published list asks for."""

    code: Code
    title: Label
    originals: Count = 0
    copies: Count = 0
    is_required: bool = True


class StepBudget(Value):
    """The longest time of a step, as the published flow chart states it."""

    step_code: Code
    title: Label
    working_days: Days


class FeeStandard(Tenure):
    """收费标准: what may be charged, and on which legal basis (行政许可法 Arts. 58–59)."""

    standard_id: Code
    title: Label
    basis: Label
    at_most_fen: Fen


class ItemVersion(Tenure):
    """One published version of an item."""

    item_code: Code
    version: Code
    title: Label
    class_code: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    """事项类型, GB/T 39046 A.1: 01 行政许可, 05 行政给付, 20 公共服务 …"""
    kind: Kind
    routing: Routing = Routing.single
    level: Annotated[str, Field(pattern=r"^[1-7]$")]
    """行使层级, A.2: 4 县, 5 镇, 6 村 …"""
    unit_code: Code
    """实施主体: the unit in charge."""
    joint_units: tuple[Code, ...] = ()
    legal_basis: Label
    legal_days: Days | None = None
    """法定办结时限 in working days; None: the law sets none."""
    promise_days: Days | None = None
    """承诺办结时限 in working days."""
    step_budgets: tuple[StepBudget, ...] = ()
    materials: tuple[Material, ...] = ()
    fee_standards: tuple[FeeStandard, ...] = ()
    special_procedures: tuple[SpecialProcedure, ...] = ()
    applicant_must_appear: bool = False
    """法律规定须本人到场: no agent (行政许可法 Art. 29)."""
    single_officer_ok: bool = False
    """一审一核可由一人: acceptor and approver may be one person."""
    result_title: Label | None = None
    """结果证照名称."""
    description: Prose | None = None

    @model_validator(mode="after")
    def _codes_are_given_once(self) -> Self:
        for what, codes in (
            ("materials", [material.code for material in self.materials]),
            ("step_budgets", [step.step_code for step in self.step_budgets]),
            ("fee_standards", [fee.standard_id for fee in self.fee_standards]),
            ("joint_units", list(self.joint_units)),
        ):
            if len(codes) != len(set(codes)):
                raise ValueError(f"{what} must not hold a code twice")
        return self


class Stationing(Tenure):
    """进驻: the window at which the item is handled."""

    window_id: Code


class Item(Value):
    """事项: everything the register holds about one item."""

    item_code: Code
    versions: tuple[ItemVersion, ...] = ()
    """By first day. One without a last day is in force until the next begins."""
    cancelled_on: Day | None = None
    """取消: the first day on which it can no longer be applied for."""
    is_supervised: bool = True
    """纳入监管: items handled outside the hall are supervised too."""
    stationings: tuple[Stationing, ...] = ()

    def in_force(self, on: date) -> ItemVersion | None:
        if self.cancelled_on is not None and on >= self.cancelled_on:
            return None
        begun = [version for version in self.versions if version.valid_from <= on]
        return begun[-1] if begun and begun[-1].holds(on) else None

    def is_stationed(self, window_id: str, on: date) -> bool:
        return any(place.window_id == window_id and place.holds(on) for place in self.stationings)
