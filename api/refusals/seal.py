"""What the seal, its proofs and its witnesses do not give."""

from typing import ClassVar

from api.refusals import Refusal
from domain.grammar import Objection


class DecisionUnwitnessed(Objection):
    """No quorum of witnesses has cosigned the log for so long that nothing is decided; papers are received all the same."""

    ZH = "日志久未获外部见证，暂停作出决定；收件等登记不受影响。"
    WANTED = "The same request, once the witnesses cosign the log again; see GET /v1/log/witnesses."
    WANTED_ZH = "待恢复见证后原样重发；见证状况见 GET /v1/log/witnesses。"
    HEADERS: ClassVar[tuple[tuple[str, str], ...]] = (("retry-after", "60"),)


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
    """The newest events of the case are not yet sealed, under a root of the case heads, and seen by witnesses where there are any.

    `awaited` names the first step that is missing: keys, seal, case_heads or witnesses.
    """

    ZH = "该办件最新的事件尚未封印、归入案头并（设有见证人的）获见证，证据包无从证明其齐全；awaited 为所缺的首个环节：keys 签名钥，seal 封印，case_heads 归入案头，witnesses 见证。"
    WANTED = "The same request in a minute."
    WANTED_ZH = "请一分钟后重试。"
    HEADERS = (("retry-after", "10"),)


class EvidenceStandsStill(Refusal):
    """Nothing proves the case as a whole, and waiting brings nothing: for over two minutes the step that `awaited` names has not come."""

    ZH = "整案尚无从证明，等候无济于事：awaited 所示环节（keys 签名钥，seal 封印，case_heads 归入案头）已停滞逾两分钟。"
    WANTED = (
        "The same request once the operator has seen to it (`jiandu seal show`). Until then keep the receipts; events that are sealed have"
        " proofs of their own (GET /v1/log/proof/inclusion)."
    )
    WANTED_ZH = "请运维人员查明（`jiandu seal show`）后再取。此前请保留回执；已封印的单条事件可取其包含证明（GET /v1/log/proof/inclusion）。"
    HEADERS = (("retry-after", "60"),)


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
