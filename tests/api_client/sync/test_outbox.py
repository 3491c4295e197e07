import asyncio
import random
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client import endpoints as table
from api_client.client import PlatformClient
from api_client.errors import NotFound, PlatformError, RateLimited, SignInRequired, TimedOut, Unreachable
from api_client.models.posts import NewComment
from api_client.sync import Intent, NotSent, Outbox, Receipt, Status, sender


def intent(object_key: str = "posts:1", label: str = "like the photo by ann", key: str | None = None) -> Intent:
    more = {} if key is None else {"idempotency_key": key}
    return Intent.of(table.LIKE, params={"id": "1"}, object_key=object_key, created_at=0.0, label=label, **more)


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


class Script:
    """Answers each intent with what was laid out for it, and remembers who came."""

    def __init__(self, *outcomes: Any) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[Intent] = []

    async def __call__(self, what: Intent) -> Any:
        self.sent.append(what)
        await asyncio.sleep(0)
        outcome = self.outcomes.pop(0) if self.outcomes else "ok"
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, asyncio.Event):
            await outcome.wait()
        return outcome


async def test_a_receipt_gives_the_reply() -> None:
    script = Script("data")
    outbox = Outbox(script)
    seen: list[Status] = []
    outbox.subscribe(lambda receipt: seen.append(receipt.status))
    assert await (await outbox.submit(intent())) == "data"
    assert seen == [Status.QUEUED, Status.SENDING, Status.DONE]
    assert (outbox.pending, outbox.attention, outbox.open) == (0, [], [])
    assert await outbox.close() == ()


async def test_what_may_pass_is_repeated_with_the_same_key(quick: Any) -> None:
    script = Script(Unreachable("gone", sent=True), TimedOut("late"), Unreachable("gone"), "data")
    outbox = Outbox(script, clock=quick, jitter=lambda: 0.5)
    receipt = await outbox.submit(intent())
    assert await receipt == "data"
    assert len({what.idempotency_key for what in script.sent}) == 1
    assert receipt.attempts == 4
    assert quick.sleeps == pytest.approx([0.5, 1.0, 2.0])


async def test_a_refusal_reaches_the_caller_and_the_list_and_holds_its_object_alone() -> None:
    script = Script(NotFound("This post is gone.", code="NOT_FOUND", status=404))
    outbox = Outbox(script)
    refused = await outbox.submit(intent())
    behind = await outbox.submit(intent())
    with pytest.raises(NotFound):
        await refused
    other = await outbox.submit(intent("posts:2"))
    await settle()
    assert await other == "ok"
    assert [receipt.reason for receipt in outbox.attention] == ["This post is gone."]
    assert behind.status is Status.QUEUED
    assert outbox.pending == 1
    assert len(script.sent) == 2
    outbox.retry(refused.id)
    assert await refused == "ok"
    assert await behind == "ok"
    await settle()
    assert script.sent[0].idempotency_key == script.sent[2].idempotency_key
    assert (outbox.pending, outbox.open) == (0, [])


async def test_a_discarded_refusal_lets_the_next_one_pass() -> None:
    outbox = Outbox(Script(NotFound("gone", code="NOT_FOUND", status=404)))
    refused, behind = await outbox.submit(intent()), await outbox.submit(intent())
    with pytest.raises(NotFound):
        await refused
    assert await outbox.discard(refused.id)
    assert not await outbox.discard(refused.id)
    assert await behind == "ok"
    await settle()
    assert outbox.open == []
    assert (outbox.pending, outbox.open) == (0, [])


async def test_a_queued_intent_can_be_taken_back_and_one_on_its_way_cannot() -> None:
    gate = asyncio.Event()
    script = Script(gate)
    outbox = Outbox(script)
    first, second = await outbox.submit(intent()), await outbox.submit(intent())
    await settle()
    assert not await outbox.discard(first.id)
    assert await outbox.discard(second.id)
    with pytest.raises(NotSent):
        await second
    gate.set()
    await first
    await settle()
    assert len(script.sent) == 1


