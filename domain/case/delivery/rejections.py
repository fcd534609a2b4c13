"""Why a delivery is refused.

Rejected
├── CertificateAlreadyIssued
├── CertificateUnknown
├── CertificateAlreadyDelivered
├── NothingToDeliver
├── RecipientNotEntitled
└── IdentityNotChecked
"""

from domain.grammar import Rejected


class CertificateAlreadyIssued(Rejected):
    """A certificate with this number has been issued in the case."""

    ZH = "本案已有此编号的证照。"
    WANTED = "Another certificate number."
    WANTED_ZH = "请填写另一证照编号。"
    TOLERATED_IN_IMPORTS = True


class CertificateUnknown(Rejected):
    """No certificate with this number has been issued in the case."""

    ZH = "本案没有此编号的证照。"
    WANTED = "The number of a certificate issued in this case."
    WANTED_ZH = "请填写本案已制证照的编号。"
    TOLERATED_IN_IMPORTS = True


class CertificateAlreadyDelivered(Rejected):
    """The certificate has been delivered."""

    ZH = "该证照已送达。"
    WANTED = "A certificate that was not delivered yet."
    WANTED_ZH = "请填写尚未送达的证照。"
    TOLERATED_IN_IMPORTS = True


class NothingToDeliver(Rejected):
    """No certificate was issued in the case, or all were delivered."""

    ZH = "本案尚未制证，或证照均已送达，没有可送达的证照。"
    BASIS = "行政许可法 Art. 44"
    WANTED = "issue_certificate first; without a certificate only where the item has no result_title."
    WANTED_ZH = "请先登记制证（issue_certificate）；仅无结果证照的事项可不经制证直接送达。"
    TOLERATED_IN_IMPORTS = True


class RecipientNotEntitled(Rejected):
    """The recipient is neither the applicant nor holds a live mandate to collect."""

    ZH = "领取人既非申请人，也没有有效的代领委托。"
    BASIS = "行政许可法 Art. 44; 民法典 Art. 165"
    WANTED = "The applicant, or an agent whose mandate covers collecting (代领, 全程) and stands on that day."
    WANTED_ZH = "应由申请人或持有效代领（全程）委托的代理人领取。"
    TOLERATED_IN_IMPORTS = True


class IdentityNotChecked(Rejected):
    """Whoever receives in person shows who they are; no check was made."""

    ZH = "当面领取须核验领取人身份，未核验。"
    WANTED = "identity_checked true; only a courier's delivery may go without."
    WANTED_ZH = "请核验身份（identity_checked 为 true）；仅快递送达可不核验。"
    TOLERATED_IN_IMPORTS = True
