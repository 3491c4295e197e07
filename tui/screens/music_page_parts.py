"""The verbs of music, on whatever list they are used."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from api_client.errors import PlatformError
from api_client.models.music import Album, Artist, LibraryType, Playlist, PlaylistTrack, Track
from api_client.models.posts import Media
from api_client.models.recommendations import RecommendedTrack
from api_client.sync.receipts import NotSent
from tui.actions import ACTIONS, Action
from tui.places import AlbumPlace, ArtistPlace, MixPlace, PlaylistPlace
from tui.player.track import PlayableTrack
from tui.screens import item_menu
from tui.screens.marking import all_of
from tui.screens.music_list_parts import MusicList
from tui.screens.music_parts import Heading, Note, Queued, Share, Source, Thing, cover_of, title_of
from tui.state.mixes import similar_to
from widgets.textfmt import plural

NEW_PLAYLIST = "\x00new"
"""What no playlist's id is."""

_ON_TRACKS = {"thread", "user", "follow", "play_next", "enqueue", "add_to_playlist", "similar", "station"}
_ON_ANYTHING = {"positive", "save", "copy_text", "copy_link", "media"}
VERBS: dict[type[Thing], set[str]] = {
    Track: _ON_ANYTHING | _ON_TRACKS,
    PlaylistTrack: _ON_ANYTHING | _ON_TRACKS | {"delete", "move_up", "move_down", "rename"},
    Queued: _ON_ANYTHING | _ON_TRACKS | {"delete", "move_up", "move_down"},
    RecommendedTrack: _ON_ANYTHING | _ON_TRACKS | {"why"},
    Album: _ON_ANYTHING | {"user", "follow", "play_next", "enqueue", "station"},
    Playlist: _ON_ANYTHING | {"play_next", "enqueue", "rename", "delete", "station"},
    Artist: _ON_ANYTHING | {"follow", "station"},
    Heading: set(),
    Note: set(),
    Share: set(),
}
"""Which verbs have a sense on what, for the menu."""


def _library_place(thing: Thing) -> tuple[LibraryType, str] | None:
    """Return where something is kept in the library, None if it cannot be."""
    match thing:
        case Track():
            return "tracks", thing.id
        case Queued(track=track):
            return "tracks", track.id
        case Album():
            return "albums", thing.id
        case Playlist():
            return "playlists", thing.id
        case _:
            return None


