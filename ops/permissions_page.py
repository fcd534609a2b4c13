"""docs/permissions.md, the permission table as people review it: `python -m ops.permissions_page`. A test compares them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from api.permitted import OWN, PERMITTED, PUBLIC
from domain.access.permissions import SENSITIVE, TABLE, Action, Scope
from domain.window.values import Role

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
SCOPES: Final[Mapping[Scope | None, str]] = {Scope.division: "区", Scope.county: "县", None: "–"}
INTRODUCTION: Final = """\
# Permissions 权限表

Generated from `domain/access/permissions.py`; whoever changes who may do what changes this page in the same commit.
由 `domain/access/permissions.py` 生成；权限的任何变更都在同一提交中体现于本页。

**县 county**: everything in the county's record. **区 division**: what lies in the division of the post's unit, or below
it, and single cases that the unit has or had a hand in. **–**: refused. What is not in the table is refused. Another
division's things are answered as if they did not exist (404). Which step of a case a role may record, and who may approve
whose, the rules of the case say (`domain/case/roles.py`). An API key never widens what its role may: it names actions, a
division and a last day.

**县**：本县全部记录。**区**：岗位所在单位的区划及其下级，以及本单位经手的个别办件。**–**：拒绝。表中没有的一律拒绝；他区划之物
按不存在答复（404）。各角色可登记办件的哪些环节、何人不得审批何事，由办件规则规定（`domain/case/roles.py`）。接口密钥只会缩小其角色的
权限：限定动作、区划与截止日。

`export.take` is many cases' whole course at once: event logs and exchange tables. Who may read a list or figures may take them as a file (`format`);
a list of cases or of people taken so is recorded as an export. `export.take` 指批量导出多件办件的全过程（事件日志、交换表）；有权查阅清单、统计的，均可以文件取走（`format`），其中办件、人员清单记为导出。

`*` marks sensitive actions: a refusal of one stands in the log. 带 `*` 的为敏感动作，遭拒绝时记入日志。
"""


SEPARATION: Final = """\
## Separation of duties 职责分离

What the table allows, a case's own history may still forbid. The person counts, whatever the post, and under whatever staff number:
two numbers of one person (`person_ref`) are one person. 表中允许的，仍可因办件自身的经过而拒绝；以人为准，不论岗位与工号。

| nobody 不得 | refused as 拒绝代码 | except 例外 |
|---|---|---|
| decides what they accepted 受理人自行决定 | `decided-by-acceptor` | items that one officer may do alone 允许一人办理的事项 |
| reviews or decides as the applicant's agent 代办员审核、决定 | `agent-may-not-decide` | – |
| acts in a case of their own 办理本人申请 | `officer-is-the-applicant` | – |
| approves a pause of a case in their hands 自批挂起 | `approver-is-handler` | – |
| extends a case in their hands 自批延期 | `extended-by-handler` | – |
| vouches for their own late record 自批补录 | `vouched-by-oneself`, `late-without-second-person` | – |
| approves their own correction or void 自批更正、作废 | `amender-approves-own` | – |
| terminates a case alone 单独终止 | `not-a-second-person` | – |
| answers, upholds or withdraws a signal about a case they decided 决定人处理本件预警 | `decided-the-case` | – |
| investigates alone, or themselves, or a case they had a part in 单人核查、自查 | `too-few-officers`, `officer-is-investigated`, `officer-had-a-part` | – |
| releases a hold, or agrees to a measure on somebody's data, that they proposed 自提自批 | `released-by-proposer`, `measure-needs-second-person` | – |
| acts at a post as its B person without having taken over 未顶岗的B岗 | `stand-in-not-on-duty` | a case in their own hands 本人持有的办件 |
| acts for another without a delegation that stands, or beyond it 无有效委托 | `delegation-not-standing`, `outside-delegation` | told late: flagged A04 补录的记入并标记 |
| approves a delegation from or to themselves 自批委托 | `delegation-approved-by-party`, `delegated-to-oneself` | – |
| passes a post that decides to a village agent 委托代办员审批 | `agents-never-decide` | – |
| keeps their own account 办理本人账户 | `not-their-own-account` | their password 本人口令 |

Who acts under a delegation is bound by the grantor's part as by their own. 受托人办理，委托人的经历一并计入。

Supervision and 纪委 record one thing in a case: that a special procedure was invalid. Auditors, catalogue and system administrators record no
business at all. 监察、纪委在办件中只可认定特别程序无效；审计、事项管理、系统管理不登记任何业务事件。
"""


def page() -> str:
    return "\n".join([INTRODUCTION, *_table(), "", SEPARATION, "## Routes 接口", "", *_routes(), ""])


def _table() -> Iterator[str]:
    yield f"| action 动作 | {' | '.join(role.value for role in Role)} |"
    yield f"|---|{'---|' * len(Role)}"
    for action in Action:
        cells = [SCOPES[TABLE.get(role, {}).get(action)] for role in Role]
        mark = " *" if action in SENSITIVE else ""
        yield f"| `{action.value}`{mark} | {' | '.join(cells)} |"


def _routes() -> Iterator[str]:
    yield "| route 接口 | action 动作 |"
    yield "|---|---|"
    for route, action in sorted(PERMITTED.items()):
        yield f"| `{route}` | `{action.value}` |"
    for route in sorted(OWN):
        yield f"| `{route}` | 本人 whoever is signed in |"
    for route in sorted(PUBLIC):
        yield f"| `{route}` | 公开 everybody |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
