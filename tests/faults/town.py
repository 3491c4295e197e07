"""A town for the fault matrix: somebody who has one of everything, arguments for every endpoint, effects as numbers."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.endpoints import Endpoint
from api_client.models.base import WireModel
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.music import NewPlaylist, PlaylistMove
from api_client.models.posts import MediaInput, NewPhotoPost, NewStory, NewThreadPost, UploadRequest
from api_client.models.threads import NewSubreddit
from api_client.models.users import LoginRequest, ProfileChange, RegisterRequest
from server.db import Base
from server.limiter import RateLimiter
from tests.server.music_seed import seed_catalogue
from tests.shared_platform import SharedPlatform

PASSWORD = "correct horse battery"
TOKENS_LAST = 600.0
"""Seconds after which the town is built anew, well before the access tokens end in it."""
# A PNG of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
_REPLIES_KEPT = "idempotency"
_WRITTEN_BY_TRIGGERS = ("search_documents",)

Effects = Mapping[str, tuple[int, ...]]
"""Table to figures about its columns: equal where the same has happened."""


@dataclass(frozen=True, slots=True)
class Ids:
    """What Ann's town holds, by what a path calls it."""

    bob: str
    carol: str
    photo: str
    """By Bob."""
    thread: str
    """By Bob."""
    own_post: str
    own_comment: str
    own_story: str
    group: str
    """Ann's, with Bob."""
    own_message: str
    bobs_message: str
    playlist: str
    """Ann's, collaborative, with tracks t1 and t2 and Bob."""
    request: str
    """Carol wants to follow Ann."""
    session: str
    """Another sign-in of Ann."""
    upload: str
    """Announced and brought, not completed."""


