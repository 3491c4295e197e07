"""The user's folders of playlists: a tree that changes at once, and is sent when the platform can be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from api_client import music_endpoints
from api_client.calls import build
from api_client.client import PlatformClient
from api_client.errors import NotFound
from api_client.ids import new_id
from api_client.models.music import Playlist
from api_client.models.playlists import Filing, FolderChange, NewFolder, PlaylistFolder, PlaylistFolders
from api_client.sync.cache import Cache
from api_client.sync.intents import Inverse
from api_client.sync.receipts import Receipt
from tui.state.asking import ask
from tui.state.kept import Kept
from tui.state.wishes import Wishes
from tui.state.writes import Writes

LANE = "playlist-folders"
"""What is done to folders is sent in one line: into a folder comes nothing before it is made."""

REGRET = 5.0
"""Seconds for which a folder that was deleted can be had back."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A folder or a playlist in the tree; `depth` 0 is the top."""

    depth: int
    folder: PlaylistFolder | None = None
    playlist: Playlist | None = None
    count: int = 0
    """Of a folder: how many playlists lie in it and in what lies in it."""


def tree(folders: Iterable[PlaylistFolder], playlists: Sequence[Playlist]) -> list[Branch]:
    """Return folders by name, what lies in each right behind it, then the playlists as they stand.

    What lies in a folder that is not known lies at the top; folders that a platform sent as a circle do as well.
    """
    known = {folder.id: folder for folder in folders}
    inside: dict[str | None, list[PlaylistFolder]] = {}
    for folder in known.values():
        above = folder.parent_id if folder.parent_id in known and not _circles(known, folder) else None
        inside.setdefault(above, []).append(folder)
    lying: dict[str | None, list[Playlist]] = {}
    for playlist in playlists:
        lying.setdefault(playlist.folder_id if playlist.folder_id in known else None, []).append(playlist)

    def below(folder_id: str | None, depth: int) -> list[Branch]:
        found: list[Branch] = []
        for folder in sorted(inside.get(folder_id, ()), key=lambda one: (one.name.casefold(), one.id)):
            children = below(folder.id, depth + 1)
            count = sum(branch.playlist is not None for branch in children)
            found += [Branch(depth, folder=folder, count=count), *children]
        return [*found, *(Branch(depth, playlist=playlist) for playlist in lying.get(folder_id, ()))]

    return below(None, 0)


def _circles(known: dict[str, PlaylistFolder], folder: PlaylistFolder) -> bool:
    seen, here = {folder.id}, folder.parent_id
    while here in known:
        if here in seen:
            return True
        seen.add(here)
        here = known[here].parent_id
    return False


