"""The verbs about playlists and their folders, on whatever list of music they are used."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from api_client.errors import PlatformError
from api_client.models.music import Album, Playlist, Track
from api_client.models.playlists import FOLDER_NAME_LIMIT, PlaylistFolder
from api_client.sync.receipts import NotSent
from tui.places import PlaylistPlace
from tui.screens import adding
from tui.screens.music_list_parts import MusicList
from tui.screens.music_parts import Queued, Thing
from tui.screens.playlist_form import PlaylistForm
from tui.screens.playlist_people import PlaylistPeople
from tui.screens.rules_form import RulesForm

TOP = "\x00top"
"""What no folder's id is."""


class PlaylistVerbs(MusicList):
    """Adding to playlists, making, changing, copying, filing and deleting them."""

    async def known(self, thing: Thing | None) -> Thing | None:
        """Return `thing` with all that is known of it: a place in the queue as its track. Raises PlatformError."""
        return await self.store.track(thing.track.id) if isinstance(thing, Queued) else thing

    async def action_add_to_playlist(self) -> None:
        """Add the tracks of what is marked, or highlighted, to one of the user's playlists, or to a new one."""
        found = [track for line in self.chosen_lines for track in await self._all_of(line.thing)]
        tracks = list({track.id: track for track in found}.values())
        if not tracks:
            self.shell.say("There is no track here to add.", "warning")
        else:
            await adding.add_to_playlist(self.shell, tracks, self.clear_marks)

    async def _all_of(self, thing: Thing) -> Sequence[Track]:
        """Return the tracks that something stands for; those of albums and playlists are fetched."""
        match await self.known(thing):
            case Track() as track:
                return [track]
            case Album(id=found):
                if self.store.album(found) is None:
                    await self.store.load_album(found)
                album = self.store.album(found)
                return album.tracks if album is not None else ()
            case Playlist(id=found):
                if self.store.playlists.get(found) is None:
                    await self.store.playlists.load(found)
                playlist = self.store.playlists.get(found)
                return playlist.tracks if playlist is not None else ()
            case _:
                return ()

    # -- making

    async def action_create(self) -> None:
        """Make a playlist, a smart one or a folder."""
        kinds = [("playlist", "Playlist"), ("smart", "Smart playlist"), ("folder", "Folder"), ("blend", "Blend")]
        if self.store.playlists.folders.missing:
            kinds = kinds[:1]
        match await self.shell.choose("Make a new", kinds) if len(kinds) > 1 else "playlist":
            case "playlist":
                if name := await self._ask_name():
                    playlist = await self.store.playlists.create(name)
                    await self._file_new(playlist)
                    self.shell.open_place(PlaylistPlace(playlist.id))
            case "smart":
                self.app.push_screen(RulesForm(self.shell), self._rules_done)
            case "folder":
                name = ((await self.shell.ask("name of the folder: ")) or "").strip()[:FOLDER_NAME_LIMIT]
                if name:
                    await self.store.playlists.folders.create(name, self.folder_here)
            case "blend":
                await self.shell.blend()
            case _:
                pass

    @property
    def folder_here(self) -> str | None:
        """The folder in which something new is made; None: none."""
        return None

    async def _file_new(self, playlist: Playlist) -> None:
        if self.folder_here is not None:
            await self.store.playlists.folders.file(playlist, self.folder_here, made=False)

    async def _ask_name(self, initial: str = "") -> str:
        name = (await self.shell.ask("name of the playlist: ", initial) or "").strip()
        return name[:100]

    # -- changing

    def _owns(self, playlist: Playlist, what: str) -> bool:
        if playlist.owner_id == self.store.me.id:
            return True
        self.shell.say(f"Only its owner can {what} a playlist.", "warning")
        return False

    @property
    def subject(self) -> Playlist | PlaylistFolder | None:
        """The playlist or folder that verbs are about: what is highlighted."""
        thing = self.thing
        return thing if isinstance(thing, Playlist | PlaylistFolder) else None

    async def action_rename(self) -> None:
        """Give one's own playlist, or a folder, another name."""
        match self.subject:
            case Playlist() as playlist:
                name = await self._ask_name(playlist.name) if self._owns(playlist, "rename") else ""
                if name and name != playlist.name:
                    await self.store.playlists.rename(playlist.id, name)
            case PlaylistFolder() as folder:
                asked = await self.shell.ask("name of the folder: ", folder.name)
                name = (asked or "").strip()[:FOLDER_NAME_LIMIT]
                if name and name != folder.name:
                    await self.store.playlists.folders.rename(folder, name)
            case _:
                pass

    def action_edit(self) -> None:
        """Change name, description, openness and cover of one's own playlist, in a form."""
        playlist = self.subject
        if isinstance(playlist, Playlist) and self._owns(playlist, "change"):
            self.app.push_screen(PlaylistForm(self.shell, playlist))

    def action_rules(self) -> None:
        """Change the rules of one's own smart playlist."""
        playlist = self.subject
        if not isinstance(playlist, Playlist):
            return
        if playlist.rules is None:
            self.shell.say(f"This playlist has no rules; {self.key_of('item.create')} makes a smart one.", "warning")
        elif self._owns(playlist, "change the rules of"):
            self.app.push_screen(RulesForm(self.shell, playlist), self._rules_done)

    def _rules_done(self, playlist_id: str | None) -> None:
        if playlist_id is not None:
            self.shell.open_place(PlaylistPlace(playlist_id))

    def action_collaborators(self) -> None:
        """See who may change a playlist."""
        if isinstance(self.subject, Playlist):
            self.app.push_screen(PlaylistPeople(self.shell, self.subject))

    async def action_copy_playlist(self) -> None:
        """Make a playlist of one's own with what this one holds."""
        playlist = self.subject
        if not isinstance(playlist, Playlist):
            return
        if self.store.playlists.get(playlist.id) is None:
            await self.store.playlists.load(playlist.id)
        made = await self.store.playlists.kinds.copy(playlist)
        self.shell.say(f"{playlist.name} is copied; the copy is yours alone.")
        self.shell.open_place(PlaylistPlace(made.id))

    async def action_to_folder(self) -> None:
        """Put a playlist or a folder into another folder."""
        subject, folders = self.subject, self.store.playlists.folders
        if subject is None:
            return
        if folders.missing:
            self.shell.say("This platform has no folders for playlists.", "warning")
            return
        inside = folders.inside(subject.id) if isinstance(subject, PlaylistFolder) else frozenset()
        branches = [one for one in folders.tree([]) if one.folder is not None and one.folder.id not in inside]
        options = [(one.folder.id, "  " * one.depth + one.folder.name) for one in branches if one.folder is not None]
        picked = await self.shell.pick(f"Put {subject.name} into", [(TOP, "no folder"), *options], new="folder")
        if picked is None:
            return
        into = None if picked.id == TOP else picked.id
        if picked.id is None:
            name = picked.name or ((await self.shell.ask("name of the folder: ")) or "").strip()
            if not name:
                return
            into = await folders.create(name[:FOLDER_NAME_LIMIT])
        if isinstance(subject, PlaylistFolder):
            await folders.move(subject, into)
        else:
            made = self.store.playlists.book.is_confirmed(subject.id)
            await folders.file(subject, into, made=made)

    # -- deleting

    async def action_delete(self) -> None:
        """Delete one's own playlist, or a folder: what lies in that moves up."""
        match self.subject:
            case Playlist() as playlist:
                await self.delete_playlist(playlist)
            case PlaylistFolder() as folder:
                await self.store.playlists.folders.delete(folder)
                key = self.key_of("global.undo")
                self.shell.say(f"The folder {folder.name} is gone; its playlists are not. {key} brings it back.")
            case _:
                pass

    async def delete_playlist(self, playlist: Playlist) -> bool:
        """Delete `playlist`; return whether it will be gone, unless that is taken back in time."""
        if not self._owns(playlist, "delete"):
            return False
        # Nobody else hears of it for a moment: what follows does not wait for that.
        following = await self.store.playlists.begin_deleting(playlist.id)
        following.add_done_callback(self._deleted)
        return True

    def _deleted(self, following: asyncio.Task[None]) -> None:
        error = None if following.cancelled() else following.exception()
        if isinstance(error, PlatformError) and not isinstance(error, NotSent):
            self.shell.report(error)
