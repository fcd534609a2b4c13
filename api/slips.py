"""回执单 slips: checking a receipt code, and the slip that is printed for an applicant."""

from base64 import b64encode
from datetime import datetime
from enum import StrEnum
from html import escape
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import HTMLResponse, Response

from api.answers import Shown, json_answer
from api.door import Entrance, door_of
from api.labels import labels
from api.openapi import PUBLIC, problems
from api.proofs import seal_of
from api.receipts import SEALED_WITHIN_SECONDS
from api.refusals.seal import ReceiptMistyped
from api.shown import shown
from domain.amendment import EventCorrected, EventVoided
from domain.grammar import CHINA
from domain.proof.leaf import Leaf
from domain.proof.receipt import CodeMistyped, ReceiptCode
from domain.proof.tree import leaf_hash
from domain.store.seal_reading import Kept, SealReader

router = APIRouter(tags=["log"], route_class=Entrance)


CodeInPath = Annotated[
    str, Path(description="回执码 / the receipt's code", examples=["34954-T95S-3FNA-5BC2-ASWK-Y"])
]


class Verdict(StrEnum):
    """What became of the event that a code was given for."""

    sealed = "sealed"  # 已封印
    waiting = "waiting"  # 已登记，待封印
    contradicted = "contradicted"  # 与回执不符


SAID: Final = {
    Verdict.sealed: ("记录与回执一致，已封印。", "The event stands as it was recorded, and is sealed."),
    Verdict.waiting: (
        "记录与回执一致，正待封印。",
        "The event stands as it was recorded, and waits to be sealed.",
    ),
    Verdict.contradicted: (
        "日志中没有与此回执相符的记录。请保留回执并向监察机关反映。",
        "No event of the log agrees with this receipt. Keep the slip and turn to the supervising authority.",
    ),
}


class Since(StrEnum):
    """What was said of the event since; the record keeps it as it was."""

    corrected = "corrected"  # 已更正
    voided = "voided"  # 已作废


AMENDED_BY_TOPIC: Final = {EventCorrected.TOPIC: Since.corrected, EventVoided.TOPIC: Since.voided}
SAID_SINCE: Final = {
    None: ("", ""),
    Since.corrected: (
        "此后另有记录对其作了更正，请向办件窗口查询。",
        " It was corrected since by a later event: ask where the case is handled.",
    ),
    Since.voided: (
        "此后另有记录将其作废，请向办件窗口查询。",
        " It was voided since by a later event: ask where the case is handled.",
    ),
}


class ReceiptShown(Shown):
    """Whether an event still stands as its receipt says. 回执核验结果。"""

    code: str
    verdict: Verdict = Field(
        description="sealed 一致且已封印；waiting 一致待封印；contradicted 与回执不符 / agrees and sealed; agrees; disagrees"
    )
    said: str
    said_en: str
    position: int
    topic: str | None = None
    label: str | None = None
    label_en: str | None = None
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None
    sealed_at: datetime | None = None
    amended: Since | None = Field(
        None, description="此后的更正或作废，无则不填 / corrected or voided since; left out: neither"
    )
    size: int | None = Field(None, description="首个覆盖它的检查点 / the first checkpoint that covers it")


class Checked(NamedTuple):
    """A code, what stands at its position, and the checkpoint over it."""

    code: ReceiptCode
    verdict: Verdict
    leaf: Leaf | None
    over: Kept | None
    amended: Since | None = None

    @property
    def said(self) -> tuple[str, str]:
        """In Chinese and English."""
        (zh, en), (zh_since, en_since) = SAID[self.verdict], SAID_SINCE[self.amended]
        return zh + zh_since, en + en_since


async def _checked(seal: SealReader, text: str) -> Checked:
    """Raises ReceiptMistyped."""
    try:
        code = ReceiptCode.parse(text)
    except CodeMistyped:
        raise ReceiptMistyped from None
    leaf, over = await seal.leaf(code.position), await seal.checkpoint_over(code.position)
    if leaf is None or not code.means(leaf):
        return Checked(code, Verdict.contradicted, None, None)
    amended = AMENDED_BY_TOPIC.get(await seal.amended(leaf) or "")
    if over is None:
        return Checked(code, Verdict.waiting, leaf, None, amended)
    is_whole = await seal.tree.leaf(code.position - 1) == leaf_hash(leaf.to_bytes())
    return Checked(code, Verdict.sealed if is_whole else Verdict.contradicted, leaf, over, amended)


