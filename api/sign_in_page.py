"""The page on which people sign in and change their passwords. Its script speaks to the same door as any programme."""

from html import escape
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from api.door import Entrance, door_of
from api.problems import UNREACHABLE, Problem, problem_of
from api.refusals.access import (
    PostNotHeld,
    PostToChoose,
    ProviderAbsent,
    ProviderKeepsSession,
    ProviderRefused,
    ProviderUnreachable,
    SignInBlocked,
    SubjectNotLinked,
)
from domain.log import LogBusy

OWN_FILES: Final = Path(__file__).parent
PROBLEMS: Final = {
    problem.code: problem
    for problem in (
        *(
            problem_of(kind())
            for kind in (
                PostNotHeld,
                PostToChoose,
                ProviderAbsent,
                ProviderKeepsSession,
                ProviderRefused,
                ProviderUnreachable,
                SignInBlocked,
                SubjectNotLinked,
                LogBusy,
            )
        ),
        UNREACHABLE,
    )
}
"""What somebody who comes back from the provider, or cannot go there, may be told."""
PLACE_OF_PROBLEM: Final = "<!-- problem -->"
PLACE_OF_PROVIDER: Final = "<!-- provider -->"
PLACE_OF_LEAVING: Final = "<!-- leave the provider -->"
PROVIDER: Final = (
    '<p><a class="button" id="provider" href="v1/sessions/provider">'
    '统一身份认证登录 · <span lang="en">Sign in through the identity provider</span></a></p>'
)
LEAVING: Final = (
    '<p>公用电脑 · <span lang="en">On a shared computer:</span> <button id="leave-provider">'
    '退出，并退出统一身份认证 · <span lang="en">Sign out, and at the identity provider too</span></button></p>'
)

router = APIRouter(include_in_schema=False, route_class=Entrance)


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    problem: Annotated[str | None, Query(max_length=64)] = None,
    posts: Annotated[str, Query(pattern=r"^[0-9A-Za-z._/,-]*$", max_length=1000)] = "",
) -> Response:
    page = (OWN_FILES / "sign_in.html").read_text(encoding="utf-8")
    told = PROBLEMS.get(problem or "")
    ways = [PROVIDER, *map(_at_post, filter(None, posts.split(",")))] if door_of(request).provider else []
    page = page.replace(PLACE_OF_PROBLEM, _shown(told) if told else "")
    page = page.replace(PLACE_OF_PROVIDER, "".join(ways))
    page = page.replace(PLACE_OF_LEAVING, LEAVING if ways else "")
    return HTMLResponse(page, headers={"cache-control": "no-store"})


@router.get("/sign-in.js")
async def sign_in_script() -> Response:
    """A file of its own, so that the page needs no inline script."""
    return Response((OWN_FILES / "sign_in.js").read_bytes(), media_type="text/javascript")


def _at_post(post_id: str) -> str:
    href, shown = quote(post_id, safe=""), escape(post_id)
    return (
        f'<p><a class="button" href="v1/sessions/provider?post_id={href}">'
        f'以 {shown} 岗位登录 · <span lang="en">at the post {shown}</span></a></p>'
    )


def _shown(problem: Problem) -> str:
    chinese = escape(f"{problem.title}{problem.wanted or ''}")
    english = escape(f"{problem.title_en} {problem.wanted_en or ''}")
    return f'<p class="alarm" role="alert">{chinese}<br><span lang="en">{english}</span></p>'
