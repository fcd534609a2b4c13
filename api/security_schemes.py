"""How the OpenAPI page says that somebody shows who they are."""

from typing import Any, Final

SCHEMES: Final[dict[str, dict[str, Any]]] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "接口密钥：`Authorization: Bearer jdk_…`；获准代岗位登记的密钥以 `X-Jiandu-Speaks-For:"
        " <staff_id>@<post_id>` 说明何人何岗。 / An API key; one that may speak for posts says for whom.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-jiandu",
        "description": "`POST /v1/sessions` 开立的会话；登记类请求另带 `X-CSRF-Token`。"
        " / A session; requests that change something also carry its token.",
    },
}
"""The security schemes of the OpenAPI page: either will do."""
