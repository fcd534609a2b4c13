"""Why the door refuses a request before any rule is asked.

Each class is a sentence: its docstring in English, `ZH` in Chinese. `api/problems.py` gives it its HTTP status.
"""

from typing import ClassVar

from domain.grammar import Objection


class Refusal(Objection):
    """The request cannot be taken as it stands."""

    ZH = "请求不符合要求。"
    HEADERS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """HTTP fields that belong to the answer whatever the request was."""


# ── the body ────────────────────────────────────────────────────────────────────────────────────────────────


class BodyTooLarge(Refusal):
    """The body is larger than this endpoint takes."""

    ZH = "请求体超过本接口允许的大小。"
    WANTED = "At most limit_bytes bytes; send large numbers of actions as several batches."
    WANTED_ZH = "不超过 limit_bytes 字节；动作较多时分批提交。"


class ContentTypeUnsupported(Refusal):
    """The body must be JSON in UTF-8, not compressed."""

    ZH = "请求体必须是未压缩的 UTF-8 编码 JSON。"
    WANTED = "Content-Type: application/json, without Content-Encoding."
    WANTED_ZH = "Content-Type: application/json，不带 Content-Encoding。"
    HEADERS = (("accept-post", "application/json"),)


class NotUtf8(Refusal):
    """The body is not UTF-8, or begins with a byte order mark, or holds a half of a surrogate pair."""

    ZH = "请求体不是 UTF-8 编码，或带有字节顺序标记，或含有不成对的代理字符。"
    BASIS = "RFC 8259, section 8.1"


class NotJson(Refusal):
    """The body is not JSON."""

    ZH = "请求体不是合法的 JSON。"
    BASIS = "RFC 8259"


class DuplicateMember(Refusal):
    """An object of the body names one member twice; which one should count cannot be known."""

    ZH = "请求体中的某个对象重复使用了同一字段名，无法判断以哪个为准。"
    BASIS = "RFC 8259, section 4"


class TooManyMembers(Refusal):
    """An object of the body has more members than anything here needs."""

    ZH = "请求体中的某个对象字段过多。"


class TooDeep(Refusal):
    """The body is nested deeper than anything here needs."""

    ZH = "请求体嵌套层次过深。"


class NumberNotWhole(Refusal):
    """Numbers are whole: money is given in 分, everything else is counted."""

    ZH = "数字必须是整数：金额以分为单位，其余为计数。"
    WANTED = "An integer without fraction or exponent; never NaN or Infinity."
    WANTED_ZH = "不带小数与指数的整数；不得为 NaN 或 Infinity。"


class NumberTooLarge(Refusal):
    """An integer lies beyond ±2^53 and would not survive every reader."""

    ZH = "整数超出 ±2^53，无法在各系统间精确传递。"
    BASIS = "RFC 8259, section 6"


class NulCharacter(Refusal):
    """A text of the body holds the character NUL."""

    ZH = "请求体的文本中含有空字符 (NUL)。"


class ContentInvalid(Refusal):
    """The content does not have the form that this endpoint takes; `errors` says where."""

    ZH = "内容不符合本接口的格式要求，具体位置见 errors。"


class BatchTooLong(Refusal):
    """The batch holds more actions than one request may."""

    ZH = "一批动作的数量超过上限。"


# ── headers and the target ──────────────────────────────────────────────────────────────────────────────────


class ParameterInvalid(Refusal):
    """A query parameter, path part or header is not of the form that this endpoint takes; `errors` says which."""

    ZH = "查询参数、路径或请求头不符合要求，具体见 errors。"


class KeyMalformed(Refusal):
    """An idempotency key is 1 to 128 visible ASCII characters."""

    ZH = "幂等键应为 1 至 128 个可见 ASCII 字符。"
    WANTED = "Idempotency-Key: one value, for example a UUID."
    WANTED_ZH = "Idempotency-Key 只给一个值，例如一个 UUID。"


class PersonalDataInAddress(Refusal):
    """An address or an idempotency key holds a mobile or identity number; both are written down on their way."""

    ZH = "地址或幂等键中含有手机号或身份证号码；地址与幂等键会被沿途记录。"
    BASIS = "个人信息保护法 Arts. 6, 51"
    WANTED = "POST /v1/persons/search to look somebody up; elsewhere the person_ref."
    WANTED_ZH = "查找人员请用 POST /v1/persons/search，其余处使用人员引用号。"


class PersonalDataInCode(Refusal):
    """The body holds a citizen's identity number where a code or a number of a document belongs."""

    ZH = "请求体在编码或文书编号处写了公民身份号码。"
    BASIS = "个人信息保护法 Arts. 6, 28"
    WANTED = "The person_ref that POST /v1/persons answered."
    WANTED_ZH = "请先以 POST /v1/persons 登记，再使用人员引用号。"


