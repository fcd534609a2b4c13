"""The pages for people: a landing page, and the OpenAPI page with its scripts from this server, without a CDN."""

from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api import unsealed
from api.door import Entrance, door_of

SWAGGER_FILES: Final = Path(fastapi_offline.__file__).parent / "static"
OWN_FILES: Final = Path(__file__).parent
EMPTY_BANNER: Final = "<!-- witnessing -->"

DOCS: Final = """<!doctype html>
<html lang="zh">
<meta charset="utf-8">
<title>简牍 Jiandu · OpenAPI</title>
<link rel="icon" href="docs/files/favicon.png">
<link rel="stylesheet" href="docs/files/swagger-ui.css">
<div id="page"></div>
<script src="docs/files/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""
START: Final = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
});
"""

router = APIRouter(include_in_schema=False, route_class=Entrance)


@router.get("/")
async def landing(request: Request) -> Response:
    door = door_of(request)
    page = (OWN_FILES / "landing.html").read_text(encoding="utf-8")
    banners = door.witnesses.banner(door.clock()) + await unsealed.banner(door.seal)
    return HTMLResponse(page.replace(EMPTY_BANNER, banners))


@router.get("/landing.css")
async def landing_style() -> Response:
    return Response((OWN_FILES / "landing.css").read_bytes(), media_type="text/css")


@router.get("/docs")
async def docs() -> Response:
    return HTMLResponse(DOCS)


@router.get("/docs/start.js")
async def start() -> Response:
    """A file of its own, so that the page needs no inline script."""
    return Response(START, media_type="text/javascript")
