"""Signing in through the identity provider: a browser is sent there, and comes back with a code."""

from typing import Annotated, Any, ClassVar, Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.answering import ANSWERED
from api.door import Door, Entrance, door_of
from api.openapi import PUBLIC, problems
from api.problems import problem_of
from api.provider import RETURN_PATH
from api.provider.errand import COOKIE, LASTS, THEN
from api.provider.sign_in import Answer, ProviderSignIns
from api.refusals.access import PostToChoose, ProviderAbsent
from api.sessions import address_of, give_cookie
from domain.grammar import Code

SEE_OTHER: Final = 303
LONGEST: Final = 2048
SENT: Final[dict[int | str, dict[str, Any]]] = {
    303: {
        "description": "转往 Location / go to Location",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}


class Return(Entrance):
    """Providers add what they like to their answer. Source: RFC 6749, section 4.1.2."""

    TAKES_ANYTHING: ClassVar[bool] = True


router = APIRouter(tags=["access"], route_class=Entrance)
returning = APIRouter(tags=["access"], route_class=Return)


@router.get(
    "/v1/sessions/provider",
    status_code=SEE_OTHER,
    response_class=Response,
    summary="统一身份认证登录 / sign in through the identity provider",
    responses=SENT | problems(404, 422, 503),
    openapi_extra=PUBLIC,
)
async def go_to_provider(
    request: Request,
    post_id: Annotated[Code | None, Query(description="任职多个岗位的填岗位 / at which post")] = None,
    then: Annotated[
        str, Query(pattern=THEN, max_length=200, description="登录后转往本系统的地址 / a path of this server")
    ] = "/sign-in",
) -> Response:
    """转往统一身份认证（OpenID Connect，授权码与 PKCE）；十分钟内有效。

    Sends the browser to the identity provider, by OpenID Connect with PKCE; it may take ten minutes to come back.
    """
    try:
        address, errand = await provider_of(door_of(request)).begin(post_id, then)
    except ANSWERED as error:
        return _told(request, error)
    answer = RedirectResponse(address, SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        errand.cookie,
        max_age=round(LASTS.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(
    "/v1/sessions/provider/end",
    status_code=SEE_OTHER,
    response_class=Response,
    summary="退出统一身份认证 / sign out at the identity provider",
    responses=SENT | problems(404, 422, 503),
    openapi_extra=PUBLIC,
)
async def go_and_sign_out(request: Request) -> Response:
    """转往统一身份认证的退出页；本系统的会话须先另行退出。公用电脑上，下一人不致以前一人的身份进入。

    Sends the browser to the provider's own way out; the session here is ended before. So that on a shared computer the next
    person does not come in as the last.
    """
    try:
        address = await provider_of(door_of(request)).provider.farewell()
    except ANSWERED as error:
        return _told(request, error)
    return RedirectResponse(address, SEE_OTHER)


def _given(name: str, what: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": LONGEST}
    return {"name": name, "in": "query", "required": False, "description": what, "schema": schema}


@returning.get(
    RETURN_PATH,
    status_code=SEE_OTHER,
    response_class=Response,
    summary="统一身份认证返回 / back from the identity provider",
    responses=SENT | problems(401, 403, 404, 422, 429, 503),
    openapi_extra=PUBLIC
    | {
        "parameters": [
            _given("state", "登录请求的 state / of the request"),
            _given("code", "授权码 / the authorization code"),
            _given("iss", "签发者 / who answers, RFC 9207"),
        ]
    },
)
async def come_back(request: Request) -> Response:
    """核验统一身份认证的答复后开立会话。浏览器得到登录页，程序得到问题文档。

    Checks what the provider answers and opens a session. A browser is shown the page on which people sign in, a programme a problem.
    """
    given = request.query_params
    request.scope["query_string"] = b""  # a code is nobody's business, the server's log neither
    try:
        sign_ins = provider_of(door_of(request))
        brought = Answer(request.cookies.get(COOKIE), given.get("state"), given.get("code"), given.get("iss"))
        opened, then = await sign_ins.finish(brought, address_of(request))
    except ANSWERED as error:
        answer = _told(request, error)
    else:
        answer = RedirectResponse(then, SEE_OTHER)
        give_cookie(answer, opened)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def provider_of(door: Door) -> ProviderSignIns:
    """Raises ProviderAbsent."""
    if door.provider is None:
        raise ProviderAbsent
    return door.provider


def _told(request: Request, error: Exception) -> Response:
    """For people the page that says it in words, for programmes the problem."""
    problem = problem_of(error)
    if "text/html" in request.headers.get("accept", ""):
        told = {"problem": problem.code}
        if isinstance(error, PostToChoose):
            told["posts"] = ",".join(cast("list[str]", error.details["posts"]))
        return RedirectResponse(f"/sign-in?{urlencode(told)}", SEE_OTHER)
    return problem.response()


router.routes.extend(returning.routes)
