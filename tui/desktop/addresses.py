"""Plays what a `parlour:` address names, for a desktop that opens one; every other address is refused."""

from __future__ import annotations

import re
from urllib.parse import unquote

from api_client.client import PlatformClient
from api_client.errors import PlatformError
from tui.player.face import PlayerFace
from tui.player.track import PlayableTrack

_ADDRESS = re.compile(r"parlour:(?://)?(?P<kind>track|album|playlist|artist)/(?P<id>[\w%.~-]{1,200})\Z", re.ASCII)

NOT_OURS = "Parlour plays parlour:track/ID, parlour:album/ID, parlour:playlist/ID and parlour:artist/ID."
NOTHING = "There is nothing in it that can be played."


class Addresses:
    """Finds the tracks behind addresses."""

    def __init__(self, client: PlatformClient, player: PlayerFace) -> None:
        self._client = client
        self._player = player

    async def play(self, address: str) -> str | None:
        """Play what `address` names; return None, or the sentence that says why not."""
        found = _ADDRESS.match(address)
        if found is None:
            return NOT_OURS
        try:
            tracks = await self._tracks(found["kind"], unquote(found["id"]))
        except PlatformError as error:
            return error.sentence
        if not tracks:
            return NOTHING
        self._player.play(tracks)
        return None

    async def _tracks(self, kind: str, item: str) -> list[PlayableTrack]:
        music = self._client.music
        match kind:
            case "track":
                tracks = [await music.track(item)]
            case "album":
                tracks = list((await music.album(item)).tracks)
            case "artist":
                tracks = list((await music.artist_top_tracks(item)).items)
            case _:
                tracks = list((await self._client.playlists.get(item)).tracks)
        where = ("", "") if kind == "track" else (kind, item)
        return [PlayableTrack.of(track, *where) for track in tracks if track.is_playable]
