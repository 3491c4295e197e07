"""What belongs to tracks that are on this machine: how they are called, their words and their covers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from api_client.client import PlatformClient
from api_client.errors import NotFound, PlatformError
from api_client.models.music import Lyrics, Track
from api_client.sync.ports import StoreTrouble
from tui.player.threads import run_in_thread
from tui.player.vault import TrackVault
from tui.player.vault_records import Kind, Wish
from tui.state.music import MusicStore

AT_ONCE = 200
"""Records that are read before anything else has its turn."""
LARGEST_COVER = 2 * 1024 * 1024
"""Bytes of a picture that is kept."""


class TrackFacts:
    """Kept in the vault, so that downloads need nothing else that this machine may have lost."""

    def __init__(self, client: PlatformClient, music: MusicStore) -> None:
        self._client, self._music = client, music
        self.vault: TrackVault | None = None
        self.covers: frozenset[str] = frozenset()
        """The addresses of the pictures that are kept."""
        self._worded: set[str] = set()
        self._refused: set[str] = set()
        """The addresses at which there is no picture."""
        self.known: dict[str, Track] = {}
        """What is known of tracks, once it was loaded."""

    async def begin(self, vault: TrackVault) -> None:
        """Find out what there is. Raises StoreTrouble."""
        self.vault = vault
        self.covers = frozenset(name.removeprefix("cover:") for name in await vault.record_names("cover:"))
        self._worded = {name.removeprefix("words:") for name in await vault.record_names("words:")}

    async def load(self, track_ids: Iterable[str]) -> None:
        """Read what is kept of tracks. Raises StoreTrouble."""
        missing = [each for each in track_ids if each not in self.known]
        if self.vault is None or not missing:
            return
        bodies = await self.vault.records([_of_track(each) for each in missing])
        for number, body in enumerate(bodies.values()):
            if number % AT_ONCE == AT_ONCE - 1:
                # Keys are listened to in between.
                await asyncio.sleep(0)
            try:
                track = Track.model_validate_json(body)
            except ValidationError:
                continue
            self.known[track.id] = track

    async def describe(self, tracks: Sequence[Track]) -> None:
        """Keep how tracks are called. Raises StoreTrouble."""
        fresh = [track for track in tracks if track.id not in self.known]
        if self.vault is None or not fresh:
            return
        bodies = await run_in_thread(lambda: {_of_track(track.id): _json(track) for track in fresh}, "track facts")
        await self.vault.put_records(bodies)
        # Read back, they are tracks of their own and no entries of a list.
        await self.load(track.id for track in fresh)

    async def learn(self, track_ids: Iterable[str]) -> None:
        """Find out how tracks are called that are here because they were played. Raises PlatformError."""
        wanted = list(track_ids)
        await self.load(wanted)
        await self.describe([await self._music.track(each) for each in wanted if each not in self.known])

    async def add_extras(self, tracks: Sequence[Track]) -> None:
        """Fetch the words and covers of tracks, where they are not here; what there is not is not missed.

        Raises PlatformError.
        """
        for track in tracks:
            if track.id not in self._worded:
                await self._add_words(track.id)
            url = (track.album.cover_url or "") if track.album is not None else ""
            if url and url not in self.covers and url not in self._refused:
                await self._add_cover(url)

    async def cover(self, url: str) -> bytes | None:
        """Return a picture that is kept; None if it is not."""
        return await self._record(f"cover:{url}") if url in self.covers else None

    async def words(self, track_id: str) -> Lyrics | None:
        """Return the words of a track that are kept; None if they are not."""
        body = await self._record(f"words:{track_id}")
        try:
            return Lyrics.model_validate_json(body) if body is not None else None
        except ValidationError:
            return None

    async def _add_words(self, track_id: str) -> None:
        try:
            words = await self._client.music.lyrics(track_id)
        except NotFound:
            words = Lyrics()
        if self.vault is not None:
            await self.vault.put_records({f"words:{track_id}": _json(words)})
            self._worded.add(track_id)

    async def _add_cover(self, url: str) -> None:
        try:
            data = await self._client.media(url, cap=LARGEST_COVER)
        except PlatformError as error:
            if error.worth_retrying:
                raise
            self._refused.add(url)
            return
        if self.vault is not None:
            await self.vault.put_records({f"cover:{url}": data})
            self.covers |= {url}

    async def _record(self, name: str) -> bytes | None:
        if self.vault is None:
            return None
        try:
            return (await self.vault.records([name])).get(name)
        except StoreTrouble:
            return None


def described(music: MusicStore, kind: Kind, item_id: str, track: Track | None) -> tuple[Wish, list[Track]] | None:
    """Return what was asked for as it stands now, with its tracks that can be played; None if it is not known."""
    title, by, cover, tracks = "", "", "", list[Track]()
    match kind:
        case Kind.TRACK if track is not None:
            title, by, tracks = track.title, track.artist_names, [track]
            cover = (track.album.cover_url or "") if track.album else ""
        case Kind.ALBUM if (album := music.album(item_id)) is not None:
            title, by, cover, tracks = album.title, album.artist.name, album.cover_url or "", list(album.tracks)
        case Kind.PLAYLIST if (playlist := music.playlists.get(item_id)) is not None:
            title, by, cover = playlist.name, playlist.owner_name, playlist.cover_url or ""
            tracks = list(playlist.tracks)
        case Kind.MIX if (mix := music.mixes.get(item_id)) is not None:
            title, tracks = mix.title, list(mix.tracks)
        case _:
            return None
    playable = [each for each in tracks if each.is_playable]
    ids = tuple(dict.fromkeys(each.id for each in playable))
    return Wish(kind, item_id, title, by, cover, time.time(), ids), playable


def _of_track(track_id: str) -> str:
    return f"track:{track_id}"


def _json(model: Track | Lyrics) -> bytes:
    return model.model_dump_json(by_alias=True).encode()
