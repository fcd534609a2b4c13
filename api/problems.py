"""Problems: what the door answers when it refuses. Source: RFC 9457.

Domain words never carry an HTTP status: `api/statuses.py` gives it. A problem tells both languages, the rule and its legal basis, and what would be accepted; it never repeats what was sent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response

from api.statuses import status_of
from domain.grammar import Objection
from domain.log import (
    KeyReused,
    LogBusy,
    LogSetBack,
    NewerSchema,
    OutcomeUnknown,
    StorageFull,
    VersionConflict,
)
from domain.store.mapper import EventNotUnderstood
from domain.store.serials import SerialsExhausted

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:jiandu:problem:"


@dataclass(frozen=True, slots=True)
class Problem:
    """An RFC 9457 problem before it is written down."""

    status: HTTPStatus
    code: str
    """The stable name behind `type`."""
    title: str
    title_en: str
    basis: str | None = None
    rule: str | None = None
    wanted: str | None = None
    wanted_en: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    errors: tuple[Mapping[str, object], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def document(self) -> dict[str, object]:
        return {name: value for name, value in self._members() if value not in (None, {}, ())}

    def _members(self) -> Iterator[tuple[str, object]]:
        yield "type", TYPE + self.code
        yield "status", self.status.value
        yield "title", self.title
        yield "title_en", self.title_en
        yield "rule", self.rule
        yield "basis", self.basis
        yield "wanted", self.wanted
        yield "wanted_en", self.wanted_en
        yield "details", dict(self.details)
        yield "errors", self.errors

    def response(self) -> Response:
        return Response(
            orjson.dumps(self.document(), default=str, option=orjson.OPT_UTC_Z),
            self.status,
            {**dict(self.headers), "content-language": "zh, en"},
            MEDIA_TYPE,
        )


def problem_of(error: Exception) -> Problem:
    """What to answer when `error` was raised. An error that is not in the table is a bug and stays one."""
    for kind, tell in _TOLD.items():
        if isinstance(error, kind):
            return tell(error)
    raise error


def _objection(objection: Objection) -> Problem:
    details = dict(objection.details)
    errors: Any = details.pop("errors", ())
    return Problem(
        status=status_of(objection),
        code=objection.code(),
        title=objection.ZH,
        title_en=english(type(objection)),
        rule=getattr(objection, "RULE", None),
        basis=objection.BASIS,
        wanted=objection.WANTED_ZH,
        wanted_en=objection.WANTED,
        details=details,
        errors=tuple(errors),
        headers=getattr(objection, "HEADERS", ()),
    )


def english(objection: type[Objection]) -> str:
    """The first paragraph of the docstring, on one line: the sentence people see."""
    return " ".join((objection.__doc__ or "").split("\n\n")[0].split())


def _version_conflict(conflict: VersionConflict) -> Problem:
    return Problem(
        status=status_of(conflict),
        code="version-conflict",
        title="案卷在此期间已有新的记录，请重新读取后再决定。",
        title_en="The record has moved on; read it again and decide again.",
        basis="RFC 9110, section 13.1.1",
        wanted="If-Match 使用案卷现在的版本。",
        wanted_en="If-Match names the version that stands now.",
        details={"expected_version": conflict.expected, "actual_version": conflict.actual},
    )


def _key_reused(reused: KeyReused) -> Problem:
    return Problem(
        status=status_of(reused),
        code="key-reused",
        title="此幂等键已用于另一请求。",
        title_en="The idempotency key was used before, for another request.",
        wanted="新的请求使用新的键；重试时内容须与首次完全相同。",
        wanted_en="A new key for a new request; a retry repeats the first body exactly.",
    )


def _log_busy(busy: LogBusy) -> Problem:
    return Problem(
        status=status_of(busy),
        code="log-busy",
        title="等待登记的动作过多，本次没有记录任何内容，请稍后重试。",
        title_en="More actions wait than the log will take; nothing was recorded, try again shortly.",
        details={"retry_after_seconds": busy.retry_after_seconds},
        headers=(("retry-after", str(busy.retry_after_seconds)),),
    )


def _log_set_back(set_back: LogSetBack) -> Problem:
    return Problem(
        status=status_of(set_back),
        code="log-set-back",
        title="数据库中缺少已确认登记的记录，本次没有记录任何内容。请立即告知系统管理员。",
        title_en="The database lacks records that were acknowledged; nothing was recorded. Tell the administrator at once.",
        wanted="管理员恢复完整的数据库，或由两名人员声明丢失后，方可继续登记。",
        wanted_en="Recording goes on when the whole database is back, or when two officers have stated the loss.",
        details={"retry_after_seconds": set_back.retry_after_seconds},
        headers=(("retry-after", str(set_back.retry_after_seconds)),),
    )


def _newer_schema(newer: NewerSchema) -> Problem:
    return Problem(
        status=status_of(newer),
        code="newer-schema",
        title="数据库已由更新版本的程序升级，本服务版本较旧，不能说明其拒收的理由；本次没有记录任何内容。",
        title_en="A newer version of the programme has migrated the database, and it refuses this by a rule that this server"
        " does not know; nothing was recorded.",
        wanted="请稍后重试，由新版本的服务答复；仍如此的，请管理员升级本服务。",
        wanted_en="Send it again to a server of that version; where there is none, have the administrator upgrade this one.",
        details={"retry_after_seconds": newer.retry_after_seconds},
        headers=(("retry-after", str(newer.retry_after_seconds)),),
    )


def _storage_full(full: StorageFull) -> Problem:
    return Problem(
        status=status_of(full),
        code="storage-full",
        title="存储空间已满，本次没有记录任何内容；已有记录仍可查阅。请告知系统管理员。",
        title_en="The storage is full; nothing was recorded. What is recorded can still be read. Tell the administrator.",
        wanted="管理员腾出空间后自动恢复登记，届时原样重试即可。",
        wanted_en="Recording goes on by itself once space was freed; then send the same request again.",
        details={"retry_after_seconds": full.retry_after_seconds},
        headers=(("retry-after", str(full.retry_after_seconds)),),
    )


def _outcome_unknown(unknown: OutcomeUnknown) -> Problem:
    return Problem(
        status=status_of(unknown),
        code="outcome-unknown",
        title="无法确认本动作是否已登记，请用同一幂等键重试。",
        title_en="Whether the action was recorded could not be learnt; retry with the same idempotency key.",
        wanted="以相同的 Idempotency-Key 与内容重试；未带键的，先读取案卷再决定。",
        wanted_en="Retry with the same Idempotency-Key and body; without a key, read the case first.",
        details={"retry_after_seconds": 1},
        headers=(("retry-after", "1"),),
    )


def _not_understood(error: EventNotUnderstood) -> Problem:
    return Problem(
        status=status_of(error),
        code="record-not-understood",
        title="案卷中有本版本程序不能解读的事件，暂不能据以答复或继续登记；其他案卷不受影响。",
        title_en="The record holds an event that this version cannot read; until then nothing is said of it or added.",
        wanted="请管理员升级程序；原始事件仍可经 GET /v1/events 查阅。",
        wanted_en="A newer version of the programme; GET /v1/events shows the event as it stands.",
        details={"event": str(error)},
    )


def _serials_exhausted(exhausted: SerialsExhausted) -> Problem:
    return Problem(
        status=status_of(exhausted),
        code="serials-exhausted",
        title="该区划当日的流水号已用完。",
        title_en="All serials of the division and day have been given out.",
        wanted="改由另一区划或代办点编号，或次日登记。",
        wanted_en="A number of another division or of a point's own block, or of the next day.",
    )


_TOLD: Final[Mapping[type[Exception], Callable[[Any], Problem]]] = {
    Objection: _objection,
    VersionConflict: _version_conflict,
    KeyReused: _key_reused,
    LogSetBack: _log_set_back,
    NewerSchema: _newer_schema,
    StorageFull: _storage_full,
    LogBusy: _log_busy,
    OutcomeUnknown: _outcome_unknown,
    EventNotUnderstood: _not_understood,
    SerialsExhausted: _serials_exhausted,
}
"""The first that fits: what is more special stands before what it is a kind of."""
BROKEN: Final = Problem(
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    code="internal-error",
    title="系统内部错误，已记入运行日志。",
    title_en="Something broke on our side; it stands in the operating log.",
)
UNREACHABLE: Final = Problem(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="not-ready",
    title="数据库暂不可用。",
    title_en="The database cannot be reached at the moment.",
    headers=(("retry-after", "1"),),
)
CATALOGUE_STOPPED: Final = Problem(
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    code="catalogue-stopped",
    title="目录已停止更新，所停事件见运行日志；请升级程序后重启。",
    title_en="The catalogue no longer follows the log; the operating log says over which event. Upgrade and restart.",
)