class Town:
    """A platform with Ann and her friends, which can be put back to how it was."""

    def __init__(self, platform: SharedPlatform) -> None:
        self.platform = platform
        self.ids: Ids
        self._tokens: Tokens
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._effects: Effects = {}
        self._built_at = 0.0

    async def build(self) -> None:
        """Let everybody move in, and remember how it is then."""
        self._built_at = time.monotonic()
        await self.platform.within(lambda: seed_catalogue(self.platform.state.database))
        tokens = MemoryTokens()
        async with (
            PlatformClient(self.platform.url, tokens=tokens) as ann,
            PlatformClient(self.platform.url) as bob,
            PlatformClient(self.platform.url) as carol,
        ):
            for client, name in ((ann, "ann"), (bob, "bob"), (carol, "carol")):
                await client.accounts.register(name, f"{name}@example.org", PASSWORD, name.title())
            self.ids = await _furnished(ann, bob, carol)
        loaded = await tokens.load()
        assert loaded is not None
        self._tokens = loaded
        await self._quiet()
        self._rows = self._read_rows()
        self._write_rows()
        self._rows = self._read_rows()
        self._effects = self.effects()

    async def restore(self) -> None:
        """Put everything back, once the platform has nothing to do any more."""
        await self._quiet()
        self.platform.state.limiter = RateLimiter()
        if time.monotonic() - self._built_at > TOKENS_LAST:
            await self.platform.empty()
            await self.build()
        if self._read_rows() != self._rows:
            self._write_rows()

    def client(self, url: str, **options: Any) -> PlatformClient:
        """Return a client signed in as Ann, by way of `url`."""
        return PlatformClient(url, tokens=MemoryTokens(self._tokens), jitter=lambda: 0.0, **options)

    async def settled(self) -> Effects:
        """Return the effects once the platform has nothing to do any more."""
        await self._quiet()
        return self.effects()

    def effects(self) -> Effects:
        """Return what the database holds, as numbers."""
        with closing(self._database()) as database:
            return {
                table: database.execute(f"SELECT count(*), {', '.join(columns)} FROM {table}").fetchone()  # noqa: S608
                for table, columns in _COUNTED.items()
            }

    @property
    def untouched(self) -> Effects:
        """The effects of nothing."""
        return self._effects

    # -- arguments for every endpoint

    def path(self, endpoint: Endpoint) -> dict[str, str]:
        """Return values for the names in the endpoint's path: of things that are there, as far as they are known."""
        ids = self.ids
        first = endpoint.path.strip("/").partition("/")[0]
        by_owner = {
            "posts": ids.thread if endpoint.name in _OF_THREADS else ids.photo,
            "comments": ids.own_comment,
            "stories": ids.own_story,
            "conversations": ids.group,
            "messages": ids.bobs_message if endpoint.name == "chat.read" else ids.own_message,
            "artists": "ar1",
            "albums": "al1",
            "tracks": "t1",
            "playlists": ids.playlist,
            "uploads": ids.upload,
            "auth": ids.session,
            "follow-requests": ids.request,
        }
        if endpoint.name == "posts.delete":
            by_owner["posts"] = ids.own_post
        known = {
            "username": "carol" if endpoint.name == "users.follow" else "bob",
            "name": "bread",
            "trackId": "t1",
            "itemId": "t2",
            "userId": ids.bob,
            "type": "tracks",
            "id": by_owner.get(first, "7"),
        }
        names = [part[1:-1] for part in endpoint.path.split("/") if part.startswith("{")]
        return {name: known.get(name, "7") for name in names}

    def body(self, endpoint: Endpoint) -> Any:
        """Return a body that the platform takes, or at least understands; None where the endpoint has none."""
        if endpoint.request is None:
            return None
        special: dict[str, Callable[[], WireModel]] = {
            "auth.register": lambda: RegisterRequest(username="dora", email="dora@example.org", password=PASSWORD),
            "auth.login": lambda: LoginRequest(email="ann", password=PASSWORD),
            "playlists.move": lambda: PlaylistMove(track_id="t1", from_position=1, to_position=2),
            "posts.create": lambda: NewThreadPost(subreddit="bread", title="Once?"),
            "stories.create": lambda: NewStory(media=MediaInput(type="image", base64=PIXEL)),
            "chat.create": lambda: NewConversation(type="group", member_ids=[self.ids.bob], name="New"),
            "users.change": lambda: ProfileChange(bio="Changed."),
            "uploads.create": lambda: UploadRequest(filename="b.png", mime_type="image/png", size_bytes=70),
        }
        make = special.get(endpoint.name)
        return make() if make is not None else example(endpoint.request, self._named())

    def query(self, endpoint: Endpoint) -> dict[str, str] | None:
        """Return what an endpoint cannot be asked without."""
        return {"platform.search": {"q": "song"}, "chat.presence": {"ids": self.ids.bob}}.get(endpoint.name)

    def _named(self) -> dict[str, Any]:
        """Return values for the fields of request models that must name something that is there."""
        return {
            "user_id": self.ids.carol, "member_ids": [self.ids.bob], "username": "carol", "track_id": "t3",
            "refresh_token": self._tokens.refresh, "name": "fresh_name", "timestamp": 1,
        }  # fmt: skip

    # -- how

    async def _quiet(self) -> None:
        """Wait until no request is being answered and nothing goes on behind."""

        async def quiet() -> None:
            while answering := [task for task in asyncio.all_tasks() if _answers(task)]:
                await asyncio.wait(answering)
            await self.platform.state.background.drain()

        await self.platform.within(quiet)

    def _database(self) -> sqlite3.Connection:
        path = self.platform.state.database.path
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)

    def _read_rows(self) -> dict[str, list[tuple[Any, ...]]]:
        with closing(self._database()) as database:
            return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in Base.metadata.tables}  # noqa: S608

    def _write_rows(self) -> None:
        """Put back the tables that differ; nobody else writes now, and their references are all there at the end."""
        with closing(sqlite3.connect(self.platform.state.database.path, timeout=30, isolation_level=None)) as database:
            database.execute("PRAGMA foreign_keys = OFF")
            database.execute("BEGIN IMMEDIATE")
            for name, found in self._read_rows().items():
                wanted = [] if name == _REPLIES_KEPT else self._rows[name]
                if found == wanted or name in _WRITTEN_BY_TRIGGERS:
                    continue
                database.execute(f"DELETE FROM {name}")  # noqa: S608
                if wanted:
                    marks = ", ".join("?" * len(wanted[0]))
                    database.executemany(f"INSERT INTO {name} VALUES ({marks})", wanted)  # noqa: S608
            database.execute("COMMIT")


_OF_THREADS = frozenset({"posts.vote", "comments.create", "comments.list", "posts.get"})


