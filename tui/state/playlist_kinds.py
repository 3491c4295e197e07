"""Playlists that are made of others, by rules or of two people's music, and who may change one: writes and reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from api_client import music_endpoints
from api_client.calls import build
from api_client.client import PlatformClient
from api_client.errors import PlatformError
from api_client.ids import new_id
from api_client.models.base import Items, WireModel
from api_client.models.music import Library, NewCollaborator, Playlist
from api_client.models.playlist_rules import Rules, RulesChange
from api_client.models.playlists import NewBlend, PlaylistCopy, RulesPreview
from api_client.models.users import User, UserRef
from api_client.sync.cache import Cache
from api_client.sync.intents import Base, Inverse
from api_client.sync.receipts import NotSent, Receipt
from tui.state.asking import ask
from tui.state.kept import Kept
from tui.state.pages import every
from tui.state.playlist_book import PlaylistBook
from tui.state.wishes import Wishes
from tui.state.writes import Writes


class _People(WireModel):
    people: Items[UserRef] = []


class PlaylistKinds:
    """One for the shelf of playlists."""

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        me: User,
        book: PlaylistBook,
        cache: Cache,
        changed: Callable[[str], None],
        settled: Callable[[str], None],
    ) -> None:
        """`changed` and `settled` are called with the id of a playlist that looks different, or may be fetched."""
        self._client = client
        self._writes = writes
        self._me = me
        self._book = book
        self._changed = changed
        self._settled = settled
        self._editors = Kept(cache, "playlist:editors", _People)
        self._of_people = Kept(cache, "playlists:of", Library)
        self._invited: Wishes[str] = Wishes()
        self._removed: Wishes[str] = Wishes()
        writes.show(music_endpoints.SET_RULES, by=self._follow_rules)
        writes.show(music_endpoints.COPY_PLAYLIST, by=self._follow_copy)
        writes.show(music_endpoints.BLEND, by=self._follow_blend)
        writes.show(music_endpoints.ADD_COLLABORATOR, by=self._follow_invitation)
        writes.show(music_endpoints.REMOVE_COLLABORATOR, by=self._follow_removal)

    # -- rules

    async def preview(self, rules: Rules) -> RulesPreview:
        """Return what rules choose now. Raises PlatformError."""
        return await self._client.playlists.try_rules(rules)

    async def set_rules(self, playlist: Playlist, rules: Rules | None) -> None:
        """Give a playlist other rules, or make an ordinary one of it. Returns once stored; raises StoreTrouble."""
        before = {"rules": playlist.rules}
        base = Base(playlist.version, before) if self._book.is_confirmed(playlist.id) else None
        said = {"base_version": base.version} if base is not None else {}
        undo = Inverse(
            music_endpoints.SET_RULES,
            {"id": playlist.id},
            build(RulesChange, rules=playlist.rules),
            f"give {playlist.name} its rules again",
        )
        await ask(
            self._writes,
            music_endpoints.SET_RULES,
            object_key=f"playlist:{playlist.id}",
            label=f"change the rules of {playlist.name}"
            if rules is not None
            else f"take the rules off {playlist.name}",
            params={"id": playlist.id},
            body=build(RulesChange, rules=rules, **said),
            holds_words=True,
            base=base,
            undo=undo,
        )

    async def _follow_rules(self, receipt: Receipt) -> Playlist:
        playlist_id, body = receipt.intent.params["id"], receipt.intent.body
        rules = None if body.rules is None else body.rules.model_dump(mode="json")
        with self._book.changes.wished(playlist_id, {"rules": rules, "can_edit": rules is None}, self._changed):
            changed: Playlist = await receipt
            self._book.learn(changed, self._book.edited(playlist_id).settled)
            self._book.learn_facts(changed)
            self._book.edited(playlist_id).stale = True
        self._settled(playlist_id)
        return changed

    # -- copies

    async def copy(self, source: Playlist, name: str = "") -> Playlist:
        """Ask for a playlist of the user's own with what `source` holds; it can be changed at once."""
        playlist_id = new_id()
        called = name or source.name
        await ask(
            self._writes,
            music_endpoints.COPY_PLAYLIST,
            object_key=f"playlist:{playlist_id}",
            label=f"copy the playlist {source.name}",
            params={"id": source.id},
            body=build(PlaylistCopy, id=playlist_id, name=called[:100]),
            holds_words=True,
            undo=Inverse(
                music_endpoints.DELETE_PLAYLIST, {"id": playlist_id}, label=f"delete the copy {called}", again=False
            ),
        )
        return self._book.get(playlist_id) or source

    async def _follow_copy(self, receipt: Receipt) -> Playlist:
        body: PlaylistCopy = receipt.intent.body
        source = self._book.get(receipt.intent.params["id"])
        tracks = [track.changed(added_by=self._me.id, added_by_name=None) for track in source.tracks] if source else []
        wished = Playlist(
            id=body.id or receipt.id,
            owner_id=self._me.id,
            owner_name=self._me.full_name or self._me.username,
            name=body.name or "",
            is_public=False,
            can_edit=True,
            version=0,
            created_at=datetime.fromtimestamp(receipt.intent.created_at, UTC),
            tracks=tracks,
            track_count=len(tracks),
        )
        self._book.wish(wished)
        self._changed(wished.id)
        try:
            made: Playlist = await receipt
        except PlatformError as error:
            if not isinstance(error, NotSent) or not receipt.is_open:
                self._book.unwish(wished.id)
            self._changed(wished.id)
            raise
        self._book.made(made)
        self._changed(made.id)
        self._settled(made.id)
        return made

    # -- blends

    async def blend(self, username: str) -> asyncio.Task[Playlist]:
        """Ask for the blend with a friend; what is returned gives it once it is made. Raises StoreTrouble."""
        return await ask(
            self._writes,
            music_endpoints.BLEND,
            object_key=f"blend:{username.casefold()}",
            label=f"blend your music with {username}",
            body=build(NewBlend, username=username),
        )

    async def _follow_blend(self, receipt: Receipt) -> Playlist:
        made: Playlist = await receipt
        self._book.made(made)
        self._changed(made.id)
        self._settled(made.id)
        return made

    # -- who may change one

    def editors(self, playlist_id: str) -> list[UserRef] | None:
        """Return who is named as an editor, as it is wanted; None where it is not known."""
        kept = self._editors.get(playlist_id)
        if kept is None:
            return None
        going = set(self._removed.all_of(playlist_id))
        shown = [person for person in kept.people if person.id not in going]
        names = {person.username.casefold() for person in shown}
        coming = [name for name in self._invited.all_of(playlist_id) if name.casefold() not in names]
        return [*shown, *(UserRef(id=f"@{name}", username=name) for name in dict.fromkeys(coming))]

    async def load_editors(self, playlist_id: str) -> None:
        """Fetch who is named as an editor. Raises PlatformError."""

        async def fetch() -> _People:
            ask_for = self._client.playlists.collaborators
            return _People(people=await every(lambda cursor: ask_for(playlist_id, cursor, limit=100)))

        await self._editors.fetch(fetch, playlist_id)
        self._changed(playlist_id)

    async def invite(self, playlist: Playlist, username: str) -> asyncio.Task[Any]:
        """Let somebody change a playlist; follows with who it is. Raises StoreTrouble."""
        return await ask(
            self._writes,
            music_endpoints.ADD_COLLABORATOR,
            object_key=f"playlist:{playlist.id}",
            label=f"let {username} change {playlist.name}",
            params={"id": playlist.id},
            body=build(NewCollaborator, username=username),
        )

    async def remove(self, playlist: Playlist, person: UserRef) -> asyncio.Task[Any]:
        """Let somebody change a playlist no more. Raises StoreTrouble."""
        label = f"let {person.username} change {playlist.name} no more"
        return await ask(
            self._writes,
            music_endpoints.REMOVE_COLLABORATOR,
            object_key=f"playlist:{playlist.id}",
            label=label,
            params={"id": playlist.id, "userId": person.id},
            undo=Inverse(
                music_endpoints.ADD_COLLABORATOR,
                {"id": playlist.id},
                build(NewCollaborator, username=person.username),
                f"let {person.username} change {playlist.name} again",
            ),
        )

    async def _follow_invitation(self, receipt: Receipt) -> UserRef:
        playlist_id = receipt.intent.params["id"]
        with self._invited.wished(playlist_id, receipt.intent.body.username, self._changed):
            named: UserRef = await receipt
            rest = [person for person in self._known_editors(playlist_id) if person.id != named.id]
            self._editors.put(_People(people=[*rest, named]), playlist_id)
        return named

    async def _follow_removal(self, receipt: Receipt) -> None:
        playlist_id, user_id = receipt.intent.params["id"], receipt.intent.params["userId"]
        with self._removed.wished(playlist_id, user_id, self._changed):
            await receipt
            rest = [person for person in self._known_editors(playlist_id) if person.id != user_id]
            self._editors.put(_People(people=rest), playlist_id)

    def _known_editors(self, playlist_id: str) -> list[UserRef]:
        kept = self._editors.get(playlist_id)
        return list(kept.people) if kept is not None else []

    # -- those of a person

    def of_person(self, username: str) -> list[Playlist] | None:
        """Return the public playlists of somebody, as they were fetched last; None where that was never done."""
        kept = self._of_people.get(username.casefold())
        return None if kept is None else self._book.as_shown(kept.playlists)

    async def load_of_person(self, username: str) -> list[Playlist]:
        """Fetch the public playlists of somebody, and return them. Raises PlatformError."""

        async def fetch() -> Library:
            ask_for = self._client.playlists.of_person
            return Library(playlists=await every(lambda cursor: ask_for(username, cursor, limit=100)))

        return (await self._of_people.fetch(fetch, username.casefold())).playlists
