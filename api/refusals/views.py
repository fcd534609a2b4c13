"""The views cannot answer this, or cannot answer it now."""

from typing import ClassVar

from api.refusals import Refusal
from domain.grammar import Objection


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


class ViewsTakenOver(ViewsUnready):
    """Another version of the programme has taken over the views since this server answered by its own definitions."""

    ZH = "视图已由另一版本的程序接管，本服务不再按自己的定义答复。"
    WANTED = (
        "The same request to a server of that version, or to this one once it has been restarted with it."
    )
    WANTED_ZH = "请向该版本的服务提出同一请求，或待本服务以该版本重启后再读。"
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


class FileLacksRoom(ViewsUnready):
    """The disk on which the server makes its files is full or fails; nothing of the file was sent."""

    ZH = "服务器存放待送文件的磁盘已满或有故障，未送出任何内容。请告知系统管理员。"
    WANTED = "The same request again, once the administrator has freed space in the temporary folder of the server."
    WANTED_ZH = "请待管理员腾出服务器临时文件夹的空间后，原样重试。"
    HEADERS = (("retry-after", "30"),)


class AsOfInFuture(Refusal):
    """What will be known or will have happened later cannot be told."""

    ZH = "尚未到来的时点，无法说明届时已知或已发生的情况。"
    WANTED = "known_at and happened_by at or before this moment."
    WANTED_ZH = "known_at 与 happened_by 不晚于现在。"


class NotYetKnown(Refusal):
    """It is there now, and nothing of it had been recorded by known_at; `known_since` says when it first was."""

    ZH = "known_at 时尚未登记任何有关内容；首次登记的时间见 known_since。"
    WANTED = "known_at at or after known_since, or none."
    WANTED_ZH = "known_at 不早于 known_since，或不填。"


class NotYetBegun(Refusal):
    """It is there now, and nothing of it had happened by happened_by, or by the end of day; `began_at` says when it began."""

    ZH = "至 happened_by 或 day 当日终了，尚未发生任何有关事项；开始的时间见 began_at。"
    WANTED = "happened_by at or after began_at, day not before its day, or neither."
    WANTED_ZH = "happened_by 不早于 began_at，day 不早于其当日，或均不填。"


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
