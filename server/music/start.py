"""What the music side does when the platform starts: reads the music folder, renders demo tracks ahead."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.demo.text.people import DEMO_USER
from server.media import MediaStore
from server.music.scan import SaveCover
from server.music.watch import FolderWatch, Say
from server.playback.audio import DEMO_PREFIX
from server.playback.quality import quality_for
from server.state import ServerState
from server.tables.music import TrackRow
from server.tables.users import UserRow

_SETTLING_SECONDS = 20.0
"""The first moments belong to whoever looks at the screen."""


def start_music(state: ServerState, say: Say) -> None:
    """Begin in the background what may take longer than a start should; requests are answered meanwhile."""
    if state.settings.music_dir is not None:
        watch = watch_folder(state, state.settings.music_dir, say)
        state.background.start(lambda: _until_stopping(state, watch.keep_up(state.settings.music_every_seconds)))
    if state.settings.demo:
        state.background.start(lambda: _until_stopping(state, render_ahead(state, _SETTLING_SECONDS)))


def watch_folder(state: ServerState, root: Path, say: Say) -> FolderWatch:
    """Return what reads the folder, known to the platform and among its figures."""
    watch = state.music_folder = FolderWatch(root, state.database, cover_keeper(state.media), state.clock, say)
    for name, meaning, read in (
        ("files_to_read", "New or changed files of the music folder in this run.", lambda: watch.to_read),
        ("files_done", "How many of them are read.", lambda: watch.done),
        ("files_read_total", "Files of the music folder that were opened since the start.", lambda: watch.read_in_all),
        ("folder_runs_total", "How often the music folder was looked through.", lambda: watch.runs),
        ("folder_reading", "Whether that is under way.", lambda: int(watch.reading)),
    ):
        state.metrics.gauge(f"parlour_music_{name}", meaning, read)
    return watch


async def _until_stopping(state: ServerState, work: Coroutine[Any, Any, None]) -> None:
    """Run `work`, but let it go as soon as the platform begins to stop: it can be taken up again another time."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(state.stopping.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def cover_keeper(media: MediaStore) -> SaveCover:
    """Return what keeps covers in the media store, under the hash of their bytes."""

    async def keep(data: bytes) -> str:
        facts, picture = await media.clean(data, "cover")
        key = f"covers/{hashlib.sha256(data).hexdigest()[:32]}.{facts.suffix}"
        await media.save(key, picture)
        return key

    return keep


async def render_ahead(state: ServerState, after_seconds: float) -> None:
    """Render the most played demo tracks as the demo user will hear them; everything else when it is asked for."""
    await asyncio.sleep(after_seconds)
    async with state.database.reading() as db:
        query = select(TrackRow.audio_key).where(TrackRow.audio_key.startswith(DEMO_PREFIX))
        query = query.order_by(TrackRow.stream_count.desc()).limit(state.settings.tracks_ahead)
        keys = [key for key in await db.scalars(query) if key]
        plan = await db.scalar(select(UserRow.subscription).where(UserRow.username_key == DEMO_USER))
    quality = quality_for(is_premium=plan == "premium", connection="wifi")
    await state.playback.audio.render_all(keys, [quality], hurry=False)
