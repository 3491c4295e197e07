"""What the music side does when the platform starts: reads the music folder, renders demo tracks ahead."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from sqlalchemy import select

from server.demo.text.people import DEMO_USER
from server.media import MediaStore
from server.music.scan import BATCH, MusicFolderMissing, SaveCover, scan
from server.playback.audio import DEMO_PREFIX
from server.playback.quality import quality_for
from server.state import ServerState
from server.tables.music import TrackRow
from server.tables.users import UserRow

_log = logging.getLogger(__name__)
_REPORT_EVERY = 500
"""Files between two lines of progress."""
_SETTLING_SECONDS = 20.0
"""The first moments belong to whoever looks at the screen."""
_AHEAD = 12
"""Tracks that are rendered before anybody asks for them."""

Say = Callable[[str], None]
"""Takes a line about how far the start has come."""


def start_music(state: ServerState, say: Say) -> None:
    """Begin in the background what may take longer than a start should; requests are answered meanwhile."""
    if state.settings.music_dir is not None:
        state.background.start(lambda: _until_stopping(state, read_music_folder(state, say)))
    if state.settings.demo:
        state.background.start(lambda: _until_stopping(state, render_ahead(state, _SETTLING_SECONDS)))


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


async def read_music_folder(state: ServerState, say: Say) -> None:
    """Bring the catalogue in line with the music folder of the settings, and say what came of it."""
    root = state.settings.music_dir
    if root is None:
        return

    def progress(done: int, total: int, _name: str) -> None:
        if done == total or done % _REPORT_EVERY < BATCH:
            say(f"reading music: {done} of {total}")

    try:
        report = await scan(state.database, cover_keeper(state.media), state.clock, root, progress)
    except MusicFolderMissing as missing:
        _log.error("%s", missing)
        say(str(missing))
        return
    say(
        f"music folder: {report.added} new, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.removed} gone, {len(report.skipped)} left out"
    )
    for item in report.skipped:
        say(f"  {item.name} {item.reason}")


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
        keys = [key for key in await db.scalars(query.order_by(TrackRow.stream_count.desc()).limit(_AHEAD)) if key]
        plan = await db.scalar(select(UserRow.subscription).where(UserRow.username_key == DEMO_USER))
    quality = quality_for(is_premium=plan == "premium", connection="wifi")
    await state.playback.audio.render_all(keys, [quality], hurry=False)
