"""The verbs of music, on whatever list they are used."""

from __future__ import annotations

import secrets
from typing import ClassVar

from api_client.models.music import Album, Artist, LibraryType, Playlist, PlaylistTrack, Track
from api_client.models.playlists import PlaylistFolder
from api_client.models.posts import Media
from api_client.models.recommendations import RecommendedTrack
from tui.actions import ACTIONS, Action, Context
from tui.places import AlbumPlace, ArtistPlace, MixPlace, TrackPlace
from tui.player.track import PlayableTrack
from tui.player.vault_records import Kind
from tui.screens import item_menu
from tui.screens.download_verbs import DownloadVerbs
from tui.screens.marking import all_of
from tui.screens.music_parts import (
    Fact,
    Gathered,
    Heading,
    Note,
    Queued,
    Source,
    Thing,
    cover_of,
    title_of,
    trouble_of_track,
)
from tui.screens.playlist_verbs import PlaylistVerbs
from tui.state.mixes import similar_to
from widgets.textfmt import plural

_IN_QUEUE = {"play_next", "enqueue", "station", "shuffle_play", "download"}
_ON_TRACKS = _IN_QUEUE | {"thread", "user", "follow", "add_to_playlist", "similar", "details"}
_ON_ANYTHING = {"positive", "save", "copy_text", "copy_link", "media"}
_OF_ITS_OWNER = frozenset({"item.rename", "item.edit", "item.rules"})
ON_PLAYLISTS = {"rename", "edit", "rules", "collaborators", "copy_playlist", "to_folder"}
VERBS: dict[type[Thing], set[str]] = {
    Track: _ON_ANYTHING | _ON_TRACKS,
    PlaylistTrack: _ON_ANYTHING | _ON_TRACKS | {"delete", "move_up", "move_down", "rename"},
    Queued: _ON_ANYTHING | _ON_TRACKS | {"delete", "move_up", "move_down"},
    RecommendedTrack: _ON_ANYTHING | _ON_TRACKS | {"why"},
    Album: _ON_ANYTHING | _IN_QUEUE | {"add_to_playlist", "user", "follow"},
    Playlist: _ON_ANYTHING | ON_PLAYLISTS | _IN_QUEUE | {"add_to_playlist", "delete"},
    PlaylistFolder: {"rename", "delete", "to_folder"},
    Artist: _ON_ANYTHING | {"follow", "station", "shuffle_play"},
    Heading: set(),
    Note: set(),
    Fact: set(),
    Gathered: {"play_next", "enqueue", "download", "delete", "resend"},
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


class MusicPage(DownloadVerbs, PlaylistVerbs):
    """A list of music with everything that can be done in it."""

    ON_MARKED: ClassVar[tuple[str, ...]] = ("enqueue", "play_next", "add_to_playlist", "save", "download")

    def fits(self, action: Action) -> bool:
        if action.id in _OF_ITS_OWNER and not self._fits_owner(action.id):
            return False
        if action.id == "list.open_item" and self.focused is self.music:
            return bool(self._fitting) or (isinstance(self.thing, Fact) and self.thing.opens is not None)
        if self.mark_count and action.id.partition(".")[2] in (*self.ON_MARKED, "positive"):
            return self.focused is self.music
        if action.needs_item:
            return self._is_on_things and action.id.partition(".")[2] in self._fitting
        return super().fits(action)

    @property
    def _is_on_things(self) -> bool:
        """Whether the focus is where verbs find what they are about."""
        return self.focused is self.music

    def _fits_owner(self, action_id: str) -> bool:
        """Whether a verb that is its owner's has a sense on the playlist, or the folder, that verbs are about."""
        subject = self.subject
        if isinstance(subject, Playlist):
            is_smart = action_id != "item.rules" or subject.rules is not None
            return is_smart and subject.owner_id == self.store.me.id
        return action_id == "item.rename" and subject is not None

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
        if not tracks and len(lines) == 1 and not isinstance(lines[0].thing, Artist | Heading | Note | Fact):
            line = lines[0]
            why = trouble_of_track(line.thing, line.trouble) if isinstance(line.thing, Track) else line.trouble
            self.shell.say(f"{title_of(line.thing)} cannot be played: {why}.", "warning")
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
                await self.downloads.fetch_list(Kind.ALBUM, found)
                album = self.store.album(found)
                source = Source(tuple(album.tracks) if album else (), "album", found)
            case Playlist(id=found):
                await self.downloads.fetch_list(Kind.PLAYLIST, found)
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
        thing = await self.known(self.thing)
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

    async def action_thread(self) -> None:
        """Open the album of a track."""
        thing = await self.known(self.thing)
        if isinstance(thing, Track) and thing.album is not None:
            self.shell.open_place(AlbumPlace(thing.album.id))

    async def action_user(self) -> None:
        """Open the artist of what is highlighted."""
        thing = await self.known(self.thing)
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

    def action_details(self) -> None:
        """Open all about a track."""
        match self.thing:
            case Track(id=found):
                self.shell.open_place(TrackPlace(found))
            case Queued(track=track):
                self.shell.open_place(TrackPlace(track.id))
            case _:
                pass

    async def action_shuffle_play(self) -> None:
        """Play in random order what is highlighted; from a track the list it stands in, from a heading the first."""
        line = self.line
        tracks: list[PlayableTrack] = []
        match line.thing if line is not None else None:
            case Artist(id=found):
                await self.store.load_artist(found)
                page = self.store.artist(found)
                tracks = Source(tuple(page.top_tracks), "artist", found).playable() if page else []
            case Album() | Playlist() as thing:
                tracks = await self._tracks_of(thing)
            case _:
                here = (line,) if line is not None else ()
                sources = (each.source for each in (*here, *self._lines.values()) if each.source is not None)
                tracks = next((source.playable() for source in sources), [])
        if not tracks:
            self.shell.say("There is nothing here that can be played in random order.", "warning")
            return
        self.shell.player.set_shuffle(True)
        self.shell.player.play(tracks, secrets.randbelow(len(tracks)))
        self.shell.say(f"{plural(len(tracks), 'track')} in random order.")

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
        if thing is None or isinstance(thing, Heading | Note | Fact):
            return
        if url := cover_of(thing):
            # Covers are square; the viewer shapes its frame by these numbers.
            self.shell.view_pictures([Media(id=url, url=url, width=640, height=640)], title_of(thing))
        else:
            self.shell.say("There is no picture of this.")

    def action_copy_text(self) -> None:
        if self.thing is not None:
            self.shell.copy(title_of(self.thing), "The title")

    def action_copy_link(self) -> None:
        match self.thing:
            case Track(id=found):
                path = f"track/{found}"
            case Queued(track=track):
                path = f"track/{track.id}"
            case Album(id=found):
                path = f"album/{found}"
            case Artist(id=found):
                path = f"artist/{found}"
            case Playlist(id=found):
                path = f"playlist/{found}"
            case _:
                return
        self.shell.copy(f"{self.shell.session.client.address.origin}/{path}", "The link")

    async def action_item_menu(self) -> None:
        """Offer everything that can be done with what is highlighted."""
        if self.thing is not None and self._fitting:
            without = [action.id for action in ACTIONS if action.context is Context.ITEM and not self.fits(action)]
            await item_menu.offer(self, title_of(self.thing), without=without)
