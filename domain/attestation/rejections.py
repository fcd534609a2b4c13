"""Why a statement about the log is not recorded.

Rejected
├── KeyKnown
├── KeyNotInUse
├── LastKey
├── AdoptedBackwards
├── OneOfficer
└── TreeOnlyGrows
"""

from domain.grammar import Rejected


class KeyKnown(Rejected):
    """The key was used in this log before; a key is introduced once."""

    ZH = "该签名钥已在本日志登记过；签名钥只登记一次。"
    WANTED = "A newly created key."
    WANTED_ZH = "请使用新生成的签名钥。"


class KeyNotInUse(Rejected):
    """The key is not in use, so it cannot be retired."""

    ZH = "该签名钥不在使用中，无从停用。"
    WANTED = "A key that `jiandu keys list` shows in use."
    WANTED_ZH = "请选用 jiandu keys list 列出的在用签名钥。"


class LastKey(Rejected):
    """The last key of its kind stays in use: without one, nothing more could be signed."""

    ZH = "这是同类中最后一把在用签名钥，停用后将无钥可签。"
    WANTED = "First add another key (`jiandu keys rotate`)."
    WANTED_ZH = "请先启用另一把签名钥（jiandu keys rotate）。"


class AdoptedBackwards(Rejected):
    """The range to adopt ends before it begins."""

    ZH = "认领范围的末位小于首位。"
    WANTED = "first not greater than last."
    WANTED_ZH = "首位（first）应不大于末位（last）。"


class OneOfficer(Rejected):
    """A recovery is stated by two officers, not by one alone."""

    ZH = "恢复声明须由两名不同人员共同作出。"
    WANTED = "Two different members of staff."
    WANTED_ZH = "请由两名不同的工作人员共同声明。"


class TreeOnlyGrows(Rejected):
    """The last statement of this kind reached further: the tree never grows smaller."""

    ZH = "此前的同类声明已覆盖更大的树；树只增不减。"
    WANTED = "A size greater than `last`."
    WANTED_ZH = "大小（size）应大于上次的值（last）。"
