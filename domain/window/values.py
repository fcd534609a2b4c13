"""Windows 窗口 and posts 岗位: where a hall receives people, and who sits there."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from domain.grammar import Code, Day, Duty, Label, Value
from domain.register import Tenure


class WindowKind(StrEnum):
    permanent = "permanent"  # 常设
    scheduled = "scheduled"  # 定期
    seasonal = "seasonal"  # 季节
    proxy = "proxy"  # 综合代理


class Role(StrEnum):
    """What a post does; decides which actions it may record (model: who may do what)."""

    window_clerk = "window_clerk"  # 窗口人员
    proxy_clerk = "proxy_clerk"  # 综合代理窗口
    agent = "agent"  # 代办员
    handler = "handler"  # 承办人
    reviewer = "reviewer"  # 审核人
    approver = "approver"  # 批准人
    hall_director = "hall_director"  # 中心主任
    organ_head = "organ_head"  # 本机关负责人
    government_head = "government_head"  # 本级政府负责人
    complaint_team = "complaint_team"  # 投诉处理小组
    supervision = "supervision"  # 电子监察
    discipline = "discipline"  # 纪委
    auditor = "auditor"  # 审计
    catalogue_admin = "catalogue_admin"  # 事项管理
    system_admin = "system_admin"  # 系统管理
    clock = "clock"  # 系统时钟
    importer = "importer"  # 历史数据导入


class Window(Value):
    """A window of a hall, open on the days opened_on ≤ day < closed_on."""

    window_id: Code
    unit_code: Code
    title: Label
    kind: WindowKind = WindowKind.permanent
    opened_on: Day
    closed_on: Day | None = None
    """The first day on which it is shut."""

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.closed_on is not None and self.closed_on <= self.opened_on:
            raise ValueError("closed_on must lie after opened_on")
        return self

    def is_open(self, on: date) -> bool:
        return self.opened_on <= on and (self.closed_on is None or on < self.closed_on)


class Assignment(Tenure):
    """A person's tenure of a post as A or B holder."""

    staff_id: Code
    duty: Duty


class Post(Value):
    post_id: Code
    unit_code: Code
    window_id: Code | None = None
    title: Label
    role: Role
    assignments: tuple[Assignment, ...] = ()
    """Everyone who ever held it, in the order of recording."""
