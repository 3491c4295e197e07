"""Which tracks are meant: a track itself, or all that an album, a playlist, an artist or a mix has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.fetching import records_in
from tui.cli.verbs.targets import Kind, Target

if TYPE_CHECKING:
    from tui.cli.verbs.fetching import Fetcher, Record

_MIXES = {
    "discover-weekly": "recommendations.discover_weekly",
    "release-radar": "recommendations.release_radar",
}


async def tracks_of(fetch: Fetcher, target: Target) -> list[Record]:
    """Return the tracks of what is named, in their order; of a track no more than its id. Raises PlatformError."""
    match target.kind:
        case Kind.ALBUM:
            return records_in(await fetch.data("music.album", {"id": target.id}), "tracks")
        case Kind.PLAYLIST:
            return records_in(await fetch.data("playlists.get", {"id": target.id}), "tracks")
        case Kind.MIX:
            return await tracks_of_mix(fetch, target.id)
        case Kind.ARTIST:
            found: list[Record] = []
            async for records in fetch.pages("music.artist_top_tracks", {"id": target.id}):
                found += records
            return found
        case _:
            return [{"id": target.id}]


async def tracks_of_mix(fetch: Fetcher, name: str) -> list[Record]:
    """Return the tracks of a recommended list such as `daily-mix/1`. Raises CannotGoOn and PlatformError."""
    kind, _, rest = name.partition("/")
    if kind in _MIXES and not rest:
        data = await fetch.data(_MIXES[kind])
    elif kind == "daily-mix" and rest:
        data = await fetch.data("recommendations.daily_mix", {"mixId": rest})
    elif kind == "similar" and rest:
        data = await fetch.data("recommendations.similar", {"trackId": rest})
    else:
        raise CannotGoOn(f"{name!r} is no mix; write discover-weekly, release-radar, daily-mix/N or similar/TRACK")
    return records_in(data, "tracks")


async def playing_now(fetch: Fetcher) -> str:
    """Return the id of the track that plays. Raises CannotGoOn where nothing does."""
    track = (await fetch.record("player.state")).get("currentTrack")
    if not isinstance(track, dict) or not track.get("id"):
        raise CannotGoOn("nothing plays on any of your devices", Exit.FAILED)
    return str(track["id"])
