"""Invented people. Their identity numbers and telephones are of kinds that nobody has: they can name no one."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from domain.numbers import credit_check, identity_check
from domain.subject.values import IdType
from domain.subject.values import Person as Enrolled

SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
GIVEN: Final = (
    "秀英桂兰玉珍建国志强小军海燕春梅文华永福德明丽娟红霞金凤大勇长青俊杰雪莲平安守义立新光荣富贵学礼"
)
TRADES: Final = (
    "农机专业合作社",
    "茶业有限公司",
    "建材有限公司",
    "养殖场",
    "便民超市",
    "农家乐",
    "运输有限公司",
)
BORN: Final = date(1940, 1, 1)
BANDS: Final = 8
"""The three digits of the serial last for a thousand people; each further thousand has birthdays of its own."""
BORN_WITHIN_DAYS: Final = 24_000 // BANDS
ORGANISATIONS_SHARE: Final = 0.12


@dataclass(frozen=True, slots=True)
class Person:
    """An applicant of the demo: the reference the record knows, and what the table beside it holds."""

    ref: str
    is_organisation: bool


def is_organisation(person: Enrolled) -> bool:
    return person.id_type is IdType.credit_code


def invented(number: int, division: str, village: str, chance: Random) -> Enrolled:
    """The n-th person; the same number, division and chance give the same person."""
    if chance.random() < ORGANISATIONS_SHARE:
        return _organisation(number, division, village, chance)
    name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))
    return Enrolled(
        name=name,
        id_type=IdType.identity_card,
        id_number=_identity_number(number, division, chance),
        phone=f"100{number:08d}",
        address=f"{village}{chance.randrange(1, 12)}组{chance.randrange(1, 80)}号",
    )


def _organisation(number: int, division: str, village: str, chance: Random) -> Enrolled:
    body = f"91{division[:6]}{number:09d}"
    return Enrolled(
        name=f"{village}{chance.choice(SURNAMES)}氏{chance.choice(TRADES)}",
        id_type=IdType.credit_code,
        id_number=body + credit_check(body),
        phone=f"100{number:08d}",
        address=village,
    )


def _identity_number(number: int, division: str, chance: Random) -> str:
    """In the county of the demo, which is no real one; up to 8,000 persons have one each."""
    born = BORN + timedelta(days=chance.randrange(BORN_WITHIN_DAYS) * BANDS + number // 1000 % BANDS)
    body = f"{division[:6]}{born:%Y%m%d}{number % 1000:03d}"
    return body + identity_check(body)