async def test_being_told_to_wait_holds_everything_and_is_no_attempt(quick: Any, hand: Any) -> None:
    script = Script(RateLimited("slow down", code="RATE_LIMITED", status=429, retry_after=40.0))
    outbox = Outbox(script, clock=hand)
    first = await outbox.submit(intent())
    await settle()
    other = await outbox.submit(intent("posts:2"))
    await settle()
    assert (first.status, first.retry_at, first.attempts) == (Status.WAITING, hand.now + 40, 0)
    assert other.status is Status.QUEUED
    await hand.advance(39)
    await settle()
    assert len(script.sent) == 1
    await hand.advance(1)
    assert [await first, await other] == ["ok", "ok"]


async def test_a_platform_that_says_retry_at_once_is_not_taken_at_its_word(quick: Any) -> None:
    refusals = [RateLimited("slow down", code="RATE_LIMITED", status=429, retry_after=0.0) for _ in range(5)]
    outbox = Outbox(Script(*refusals), clock=quick, jitter=lambda: 0.5)
    assert await (await outbox.submit(intent())) == "ok"
    assert quick.sleeps == pytest.approx([0.5, 1, 2, 4, 8])


async def test_a_lost_sign_in_holds_everything_until_somebody_signs_in(hand: Any) -> None:
    script = Script(SignInRequired("Please sign in again.", code="SESSION_EXPIRED", status=401))
    outbox = Outbox(script, clock=hand)
    first = await outbox.submit(intent())
    await settle()
    other = await outbox.submit(intent("posts:2"))
    await settle()
    assert (first.status, first.retry_at, other.status) == (Status.WAITING, None, Status.QUEUED)
    assert outbox.held_up == "Please sign in again."
    assert outbox.attention == []
    await hand.advance(3_600)
    assert len(script.sent) == 1
    outbox.resume()
    assert [await first, await other] == ["ok", "ok"]


async def test_a_wait_can_be_cut_short(hand: Any) -> None:
    script = Script(Unreachable("gone"))
    outbox = Outbox(script, clock=hand, jitter=lambda: 0.9)
    receipt = await outbox.submit(intent())
    await settle()
    assert receipt.status is Status.WAITING
    outbox.retry(receipt.id)
    assert await receipt == "ok"


async def test_leaving_says_what_is_pending(hand: Any) -> None:
    gate = asyncio.Event()
    script = Script(Unreachable("gone"), gate)
    outbox = Outbox(script, clock=hand)
    waiting = await outbox.submit(intent("posts:1", key="a"))
    await settle()
    await outbox.submit(intent("posts:2", key="b"))
    await outbox.submit(intent("posts:2", key="c"))
    await settle()
    left = await outbox.close()
    assert [what.idempotency_key for what in left] == ["a", "b", "c"]
    with pytest.raises(NotSent):
        await waiting
    with pytest.raises(NotSent):
        await outbox.submit(intent())


async def test_the_same_intent_twice_is_one() -> None:
    script = Script()
    outbox = Outbox(script)
    what = intent()
    assert await outbox.submit(what) is await outbox.submit(what)
    await settle()
    assert len(script.sent) == 1


async def test_a_caller_that_gives_up_waiting_takes_nothing_back() -> None:
    gate = asyncio.Event()
    outbox = Outbox(Script(gate))
    receipt = await outbox.submit(intent())
    await settle()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_wait(receipt), 0.01)
    gate.set()
    assert await receipt is gate


async def _wait(receipt: Receipt) -> Any:
    return await receipt


async def test_a_fault_of_the_program_is_not_hidden_and_loses_nothing() -> None:
    outbox = Outbox(Script(ZeroDivisionError()))
    receipt = await outbox.submit(intent())
    with pytest.raises(ZeroDivisionError):
        await receipt
    assert [r.reason for r in outbox.attention] == ["A fault of this program: ZeroDivisionError."]
    outbox.retry(receipt.id)
    assert await receipt == "ok"


async def test_only_so_many_are_on_the_way_at_once() -> None:
    now = most = 0

    async def send(what: Intent) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await settle()
        now -= 1

    outbox = Outbox(send, side_by_side=3)
    receipts = [await outbox.submit(intent(f"posts:{n}")) for n in range(20)]
    await asyncio.gather(*map(_wait, receipts))
    assert most == 3