class MusicPage(MusicList):
    """A list of music with everything that can be done in it."""

    ON_MARKED: ClassVar[tuple[str, ...]] = ("enqueue", "play_next", "add_to_playlist", "save")

    def fits(self, action: Action) -> bool:
        if action.id == "list.open_item" and self.focused is self.music:
            return bool(self._fitting)
        if self.mark_count and action.id.partition(".")[2] in (*self.ON_MARKED, "positive"):
            return self.focused is self.music
        if action.needs_item:
            return self.focused is self.music and action.id.partition(".")[2] in self._fitting
        return super().fits(action)

    @property
    def _fitting(self) -> set[str]:
        """The verbs that have a sense on what is highlighted."""
        return VERBS.get(type(self.thing), set()) if self.thing is not None else set()

    # -- the queue

    async def action_play_next(self) -> None:
        if tracks := await self._tracks():
            self.clear_marks()
            self.shell.player.play_next(tracks)
            self.shell.say(f"{self._name_all(tracks)} will play next.")

    async def action_enqueue(self) -> None:
        if tracks := await self._tracks():
            self.clear_marks()
            self.shell.player.add(tracks)
            self.shell.say(f"{self._name_all(tracks)} added to the queue.")

    async def _tracks(self) -> list[PlayableTrack]:
        """Return for the player what is marked, or highlighted; the tracks of albums and playlists are fetched."""
        lines = self.chosen_lines
        tracks = [track for line in lines for track in await self._tracks_of(line.thing)]
        if not tracks and len(lines) == 1 and not isinstance(lines[0].thing, Artist | Heading | Note | Share):
            line = lines[0]
            self.shell.say(f"{title_of(line.thing)} cannot be played: {line.trouble}.", "warning")
        elif not tracks and lines and self.mark_count:
            self.shell.say("None of these tracks can be played.", "warning")
        return tracks

    async def _tracks_of(self, thing: Thing) -> list[PlayableTrack]:
        source = Source(())
        match thing:
            case Track():
                source = Source((thing,))
            case Queued(track=track):
                return [track]
            case Album(id=found):
                await self.store.load_album(found)
                album = self.store.album(found)
                source = Source(tuple(album.tracks) if album else (), "album", found)
            case Playlist(id=found):
                await self.store.playlists.load(found)
                playlist = self.store.playlists.get(found)
                source = Source(tuple(playlist.tracks) if playlist else (), "playlist", found)
            case _:
                return []
        return source.playable()

    def _name_all(self, tracks: list[PlayableTrack]) -> str:
        return tracks[0].title if len(tracks) == 1 else plural(len(tracks), "track")

    # -- keeping and following

    async def action_save(self) -> None:
        """Put what is highlighted into the library, or take it out; an artist is followed.

        Of what is marked everything is put in; if all of it is there, everything is taken out.
        """
        if self.mark_count:
            await self._save_marked()
            return
        thing = self.thing
        match thing:
            case Track() | Queued():
                await self._toggle_saved("tracks", thing.id if isinstance(thing, Track) else thing.track.id)
            case Album():
                await self._toggle_saved("albums", thing.id)
            case Playlist():
                await self._toggle_saved("playlists", thing.id)
            case Artist():
                await self._toggle_followed(thing.id, thing.name)
            case _:
                pass

    action_positive = action_save

    async def _save_marked(self) -> None:
        marked = [found for line in self.chosen_lines if (found := _library_place(line.thing)) is not None]
        wanted = not all(self.store.is_saved(*place) for place in marked)
        changing = [place for place in marked if self.store.is_saved(*place) != wanted]
        self.clear_marks()
        where = "in your library" if wanted else "out of your library"
        self.shell.say(f"{plural(len(changing), 'entry')} put {where}.")
        await all_of(self.store.save(*p) if wanted else self.store.remove(*p) for p in changing)

    async def _toggle_saved(self, kind: LibraryType, item_id: str) -> None:
        if self.store.is_saved(kind, item_id):
            await self.store.remove(kind, item_id)
        else:
            await self.store.save(kind, item_id)

    async def action_follow(self) -> None:
        """Follow the artist of what is highlighted, or no more."""
        thing = await self._known(self.thing)
        match thing:
            case Artist():
                await self._toggle_followed(thing.id, thing.name)
            case Track() | Album() if thing.artist is not None:
                artist = await self.shell.session.client.music.artist(thing.artist.id)
                self.store.marks.learn([("artists", artist.id, artist.is_followed)], self.store.marks.moment)
                await self._toggle_followed(artist.id, artist.name)
            case _:
                pass

    async def _toggle_followed(self, artist_id: str, name: str) -> None:
        on = not self.store.is_followed(artist_id)
        await self.store.follow(artist_id, on)
        self.shell.say(f"You follow {name}." if on else f"You no longer follow {name}.")

    # -- elsewhere

    async def _known(self, thing: Thing | None) -> Thing | None:
        """Return `thing` with all that is known of it: a place in the queue as its track."""
        return await self.store.track(thing.track.id) if isinstance(thing, Queued) else thing

    async def action_thread(self) -> None:
        """Open the album of a track."""
        thing = await self._known(self.thing)
        if isinstance(thing, Track) and thing.album is not None:
            self.shell.open_place(AlbumPlace(thing.album.id))

    async def action_user(self) -> None:
        """Open the artist of what is highlighted."""
        thing = await self._known(self.thing)
        if isinstance(thing, Track | Album) and thing.artist is not None:
            self.shell.open_place(ArtistPlace(thing.artist.id))

    def action_similar(self) -> None:
        """Open what goes with a track."""
        match self.thing:
            case Track(id=found):
                self.shell.open_place(MixPlace(similar_to(found)))
            case Queued(track=track):
                self.shell.open_place(MixPlace(similar_to(track.id)))
            case _:
                pass

    async def action_station(self) -> None:
        """Play a station that begins with a track: with the first one of an album, the best-loved one of an artist."""
        thing = self.thing
        track: PlayableTrack | None
        match thing:
            case Track() | Queued():
                track = PlayableTrack.of(thing) if isinstance(thing, Track) else thing.track
            case Artist(id=found):
                await self.store.load_artist(found)
                page = self.store.artist(found)
                track = next((PlayableTrack.of(top) for top in page.top_tracks), None) if page else None
            case Album() | Playlist():
                track = next(iter(await self._tracks_of(thing)), None)
            case _:
                return
        if track is None:
            self.shell.say("There is no track that a station could begin with.", "warning")
            return
        self.shell.say(await self.shell.stations.start(track.id, track.title))

    def action_media(self) -> None:
        thing = self.thing
        if thing is None or isinstance(thing, Heading | Note | Share):
            return
        if url := cover_of(thing):
            # Covers are square; the viewer shapes its frame by these numbers.
            self.shell.view_pictures([Media(id=url, url=url, width=640, height=640)], title_of(thing))
        else:
            self.shell.say("There is no picture of this.")

    def action_copy_text(self) -> None:
        if self.thing is not None:
            self.shell.copy(title_of(self.thing), "The title")

    async def action_copy_link(self) -> None:
        thing = await self._known(self.thing)
        path = ""
        match thing:
            case Track() if thing.album is not None:
                path = f"album/{thing.album.id}"
            case Album():
                path = f"album/{thing.id}"
            case Artist():
                path = f"artist/{thing.id}"
            case Playlist():
                path = f"playlist/{thing.id}"
            case _:
                return
        self.shell.copy(f"{self.shell.session.client.address.origin}/{path}", "The link")

    # -- playlists

    async def action_add_to_playlist(self) -> None:
        """Add the marked tracks, or the highlighted one, to one of the user's playlists, or to a new one."""
        found = [await self._known(line.thing) for line in self.chosen_lines]
        tracks = list({track.id: track for track in found if isinstance(track, Track)}.values())
        if not tracks:
            return
        what = tracks[0].title if len(tracks) == 1 else plural(len(tracks), "track")
        if (chosen := await self._choose_playlist(what)) is None:
            return
        self.clear_marks()
        playlists = self.store.playlists
        name = next((playlist.name for playlist in playlists.editable if playlist.id == chosen), "the playlist")
        fresh = [track for track in tracks if not playlists.holds(chosen, track.id)]
        if not fresh:
            were = "was" if len(tracks) == 1 else "were"
            self.shell.say(f"{what} {were} already in {name}.")
            return
        added = fresh[0].title if len(fresh) == 1 else plural(len(fresh), "track")
        rest = f" {plural(len(tracks) - len(fresh), 'other')} already there." if len(tracks) > len(fresh) else ""
        self.shell.say(f"{added} {'is' if len(fresh) == 1 else 'are'} in {name}.{rest}")
        for track in fresh:  # one after the other: they stand in the playlist as they stand here
            if not await playlists.add(chosen, track):
                self.shell.say(f"{track.title} was already in {name}.")

    async def _choose_playlist(self, what: str) -> str | None:
        """Ask for one of the user's playlists, or make one; None if that is left."""
        playlists = self.store.playlists
        if not playlists.listed:
            await playlists.load_mine()
        options = [(playlist.id, playlist.name) for playlist in playlists.editable]
        chosen = await self.shell.choose(f"Add {what} to", [*options, (NEW_PLAYLIST, "+ a new playlist")])
        if chosen == NEW_PLAYLIST:
            name = await self._ask_name()
            chosen = (await playlists.create(name)).id if name else None
        return chosen

    async def action_create(self) -> None:
        """Make a playlist, and open it."""
        if name := await self._ask_name():
            playlist = await self.store.playlists.create(name)
            self.shell.open_place(PlaylistPlace(playlist.id))

    async def _ask_name(self, initial: str = "") -> str:
        name = (await self.shell.ask("name of the playlist: ", initial) or "").strip()
        return name[:100]

    async def action_rename(self) -> None:
        """Give one's own playlist another name."""
        if isinstance(self.thing, Playlist):
            await self.rename_playlist(self.thing)

    async def rename_playlist(self, playlist: Playlist) -> None:
        """Ask for another name of `playlist`, which only its owner may give."""
        if playlist.owner_id != self.store.me.id:
            self.shell.say("Only its owner can rename a playlist.", "warning")
        elif (name := await self._ask_name(playlist.name)) and name != playlist.name:
            await self.store.playlists.rename(playlist.id, name)

    async def action_delete(self) -> None:
        """Delete one's own playlist."""
        if isinstance(self.thing, Playlist):
            await self.delete_playlist(self.thing)

    async def delete_playlist(self, playlist: Playlist) -> bool:
        """Delete `playlist`; return whether it will be gone, unless that is taken back in time."""
        if playlist.owner_id != self.store.me.id:
            self.shell.say("Only its owner can delete a playlist.", "warning")
            return False
        # Nobody else hears of it for a moment: what follows does not wait for that.
        following = await self.store.playlists.begin_deleting(playlist.id)
        following.add_done_callback(self._deleted)
        return True

    def _deleted(self, following: asyncio.Task[None]) -> None:
        error = None if following.cancelled() else following.exception()
        if isinstance(error, PlatformError) and not isinstance(error, NotSent):
            self.shell.report(error)

    async def action_item_menu(self) -> None:
        """Offer everything that can be done with what is highlighted."""
        if self.thing is not None and self._fitting:
            without = [a.id for a in ACTIONS if a.needs_item and a.id.partition(".")[2] not in self._fitting]
            await item_menu.offer(self, title_of(self.thing), without=without)
