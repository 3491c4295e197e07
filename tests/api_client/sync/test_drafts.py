import asyncio

import pytest

from api_client.sync import Outbox, StoreTrouble
from api_client.sync.drafts import Drafts
from api_client.sync.memory import Disk, MemoryStore
from tests.api_client.sync.fake_platform import FakePlatform, change
from tests.api_client.sync.virtual import LoopClock, run


def drafts_on(disk: Disk, writer: str) -> Drafts:
    return Drafts(MemoryStore(disk), LoopClock(), writer)


async def _within_a_second() -> None:
    disk = Disk()
    drafts = drafts_on(disk, "me")
    for length in range(1, 40):
        drafts.keep("post", {"title": "t" * length, "body": ""})
        await asyncio.sleep(0.1)
        stored = disk.drafts.get(("post", "me"))
        assert length < 10 or (stored is not None and len(stored.fields["title"]) >= length - 9)
    assert drafts.fields("post")["title"] == "t" * 39
    await asyncio.sleep(1.0)
    assert disk.drafts["post", "me"].fields["title"] == "t" * 39
    drafts.keep("post", {"title": "", "body": ""})
    assert drafts.fields("post") == {}
    await drafts.close()
    assert disk.drafts == {}


def test_what_is_typed_is_stored_within_a_second() -> None:
    run(_within_a_second())


async def _crashes() -> None:
    disk = Disk()
    first = drafts_on(disk, "first")
    first.keep("message:1", {"text": "hello"})
    first.keep("message:2", {"text": "another"})
    await first.flush()
    second = drafts_on(disk, "second")
    await second.load()
    assert (second.text("message:1"), second.text("message:3")) == ("hello", "")
    assert [draft.key for draft in second.all()] == ["message:1", "message:2"]
    second.keep("message:1", {"text": "hello you"})
    third = drafts_on(disk, "third")  # before a second had passed
    await third.load()
    assert third.text("message:1") == "hello"
    await second.flush()
    assert {key for key, _ in disk.drafts} == {"message:1", "message:2"}
    second.drop("message:1")
    await second.close()
    assert {key for key, _ in disk.drafts} == {"message:2"}
    await first.close()
    await third.close()


def test_a_draft_that_is_taken_up_again_is_never_without_a_copy() -> None:
    run(_crashes())


async def _two_windows() -> None:
    disk = Disk()
    platform = FakePlatform()
    one = Outbox(platform, store=MemoryStore(disk), clock=LoopClock(), writer="one")
    one.drafts.keep("post", {"text": "begun"})
    await one.drafts.flush()
    two = Outbox(platform, store=MemoryStore(disk), clock=LoopClock(), writer="two")
    await one.start()
    await two.start()
    assert two.drafts.text("post") == "begun"
    assert await two.drafts.others("post") == []
    two.drafts.keep("post", {"text": "begun, and sent"})
    await asyncio.sleep(1)
    one.drafts.keep("post", {"text": "begun, and gone on with"})
    await one.drafts.flush()
    assert [draft.fields["text"] for draft in await two.drafts.others("post")] == ["begun, and gone on with"]
    await two.submit(change("1", {"name": "begun, and sent"}), draft="post")
    assert two.drafts.text("post") == ""
    assert [draft.writer for draft in disk.drafts.values()] == ["one"]
    assert one.drafts.text("post") == "begun, and gone on with"
    await one.close()
    await two.close()


def test_two_windows_on_one_draft_keep_a_version_each() -> None:
    run(_two_windows())


async def _full() -> None:
    disk = Disk()
    outbox = Outbox(FakePlatform(), store=MemoryStore(disk), clock=LoopClock(), writer="me")
    await outbox.start()
    outbox.drafts.keep("post", {"text": "words"})
    disk.full = True
    await asyncio.sleep(2)
    assert outbox.trouble == "This could not be stored: the disk is full."
    with pytest.raises(StoreTrouble):
        await outbox.submit(change("1", {"name": "words"}), draft="post")
    assert (outbox.drafts.text("post"), outbox.open) == ("words", [])
    disk.full = False
    await asyncio.sleep(2)
    assert outbox.trouble is None
    assert disk.drafts["post", "me"].fields == {"text": "words"}
    await outbox.submit(change("1", {"name": "words"}), draft="post")
    await asyncio.sleep(2)
    assert disk.drafts == {}
    await outbox.close()


def test_a_full_disk_is_told_and_keeps_the_words_until_there_is_room() -> None:
    run(_full())


async def _typed_on() -> None:
    disk = Disk()
    outbox = Outbox(FakePlatform(), store=MemoryStore(disk), clock=LoopClock(), writer="me")
    await outbox.start()
    outbox.drafts.keep("message:1", {"text": "first"})
    sending = asyncio.ensure_future(outbox.submit(change("1", {"name": "first"}), draft="message:1"))
    for _ in range(3):
        await asyncio.sleep(0)
    outbox.drafts.keep("message:1", {"text": "second"})
    await sending
    await asyncio.sleep(1)
    assert disk.drafts["message:1", "me"].fields == {"text": "second"}
    await outbox.close()


def test_what_is_typed_while_a_message_is_stored_is_the_next_draft() -> None:
    run(_typed_on())
