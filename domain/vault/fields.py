"""What the vault keeps of a person, field by field."""

from enum import StrEnum


class Part(StrEnum):
    """A field of a person's data. Its name is part of what seals and commitments cover: never renamed."""

    name = "name"  # 姓名、名称
    id_type = "id_type"  # 证件类型
    id_number = "id_number"  # 证件号码
    phone = "phone"  # 电话
    address = "address"  # 住址


class SearchKind(StrEnum):
    """By what a person can be found; the name is part of the fingerprint: never renamed."""

    document = "document"  # 证件
    phone = "phone"  # 电话
    name = "name"  # 姓名，须完全一致
