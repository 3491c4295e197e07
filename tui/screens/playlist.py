"""A playlist: who made it, its tracks with who added them, and everything to change it with."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from api_client.models.music import Playlist, PlaylistTrack
from tui.actions import Action
from tui.places import PlaylistPlace
from tui.screens.music_detail_parts import MusicDetail
from tui.screens.music_parts import Line, Note, Source, total
from tui.state.music import MusicChange, MusicPart
from widgets.textfmt import plural

ONLY_THEY = "Only its owner and collaborators can change this playlist."


class PlaylistScreen(MusicDetail):
    """The first row stands for the playlist itself."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicDetail.TITLES,
        "item.rename": "rename",
    }

    ON_MARKED: ClassVar[tuple[str, ...]] = (*MusicDetail.ON_MARKED, "delete")

    place: PlaylistPlace

    @property
    def playlist(self) -> Playlist | None:
        """What is shown, once it is there."""
        return self.store.playlists.get(self.place.playlist_id)

    def start(self) -> None:
        realtime, key = self.shell.session.realtime, f"playlists:{self.place.playlist_id}"
        realtime.subscribe(key)
        self.keep(lambda: realtime.unsubscribe(key))
        super().start()

    async def load(self) -> None:
        await self.store.playlists.load(self.place.playlist_id)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.PLAYLIST and change.id == self.place.playlist_id

    def stale_since(self) -> datetime | None:
        return self.store.stale_since(MusicPart.PLAYLIST, self.place.playlist_id)

    def reading_place(self) -> str:
        return f"playlist:{self.place.playlist_id}"

    def lines(self) -> list[Line] | None:
        playlist = self.playlist
        if playlist is None:
            return None
        source = Source(tuple(playlist.tracks), "playlist", playlist.id)
        lines = [Line("itself", playlist, source, itself=True)]
        several = len({track.added_by for track in playlist.tracks}) > 1
        for track in playlist.tracks:
            who = self.store.playlists.name_of(playlist, track.added_by) if several else ""
            lines.append(Line(track.id, track, source, str(track.position), note=who))
        if not playlist.tracks:
            lines.append(Line("empty", Note("No tracks yet. A, on any track, adds it here.")))
        return lines

    def facts(self) -> list[str]:
        playlist = self.playlist
        if playlist is None:
            return []
        mine = playlist.owner_id == self.store.me.id
        openness = "public" if playlist.is_public else "private"
        return [
            playlist.name,
            "by you" if mine else f"by {playlist.owner_name}",
            total(playlist.tracks),
            f"{openness}, collaborative" if playlist.is_collaborative else openness,
            plural(playlist.follower_count, "follower") if playlist.follower_count else "",
            (playlist.description or "").replace("\n", " "),
        ]

    def title_of(self, action: Action) -> str:
        if action.id == "item.delete":
            return "take out" if self.mark_count or isinstance(self.thing, PlaylistTrack) else "delete the playlist"
        return super().title_of(action)

    def cover_url(self) -> str:
        return (self.playlist.cover_url or "") if self.playlist else ""

    # -- changing it

    def _editable_track(self) -> PlaylistTrack | None:
        """Return the highlighted track if it may be moved or taken out; say why not otherwise."""
        playlist = self.playlist
        if playlist is None or not isinstance(self.thing, PlaylistTrack):
            return None
        if not playlist.can_edit:
            self.shell.say(ONLY_THEY, "warning")
            return None
        return self.thing

    async def action_move_down(self) -> None:
        await self._move(1)

    async def action_move_up(self) -> None:
        await self._move(-1)

    async def _move(self, by: int) -> None:
        if (track := self._editable_track()) is not None:
            await self.store.playlists.move(self.place.playlist_id, track.id, track.position + by)

    async def action_delete(self) -> None:
        """Take the marked tracks out, or the highlighted one; on the first row, delete the playlist."""
        playlist = self.playlist
        if playlist is not None and self.mark_count:
            await self._take_out_marked(playlist)
        elif playlist is not None and isinstance(self.thing, Playlist):
            await self._delete_whole(playlist)
        elif playlist is not None and (track := self._editable_track()) is not None:
            self.shell.say(f"{track.title} is taken out. U puts it back.")
            await self.store.playlists.take_out(playlist.id, track.id)

    async def _take_out_marked(self, playlist: Playlist) -> None:
        if not playlist.can_edit:
            self.shell.say(ONLY_THEY, "warning")
            return
        tracks = [line.thing for line in self.chosen_lines if isinstance(line.thing, PlaylistTrack)]
        self.clear_marks()
        self.shell.say(f"{plural(len(tracks), 'track')} taken out. U puts them back, one after the other.")
        for track in tracks:
            await self.store.playlists.take_out(playlist.id, track.id)

    async def _delete_whole(self, playlist: Playlist) -> None:
        if await self.delete_playlist(playlist):
            self.shell.leave()

    async def action_rename(self) -> None:
        if self.playlist is not None:
            await self.rename_playlist(self.playlist)
