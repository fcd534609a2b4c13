"""What the landing page says when sealing stands still: a record that is not sealed can still be changed unseen."""

from asyncio import timeout
from datetime import timedelta
from typing import Final

from api.silence import told
from domain.log import LogBusy
from domain.store.seal_reading import SealReader, SealStanding

LATE: Final = timedelta(minutes=1)
"""What is not sealed for so long is not being sealed."""
PATIENCE_SECONDS: Final = 2.0
BANNER: Final = (
    '<p class="alarm" role="alert">封印停滞{code}：{since}起登记的事件尚未封印。请运维人员运行 jiandu seal show。'
    '<br><span lang="en">Sealing stands still{code_en}: nothing recorded {since_en} is sealed.'
    " Operators: jiandu seal show.</span></p>"
)


async def banner(seal: SealReader | None) -> str:
    """Empty where all is well, and where nobody can say."""
    if seal is None:
        return ""
    try:
        async with timeout(PATIENCE_SECONDS):
            return banner_of(await seal.standing())
    except (LogBusy, TimeoutError):
        return ""


def banner_of(standing: SealStanding) -> str:
    if standing.trouble is None and standing.lag < LATE:
        return ""
    since = told(standing.waits_since)
    code = (standing.trouble or "").partition(" ")[0]
    return BANNER.format(
        code=f"（{code}）" if code else "",
        code_en=f" ({code})" if code else "",
        since=f"自 {since} " if since else "自即刻",
        since_en=f"since {since}" if since else "from now on",
    )
