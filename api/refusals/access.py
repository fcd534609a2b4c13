"""Who asks is not known, or may not do this."""

from typing import ClassVar

from api.refusals import Refusal
from domain.grammar import Objection


class IdentityMissing(Refusal):
    """Sign in, or send an API key."""

    ZH = "请先登录，或出示接口密钥。"
    WANTED = "A session opened by POST /v1/sessions, or Authorization: Bearer with an API key."
    WANTED_ZH = "由 POST /v1/sessions 开立的会话，或请求头 Authorization: Bearer 加接口密钥。"
    HEADERS = (("www-authenticate", 'Bearer realm="jiandu"'),)


class IdentityUnknown(IdentityMissing):
    """The session or the key is not known, is over, or was revoked; or the post that it names is not in the catalogue."""

    ZH = "会话或密钥无效、已过期或已吊销，或所称岗位不在目录中。"


class SignInRefused(IdentityMissing):
    """Number and password do not belong together, or the account is not open."""

    ZH = "工号与口令不符，或账户未开通。"
    WANTED = "The staff number and its password."
    WANTED_ZH = "请核对工号与口令。"


class SignInBlocked(Refusal):
    """Too many attempts have failed; nothing was looked at."""

    ZH = "失败次数过多，本次未作核对。"
    WANTED = "Another attempt after retry_after_seconds."
    WANTED_ZH = "请在 retry_after_seconds 秒后再试。"
    HEADERS = (("retry-after", "900"),)


class PasswordWeak(Refusal):
    """A password has 10 to 128 visible characters, at least five different ones; it is not the old one and holds no staff number."""

    ZH = "口令应为 10 至 128 个可见字符，其中至少五种不同字符，不得与原口令相同，不得含有工号。"
    BASIS = "GB/T 39786-2021; NIST SP 800-63B, section 5.1.1.2"
    WANTED = "For example a sentence of one's own."
    WANTED_ZH = "可使用自拟的一句话。"


class PasswordGuessed(Refusal):
    """Others use this password, or it follows from a pattern, a number of somebody's or where one works: it would be guessed."""

    ZH = "此口令过于常见，或由键盘次序、连续数字、年份、拼音常用语、本县单位名称、证件号、手机号等构成，易被猜中。"
    BASIS = "NIST SP 800-63B, section 5.1.1.2"
    WANTED = (
        "A few words that have nothing to do with each other, or a sentence of one's own that nobody quotes."
    )
    WANTED_ZH = "可用几个互不相干的词，或自拟的、他人不会引用的一句话。"


class AdmittedAlready(Refusal):
    """This member of staff has an account, with another password; nothing was changed."""

    ZH = "该工作人员已有账户，且口令与此不同，未作任何变更。"
    WANTED = (
        "A new password is given by reset_password (POST /v1/admin/users/{staff_id}/actions), or at the machine by"
        " `jiandu admin password`; every session of theirs ends."
    )
    WANTED_ZH = (
        "重设口令请用 reset_password（POST /v1/admin/users/{staff_id}/actions），或在服务器上运行 `jiandu admin password`；"
        "其全部会话随即结束。"
    )


class OldPasswordWrong(Refusal):
    """The old password is not this; the new one was not set."""

    ZH = "原口令不符，口令未变更。"
    WANTED = "The password by which one signs in; who has forgotten it asks an administrator for another."
    WANTED_ZH = "请填写现用口令；遗忘的，由管理人员重设。"


class PostToChoose(Refusal):
    """The person holds several posts; say at which one they act."""

    ZH = "本人任职于多个岗位，请说明以哪个岗位登录。"
    WANTED = "post_id, one of posts."
    WANTED_ZH = "请在 post_id 填写 posts 所列之一。"


class PostNotHeld(Refusal):
    """The member of staff does not hold this post today, neither as A nor as B."""

    ZH = "该工作人员今日不在此岗位任职（A 岗、B 岗均不是）。"


class AccountSuspended(Refusal):
    """The account of this member of staff is suspended: nobody acts under their number, by whatever way."""

    ZH = "该工作人员的账户已停用，任何途径均不得以其名义办理。"
    WANTED = "Somebody else who holds the post, or the account restored by an administrator."
    WANTED_ZH = "请由该岗位其他人员办理，或由管理人员恢复账户。"


class NotPermitted(Refusal):
    """The permission table does not allow this to the role or to the key."""

    ZH = "权限表不允许该岗位角色或该密钥如此操作。"
    WANTED = "A role that docs/permissions.md allows it."
    WANTED_ZH = "请由权限表（docs/permissions.md）所许的岗位角色办理。"


class KeyMayNotSpeak(Refusal):
    """The key may not speak for this post: it may speak for none, or the post lies outside its division."""

    ZH = "该密钥不得代此岗位登记：未获准代岗，或岗位不在其区划之内。"


class CrossSite(Refusal):
    """A request that changes something came from another site, or without the session's token."""

    ZH = "该变更请求来自其他网站，或缺少会话令牌。"
    WANTED = "X-CSRF-Token with the csrf_token of the session, from a page of this server."
    WANTED_ZH = "请由本系统页面发出，并在 X-CSRF-Token 填写会话的 csrf_token。"


class OwnPost(Refusal):
    """Nobody assigns a post to themselves, nor relieves themselves of one."""

    ZH = "不得为本人定岗或离岗。"
    WANTED = "Another administrator of the catalogue."
    WANTED_ZH = "请由其他事项管理人员办理。"


class ProviderAbsent(Refusal):
    """This county has no identity provider."""

    ZH = "本县未配置统一身份认证。"


class ProviderKeepsSession(Refusal):
    """The identity provider names no address for signing out; here you are signed out, there you may not be."""

    ZH = "统一身份认证未公布退出地址：本系统已退出，该处可能仍处于登录状态。"
    WANTED = "Sign out on the provider's own page; on a shared computer, close the browser."
    WANTED_ZH = "请到统一身份认证的页面退出；公用电脑请关闭浏览器。"


class ProviderUnreachable(Objection):
    """The identity provider does not answer, or not as it is set up here; passwords open the door all the same."""

    ZH = "统一身份认证暂不可用，可改用工号与口令登录。"
    WANTED = "The same in a while, or POST /v1/sessions with a password."
    WANTED_ZH = "请稍后再试，或以口令登录。"
    HEADERS: ClassVar[tuple[tuple[str, str], ...]] = (("retry-after", "30"),)


class SubjectNotLinked(IdentityMissing):
    """The identity provider knows the person; no open account of this county is linked to them."""

    ZH = "统一身份认证已通过，但未绑定本县的有效账户。"
    WANTED = "An account, linked by an administrator (jiandu admin link)."
    WANTED_ZH = "请由管理人员开通账户并绑定（jiandu admin link）。"


class ProviderRefused(IdentityMissing):
    """The identity provider's answer does not stand up to its check; begin anew."""

    ZH = "统一身份认证的答复未通过核验，请重新登录。"
    WANTED = "GET /v1/sessions/provider again."
    WANTED_ZH = "请重新打开 GET /v1/sessions/provider。"
