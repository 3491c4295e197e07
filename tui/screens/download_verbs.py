"""Downloading from any list of music, and taking off again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api_client.models.music import Album, Playlist, Track
from tui.places import AlbumPlace, MixPlace, PlaylistPlace
from tui.player.vault_records import Kind, Wish, WishKey
from tui.screens.music_list_parts import MusicList
from tui.screens.music_parts import Gathered, Queued, Thing
from tui.state.download_shelf import Here
from tui.state.downloads import UNDO_S, Downloads
from widgets.textfmt import byte_size, plural

BIG_TRACKS, BIG_BYTES = 25, 200_000_000
"""From so many tracks or bytes on it is asked before they are taken off."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be downloaded."""

    kind: Kind
    id: str
    title: str
    track: Track | None = None

    @property
    def key(self) -> WishKey:
        """What it is called among the downloads."""
        return self.kind, self.id


def target_of(thing: Thing) -> Target | None:
    """Return what is downloaded if `thing` is; None if it cannot be."""
    match thing:
        case Track():
            return Target(Kind.TRACK, thing.id, thing.title, thing) if thing.is_playable else None
        case Queued(track=track):
            return Target(Kind.TRACK, track.id, track.title)
        case Album():
            return Target(Kind.ALBUM, thing.id, thing.title)
        case Playlist():
            return Target(Kind.PLAYLIST, thing.id, thing.name)
        case Gathered():
            return Target(thing.kind, thing.id, thing.title)
        case _:
            return None


class DownloadVerbs(MusicList):
    """Mixed into every list of music."""

    @property
    def downloads(self) -> Downloads:
        """What is on this machine."""
        return self.shell.session.downloads

    async def action_download(self, what: str = "") -> None:
        """Download what is marked or highlighted, or all of this place; what is here already is taken off again."""
        whole = self._whole()
        if what.strip() == "all" and whole is None:
            self.shell.say("There is no album, playlist or mix here to be downloaded as a whole.", "warning")
            return
        if whole is not None and (what.strip() == "all" or self._is_all_marked()):
            targets = [whole]
        else:
            targets = [found for line in self.chosen_lines if (found := target_of(line.thing)) is not None]
        self.clear_marks()
        if not targets:
            self.shell.say("This cannot be downloaded.", "warning")
        elif missing := [each for each in targets if not self.downloads.is_wanted(*each.key)]:
            await self._download(missing)
        else:
            await self.take_off(each.key for each in targets)

    async def _download(self, targets: list[Target]) -> None:
        downloads = self.downloads
        if len(targets) == 1 and targets[0].kind is Kind.TRACK and downloads.track(targets[0].id) is not Here.NO:
            names = ", ".join(wish.title for wish in downloads.wishes_with(targets[0].id)[:2])
            self.shell.say(f"{targets[0].title} is downloaded with {names}; D there takes it off.")
            return
        wishes = [await downloads.want(each.kind, each.id, each.track) for each in targets]
        self.shell.say(f"{_named(wishes)} {self._what_follows(wishes)}")

    def _what_follows(self, wishes: list[Wish]) -> str:
        downloads, many = self.downloads, len(wishes) > 1
        if all(downloads.track(track_id) is Here.ALL for wish in wishes for track_id in wish.track_ids):
            return "are on this machine." if many else "is on this machine."
        will = "will be downloaded"
        if downloads.is_paused:
            return f"{will}; downloads are held: {self.key_of('global.hold_downloads')} lets them go on."
        if downloads.away:
            return f"{will} when the platform can be reached."
        follows = any(wish.kind in (Kind.PLAYLIST, Kind.MIX) for wish in wishes)
        more = ", and what is added later, too" if follows else ""
        return f"{will}{more}. {self.key_of('global.go_downloads')} shows how it goes."

    async def take_off(self, keys: Iterable[WishKey]) -> None:
        """Take downloads off this machine; asks first where there is much."""
        wanted = [wish for key in keys for wish in self.downloads.wishes if wish.key == key]
        tracks = {track_id for wish in wanted for track_id in wish.track_ids}
        size = self.downloads.size(tracks)
        if len(tracks) >= BIG_TRACKS or size >= BIG_BYTES:
            question = f"Take {_named(wanted)} off this machine?\n{plural(len(tracks), 'track')}, {byte_size(size)}"
            if not await self.shell.confirm(question, "take off"):
                return
        taken = await self.downloads.take_off([wish.key for wish in wanted])
        if taken:
            them = "it" if len(taken) == 1 else "them"
            self.shell.say(f"{_named(taken)} taken off this machine. U has {them} back ({UNDO_S:.0f} s).")

    def _whole(self) -> Target | None:
        """Return what the whole screen shows, if it can be downloaded."""
        match self.place:
            case AlbumPlace(album_id=found):
                album = self.store.album(found)
                return Target(Kind.ALBUM, found, album.title if album is not None else "")
            case PlaylistPlace(playlist_id=found):
                playlist = self.store.playlists.get(found)
                return Target(Kind.PLAYLIST, found, playlist.name if playlist is not None else "")
            case MixPlace(name=found):
                mix = self.store.mixes.get(found)
                return Target(Kind.MIX, found, mix.title if mix is not None else "")
            case _:
                return None

    def _is_all_marked(self) -> bool:
        tracks = [line for line in self._lines.values() if isinstance(line.thing, Track)]
        return len(tracks) > 1 and self.mark_count == len(tracks)


def _named(wishes: list[Wish]) -> str:
    return wishes[0].title if len(wishes) == 1 else plural(len(wishes), "entry")
