"""What is known of a person 当事人, and what may be done with it."""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from domain.grammar import Code, Line, Sha256, Value
from domain.numbers import CreditCode, IdentityNumber
from domain.subject.names import Name
from domain.vault.fields import Part
from domain.vault.normal import normal_document


class IdType(StrEnum):
    """证件类型: codes of GA/T 517, and one of our own for organisations."""

    identity_card = "111"  # 居民身份证
    household_register = "113"  # 户口簿
    passport = "414"  # 普通护照
    taiwan_permit = "511"  # 台湾居民来往大陆通行证
    hong_kong_macao_permit = "516"  # 港澳居民来往内地通行证
    other = "990"  # 其他
    credit_code = "uscc"  # 统一社会信用代码


_UNSHOWN: Final = ConfigDict(hide_input_in_errors=True)
_CHECKED: Final[dict[IdType, TypeAdapter[str]]] = {
    IdType.identity_card: TypeAdapter(IdentityNumber, config=_UNSHOWN),
    IdType.credit_code: TypeAdapter(CreditCode, config=_UNSHOWN),
}

Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 -]{2,23}$")]


class Particulars(Value):
    """What is said of a person; what is left out is not said. Never printed by accident."""

    name: Name | None = Field(default=None, repr=False)
    id_type: IdType | None = Field(default=None, repr=False)
    id_number: Code | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)
    address: Line | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _document_is_whole(self) -> Self:
        if (self.id_type is None) != (self.id_number is None):
            raise ValueError("must give id_type and id_number together, or neither")
        if self.id_type in _CHECKED and self.id_number is not None:
            number = normal_document(self.id_type, self.id_number).partition(":")[2]
            _CHECKED[self.id_type].validate_python(number)
        return self

    def values(self) -> dict[Part, str]:
        """What was said, by field."""
        return {Part(name): str(value) for name, value in self.model_dump(exclude_none=True).items()}


class Person(Particulars):
    """Someone the hall deals with: a citizen, an organisation, a member of staff."""

    name: Name = Field(repr=False)


class Commitment(Value):
    """承诺值: the record's word for a value that it does not hold. See domain/vault/commitment.py."""

    part: Part
    digest: Sha256


class Purpose(StrEnum):
    """For what a person's data are looked at. Source: 个人信息保护法 Arts. 6, 34."""

    handling = "handling"  # 办理审查
    contact = "contact"  # 联系告知
    delivery = "delivery"  # 送达
    complaint = "complaint"  # 投诉处理
    investigation = "investigation"  # 核查
    subject_request = "subject_request"  # 本人查阅、复制
    correction = "correction"  # 更正
    court = "court"  # 依法提供


class Measure(StrEnum):
    """What two persons together may do with a person's data."""

    restrict = "restrict"  # 封存
    release = "release"  # 解封
    erase = "erase"  # 删除