def _counted() -> dict[str, list[str]]:
    """Return by table what is counted of its columns: what is not null, the sum of numbers, the length of text.

    Versions are not: a change that is repeated counts a second one and says the same.
    """
    counted: dict[str, list[str]] = {}
    for table in Base.metadata.tables.values():
        sums = counted.setdefault(table.name, [])
        for column in table.columns:
            sums.append(f"count({column.name})")
            if str(column.type) in ("INTEGER", "BOOLEAN") and not column.name.endswith(("_ms", "version")):
                sums.append(f"coalesce(sum({column.name}), 0)")
            elif str(column.type).startswith(("VARCHAR", "TEXT")):
                sums.append(f"coalesce(sum(length({column.name})), 0)")
    return {name: sums for name, sums in counted.items() if name not in (_REPLIES_KEPT, *_WRITTEN_BY_TRIGGERS)}


_COUNTED = _counted()


def _answers(task: asyncio.Task[Any]) -> bool:
    return "run_asgi" in getattr(task.get_coro(), "__qualname__", "")


async def _furnished(ann: PlatformClient, bob: PlatformClient, carol: PlatformClient) -> Ids:
    """Give Ann one of everything."""
    bob_id, carol_id = (await bob.accounts.me()).id, (await carol.accounts.me()).id
    picture = [MediaInput(type="image", base64=PIXEL)]
    await bob.threads.found(NewSubreddit(name="bread"))
    photo = await bob.feed.create(NewPhotoPost(caption="Bob's", media=picture))
    thread = await bob.feed.create(NewThreadPost(subreddit="bread", title="Rye?"))
    own_post = await ann.feed.create(NewPhotoPost(caption="Ann's", media=picture))
    own_comment = await ann.comments.create(thread.id, "Rye.")
    own_story = await ann.stories.create(NewStory(media=picture[0]))
    group = await ann.chat.create(NewConversation(type="group", member_ids=[bob_id], name="Bakers"))
    own_message = await ann.chat.send(group.id, NewMessage(content="Hello"))
    bobs_message = await bob.chat.send(group.id, NewMessage(content="Hello back"))
    playlist = await ann.playlists.create(NewPlaylist(name="Oven", is_collaborative=True))
    for track in ("t1", "t2"):
        await ann.playlists.add(playlist.id, track)
    await ann.playlists.add_collaborator(playlist.id, "bob")
    await ann.users.follow("bob")
    await ann.users.change(ProfileChange(is_private=True))
    await carol.users.follow("ann")
    (request,) = await ann.users.follow_requests()
    upload = await _brought(ann)
    async with PlatformClient(ann.address.origin) as elsewhere:
        await elsewhere.accounts.sign_in("ann", PASSWORD)
    session = next(session.id for session in await ann.accounts.sessions() if not session.current)
    return Ids(
        bob_id, carol_id, photo.id, thread.id, own_post.id, own_comment.id, own_story.id, group.id, own_message.id,
        bobs_message.id, playlist.id, request.id, session, upload,
    )  # fmt: skip


async def _brought(ann: PlatformClient) -> str:
    """Upload a file and return its id; it is completed in the tests."""
    completed: list[str] = []

    async def not_yet(upload_id: str) -> None:
        completed.append(upload_id)

    complete, ann.uploads.complete = ann.uploads.complete, not_yet  # type: ignore[method-assign]
    try:
        return await ann.uploads.upload(b64decode(PIXEL), "a.png", "image/png")
    finally:
        ann.uploads.complete = complete  # type: ignore[method-assign]


def example(kind: Any, named: Mapping[str, Any]) -> Any:
    """Return a value of a request model: the required fields, those in `named` as it says, the others made up."""
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        return example(get_args(kind)[0], named)
    if get_origin(kind) in (list, tuple):
        return [example(get_args(kind)[0], named)]
    if hasattr(kind, "__metadata__"):
        return example(kind.__origin__, named)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {
            name: named[name] if name in named else example(field.annotation, named)
            for name, field in kind.model_fields.items()
            if field.is_required()
        }
        return kind.model_validate(fields)
    return {str: "fresh", int: 1, bool: True, float: 0.5}.get(kind, "fresh")