class FolderShelf:
    """One for the store. `folders` shows what was asked for before the platform has it."""

    def __init__(self, client: PlatformClient, writes: Writes, cache: Cache, changed: Callable[[], None]) -> None:
        """`changed` is called when the tree looks different."""
        self._client = client
        self._writes = writes
        self._changed = changed
        self._listed = Kept(cache, "playlists:folders", PlaylistFolders)
        self.missing = False
        """Whether the platform knows of no folders."""
        self._made: Wishes[PlaylistFolder] = Wishes()
        self._altered: Wishes[dict[str, Any]] = Wishes()
        self._going: Wishes[bool] = Wishes()
        self._filed: Wishes[Filing] = Wishes()
        writes.show(music_endpoints.CREATE_FOLDER, by=self._follow_making)
        writes.show(music_endpoints.CHANGE_FOLDER, by=self._follow_change)
        writes.show(music_endpoints.DELETE_FOLDER, by=self._follow_deleting)
        writes.show(music_endpoints.FILE_PLAYLIST, by=self._follow_filing)
        self._moment = 0
        self._confirmed_filings: dict[str, tuple[str | None, int]] = {}

    # -- what is shown

    @property
    def folders(self) -> list[PlaylistFolder]:
        """The folders as they are wanted."""
        listed = self._listed.get()
        known = {folder.id: folder for folder in (listed.folders if listed is not None else ())}
        known |= {folder.id: folder for folder in self._made.newest()}
        going = {folder_id: known[folder_id] for folder_id in known if self._going.of(folder_id)}
        shown = []
        for folder in known.values():
            if folder.id not in going:
                for change in self._altered.all_of(folder.id):
                    folder = folder.changed(**change)
                shown.append(folder.changed(parent_id=_out_of(going, folder.parent_id)))
        return shown

    def get(self, folder_id: str) -> PlaylistFolder | None:
        """Return a folder as it is wanted."""
        return next((folder for folder in self.folders if folder.id == folder_id), None)

    def tree(self, playlists: Sequence[Playlist]) -> list[Branch]:
        """Return the tree with `playlists` in it."""
        return tree(self.folders, [self._where_wanted(playlist) for playlist in playlists])

    def inside(self, folder_id: str) -> frozenset[str]:
        """Return a folder and all that lie in it: it cannot go into any of them."""
        found = {folder_id}
        for branch in self.tree([]):  # what lies in a folder comes behind it
            if branch.folder is not None and branch.folder.parent_id in found:
                found.add(branch.folder.id)
        return frozenset(found)

    def folder_of(self, playlist: Playlist) -> str | None:
        """Return in which folder a playlist lies, as it is wanted."""
        return self._where_wanted(playlist).folder_id

    def _where_wanted(self, playlist: Playlist) -> Playlist:
        wish = self._filed.of(playlist.id)
        folder_id = wish.folder_id if wish is not None else playlist.folder_id
        if wish is None and playlist.id in self._confirmed_filings:
            folder_id, _ = self._confirmed_filings[playlist.id]
        listed = self._listed.get()
        gone = {one.id: one for one in (listed.folders if listed is not None else ()) if self._going.of(one.id)}
        return playlist.changed(folder_id=_out_of(gone, folder_id))

    async def load(self) -> None:
        """Fetch the folders; a platform without any has none. Raises PlatformError."""
        asked_at = -1
        try:
            # An answer to a question from before a change may not know of it.
            while asked_at != self._moment:
                asked_at = self._moment
                await self._listed.fetch(self._client.folders.all)
        except NotFound:
            self.missing = True
        self._changed()

    @property
    def moment(self) -> int:
        """A number that grows with every change that is confirmed; to be noted when the playlists are asked for."""
        return self._moment

    def relisted(self, asked_at: int) -> None:
        """The playlists were fetched, asked for at `asked_at`: of what was filed before they say where it lies."""
        later = {name: filing for name, filing in self._confirmed_filings.items() if filing[1] > asked_at}
        self._confirmed_filings = later

    # -- asking: each returns once it is stored, whether the platform can be reached or not; raises StoreTrouble

    async def create(self, name: str, parent_id: str | None = None) -> str:
        """Make a folder, and return its id. Raises Invalid for a name that is none."""
        folder_id = new_id()
        await ask(
            self._writes,
            music_endpoints.CREATE_FOLDER,
            object_key=LANE,
            label=f"make the folder {name}",
            body=build(NewFolder, id=folder_id, name=name, parent_id=parent_id),
            holds_words=True,
            undo=Inverse(
                music_endpoints.DELETE_FOLDER, {"id": folder_id}, label=f"delete the new folder {name}", again=False
            ),
        )
        return folder_id

    async def rename(self, folder: PlaylistFolder, name: str) -> None:
        """Give a folder another name."""
        await self._change(folder, f"rename the folder {folder.name} to {name}", name=name)

    async def move(self, folder: PlaylistFolder, parent_id: str | None) -> None:
        """Put a folder into another one, or to the top."""
        await self._change(folder, f"move the folder {folder.name}", parent_id=parent_id)

    async def _change(self, folder: PlaylistFolder, label: str, **fields: str | None) -> None:
        before = {name: getattr(folder, name) for name in fields}
        await ask(
            self._writes,
            music_endpoints.CHANGE_FOLDER,
            object_key=LANE,
            label=label,
            params={"id": folder.id},
            body=build(FolderChange, **fields),
            undo=Inverse(
                music_endpoints.CHANGE_FOLDER, {"id": folder.id}, build(FolderChange, **before), f"undo: {label}"
            ),
        )

    async def delete(self, folder: PlaylistFolder) -> None:
        """Take a folder away after a moment in which it can be had back; what lies in it moves up."""
        await ask(
            self._writes,
            music_endpoints.DELETE_FOLDER,
            object_key=LANE,
            label=f"delete the folder {folder.name}",
            params={"id": folder.id},
            hold=REGRET,
            undo=Inverse(label=f"delete the folder {folder.name}"),
        )

    async def file(self, playlist: Playlist, folder_id: str | None, *, made: bool = True) -> None:
        """Put a playlist into a folder, or out of all; `made` says whether the platform has the playlist."""
        label = f"move {playlist.name} to another folder"
        await ask(
            self._writes,
            music_endpoints.FILE_PLAYLIST,
            # What is not made yet is filed behind its making.
            object_key=LANE if made else f"playlist:{playlist.id}",
            label=label,
            params={"id": playlist.id},
            body=build(Filing, folder_id=folder_id),
            undo=Inverse(
                music_endpoints.FILE_PLAYLIST,
                {"id": playlist.id},
                build(Filing, folder_id=self.folder_of(playlist)),
                f"undo: {label}",
            ),
        )

    # -- following

    async def _follow_making(self, receipt: Receipt) -> PlaylistFolder:
        body: NewFolder = receipt.intent.body
        wished = PlaylistFolder(id=body.id or receipt.id, name=body.name, parent_id=body.parent_id)
        with self._made.wished(wished.id, wished, self._told):
            made: PlaylistFolder = await receipt
            self._relist([made])
        return made

    async def _follow_change(self, receipt: Receipt) -> PlaylistFolder:
        folder_id, body = receipt.intent.params["id"], receipt.intent.body
        wish = {name: getattr(body, name) for name in body.model_fields_set if name in ("name", "parent_id")}
        with self._altered.wished(folder_id, wish, self._told):
            changed: PlaylistFolder = await receipt
            self._relist([changed])
        return changed

    async def _follow_deleting(self, receipt: Receipt) -> None:
        folder_id = receipt.intent.params["id"]
        with self._going.wished(folder_id, True, self._told):
            await receipt
            listed = self._listed.get() or PlaylistFolders()
            going = {folder.id: folder for folder in listed.folders if folder.id == folder_id}
            rest = [
                folder.changed(parent_id=_out_of(going, folder.parent_id))
                for folder in listed.folders
                if folder.id != folder_id
            ]
            self._put(rest)

    async def _follow_filing(self, receipt: Receipt) -> Filing:
        playlist_id, body = receipt.intent.params["id"], receipt.intent.body
        with self._filed.wished(playlist_id, body, self._told):
            filed: Filing = await receipt
            self._moment += 1
            self._confirmed_filings[playlist_id] = filed.folder_id, self._moment
        return filed

    def _relist(self, folders: Iterable[PlaylistFolder]) -> None:
        listed = self._listed.get() or PlaylistFolders()
        known = {folder.id: folder for folder in listed.folders} | {folder.id: folder for folder in folders}
        self._put(known.values())

    def _put(self, folders: Iterable[PlaylistFolder]) -> None:
        self._moment += 1
        self._listed.put(PlaylistFolders(folders=list(folders)))

    def _told(self, _: str) -> None:
        self._changed()


def _out_of(going: dict[str, PlaylistFolder], folder_id: str | None) -> str | None:
    """Return the nearest folder above that stays; what is a circle ends at the top."""
    for _ in range(len(going) + 1):
        if folder_id not in going:
            return folder_id
        folder_id = going[folder_id].parent_id
    return None
