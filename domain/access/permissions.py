"""The permission table 权限表: roles × actions × scopes. docs/permissions.md is the page that people review.

What is not in the table is refused. Which single step of a case a role may record stands in `domain/case/roles.py`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.window.values import Role


class Action(StrEnum):
    """What can be asked at the door."""

    record_case = "case.record"  # 登记办件动作
    read_case = "case.read"  # 查阅办件
    list_cases = "case.list"  # 清单、台账
    record_contact = "contact.record"  # 首问登记
    read_contact = "contact.read"  # 查阅首问
    record_signal = "signal.record"  # 预警登记、反馈、核定
    read_signal = "signal.read"  # 查阅预警
    read_figures = "figures.read"  # 统计
    read_log = "log.read"  # 阅读原始日志
    read_audit = "audit.read"  # 审计轨迹
    export = "export.take"  # 批量导出
    stand_in = "stand_in.record"  # 顶岗与委托
    read_catalogue = "catalogue.read"  # 目录
    enrol_person = "person.enrol"  # 登记人员资料
    read_person = "person.read"  # 脱敏人员资料
    reveal_person = "person.reveal"  # 查看人员明文
    restrict_person = "person.restrict"  # 封存、删除人员资料
    read_proof = "proof.read"  # 检查点与证明
    read_leaves = "leaves.read"  # 全部叶子，含各区划办件编号
    take_evidence = "evidence.take"  # 取证据包
    read_investigation = "investigation.read"  # 查阅核查
    investigate = "investigation.conduct"  # 开展核查
    read_operations = "operations.read"  # 运行状况
    manage_users = "user.manage"  # 管理用户
    manage_keys = "key.manage"  # 管理接口密钥
    assign_posts = "post.assign"  # 定岗、离岗


class Scope(StrEnum):
    """Whose things: those of the post's division and what lies in it, or those of the whole county."""

    division = "division"  # 本区划
    county = "county"  # 全县


SENSITIVE: Final = frozenset(
    {
        Action.read_log,
        Action.read_audit,
        Action.export,
        Action.reveal_person,
        Action.restrict_person,
        Action.take_evidence,
        Action.read_investigation,
        Action.investigate,
        Action.manage_users,
        Action.manage_keys,
        Action.assign_posts,
    }
)
"""Who is refused one of these stands in the log."""

WHOLE: Final = frozenset(
    {
        Action.read_audit,
        Action.read_leaves,
        Action.read_investigation,
        Action.investigate,
        Action.read_operations,
    }
)
"""Told of the whole county or not at all: a part of it would tell of the rest by its gaps."""

Permissions = Mapping[Action, Scope]

_EVERYBODY: Final[Permissions] = {
    Action.read_catalogue: Scope.county,
    Action.read_proof: Scope.county,
}
_LOOKING: Final = (
    Action.read_case,
    Action.list_cases,
    Action.read_contact,
    Action.read_signal,
    Action.read_figures,
)


def _may(scope: Scope, *actions: Action) -> dict[Action, Scope]:
    return dict.fromkeys(actions, scope)


_OFFICER: Final[Permissions] = {
    **_EVERYBODY,
    **_may(
        Scope.division,
        *_LOOKING,
        Action.record_case,
        Action.record_contact,
        Action.record_signal,
        Action.stand_in,
        Action.enrol_person,
        Action.read_person,
        Action.reveal_person,
        # proposed by one, agreed to by another: who may which, the rules of the measure say
        Action.restrict_person,
        Action.read_log,
    ),
}
_HEAD: Final[Permissions] = {
    **_OFFICER,
    **_may(Scope.division, Action.export, Action.take_evidence),
}
_OVERSIGHT: Final[Permissions] = {
    **_EVERYBODY,
    **_may(
        Scope.county,
        *_LOOKING,
        Action.read_log,
        Action.read_audit,
        Action.export,
        Action.take_evidence,
        Action.read_leaves,
        Action.read_investigation,
        Action.read_operations,
        Action.stand_in,
    ),
}

TABLE: Final[Mapping[str, Permissions]] = {
    Role.window_clerk: _OFFICER,
    Role.proxy_clerk: _OFFICER,
    Role.agent: _OFFICER,
    Role.handler: _OFFICER,
    Role.reviewer: _OFFICER,
    Role.approver: _OFFICER,
    Role.hall_director: _HEAD,
    Role.organ_head: _HEAD,
    Role.government_head: _HEAD,
    Role.complaint_team: {
        **_EVERYBODY,
        **_may(
            Scope.division,
            *_LOOKING,
            Action.record_contact,
            Action.record_signal,
            Action.stand_in,
            Action.read_person,
            Action.reveal_person,
        ),
    },
    Role.supervision: {
        **_OVERSIGHT,
        # what an invalid pause is, supervision says in the case; everything else there is refused by the case's rules
        **_may(Scope.county, Action.record_case, Action.record_signal, Action.investigate),
    },
    Role.discipline: {
        **_OVERSIGHT,
        **_may(
            Scope.county,
            Action.record_case,
            Action.record_signal,
            Action.investigate,
            Action.reveal_person,
            Action.restrict_person,
        ),
    },
    Role.auditor: _OVERSIGHT,
    Role.catalogue_admin: {
        **_EVERYBODY,
        **_may(Scope.county, Action.read_operations, Action.assign_posts, Action.stand_in),
    },
    Role.system_admin: {
        **_EVERYBODY,
        **_may(
            Scope.county,
            Action.read_operations,
            Action.manage_users,
            Action.manage_keys,
            Action.restrict_person,
        ),
    },
    Role.clock: {
        **_EVERYBODY,
        **_may(Scope.county, Action.record_case, Action.record_signal, Action.read_case),
    },
    Role.importer: {
        **_EVERYBODY,
        **_may(
            Scope.county,
            *_LOOKING,
            Action.record_case,
            Action.enrol_person,
            Action.read_log,
            Action.export,
            Action.read_operations,
        ),
    },
}
