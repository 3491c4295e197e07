"""Two people, a community, posts, a chat and some music, on one platform, for the verbs of the command line."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api_client.auth import MemoryTokens, Tokens
from api_client.client import PlatformClient
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.music import NewPlaylist
from api_client.models.posts import MediaInput, NewPhotoPost, NewThreadPost
from api_client.models.threads import NewSubreddit
from tests.server.music_seed import seed_catalogue
from tests.server.pictures import png
from tests.shared_platform import SharedPlatform
from tests.tui.cli.conftest import PASSWORD, keep
from tui.__main__ import main
from tui.accounts import Account


@dataclass
class Sitting:
    """Somebody signed in on a folder of their own."""

    name: str
    id: str
    url: str
    folder: Path
    tokens: Tokens

    @property
    def options(self) -> tuple[str, ...]:
        return ("--data", str(self.folder), "--insecure-storage")

    def run(self, *words: str) -> int:
        """Run a command in this process and return its exit status."""
        return main([*words, *self.options])

    def ask(self, work: Callable[[PlatformClient], Any]) -> Any:
        """Ask the platform as this user, beside the command line."""

        async def asked() -> Any:
            async with PlatformClient(self.url, tokens=MemoryTokens(self.tokens)) as client:
                return await work(client)

        return asyncio.run(asked())


@dataclass
class Town:
    """Who and what there is."""

    ann: Sitting
    bob: Sitting
    thread: str
    photo: str
    comment: str
    chat: str
    message: str
    playlist: str
    """Bob's, public, with t1 and t2."""


def settle(url: str, name: str, folder: Path) -> Sitting:
    """Register somebody and sign them in on `folder`."""
    store = MemoryTokens()

    async def register() -> Account:
        async with PlatformClient(url, tokens=store) as client:
            user = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
            return Account(client.address.base, user.username, user.id)

    account = asyncio.run(register())
    tokens = asyncio.run(store.load())
    assert tokens is not None
    keep(folder, account, tokens)
    return Sitting(name, account.user_id, url, folder, tokens)


@pytest.fixture(scope="module")
def town(platform: SharedPlatform, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The place of all tests of a module."""
    asyncio.run(platform.empty())
    asyncio.run(platform.within(lambda: seed_catalogue(platform.state.database)))
    folder = tmp_path_factory.mktemp("town")
    ann, bob = (settle(platform.url, name, folder / name) for name in ("ann", "bob"))

    async def furnish(client: PlatformClient) -> Town:
        await client.threads.found(NewSubreddit(name="synths", title="Synths", description="All about synths"))
        thread = await client.feed.create(NewThreadPost(subreddit="synths", title="Which one?", body="I wonder\nmuch"))
        upload = await client.uploads.upload(png(), "harbour.png", "image/png")
        photo = await client.feed.create(
            NewPhotoPost(caption="The harbour", media=[MediaInput(type="image", upload_id=upload, alt="Boats")])
        )
        comment = await client.comments.create(thread.id, "The old one")
        chat = await client.chat.create(NewConversation(member_ids=[ann.id]))
        message = await client.chat.send(chat.id, NewMessage(content="Hello ann", client_id=str(uuid.uuid4())))
        playlist = await client.playlists.create(NewPlaylist(name="Dawn"))
        for track in ("t1", "t2"):
            await client.playlists.add(playlist.id, track)
        return Town(ann, bob, thread.id, photo.id, comment.id, chat.id, message.id, playlist.id)

    made: Town = bob.ask(furnish)
    ann.ask(lambda client: client.users.follow("bob"))
    ann.ask(lambda client: client.threads.join("synths"))
    return made


@pytest.fixture
def feed_stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], None]:
    """Put text on stdin."""

    def put(text: str | bytes) -> None:
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))

    return put


def lines(text: str) -> list[Any]:
    """Return the lines of JSON in `text`."""
    return [json.loads(line) for line in text.splitlines()]
