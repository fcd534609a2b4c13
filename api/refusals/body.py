"""The body cannot be taken as it was sent."""

from api.refusals import Refusal


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


class PersonalDataInCode(Refusal):
    """The body holds a citizen's identity number where a code or a number of a document belongs."""

    ZH = "请求体在编码或文书编号处写了公民身份号码。"
    BASIS = "个人信息保护法 Arts. 6, 28"
    WANTED = "The person_ref that POST /v1/persons answered."
    WANTED_ZH = "请先以 POST /v1/persons 登记，再使用人员引用号。"
