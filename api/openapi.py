"""The OpenAPI page: what FastAPI finds by itself, and the bodies that the door reads by its own strict edge."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.answers import ProblemDocument
from api.problems import MEDIA_TYPE
from api.security_schemes import SCHEMES

SCHEMAS: Final = "#/components/schemas/"

TITLE: Final = "简牍 Jiandu"
DESCRIPTION: Final = """\
便民服务大厅办件案卷的接口：登记办件动作，读取案卷、日志与目录。
每个动作登记为不可更改的事件；更正也是事件。

The record of a public service hall's cases: record actions, read cases, the log and the catalogue.
Every action is recorded as events that are never changed; a correction is an event as well.

* **身份 / identity** 人员以 `POST /v1/sessions` 登录，程序出示接口密钥。权限表见 docs/permissions.md；他区划之物一律 404。
  People sign in by `POST /v1/sessions`, programmes show an API key. What the permission table does not allow is refused;
  another division's things are answered as if they did not exist.
* **重试 / retries** `Idempotency-Key`:同一键同一内容，得到首次的答复，并带 `Idempotent-Replayed: true`。
  The same key with the same body gives the first answer again.
* **版本 / versions** `ETag` 与 `If-Match: "7"`;`*` 表示以现有版本为准。
  A stale version is answered with 412 and the version that stands.
* **问题 / problems** RFC 9457,中英文并列:`title`、`wanted` 为中文,`title_en`、`wanted_en` 为英文，不论 `Accept-Language`。
  Both languages stand in every problem, whatever `Accept-Language` says. Nothing that was sent is repeated.
* **JSON** UTF-8、NFC;金额以分计，只有整数；时间须带偏移。
  Money is in 分, all numbers are integers within ±2^53; times carry an offset; unknown and repeated members are refused.
"""
TAGS: Final = (
    {"name": "cases", "description": "办件 / cases"},
    {
        "name": "views",
        "description": "视图：持件、时限、统计……，任一时点 / custody, clocks, figures, as of any day",
    },
    {
        "name": "signals",
        "description": "监察预警：所见、反馈、申诉、核定 / signals of the watch, answered and decided",
    },
    {
        "name": "investigations",
        "description": "核查与查阅登记：以何名义、何人查阅了什么 / investigations, and who looked into what",
    },
    {"name": "exports", "description": "导出：XES、OCEL、交换表 / exports for process mining and exchange"},
    {"name": "contacts", "description": "首问与咨询 / first asks and consultations"},
    {"name": "log", "description": "日志 / the log"},
    {"name": "catalogue", "description": "目录：事项、单位、窗口、岗位…… / master data"},
    {"name": "people", "description": "人员资料，存于日志之外 / personal data, kept outside the log"},
    {"name": "access", "description": "登录与会话 / signing in"},
    {"name": "health", "description": "运行状况 / how the server is doing"},
)

REASONS: Final[Mapping[int, str]] = {
    400: "请求无法读取 / the request cannot be read",
    401: "未说明身份，或身份不明 / no identity, or an unknown one",
    403: "该身份不得如此 / this identity may not",
    404: "没有此对象 / there is no such thing",
    405: "此地址不支持该方法 / this address does not know the method",
    409: "案卷的状态不允许，或其中有本版本不能解读的事件"
    " / the state of the record forbids it, or it holds an event that this version cannot read",
    412: "版本已变 / the version has moved on",
    413: "请求过大 / too large",
    415: "须为 JSON / not JSON",
    422: "内容不符合要求 / the content is not acceptable",
    428: "缺少 If-Match / If-Match is missing",
    429: "尝试过多 / too many attempts",
    503: "暂不可用，请重试 / not now, retry",
    507: "存储空间已满 / the storage is full",
}
BASE: Final = (401, 403, 422)
"""Any request that needs an identity can meet these."""
BODY: Final = (400, 413, 415, 503, 507)
"""Any request with a body to be recorded can meet these."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of an operation, for FastAPI's `responses`."""
    schema = {"$ref": SCHEMAS + ProblemDocument.__name__}
    return {
        status: {"description": REASONS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted(statuses)
    }


def asked(model: type[BaseModel], examples: Mapping[str, Any], *headers: dict[str, Any]) -> dict[str, Any]:
    """The body and the headers of an operation that records something, for FastAPI's `openapi_extra`."""
    content = {"schema": {"$ref": SCHEMAS + model.__name__}, "examples": dict(examples)}
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        "parameters": list(headers),
    }


PUBLIC: Final[dict[str, Any]] = {"security": []}
"""For `openapi_extra`: no identity is asked."""


def header(name: str, description: str, pattern: str, *, required: bool = False) -> dict[str, Any]:
    """A request header that the door reads itself."""
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


IDEMPOTENCY_KEY: Final = header(
    "Idempotency-Key",
    "幂等键，在办理人范围内有效 / one key for one action, in the scope of its sender",
    r"^[!-~]{1,128}$",
)
IF_MATCH: Final = header(
    "If-Match",
    '依据的版本 "7"，或 * / the version the action was decided on, or *',
    r'^("[1-9][0-9]{0,9}"|\*)$',
    required=True,
)


def described(app: FastAPI, models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """The OpenAPI document of the application; `models` are those that `asked` refers to."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
        license_info=app.license_info,
        separate_input_output_schemas=False,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_asked_schemas([ProblemDocument, *models], schemas))
    document["components"]["securitySchemes"] = dict(SCHEMES)
    document["security"] = [{name: []} for name in SCHEMES]
    _name_what_is_not_understood(document)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _name_what_is_not_understood(document: dict[str, Any]) -> None:
    """409 wherever somebody is asked who they are: what they see, what they are refused and that they came is read and
    told in streams of the record, and any of these may hold an event of a newer version."""
    for methods in document["paths"].values():
        for said in methods.values():
            if "401" in said["responses"]:
                said["responses"].setdefault("409", problems(409)[409])


def _asked_schemas(models: Sequence[type[BaseModel]], answered: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas of the bodies by name. Where an answer holds something else of that name (a published Material,
    a Material that was given), the body's is called Given…"""
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=SCHEMAS + "{model}"
    )
    schemas = {name: _with_its_type(schema) for name, schema in definitions["$defs"].items()}
    text = orjson.dumps(schemas).decode()
    for name in [name for name in schemas if answered.get(name, schemas[name]) != schemas[name]]:
        text = text.replace(f'"{SCHEMAS}{name}"', f'"{SCHEMAS}Given{name}"').replace(
            f'"{name}":', f'"Given{name}":'
        )
    renamed: dict[str, Any] = orjson.loads(text)
    return renamed


def _with_its_type(schema: dict[str, Any]) -> dict[str, Any]:
    """An action says its `type`: the default is for programmes that build it, not for bodies."""
    discriminator = schema.get("properties", {}).get("type", {})
    if "const" in discriminator:
        discriminator.pop("default", None)
        schema["required"] = ["type", *schema.get("required", ())]
    return schema
