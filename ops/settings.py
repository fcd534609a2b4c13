"""Everything that can be set, by environment variables that begin with JIANDU_. The only place where it is read.

`python -m ops.settings` writes the table in docs/settings.md.
"""

import os
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.provider.addresses import is_guarded
from ops.failures import CannotDo

PREFIX: Final = "JIANDU_"
PAGE: Final = Path("docs/settings.md")


class LogLevel(StrEnum):
    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


class LogFormat(StrEnum):
    auto = "auto"
    json = "json"
    console = "console"


def _understood_by_libpq(url: SecretStr) -> SecretStr:
    try:
        conninfo_to_dict(url.get_secret_value())
    except psycopg.ProgrammingError:
        raise ValueError("is not a libpq URL such as postgresql://owner:password@host:5432/jiandu") from None
    return url


def _guarded(url: str) -> str:
    if not is_guarded(url):
        raise ValueError("is not an https address (http will do on this machine)")
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(_understood_by_libpq)]
Url = Annotated[str, Field(max_length=400), AfterValidator(_guarded)]


class Settings(BaseSettings):
    """The settings of one process. A field's description and its `zh` are what the settings page prints."""

    model_config = SettingsConfigDict(
        hide_input_in_errors=True, env_prefix=PREFIX, frozen=True, env_ignore_empty=True
    )

    database_url: DatabaseUrl | None = Field(
        default=None,
        description="The PostgreSQL (15 or newer) to use; left out, an embedded one in the data directory.",
        json_schema_extra={"zh": "所用的 PostgreSQL（15 或更新）；不设则在数据目录中运行内嵌数据库。"},
    )
    data_dir: Path = Field(
        default=Path("var"),
        description="Where the embedded database keeps its files.",
        json_schema_extra={"zh": "内嵌数据库的数据目录。"},
    )
    county: str = Field(
        default="county",
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="The schema that holds the county's log: one county, one schema.",
        json_schema_extra={"zh": "存放本县记录的模式名：一县一模式。"},
    )
    origin: str | None = Field(
        default=None,
        pattern=r"^[0-9a-z][0-9a-z._/-]{0,199}$",
        description="The log's name in the world, as record.example.gov.cn/qingxi: once recorded, it stays; left out,"
        " jiandu.local/ and the county.",
        json_schema_extra={"zh": "日志在外部的名称，一经登记不再改变；不设则为 jiandu.local/ 加县名。"},
    )
    first_day: date | None = Field(
        default=None,
        description="Beside a log that ended, the first day that is wholly this log's, as 2026-12-01: for earlier days case"
        " numbers are given out from serial 50001 on, above those that are taken there.",
        json_schema_extra={
            "zh": "接续已封存的旧日志时，完全属于本日志的第一日，如 2026-12-01：此前日子的办件编号自 50001 号起给出，不与旧日志已用的重复。"
        },
    )
    keys_dir: Path | None = Field(
        default=None,
        description="The folder of the county's key files; left out, keys/ in the data directory.",
        json_schema_extra={"zh": "本县签名钥文件所在目录；不设则为数据目录下的 keys/。"},
    )
    vault_keys_dir: Path | None = Field(
        default=None,
        description="The folder of the vault's key files, where they are to lie apart; left out, as JIANDU_KEYS_DIR.",
        json_schema_extra={"zh": "个人信息保管库密钥文件所在目录，需另放时设置；不设则同 JIANDU_KEYS_DIR。"},
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address to listen on; 0.0.0.0 for all of them.",
        json_schema_extra={"zh": "监听地址；0.0.0.0 为全部网卡。"},
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="The TCP port to listen on; 0 takes a free one.",
        json_schema_extra={"zh": "监听端口；0 为任选空闲端口。"},
    )
    api_key: SecretStr | None = Field(
        default=None,
        description="The API key that commands show which speak to a running server, as `jiandu import` does.",
        json_schema_extra={"zh": "与运行中的服务对话的命令（如 jiandu import）所用的接口密钥。"},
    )
    log_level: LogLevel = Field(
        default=LogLevel.info,
        description="The least serious messages that are logged.",
        json_schema_extra={"zh": "日志级别。"},
    )
    log_format: LogFormat = Field(
        default=LogFormat.auto,
        description="json: one object a line; console: for reading; auto: console on a terminal, else json.",
        json_schema_extra={"zh": "日志格式：json 每行一个对象；console 供人阅读；auto 视是否终端而定。"},
    )
    access_log: bool = Field(
        default=False,
        description="Whether every request is logged; the metrics count them anyway.",
        json_schema_extra={"zh": "是否记录每个请求；指标中总有计数。"},
    )
    waiting_commands: int = Field(
        default=4096,
        ge=1,
        le=1_000_000,
        description="Commands that may wait for the log; one more is answered 503 with Retry-After.",
        json_schema_extra={"zh": "等待写入的命令上限；超出即答 503 并附 Retry-After。"},
    )
    remembered_streams: int = Field(
        default=50_000,
        ge=1,
        le=10_000_000,
        description="Cases whose state is kept in memory between commands.",
        json_schema_extra={"zh": "内存中保留状态的办件数。"},
    )
    stop_seconds: int = Field(
        default=10,
        ge=1,
        le=600,
        description="How long a stopping server waits for requests under way.",
        json_schema_extra={"zh": "停止时等待在途请求的秒数。"},
    )
    keep_views: bool = Field(
        default=True,
        description="Whether a process beside this server keeps the views; false where `jiandu projections keep` does.",
        json_schema_extra={
            "zh": "本服务旁是否有进程维护视图；另由 `jiandu projections keep` 维护时设为 false。"
        },
    )
    keep_sealed: bool = Field(
        default=True,
        description="Whether a process beside this server seals the log; false where `jiandu seal keep` does.",
        json_schema_extra={"zh": "本服务旁是否有进程封印日志；另由 `jiandu seal keep` 封印时设为 false。"},
    )
    watch_seconds: int = Field(
        default=60,
        ge=0,
        le=86_400,
        description="How often the rules of supervision are looked at for new signals; 0: not by this process.",
        json_schema_extra={"zh": "监察规则多久查一次（秒）；0 为本进程不查。"},
    )
    heads_seconds: int = Field(
        default=60,
        ge=0,
        le=86_400,
        description="How soon at the latest a sealed event stands under a root of the case heads; 0: not by this process.",
        json_schema_extra={"zh": "已封印事件最迟多少秒后归入案头索引根；0 为本进程不作。"},
    )
    leaves_dir: Path | None = Field(
        default=None,
        description="Where a copy of the log's leaves is kept outside the database, best on another disk; left out, beside the keys.",
        json_schema_extra={
            "zh": "日志叶子副本的存放目录，在数据库之外，宜用另一块磁盘；不设则与签名钥同处。"
        },
    )
    witness_policy: Path | None = Field(
        default=None,
        description="The file that names the log's witnesses and their quorum (C2SP tlog-policy); left out, none are asked.",
        json_schema_extra={"zh": "见证策略文件（C2SP tlog-policy），列出见证人及法定人数；不设则不请见证。"},
    )
    witness_seconds: int = Field(
        default=10,
        ge=1,
        le=3600,
        description="How often, at most, a growing log asks its witnesses for cosignatures.",
        json_schema_extra={"zh": "日志增长时至多每隔多少秒请一次见证。"},
    )
    witness_alarm_seconds: int = Field(
        default=15 * 60,
        ge=1,
        le=86_400,
        description="After so long without a quorum of cosignatures every answer says so.",
        json_schema_extra={"zh": "缺少法定见证达此秒数即告警。"},
    )
    witness_refusal_seconds: int = Field(
        default=4 * 3600,
        ge=1,
        le=30 * 86_400,
        description="After so long without a quorum of cosignatures decisions are refused; papers are received all the same.",
        json_schema_extra={"zh": "缺少法定见证达此秒数即停止作出决定；收件不受影响。"},
    )
    database_answer_seconds: int = Field(
        default=30,
        ge=1,
        le=600,
        description="A database that says nothing for so long is taken for lost; who waits for it is answered 503.",
        json_schema_extra={"zh": "数据库无应答达此秒数即视为失联，等待者得到 503。"},
    )
    session_hours: int = Field(
        default=10,
        ge=1,
        le=24,
        description="How long a session lasts at most; NIST SP 800-63B, AAL2: 12.",
        json_schema_extra={"zh": "会话最长小时数；NIST SP 800-63B 二级保障为 12。"},
    )
    session_idle_minutes: int = Field(
        default=30,
        ge=1,
        le=24 * 60,
        description="After so long without a request a session is over; NIST SP 800-63B, AAL2: 30.",
        json_schema_extra={"zh": "会话闲置满此分钟数即失效；NIST SP 800-63B 二级保障为 30。"},
    )
    disk_reserve_mb: int = Field(
        default=256,
        ge=0,
        le=1_000_000,
        description="With less room on the embedded database's disk, recording stops (507) and reading goes on; in MiB.",
        json_schema_extra={"zh": "内嵌数据库所在磁盘的余量低于此值（MiB）即停止登记（507），查阅不受影响。"},
    )
    public_url: Url | None = Field(
        default=None,
        description="The address at which people reach this server, as https://hall.example.gov.cn; slips name it, and the identity provider sends people back to it.",
        json_schema_extra={
            "zh": "人员访问本服务的地址，如 https://hall.example.gov.cn；回执单载明，统一身份认证由此返回。"
        },
    )
    oidc_issuer: Url | None = Field(
        default=None,
        description="The OpenID provider through which people may sign in, as it calls itself; left out, there is none.",
        json_schema_extra={"zh": "统一身份认证（OpenID Connect）的签发者地址；不设则无。"},
    )
    oidc_client_id: str | None = Field(
        default=None,
        max_length=255,
        description="How this server is registered there.",
        json_schema_extra={"zh": "本服务在该处登记的客户端标识。"},
    )
    oidc_client_secret_file: Path | None = Field(
        default=None,
        description="The file that holds the client's secret; left out, a public client, which PKCE protects alone.",
        json_schema_extra={"zh": "存放客户端密钥的文件；不设则为公开客户端，仅由 PKCE 保护。"},
    )
    oidc_claim: str = Field(
        default="sub",
        pattern=r"^[A-Za-z0-9_.:/-]{1,100}$",
        description="The claim by which accounts are linked: one that tells nothing of the person.",
        json_schema_extra={"zh": "绑定账户所用的声明，不得含个人信息。"},
    )
    oidc_scope: str = Field(
        default="openid",
        pattern=r"^openid( [!-~]+)*$",
        description="What is asked for; more than openid only where the claim needs it.",
        json_schema_extra={"zh": "所请求的范围；仅在声明需要时多于 openid。"},
    )
    database_start_seconds: int = Field(
        default=900,
        ge=10,
        le=86_400,
        description="How long the embedded database may take to start; recovery after a crash can be long.",
        json_schema_extra={"zh": "内嵌数据库启动时限（秒）；崩溃恢复可能较久。"},
    )

    @property
    def keys_folder(self) -> Path:
        return self.keys_dir or self.data_dir / "keys"

    @property
    def vault_keys_folder(self) -> Path:
        return self.vault_keys_dir or self.keys_folder


def read() -> Settings:
    """The settings of the environment. Raises CannotDo naming each variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "\n".join(f"  {_variable(str(e['loc'][0]))} {e['msg']}" for e in error.errors())
        raise CannotDo(f"These settings cannot be used. 设置有误:\n{wrong}") from None


def unknown(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that look like settings and are none: most likely a slip of the pen."""
    known = {_variable(name) for name in Settings.model_fields}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def page() -> str:
    """The settings page, as it should stand in docs/settings.md."""
    head = "# Settings 设置\n\nEnvironment variables, read once when a command starts. 环境变量，命令启动时读取一次。\n"
    rows = [_row(name) for name in Settings.model_fields]
    return "\n".join(
        [head, "| variable 变量 | default 默认 | meaning | 含义 |", "|---|---|---|---|", *rows, ""]
    )


def _row(name: str) -> str:
    field = Settings.model_fields[name]
    default = "–" if field.default is None else f"`{str(field.default).lower()}`"
    extra = field.json_schema_extra
    chinese = extra["zh"] if isinstance(extra, dict) else ""
    return f"| `{_variable(name)}` | {default} | {field.description} | {chinese} |"


def _variable(name: str) -> str:
    return PREFIX + name.upper()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