async def test_an_intent_travels_through_the_client(make_client: Any) -> None:
    import httpx

    seen: list[tuple[str, str, bytes]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path, request.headers["X-Idempotency-Key"], request.content))
        return httpx.Response(201, json={"data": {"id": "c", "postId": "1", "authorUsername": "ann", "body": "hi",
                                                  "createdAt": "2026-01-01T00:00:00Z"}})  # fmt: skip

    client: PlatformClient = make_client(answer)
    outbox = Outbox(sender(client))
    what = Intent.of(
        table.CREATE_COMMENT,
        params={"id": "1"},
        body=NewComment(body="hi"),
        object_key="posts:1",
        created_at=0.0,
        label="comment",
        idempotency_key="key-1",
    )
    assert (await (await outbox.submit(what))).id == "c"
    assert seen == [("/api/v1/posts/1/comments", "key-1", b'{"body": "hi"}')]


class VirtualClock:
    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


_FATES = st.sampled_from(["answer", "lose the request", "lose the reply", "fail", "limit", "refuse", "sign out"])


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.lists(_FATES, max_size=4)), min_size=1, max_size=12),
    st.integers(0, 2**32),
)
def test_per_object_order_holds_and_each_effect_happens_exactly_once(
    plan: list[tuple[str, list[str]]], seed: int
) -> None:
    chance = random.Random(seed)
    effects: dict[str, list[int]] = defaultdict(list)
    known: set[str] = set()
    fates = {str(number): list(fate) for number, (_, fate) in enumerate(plan)}

    async def platform(what: Intent) -> str:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        left = fates[what.idempotency_key]
        fate = left.pop(0) if left else "answer"
        if fate == "refuse":
            raise NotFound("gone", code="NOT_FOUND", status=404)
        if fate == "sign out":
            raise SignInRequired("again", code="SESSION_EXPIRED", status=401)
        if fate == "limit":
            raise RateLimited("slow", code="RATE_LIMITED", status=429, retry_after=chance.choice([0.0, 3.0]))
        if fate in ("lose the request", "fail"):
            raise Unreachable("gone")
        if what.idempotency_key not in known:
            known.add(what.idempotency_key)
            effects[what.object_key].append(int(what.idempotency_key))
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0)
        if fate == "lose the reply":
            raise TimedOut("late")
        return what.idempotency_key

    async def scene() -> None:
        outbox = Outbox(platform, clock=VirtualClock(), jitter=chance.random, side_by_side=2)
        _be_patient(outbox)
        receipts: list[Receipt] = []
        for number, (key, _) in enumerate(plan):
            receipts.append(await outbox.submit(intent(key, key=str(number))))
            if chance.random() < 0.3:
                await asyncio.sleep(0)
        outcomes = await asyncio.wait_for(_all_done(receipts), 10)
        assert outcomes == [str(number) for number in range(len(plan))]
        assert outbox.open == []
        assert await outbox.close() == ()

    asyncio.run(scene())
    wanted: dict[str, list[int]] = defaultdict(list)
    for number, (key, _) in enumerate(plan):
        wanted[key].append(number)
    assert effects == wanted


def _be_patient(outbox: Outbox) -> None:
    """Sign in and try again whenever that is needed, as a patient user would."""

    def watch(receipt: Receipt) -> None:
        loop = asyncio.get_running_loop()
        if receipt.status is Status.WAITING and receipt.retry_at is None:
            loop.call_soon(outbox.resume)
        if receipt.status is Status.ATTENTION:
            loop.call_soon(outbox.retry, receipt.id)

    outbox.subscribe(watch)


async def _all_done(receipts: list[Receipt]) -> list[Any]:
    async def outcome(receipt: Receipt) -> Any:
        while True:
            try:
                return await receipt
            except PlatformError:
                await asyncio.sleep(0)

    return list(await asyncio.gather(*(outcome(receipt) for receipt in receipts)))


async def test_draining_waits_for_what_is_on_its_way_and_no_longer_than_asked() -> None:
    gate = asyncio.Event()

    async def send(_: Intent) -> str:
        await gate.wait()
        return "done"

    outbox = Outbox(send)
    receipt = await outbox.submit(intent())
    assert not await outbox.drained(0.01)
    asyncio.get_running_loop().call_soon(gate.set)
    assert await outbox.drained(30.0)
    assert await receipt == "done"
    assert await outbox.drained(0.0)
    await outbox.close()
