"""The application: parts, routes and what surrounds them, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from server import tables
from server.accounts import routes as accounts
from server.chat import routes as chat
from server.chat.demo_bot import start_demo_bot
from server.comments import routes as comments
from server.comments import streams
from server.feed import routes as feed
from server.middleware import PlatformMiddleware
from server.music import routes as music
from server.music import visual_routes as visuals
from server.music.start import start_music
from server.ops import routes as ops
from server.people import routes as people
from server.playback import ahead
from server.playback import routes as playback
from server.player import routes as player
from server.playlists import folders, library, special
from server.playlists import routes as playlists
from server.problems import install_handlers
from server.realtime import endpoint as realtime
from server.realtime.housekeeping import keep_house
from server.recommendations import routes as recommendations
from server.records import routes as records
from server.search import routes as search
from server.settings import Settings
from server.state import ServerState, attach, make_state
from server.stories import routes as stories
from server.studio import routes as studio
from server.threads import routes as threads
from server.together import routes as together
from server.uploads import files
from server.uploads import routes as uploads

API = "/api/v1"

ROUTERS: list[APIRouter] = [
    ops.router,
    accounts.router,
    people.router,
    uploads.router,
    files.router,
    feed.router,
    threads.router,
    comments.router,
    streams.router,
    stories.router,
    chat.router,
    realtime.router,
    studio.router,
    records.router,
    music.router,
    visuals.router,
    library.router,
    special.router,
    playlists.router,
    folders.router,
    playback.router,
    ahead.router,
    player.router,
    recommendations.router,
    together.router,
    search.router,
]
"""Everything below `/api/v1`; where two paths could match, the router that stands first wins."""

TABLES = tables.__all__
"""Named so that every table is known before the database is made."""

_CLOSE_GOING_AWAY = 1001
_WORK_GRACE_SECONDS = 2.0
_ALLOWED_HEADERS = (
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "Range",
    "X-Connection-Type",
    "X-Idempotency-Key",
    "X-Request-Id",
)
_EXPOSED_HEADERS = (
    "Content-Range",
    "ETag",
    "Retry-After",
    "X-Idempotency-Replayed",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
)
_LOCAL_ORIGIN = r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?"

Progress = Callable[[str], None]
"""Takes a line about how far the start has come."""


def create_app(settings: Settings, progress: Progress = lambda _line: None) -> FastAPI:
    """Return the platform for `settings`; it opens its database when it is started."""
    state = make_state(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await _start(state, progress)
        house = asyncio.create_task(keep_house(state))
        try:
            yield
        finally:
            begin_stopping(state)
            await house
            await state.background.stop(_WORK_GRACE_SECONDS)
            await state.database.close()

    app = FastAPI(
        title="Parlour",
        version=ops.VERSION,
        description="Photos, threads, chat and music of one platform.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    attach(app, state)
    install_handlers(app)
    app.router.routes.extend(_routes())
    app.add_middleware(
        CORSMiddleware,
        allow_origin_regex=_LOCAL_ORIGIN,
        allow_methods=("GET", "POST", "PUT", "DELETE"),
        allow_headers=_ALLOWED_HEADERS,
        expose_headers=_EXPOSED_HEADERS,
        max_age=3600,
    )
    app.add_middleware(PlatformMiddleware, settings=settings, metrics=state.metrics)
    _watch(state)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Return the routes of all platforms in this process: compiling them costs more than everything else of a start."""
    tree = APIRouter()
    for router in ROUTERS:
        tree.include_router(router, prefix=API)
    tree.include_router(ops.root)
    return tree.routes


def begin_stopping(state: ServerState) -> None:
    """Make everything that holds a connection open let go, so that the server can stop."""
    state.stopping.set()
    state.streams.close()
    state.hub.close_all(_CLOSE_GOING_AWAY, "The platform is stopping.")


async def _start(state: ServerState, progress: Progress) -> None:
    progress("opening the database")
    await state.database.open()
    if state.settings.demo:
        # A world that nobody asks for is not loaded.
        from server.demo.load import ensure_demo

        await ensure_demo(state, progress)
        await start_demo_bot(state)
    start_music(state, progress)


def _watch(state: ServerState) -> None:
    gauge = state.metrics.gauge
    gauge("parlour_sockets", "Open WebSocket connections.", lambda: len(state.hub.links()))
    for name, meaning in (
        ("bytes", "Size of the database with its log."),
        ("readers_busy", "Reading connections in use."),
        ("writers_busy", "Writing connections in use."),
    ):
        gauge(f"parlour_database_{name}", meaning, lambda name=name: state.database.figures()[name])  # type: ignore[misc]