class PreconditionMissing(Refusal):
    """Say which version of the record the action was decided on."""

    ZH = "请说明本动作依据的案卷版本。"
    BASIS = "RFC 6585, section 3"
    WANTED = 'If-Match: "7" with the version last read, or * for whatever stands now.'
    WANTED_ZH = '请求头 If-Match: "7"（最近读到的版本），或 *（以现有版本为准）。'


class PreconditionMalformed(Refusal):
    """If-Match names one version in quotes, or is an asterisk."""

    ZH = "If-Match 应为一个带引号的版本号，或为星号。"
    WANTED = 'If-Match: "7" or If-Match: *'
    WANTED_ZH = 'If-Match: "7" 或 If-Match: *'


class PositionMalformed(Refusal):
    """Last-Event-ID is a position of the log: 0 or a whole number."""

    ZH = "Last-Event-ID 应为日志位置：0 或正整数。"


# ── who, and what ───────────────────────────────────────────────────────────────────────────────────────────


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
    HEADERS = (("retry-after", "300"),)


class PostToChoose(Refusal):
    """The person holds several posts; say at which one they act."""

    ZH = "本人任职于多个岗位，请说明以哪个岗位登录。"
    WANTED = "post_id, one of posts."
    WANTED_ZH = "请在 post_id 填写 posts 所列之一。"


class PostNotHeld(Refusal):
    """The member of staff does not hold this post today, neither as A nor as B."""

    ZH = "该工作人员今日不在此岗位任职（A 岗、B 岗均不是）。"


class DecisionUnwitnessed(Objection):
    """No quorum of witnesses has cosigned the log for so long that nothing is decided; papers are received all the same."""

    ZH = "日志久未获外部见证，暂停作出决定；收件等登记不受影响。"
    WANTED = "The same request, once the witnesses cosign the log again; see GET /v1/log/witnesses."
    WANTED_ZH = "待恢复见证后原样重发；见证状况见 GET /v1/log/witnesses。"
    HEADERS: ClassVar[tuple[tuple[str, str], ...]] = (("retry-after", "60"),)


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


class ProviderAbsent(Refusal):
    """This county has no identity provider."""

    ZH = "本县未配置统一身份认证。"


class ProviderRefused(IdentityMissing):
    """The identity provider's answer does not stand up to its check; begin anew."""

    ZH = "统一身份认证的答复未通过核验，请重新登录。"
    WANTED = "GET /v1/sessions/provider again."
    WANTED_ZH = "请重新打开 GET /v1/sessions/provider。"


class CaseUnknown(Refusal):
    """There is no case with this number."""

    ZH = "没有此编号的办件。"


class CaseNumberTaken(Refusal):
    """A case with this number has been opened already."""

    ZH = "此办件编号已被使用。"
    WANTED = "Leave case_no out to be given a number, or record further actions on the case itself."
    WANTED_ZH = "不填 case_no 由系统编号，或在该办件上继续登记动作。"


class CaseNumberOutsideBlock(Refusal):
    """The number does not belong to the block of serials that the village point may give out."""

    ZH = "办件编号不在该代办点可用的流水号段之内。"
    WANTED = "The division of the point, and a serial that begins with the digits of its block."
    WANTED_ZH = "使用该代办点的区划代码，流水号以其号段的数字开头。"


class CaseNumberOfBlock(Refusal):
    """The number lies in the block of serials that a village point gives out offline; nobody else may give it."""

    ZH = "该办件编号属于代办点离线使用的流水号段，其他人员不得使用。"
    WANTED = "Leave case_no out, or record the agent's entrustment at the point first."
    WANTED_ZH = "请不填 case_no，或先登记该代办点的委托。"


class CaseNumberForeign(Refusal):
    """The number names a division that is not of this county or not the caller's, or a day that has not come."""

    ZH = "办件编号中的区划不属于本县或不属于办理人所在区划，或日期尚未到来。"
    WANTED = "A number of the caller's division, dated today or earlier; or leave case_no out."
    WANTED_ZH = "使用本人所在区划、日期不晚于今天的编号，或不填 case_no。"


class CaseNumberUnassignable(Refusal):
    """Nothing says in which division the case is opened: neither a point, nor a unit, nor a known item."""

    ZH = "无法确定办件所在的行政区划：没有代办点、单位，也没有已知事项。"
    WANTED = "case_no, or a post that belongs to a unit."
    WANTED_ZH = "给出 case_no，或以隶属某单位的岗位办理。"


class ContactUnknown(Refusal):
    """There is no contact with this number."""

    ZH = "没有此编号的首问登记。"


