"""Why an account or a key is not made or changed.

Rejected
├── AccountsKeptByOthers
├── NotTheirOwnAccount
├── UserUnknown
├── UserSuspendedAlready
├── StaffNotEnrolled
├── SubjectIsPersonal
├── SubjectLinkedToAnother
├── KeyUnknown
├── KeyRevokedAlready
├── KeyNumberTaken
├── ProgrammeIsAPerson
└── DivisionUnknown
"""

from domain.grammar import Rejected


class AccountsKeptByOthers(Rejected):
    """Accounts and keys are kept by the system's administrators."""

    ZH = "用户与密钥由系统管理人员维护，该岗位角色无权变更。"
    WANTED = "The same by a post of the role system_admin."
    WANTED_ZH = "请由系统管理（system_admin）岗位办理。"


class NotTheirOwnAccount(Rejected):
    """Nobody admits, suspends or restores their own account."""

    ZH = "不得办理本人账户的开通、停用与恢复。"
    WANTED = "Another administrator."
    WANTED_ZH = "请由其他管理人员办理。"


class UserUnknown(Rejected):
    """This member of staff has no account."""

    ZH = "该工作人员没有账户。"
    WANTED = "Admit them first."
    WANTED_ZH = "请先开通账户。"


class UserSuspendedAlready(Rejected):
    """The account is suspended; restore it first."""

    ZH = "该账户已停用。"
    WANTED = "The account restored by an administrator."
    WANTED_ZH = "请先由管理人员恢复该账户。"


class StaffNotEnrolled(Rejected):
    """Only a member of staff of the catalogue may have an account."""

    ZH = "只有目录中的在职工作人员才能开通账户。"
    WANTED = "The number of a registered member of staff."
    WANTED_ZH = "请填写名册中的工作人员编号。"


class SubjectIsPersonal(Rejected):
    """The name at the identity provider holds a mobile or identity number, whose hash would tell it to whoever guesses."""

    ZH = "统一身份认证中的主体标识含有手机号或身份证号，其散列可被猜出。"
    BASIS = "个人信息保护法 Arts. 6, 51"
    WANTED = "A claim that tells nothing of the person, as sub usually is (JIANDU_OIDC_CLAIM)."
    WANTED_ZH = "请改用不含个人信息的声明，通常为 sub（JIANDU_OIDC_CLAIM）。"


class SubjectLinkedToAnother(Rejected):
    """Another account is linked to this subject; a person at the identity provider is one person here."""

    ZH = "该统一身份已绑定另一账户；一个统一身份只对应一名工作人员。"
    WANTED = "Another subject, or the other account unlinked first."
    WANTED_ZH = "请核对主体标识，或先解除另一账户的绑定。"


class KeyUnknown(Rejected):
    """There is no API key of this number."""

    ZH = "没有此编号的接口密钥。"
    WANTED = "The number of a key that was issued."
    WANTED_ZH = "请填写已签发密钥的编号。"


class KeyRevokedAlready(Rejected):
    """A revoked key stays revoked; issue a new one."""

    ZH = "密钥吊销后不再恢复。"
    WANTED = "A new key."
    WANTED_ZH = "请另行签发密钥。"


class KeyNumberTaken(Rejected):
    """A key number is given once."""

    ZH = "密钥编号只使用一次，该编号已签发过。"
    WANTED = "Another number."
    WANTED_ZH = "请使用新的编号。"


class ProgrammeIsAPerson(Rejected):
    """A programme acts under a name of its own, not under a member of staff's number."""

    ZH = "程序应使用自己的名称，不得使用工作人员的工号。"
    WANTED = "A name that no member of staff has as a number."
    WANTED_ZH = "请使用与任何工号不同的程序名。"


class DivisionUnknown(Rejected):
    """No unit of the county lies in this division."""

    ZH = "本县没有该区划的单位。"
    WANTED = "The division code of a registered unit."
    WANTED_ZH = "请填写已登记单位的区划代码。"
