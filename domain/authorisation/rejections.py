"""Why an authorisation is not granted, delegated or revoked.

Rejected
├── AuthorisationNumberTaken
├── AuthorisationNeedsOneHolder
├── DelegationNamesNoSource
├── GrantNamesASource
├── DelegationExceedsSource
├── DelegationByAnother
└── AlreadyRevoked
"""

from domain.grammar import Rejected


class AuthorisationNumberTaken(Rejected):
    """An authorisation of this number stands already, with other content; it is revoked and granted anew, not changed."""

    ZH = "该授权编号已存在且内容不同；授权不得更改，应撤销后另行授权。"
    WANTED = "A new number, or the recorded content."
    WANTED_ZH = "请使用新的编号，或与已登记内容一致。"


class AuthorisationNeedsOneHolder(Rejected):
    """An authorisation goes to a unit or to a post: to one of them."""

    ZH = "授权对象应为一个单位或一个岗位，且只能为其一。"
    WANTED = "Either unit_code or post_id."
    WANTED_ZH = "unit_code 与 post_id 应且只应填写其一。"


class DelegationNamesNoSource(Rejected):
    """A delegation names the authorisation it passes on."""

    ZH = "转授权应写明所依据的授权编号。"
    WANTED = "delegated_from names an authorisation."
    WANTED_ZH = "delegated_from 应为所依据的授权编号。"


class GrantNamesASource(Rejected):
    """What is passed on from another authorisation is delegated, not granted."""

    ZH = "依据其他授权转授的，应以转授权登记。"
    WANTED = "delegate_authorisation, or no delegated_from."
    WANTED_ZH = "请使用转授权，或不填写 delegated_from。"


class DelegationExceedsSource(Rejected):
    """Nobody passes on more than they hold: powers, items and days lie within the authorisation delegated from."""

    ZH = "转授权的权限、事项和期限不得超出所依据的授权。"
    BASIS = "行政许可法 Art. 24"
    WANTED = "A part of what the source holds; `exceeding` says what goes beyond it."
    WANTED_ZH = "应在所依据授权的范围之内（exceeding 为超出的部分）。"


class DelegationByAnother(Rejected):
    """Only the unit that holds the authorisation passes it on."""

    ZH = "只有被授权单位可以转授权。"
    WANTED = "granted_by names the holder of the authorisation delegated from; `holder` says which."
    WANTED_ZH = "granted_by 应为所依据授权的持有单位（holder）。"


class AlreadyRevoked(Rejected):
    """The authorisation has been revoked as of another day."""

    ZH = "该授权已于另一日期撤销。"
    WANTED = "The recorded day; `revoked_on` says which."
    WANTED_ZH = "已登记的撤销日期（revoked_on）。"
