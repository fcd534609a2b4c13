"""The request line or a header cannot be taken: an address, a parameter, a precondition, a key."""

from api.refusals import Refusal


class NothingHere(Refusal):
    """There is nothing at this address."""

    ZH = "此地址没有内容。"


class MethodNotAllowed(Refusal):
    """This address does not know this method; `Allow` names those it knows."""

    ZH = "此地址不支持该方法，可用的方法见 Allow。"


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
