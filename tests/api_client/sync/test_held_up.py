"""Whoever shows what waits hears at once that nothing goes out, and that it does again."""

import asyncio

from api_client.errors import ErrorCode, api_error
from api_client.sync import Intent, Outbox, Receipt, Status
from api_client.sync.core import TOLD_AT_ONCE
from tests.api_client.sync.fake_platform import FakePlatform, change


class Shown:
    """What a screen would say of each write."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.said: dict[str, str | None] = {}
        outbox.subscribe(self._moved)

    def _moved(self, receipt: Receipt) -> None:
        self.said[receipt.id] = self._outbox.held_up if receipt.status is Status.QUEUED else receipt.status.value


async def _waiting(count: int) -> tuple[Outbox, Shown, asyncio.Event]:
    """Return an outbox with one write on its way, and `count` behind it."""
    gate, platform = asyncio.Event(), FakePlatform()

    async def send(intent: Intent) -> object:
        await gate.wait()
        return await platform(intent)

    outbox = Outbox(send, side_by_side=1)
    shown = Shown(outbox)
    for number in range(count + 1):
        await outbox.submit(change("1", {"n": number}, key=str(number)))
    await asyncio.sleep(0.01)
    assert shown.said == {"0": "sending", **{str(number): None for number in range(1, count + 1)}}
    return outbox, shown, gate


async def test_pausing_and_going_on_are_told_at_once_of_what_waits_and_of_nothing_else() -> None:
    outbox, shown, gate = await _waiting(3)
    outbox.pause("You are working offline.")
    assert shown.said == {"0": "sending", **dict.fromkeys("123", "You are working offline.")}
    outbox.pause("Parlour is opening.")
    assert shown.said["3"] == "Parlour is opening."
    shown.said.clear()
    outbox.pause("Parlour is opening.")
    assert shown.said == {}
    outbox.resume()
    assert shown.said == dict.fromkeys("123")
    shown.said.clear()
    outbox.resume()
    assert shown.said == {}
    gate.set()
    assert await outbox.drained(10.0)
    await outbox.close()


async def test_of_many_the_oldest_are_told_at_once_and_all_soon() -> None:
    count = 3 * TOLD_AT_ONCE
    outbox, shown, gate = await _waiting(count)
    outbox.pause("You are working offline.")
    told = [key for key, said in shown.said.items() if said == "You are working offline."]
    assert told == [str(number) for number in range(1, TOLD_AT_ONCE + 1)]
    for _ in range(4):
        await asyncio.sleep(0)
    assert set(shown.said.values()) == {"sending", "You are working offline."}
    gate.set()
    await outbox.close()


async def test_a_sign_in_that_is_asked_for_is_told_of_what_waits_behind_it() -> None:
    async def send(_: Intent) -> None:
        raise api_error(401, ErrorCode.SESSION_EXPIRED, "Please sign in again.")

    outbox = Outbox(send, side_by_side=1)
    shown = Shown(outbox)
    await outbox.submit(change("1", {}, key="first"))
    await outbox.submit(change("2", {}, key="other"))
    await asyncio.sleep(0.01)
    assert shown.said == {"first": "waiting", "other": "Please sign in again."}
    await outbox.close()