class ContactNumberTaken(Refusal):
    """A contact with this number has been registered already."""

    ZH = "此首问编号已被使用。"
    WANTED = "Leave contact_no out to be given a number."
    WANTED_ZH = "不填 contact_no 由系统编号。"


class SignalUnknown(Refusal):
    """No signal was raised under this number."""

    ZH = "没有此编号的监察预警。"


class InvestigationUnknown(Refusal):
    """There is no investigation with this number, or none that you may know of."""

    ZH = "没有此编号的核查，或您无权知悉。"
    WANTED = "The number of an investigation whose officer you are."
    WANTED_ZH = "请使用您担任核查人员的立案编号。"


class InvestigationNumberUsed(Refusal):
    """An investigation with this number has been opened already."""

    ZH = "此立案编号已被使用。"
    WANTED = "Leave investigation_no out to be given a number."
    WANTED_ZH = "不填 investigation_no 由系统编号。"


class ExchangeTableUnknown(Refusal):
    """There is no exchange table of this name."""

    ZH = "没有此交换表。"
    WANTED = "A name that GET /v1/exports/exchange lists."
    WANTED_ZH = "使用 GET /v1/exports/exchange 所列的名称。"


class FetchedBeyondViews(Refusal):
    """The views do not hold this `after`: nothing was ever fetched up to there."""

    ZH = "视图尚未到达此 after，不可能已取到该处。"
    WANTED = "The position in the basis of an earlier answer."
    WANTED_ZH = "使用先前答复 basis 中的 position。"


class EntryUnknown(Refusal):
    """The catalogue has no such entry."""

    ZH = "目录中没有此条目。"


class PersonUnknown(Refusal):
    """There is no person with this reference."""

    ZH = "没有此人员引用号。"


# ── reading the views ───────────────────────────────────────────────────────────────────────────────────────


class ViewsUnready(Objection):
    """The views cannot answer at the moment; the request is in order."""

    ZH = "视图暂时无法答复，请求本身无误。"
    HEADERS: ClassVar[tuple[tuple[str, str], ...]] = (("retry-after", "1"),)


class ViewBehind(ViewsUnready):
    """The views have not come as far as this answer needs; `position` says where they stand."""

    ZH = "视图尚未到达所需的日志位置，现在的位置见 position。"
    WANTED = "Ask again shortly, or with a smaller min_position, or without one."
    WANTED_ZH = "请稍后再读，或减小、省略 min_position。"


class ViewNotBuilt(ViewsUnready):
    """A view that this answer needs is not built yet, or is being built by another definition."""

    ZH = "所需的视图尚未建成，或正按另一定义重建。"
    HEADERS = (("retry-after", "5"),)


class ViewFailing(ViewsUnready):
    """A view that this answer needs has stopped over an error; `position` says where it stands."""

    ZH = "所需的视图因错误而停止，其位置见 position。"
    WANTED = "/v1/projections says which event and which error; the view goes on once the cause is mended."
    WANTED_ZH = "出错的事件与原因见 /v1/projections；原因排除后视图自动继续。"
    HEADERS = (("retry-after", "60"),)


class ViewsUnreachable(ViewsUnready):
    """The database behind the views did not answer."""

    ZH = "视图所在的数据库没有答复。"


class ReadingTooLong(ViewsUnready):
    """The answer was not ready in time."""

    ZH = "未能在限定时间内算出答复。"
    WANTED = "A narrower question: fewer days, one unit, or without known_at and happened_by."
    WANTED_ZH = "请缩小范围：较短的期间、单个单位，或不带 known_at 与 happened_by。"
    HEADERS = (("retry-after", "10"),)


class ExportsBusy(ViewsUnready):
    """As many files are being written as can be at a time."""

    ZH = "正在导出的文件已达上限。"
    WANTED = "The same request again, when one of them is done."
    WANTED_ZH = "请待其中之一完成后重试。"
    HEADERS = (("retry-after", "30"),)


class AsOfInFuture(Refusal):
    """What will be known or will have happened later cannot be told."""

    ZH = "尚未到来的时点，无法说明届时已知或已发生的情况。"
    WANTED = "known_at and happened_by at or before this moment."
    WANTED_ZH = "known_at 与 happened_by 不晚于现在。"


class PositionWithAsOf(Refusal):
    """min_position waits for the views of now; with known_at or happened_by there is nothing to wait for."""

    ZH = "min_position 用于等待当前视图，不能与 known_at、happened_by 同用。"


class VersionUnknown(Refusal):
    """There is no such version of the policy or of the working calendar."""

    ZH = "没有此版本的规则或工作日历。"
    WANTED = "A version named by the basis of an answer or by the catalogue; of the calendar also weekdays, shipped."
    WANTED_ZH = "使用答复的 basis 或目录中列出的版本；日历还可用 weekdays、shipped。"


