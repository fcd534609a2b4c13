"""Passwords that somebody would guess: what many use, what follows a pattern, and what says where one works.

    woaini1314520   qwer1234asdf   P@ssw0rd2026   bianmin2026   白鹤镇便民服务中心1

Source: NIST SP 800-63B, section 5.1.1.2: what is commonly used, expected, or of the context is not taken. Decision 0170.
"""

from collections.abc import Iterator
from typing import Final

from zxcvbn_rs_py import zxcvbn

from domain.catalogue import Catalogue
from domain.personal_data import impersonal
from domain.point import POINT
from domain.unit import UNIT

GUESSES: Final = 10**9
"""Three of the first words that come to mind take a tenth of it. At the door it lasts for ever, and whoever has the hashes needs
a core for a year and a half."""
LOOKED_AT: Final = 24
"""Characters from the beginning: what is not guessed so far is not guessed, and estimating more signs takes seconds."""
SAID_BY_MANY: Final = """
    woaini woaiwojia aini mima wodemima meiyoumima wangjile buzhidao nihao jiayou laopo laogong baobei
    baobao qinqin xinnian kuaile zhongguo renmin weirenminfuwu 520 521 1314 5201314 1314520 168 518 666
    888 yiersan yiersansi yiersansiwu 为人民服务 爱岗敬业 我爱你 一生一世 恭喜发财 新年快乐 万事如意 密码 口令
""".split()  # noqa: SIM905  — as a list it would fill a page
"""Chosen by those who speak Chinese, and not held by the lists of the estimate."""
OF_THE_OFFICE: Final = """
    jiandu admin password guanliyuan yonghu gonghao xitong zhengfu xianzhengfu zhengwu zhengwufuwu
    dating chuangkou bianmin fuwu zhongxin fuwuzhongxin xiangzhen jiedao cunwei shequ shenpi banshi
    banjian daiban jiwei jiancha 简牍 政务 政务服务 便民 便民服务 便民服务中心 大厅 窗口 办事 办件 代办 审批 监察
""".split()  # noqa: SIM905  — as a list it would fill a page
DIVISIONS: Final = (6, 9, 12)
"""Digits of a county's, a township's and a village's code, as somebody would type it."""


def is_guessed(password: str, staff_id: str, catalogue: Catalogue) -> bool:
    """Whether fewer than `GUESSES` attempts find it, by whoever knows where its owner works."""
    expected = [staff_id, *SAID_BY_MANY, *OF_THE_OFFICE, *sorted({*_places(catalogue)})]
    return _is_a_number_of_somebody(password) or zxcvbn(password[:LOOKED_AT], expected).guesses < GUESSES


def _places(catalogue: Catalogue) -> Iterator[str]:
    """What the county's units and village points are called, and where they lie."""
    for place in (*catalogue.entries(UNIT).values(), *catalogue.entries(POINT).values()):
        yield place.title
        yield from (place.division_code[:digits] for digits in DIVISIONS)


def _is_a_number_of_somebody(password: str) -> bool:
    try:
        impersonal(password)
    except ValueError:
        return True
    return False
