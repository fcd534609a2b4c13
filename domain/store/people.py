"""People: what a `person_ref` stands for. The only place where names, numbers, telephones and addresses are kept.

No event holds any of it, so the record can be shown, hashed and kept for ever, while a person's data can be
corrected, sealed off or erased.
"""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, TypeAdapter, model_validator

from domain.grammar import Code, Line, Value
from domain.numbers import CreditCode, IdentityNumber
from domain.store.connecting import Readers


class IdType(StrEnum):
    """证件类型: codes of GA/T 517, and one of our own for organisations."""

    identity_card = "111"  # 居民身份证
    household_register = "113"  # 户口簿
    passport = "414"  # 普通护照
    taiwan_permit = "511"  # 台湾居民来往大陆通行证
    hong_kong_macao_permit = "516"  # 港澳居民来往内地通行证
    other = "990"  # 其他
    credit_code = "uscc"  # 统一社会信用代码


_CHECKED: Final[dict[IdType, TypeAdapter[str]]] = {
    IdType.identity_card: TypeAdapter(IdentityNumber),
    IdType.credit_code: TypeAdapter(CreditCode),
}

Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 -]{2,23}$")]


class Person(Value):
    """Someone the hall deals with: a citizen, an organisation, a member of staff. Never printed by accident."""

    name: Line = Field(repr=False)
    id_type: IdType | None = Field(default=None, repr=False)
    id_number: Code | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)
    address: Line | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _document_is_whole(self) -> Self:
        if (self.id_type is None) != (self.id_number is None):
            raise ValueError("must give id_type and id_number together, or neither")
        if self.id_type in _CHECKED:
            _CHECKED[self.id_type].validate_python(self.id_number)
        return self


class People:
    """The people of one county."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def enrol(self, person: Person) -> str:
        """The reference of the person: "p-" and 32 hexadecimal digits.

        The holder of a document that was enrolled before keeps the reference; name, phone and address become
        what was said now, where anything was said. Without a document everybody is somebody new.
        Raises LogBusy where the database cannot be reached.
        """
        rows = await self._readers.fetch("enrol", person.model_dump())
        person_ref: str = rows[0][0]
        return person_ref

    async def get(self, person_ref: str) -> Person | None:
        """None where nobody has the reference."""
        for name, id_type, id_number, phone, address in await self._readers.fetch(
            "person", {"person_ref": person_ref}
        ):
            return Person(
                name=name,
                id_type=None if id_type is None else IdType(id_type),
                id_number=id_number,
                phone=phone,
                address=address,
            )
        return None
