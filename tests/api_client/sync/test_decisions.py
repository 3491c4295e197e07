"""What the user can do about a write, and what the outbox does by itself."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api_client import endpoints as table
from api_client import music_endpoints as music_table
from api_client.errors import Invalid, NotFound, TimedOut
from api_client.models.base import Done
from api_client.sync import Intent, Inverse, NotSent, Outbox, Status, StoreTrouble
from api_client.sync.memory import Disk, MemoryStore
from tests.api_client.sync.fake_platform import FakePlatform, change, refusing
from tests.api_client.sync.virtual import EPOCH, LoopClock, run


def an_outbox(send: Any, disk: Disk | None = None) -> Outbox:
    return Outbox(send, store=MemoryStore(disk), clock=LoopClock(), jitter=lambda: 0.5)


async def _poison() -> None:
    fate = refusing("poison")
    platform = FakePlatform(fate)
    outbox = an_outbox(platform)
    for number in range(1_000):
        await outbox.submit(change(f"r{number % 100}", {"n": number}, key="poison" if number == 507 else str(number)))
    assert await outbox.drained(600.0)
    assert [receipt.reason for receipt in outbox.attention] == ["The platform does not like this."]
    assert (outbox.pending, len(outbox.open)) == (4, 5)
    assert sum(map(len, platform.effects.values())) == 995
    assert await outbox.edit("poison", {"n": "better"})
    assert await outbox.drained(600.0)
    edited, *behind = platform.effects["r7"][5:]
    assert edited != "poison"
    assert behind == ["607", "707", "807", "907"]
    assert outbox.open == []
    await outbox.close()


def test_one_refusal_among_a_thousand_holds_its_own_object_alone_and_can_be_edited() -> None:
    run(_poison())


async def _edits() -> None:
    weather = ["gone"]
    platform, disk = FakePlatform(lambda _: weather[0]), Disk()
    outbox = an_outbox(platform, disk)
    receipt = await outbox.submit(change("1", {"name": "typo"}, key="a"))
    later = await outbox.submit(change("1", {"name": "second"}, key="b"))
    await asyncio.sleep(5)
    assert await outbox.edit(later.id, {"name": "third"})
    assert later.intent.idempotency_key == "b"
    assert await outbox.edit("a", {"name": "no typo"})
    assert receipt.intent.idempotency_key != "a"
    weather[0] = "slow"
    await asyncio.sleep(120)
    assert not await outbox.edit(receipt.id, {"name": "too late"})
    weather[0] = "answer"
    assert (await receipt)["name"] == "no typo"
    assert (await later)["name"] == "third"
    assert disk.rows == {}
    await outbox.close()


def test_what_was_never_heard_can_be_edited_and_what_may_have_been_cannot() -> None:
    run(_edits())


async def _held() -> None:
    platform, disk = FakePlatform(), Disk()
    outbox = an_outbox(platform, disk)
    seen: list[Status] = []
    outbox.subscribe(lambda receipt: seen.append(receipt.status))
    await outbox.submit(change("1", {"name": "held"}, not_before=EPOCH + 5.0))
    assert await outbox.drained(3.0)
    await asyncio.sleep(4.9)
    assert platform.attempts == []
    await outbox.close()
    outbox = an_outbox(platform, disk)
    await outbox.start()
    assert [receipt.status for receipt in outbox.open] == [Status.HELD]
    outbox.subscribe(lambda receipt: seen.append(receipt.status))
    await asyncio.sleep(0.2)
    assert platform.records["1"]["name"] == "held"
    assert seen == [Status.HELD, Status.QUEUED, Status.SENDING, Status.DONE]
    undone = await outbox.submit(
        change("1", {"name": "regretted"}, not_before=EPOCH + 10.0), undo=Inverse(label="never", within=5.0)
    )
    assert await outbox.undo() == "change 1"
    with pytest.raises(NotSent):
        await undone
    assert await outbox.undo() is None
    assert len(platform.attempts) == 1
    await outbox.close()


def test_what_is_held_is_taken_back_without_a_trace_and_survives_a_restart() -> None:
    run(_held())


async def _expires() -> None:
    outbox = an_outbox(FakePlatform())
    back = Inverse(music_table.CHANGE_PLAYLIST, {"id": "1"}, {"name": "was"}, within=5.0)
    await outbox.submit(change("1", {"name": "a"}), undo=back)
    await asyncio.sleep(4)
    assert await outbox.undo() == "change 1"
    assert await outbox.redo() == "change 1"
    await asyncio.sleep(6)
    assert await outbox.undo() is None
    await outbox.submit(
        change("2", {"name": "b"}), undo=Inverse(music_table.CHANGE_PLAYLIST, {"id": "2"}, {}, again=False)
    )
    assert [step.label for step in outbox.history] == ["change 2"]
    await outbox.undo()
    assert await outbox.redo() is None
    for number in range(250):
        await outbox.submit(change("3", {"n": number}), undo=Inverse(music_table.CHANGE_PLAYLIST, {"id": "3"}, {}))
    assert len(outbox.history) == 200
    await outbox.close()


def test_steps_expire_and_their_number_is_bounded() -> None:
    run(_expires())


async def _discards() -> None:
    fate = refusing("no")
    outbox = an_outbox(FakePlatform(fate))
    back = Inverse(music_table.CHANGE_PLAYLIST, {"id": "1"}, {"name": "was"})
    await outbox.submit(change("1", {"name": "a"}, key="no"), undo=back)
    await asyncio.sleep(1)
    assert len(outbox.attention) == 1
    assert await outbox.discard("no")
    assert list(outbox.history) == []
    assert await outbox.undo() is None
    await outbox.close()


def test_a_discarded_write_leaves_the_history() -> None:
    run(_discards())


async def _portal() -> None:
    weather = ["portal"]
    platform = FakePlatform(lambda _: weather[0])
    outbox = an_outbox(platform)
    receipt = await outbox.submit(change("1", {"name": "a"}, key="k"))
    await asyncio.sleep(90)
    assert receipt.status in (Status.WAITING, Status.QUEUED)
    weather[0] = "answer"
    assert (await receipt)["name"] == "a"
    assert set(platform.attempts) == {"k"}
    await outbox.close()


def test_an_answer_that_is_not_the_platforms_loses_nothing_and_refuses_nothing() -> None:
    run(_portal())


async def _deletes() -> None:
    outcomes: list[Any] = [TimedOut("late"), NotFound("No such post.", code="NOT_FOUND", status=404)]

    async def send(_: Intent) -> Any:
        raise outcomes.pop(0) if outcomes else NotFound("No such post.", code="NOT_FOUND", status=404)

    outbox = an_outbox(send)
    delete = {"params": {"id": "1"}, "object_key": "posts:1", "created_at": 0.0, "label": "delete"}
    assert await (await outbox.submit(Intent.of(table.DELETE_POST, **delete))) == Done()
    with pytest.raises(NotFound):
        await (await outbox.submit(Intent.of(table.DELETE_POST, **delete)))
    await outbox.close()


def test_a_deletion_whose_reply_was_lost_is_done_and_one_that_never_went_out_is_refused() -> None:
    run(_deletes())


async def _offline() -> None:
    platform = FakePlatform()
    outbox = an_outbox(platform)
    outbox.pause("Offline mode is on.")
    receipts = [await outbox.submit(change(str(number), {"name": "x"})) for number in range(5)]
    assert await outbox.drained(3_600.0)
    await asyncio.sleep(3_600)
    assert (platform.attempts, outbox.held_up, outbox.pending) == ([], "Offline mode is on.", 5)
    outbox.resume()
    for receipt in receipts:
        await receipt
    assert outbox.held_up is None
    await outbox.close()


def test_nothing_is_sent_in_offline_mode() -> None:
    run(_offline())


async def _full() -> None:
    platform, disk = FakePlatform(), Disk()
    outbox = an_outbox(platform, disk)
    await outbox.start()
    disk.full = True
    with pytest.raises(StoreTrouble):
        await outbox.submit(change("1", {"name": "a"}))
    assert outbox.open == []
    disk.full = False
    kept = await outbox.submit(change("1", {"name": "b"}))
    disk.full = True
    await asyncio.sleep(100)
    assert kept.is_open
    assert outbox.trouble == "This could not be stored: the disk is full."
    with pytest.raises(StoreTrouble):
        await outbox.discard(kept.id)
    disk.full = False
    assert (await kept)["name"] == "b"
    assert outbox.trouble is None
    assert len(platform.effects["1"]) == 1
    await outbox.close()


def test_a_full_disk_refuses_new_writes_and_keeps_the_old_ones() -> None:
    run(_full())


async def test_the_files_of_a_write_go_with_it(tmp_path: Path) -> None:
    sent, thrown_away, kept = (tmp_path / name for name in ("sent", "thrown away", "kept"))
    for path in (sent, thrown_away, kept):
        path.write_bytes(b"picture")
    outbox = Outbox(FakePlatform(lambda intent: "answer" if intent.params["id"] == "1" else "refuse"))
    await (await outbox.submit(change("1", {}, attachments=(str(sent), str(tmp_path / "missing")))))
    refused = [
        await outbox.submit(change(str(n), {}, attachments=(str(path),))) for n, path in ((2, thrown_away), (3, kept))
    ]
    for receipt in refused:
        with pytest.raises(Invalid):
            await receipt
    await outbox.discard(refused[0].id)
    await outbox.close()
    assert [path.exists() for path in (sent, thrown_away, kept)] == [False, False, True]


async def test_a_reply_that_json_cannot_hold_is_still_the_receipts() -> None:
    sentinel = object()

    async def send(_: Intent) -> Any:
        return sentinel

    outbox = Outbox(send)
    assert await (await outbox.submit(change("1", {}))) is sentinel
    await outbox.close()
