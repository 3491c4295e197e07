"""Routes about the platform itself."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api_client import endpoints
from api_client.models import posts, users
from api_client.models.platform import PlatformInfo
from server import openapi
from server.accounts.tokens import ACCESS_SECONDS, REFRESH_SECONDS
from server.context import PublicCtx
from server.media import PICTURE_BYTES
from server.paging import MAXIMUM_LIMIT
from server.routing import Router
from server.state import state_of

VERSION = "0.1.0"
CAPABILITIES = ("feed", "stories", "threads", "chat", "music", "together", "search", "realtime", "uploads")
DEMO_ACCOUNT = "demo"

router = Router()
root = APIRouter(include_in_schema=False)


@router.handles(endpoints.META)
async def meta(ctx: PublicCtx) -> PlatformInfo:
    """What this platform is, what it can do, and its limits."""
    limits = ctx.state.settings.limits
    return PlatformInfo(
        name="Parlour",
        version=VERSION,
        capabilities=list(CAPABILITIES),
        limits={
            "captionLength": posts.CAPTION_LIMIT,
            "commentLength": posts.COMMENT_LIMIT,
            "bodyLength": posts.BODY_LIMIT,
            "titleLength": posts.TITLE_LIMIT,
            "mediaPerPost": posts.MEDIA_LIMIT,
            "pictureBytes": PICTURE_BYTES,
            "usernameLength": users.USERNAME_LIMIT,
            "passwordMinimum": users.PASSWORD_MINIMUM,
            "pageLimit": MAXIMUM_LIMIT,
            "postsPerHour": limits.posts_per_hour,
            "requestsPerMinute": limits.requests_per_minute,
            "accessTokenSeconds": ACCESS_SECONDS,
            "refreshTokenSeconds": REFRESH_SECONDS,
        },
        demo_account=DEMO_ACCOUNT if ctx.state.settings.demo else None,
    )


@root.get("/healthz")
async def alive() -> JSONResponse:
    """Whether the process answers at all."""
    return JSONResponse({"status": "ok"})


@root.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """Whether requests would be served: the database answers and the platform is not stopping."""
    state = state_of(request.app)
    try:
        async with asyncio.timeout(2), state.database.reading() as db:
            await db.execute(text("SELECT 1"))
    except (SQLAlchemyError, TimeoutError):
        return JSONResponse({"status": "no database"}, 503)
    if state.stopping.is_set():
        return JSONResponse({"status": "stopping"}, 503)
    return JSONResponse({"status": "ok"})


@root.get("/metrics")
async def metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    return PlainTextResponse(
        state_of(request.app).metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8"
    )


@root.get("/openapi.json")
def description(request: Request) -> JSONResponse:
    """The interface, for machines; on a thread, because to put it together takes a second that nobody else has."""
    return JSONResponse(openapi.describe(request.app))


@root.get("/docs")
def documentation(request: Request) -> HTMLResponse:
    """The interface, for people; on a thread as well."""
    return HTMLResponse(openapi.page(openapi.describe(request.app)))