class AfterUnreadable(Refusal):
    """`after` is not a place in this list."""

    ZH = "after 不是本清单中的位置。"
    WANTED = "The next_after of this list's page before, unchanged; or none, to begin."
    WANTED_ZH = "请原样使用本清单上一页的 next_after；从头读起则不填。"


class PositionBeyondLog(Refusal):
    """Nothing is recorded yet at this min_position."""

    ZH = "日志尚未到达此 min_position。"
    WANTED = "The position of a receipt of this county."
    WANTED_ZH = "使用本县登记回执中的 position。"


class TooManyPeriods(Refusal):
    """So many periods are too many for one answer; `at_most` says how many are not."""

    ZH = "期间过多，一次至多 at_most 个。"
    WANTED = "Fewer days, or longer periods."
    WANTED_ZH = "缩短起止日期，或改用较长的期间。"


class NotOpening(Refusal):
    """This action does not open a case: it needs the number of one."""

    ZH = "该动作不能开立新办件，需要给出办件编号。"
    WANTED = "case_no of an existing case, or an action that opens one."
    WANTED_ZH = "给出已有的 case_no，或使用可以开立办件的动作。"


class NothingHere(Refusal):
    """There is nothing at this address."""

    ZH = "此地址没有内容。"


class MethodNotAllowed(Refusal):
    """This address does not know this method; `Allow` names those it knows."""

    ZH = "此地址不支持该方法，可用的方法见 Allow。"


# ── the seal ────────────────────────────────────────────────────────────────────────────────────────────────


class NotSealed(Refusal):
    """Nothing of this log is sealed: it has no keys, or no checkpoint yet."""

    ZH = "本日志尚未封印：没有签名钥，或还没有检查点。"
    WANTED = "Ask again in a second; where the log has no keys, its operator adopts it (jiandu keys adopt)."
    WANTED_ZH = "请稍后再读；尚无签名钥时，由运维人员认领（jiandu keys adopt）。"


class PositionNotSealed(Refusal):
    """No event stands at that position, or it is not sealed yet."""

    ZH = "该位置没有事件，或尚未封印。"
    WANTED = "A position from 1 to `size`; what was just recorded is sealed within a second."
    WANTED_ZH = "1 至 size 之间的位置；刚登记的事件约一秒内封印。"


class CheckpointUnknown(Refusal):
    """No checkpoint of this size was signed, or no witness has cosigned one."""

    ZH = "没有该大小的检查点，或尚无见证人签署的检查点。"
    WANTED = "A size that was signed, or none for the latest checkpoint."
    WANTED_ZH = "请给出已签署的大小，或不给以读取最新检查点。"


class EvidenceNotReady(Refusal):
    """The case is not yet sealed under a root of the case heads, without which a bundle could leave out its newest events."""

    ZH = "该办件尚未封印并归入案头；否则证据包无从证明事件齐全。"
    WANTED = "The same request in a minute."
    WANTED_ZH = "请一分钟后重试。"
    HEADERS = (("retry-after", "10"),)


class RecordBroken(Refusal):
    """The case's record is not what was sealed: `position` is the first event that was changed. Nothing is told from it."""

    ZH = "该办件的记录与封存的不符，首个被改动的事件见 position；不据此重演。"
    WANTED = "Keep the database as it is, and call whoever may investigate (jiandu verify)."
    WANTED_ZH = "请保持数据库现状，报请有权机关核验（jiandu verify）。"


class TileUnknown(Refusal):
    """The tree has no such tile, or not so many hashes in it yet."""

    ZH = "树中没有该分片，或其中尚无这么多散列。"
    BASIS = "C2SP tlog-tiles"
    WANTED = "tile/<level>/<number>, or with .p/<width> where the tile is not full."
    WANTED_ZH = "tile/<层>/<号>；分片未满时加 .p/<宽>。"


class SizesDoNotFit(Refusal):
    """There is no proof between these sizes."""

    ZH = "这两个大小之间没有证明可给。"
    WANTED = "1 ≤ from ≤ to ≤ size, and position ≤ size; `size` is what is sealed."
    WANTED_ZH = "1 ≤ from ≤ to ≤ size，position ≤ size；size 为已封印的大小。"


class ReceiptMistyped(Refusal):
    """This is no receipt code: a character is missing or was read wrongly."""

    ZH = "不是回执码：缺少或误读了字符。"
    WANTED = "The code as it is printed, as 16209-7ZK2-MQ0R-8T1W-XYZ5-H."
    WANTED_ZH = "请照单填写，如 16209-7ZK2-MQ0R-8T1W-XYZ5-H。"
