"""What a store does behind ends with the session, and nothing that was begun is left hanging."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.shared_platform import SharedPlatform
from tests.tui.music_world import music_world
from tui.state.tasks import Tasks


async def test_what_runs_is_ended_and_nothing_begins_afterwards() -> None:
    tasks, begun = Tasks(), asyncio.Event()
    ends: list[str] = []

    async def fetch(name: str) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ends.append(name)

    tasks.later(fetch("first"))
    awaited = tasks.start(fetch("second"))
    await begun.wait()
    tasks.later(fetch("never had a turn"))
    await tasks.close()
    assert sorted(ends) == ["first", "second"]
    assert awaited.cancelled()
    tasks.later(fetch("too late"))
    await asyncio.sleep(0)
    assert len(ends) == 2


async def test_no_store_outlives_its_session(platform: SharedPlatform, tmp_path: Path) -> None:
    async with music_world(platform, tmp_path) as world:
        session = (await world.listener("ann")).session
        music, feed, chat = session.music, session.feed, session.chat
        stores = [music, music.playlists, feed, feed._new, chat, chat.transcripts, session.threads, session.comments]
        kept = [store._tasks for store in (*stores, session.visuals, session.friends)]
        for tasks in kept:
            tasks.later(asyncio.sleep(3600))
        await session.close()
        assert not any(tasks._running for tasks in kept)