@router.get(
    "/v1/receipts/{code}",
    summary="核验回执 / check a receipt",
    responses={**shown(ReceiptShown, "receipt"), **problems(404, 422, 503)},
    openapi_extra=PUBLIC,
)
async def check_receipt(request: Request, code: CodeInPath) -> Response:
    """凭回执码核对记录是否仍与当时一致；无须登录。不显示案卷编号与个人信息。

    Whether an event still stands as it was recorded. Whoever holds the code may ask; neither the case nor a person is
    named.
    """
    checked = await _checked(seal_of(request), code)
    said, said_en = checked.said
    document: dict[str, object] = {
        "code": str(checked.code),
        "verdict": checked.verdict,
        "said": said,
        "said_en": said_en,
        "position": checked.code.position,
    }
    if leaf := checked.leaf:
        label, label_en = labels(leaf.event.topic)
        document |= {
            "topic": leaf.event.topic,
            "label": label,
            "label_en": label_en,
            "occurred_at": leaf.event.occurred_at,
            "recorded_at": leaf.recorded_at,
        }
    if checked.amended:
        document["amended"] = checked.amended
    if over := checked.over:
        document |= {"sealed_at": over.sealed_at, "size": over.size}
    return json_answer(document)


SLIP: Final = """<!doctype html>
<html lang="zh">
<meta charset="utf-8">
<title>回执 Receipt {code}</title>
<h1>登记回执 <small lang="en">Receipt</small></h1>
<p class="code">{code}</p>
<dl>
{rows}
</dl>
<p>{said}<br><span lang="en">{said_en}</span></p>
<p>凭回执码可随时在 {address} 核验，无须登录；本记录应在登记后 {seconds} 秒内封印。<br>
<span lang="en">Check it at any time at {address}, without signing in; the event is to be sealed within {seconds} seconds.</span></p>
{proof}
</html>
"""

PROOF: Final = """<p>以下为签名所及的全部内容。请保留本单：日志中若不见此事，凭它即可证明（监察机关用 jiandu verify --receipt 核验）。<br>
<span lang="en">Below stands all that the signature covers. Keep this slip: should the log not hold the event, the slip
proves it (supervision checks it by jiandu verify --receipt).</span></p>
<pre>
{leaf}
</pre>"""
LEAF_WIDTH: Final = 64


@router.get(
    "/v1/receipts/{code}/slip",
    summary="打印回执单 / print a slip",
    responses={
        200: {"description": "HTML", "content": {"text/html": {"schema": {"type": "string"}}}},
        **problems(404, 422, 503),
    },
    response_class=Response,
    openapi_extra=PUBLIC,
)
async def slip(request: Request, code: CodeInPath) -> Response:
    """可打印的回执单，中英文，载明办件编号及签名所及的全部内容，可据以证明。

    The slip to print for an applicant, in both languages. It names the case and bears all that the signature covers: proof by itself.
    """
    checked = await _checked(seal_of(request), code)
    said, said_en = checked.said
    rows = "\n".join(
        f'<dt>{zh} <span lang="en">{en}</span><dd>{escape(value)}' for zh, en, value in _lines(checked)
    )
    page = SLIP.format(
        code=escape(str(checked.code)),
        address=escape(f"{door_of(request).public_url}/v1/receipts/{checked.code}/slip"),
        rows=rows,
        said=said,
        said_en=said_en,
        seconds=SEALED_WITHIN_SECONDS,
        proof=PROOF.format(leaf=_wrapped(checked.leaf)) if checked.leaf else "",
    )
    return HTMLResponse(page)


def _lines(checked: Checked) -> list[tuple[str, str, str]]:
    leaf = checked.leaf
    if leaf is None:
        return [("位置", "position", str(checked.code.position))]
    return [
        ("日志", "log", leaf.event.county),
        ("位置", "position", str(leaf.position)),
        ("案卷", "record of", f"{leaf.event.stream} v{leaf.event.version}"),
        ("事项", "event", f"{' '.join(labels(leaf.event.topic))} {leaf.event.topic}"),
        ("发生时间", "happened", _when(leaf.event.occurred_at)),
        ("登记时间", "recorded", _when(leaf.recorded_at)),
        ("内容散列", "hash of the state", leaf.event.state_hash.hex()),
        ("登记签名", "signature", leaf.signature.hex(" ", -32)),
    ]


def _wrapped(leaf: Leaf) -> str:
    told = b64encode(leaf.to_bytes()).decode()
    return "\n".join(told[at : at + LEAF_WIDTH] for at in range(0, len(told), LEAF_WIDTH))


def _when(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S.%f +08:00")
