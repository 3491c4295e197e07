"""Who follows a write: once, until it is decided, and again when what was refused is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from api_client import music_endpoints
from api_client.errors import Conflict, Invalid, PlatformError
from api_client.models.music import PlaylistChange
from api_client.sync import Base, Outbox, PutRebase, Status
from api_client.sync.receipts import NotSent, Receipt
from tests.api_client.sync.fake_platform import FakePlatform
from tui.state.writes import Writes

PATIENCE = 20.0


class Desk:
    """A store that follows changes of a playlist: shows each while it is open, and notes what became of it."""

    def __init__(self) -> None:
        self.platform = FakePlatform()
        self.outbox = Outbox(
            self.platform,
            rebase={music_endpoints.CHANGE_PLAYLIST.name: PutRebase(self.platform.record)},
            jitter=lambda: 0.01,
        )
        self.writes = Writes(self.outbox)
        self.writes.show(music_endpoints.CHANGE_PLAYLIST, by=self._follow)
        self.changed = asyncio.Event()
        self.outbox.subscribe(lambda _: self.changed.set())
        self.shown: list[str] = []
        self.ends: list[str] = []

    async def _follow(self, receipt: Receipt) -> Any:
        name = str(receipt.intent.body.name)
        self.shown.append(name)
        self.changed.set()
        try:
            reply = await receipt
        except PlatformError as error:
            self.ends.append(type(error).__name__)
            raise
        else:
            self.ends.append("done")
        finally:
            self.shown.remove(name)
            self.changed.set()
        return reply

    async def write(self, name: str, *, words: bool = True, base: Base | None = None) -> Receipt:
        return await self.writes.begin(
            music_endpoints.CHANGE_PLAYLIST,
            object_key="playlists:1",
            label="rename",
            params={"id": "1"},
            body=PlaylistChange(name=name, base_version=None if base is None else base.version),
            holds_words=words,
            base=base,
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    @property
    def there(self) -> Any:
        return self.platform.records["1"].get("name")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    found = Desk()
    yield found
    await found.outbox.close()


async def refused(desk: Desk, name: str = "bad") -> Receipt:
    """Return a write with words that was refused; nobody follows it any more."""
    desk.platform.fate = lambda _: "refuse"
    receipt = await desk.write(name)
    await desk.until(lambda: bool(desk.ends))
    assert (desk.shown, desk.ends, receipt.status) == ([], ["Invalid"], Status.ATTENTION)
    desk.platform.fate = lambda _: "gone"
    return receipt


async def test_a_write_without_words_is_given_up_when_it_is_refused(desk: Desk) -> None:
    desk.platform.fate = lambda _: "refuse"
    receipt = await desk.write("bad", words=False)
    with pytest.raises(Invalid):
        await desk.writes.follow(receipt)
    assert receipt.status is Status.DISCARDED


async def test_what_is_sent_again_is_shown_again_until_it_is_done(desk: Desk) -> None:
    receipt = await refused(desk)
    desk.outbox.retry(receipt.id)
    await desk.until(lambda: desk.shown == ["bad"])
    desk.platform.fate = lambda _: "answer"
    desk.outbox.resume()
    await desk.until(lambda: desk.ends == ["Invalid", "done"])
    assert (desk.shown, desk.there) == ([], "bad")


async def test_what_is_refused_twice_is_followed_three_times(desk: Desk) -> None:
    receipt = await refused(desk)
    desk.platform.fate = lambda _: "refuse"
    desk.outbox.retry(receipt.id)
    await desk.until(lambda: desk.ends == ["Invalid", "Invalid"] and not desk.shown)
    desk.platform.fate = lambda _: "answer"
    desk.outbox.retry(receipt.id)
    await desk.until(lambda: desk.ends == ["Invalid", "Invalid", "done"])
    assert desk.there == "bad"


async def test_what_was_edited_is_shown_as_it_is_now(desk: Desk) -> None:
    receipt = await refused(desk)
    assert await desk.outbox.edit(receipt.id, PlaylistChange(name="good"))
    await desk.until(lambda: desk.shown == ["good"])
    desk.platform.fate = lambda _: "answer"
    desk.outbox.resume()
    await desk.until(lambda: desk.ends == ["Invalid", "done"])
    assert (desk.shown, desk.there) == ([], "good")


async def test_what_was_given_up_is_followed_no_more(desk: Desk) -> None:
    receipt = await refused(desk)
    assert await desk.outbox.discard(receipt.id)
    desk.platform.fate = lambda _: "answer"
    await (await desk.write("other"))
    assert desk.there == "other"
    await desk.until(lambda: not desk.shown)
    assert desk.ends == ["Invalid", "done"]


@pytest.mark.parametrize("words", [True, False])
async def test_a_conflict_is_kept_whatever_it_holds_and_followed_again_when_it_is_decided(
    desk: Desk, words: bool
) -> None:
    desk.platform.records["1"].update(name="theirs", version=4)
    receipt = await desk.write("mine", words=words, base=Base(3, {"name": "was"}))
    with pytest.raises(Conflict):
        await desk.writes.follow(receipt)
    assert (receipt.status, desk.shown) == (Status.ATTENTION, [])
    assert receipt.conflict is not None
    assert {side: receipt.conflict[side]["name"] for side in ("base", "mine", "theirs")} == {
        "base": "was",
        "mine": "mine",
        "theirs": "theirs",
    }
    assert await desk.outbox.resolve(receipt.id, {"name": "both"})
    await desk.until(lambda: desk.ends == ["Conflict", "done"])
    assert (desk.shown, desk.there, receipt.status) == ([], "both", Status.DONE)


async def test_a_write_that_is_not_sent_when_the_program_ends_is_not_given_up(desk: Desk) -> None:
    desk.platform.fate = lambda _: "gone"
    receipt = await desk.write("mine", words=False)
    following = desk.writes.follow(receipt)
    await desk.until(lambda: desk.shown == ["mine"])
    await desk.outbox.close()
    with pytest.raises(NotSent):
        await following
    assert receipt.status is not Status.DISCARDED
