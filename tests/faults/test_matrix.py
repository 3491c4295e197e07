"""Every operation of the client under every fault of the network: errors in words, in time, effects exactly once."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from api_client.calls import RETRIES
from api_client.endpoints import ENDPOINTS, SEND_MESSAGE, Endpoint, Retry
from api_client.errors import ApiError, Conflict, NotFound, PlatformError
from api_client.music_endpoints import ARTIST_TOP_TRACKS
from tests.faults.cases import CASES, Case
from tests.faults.proxy import CLEAR, Fault, FaultProxy, Then, Weather
from tests.faults.town import Effects, Town

DEADLINE = 0.4
SLACK = 15.0
"""Seconds by which a busy machine may be late; what hangs, hangs for longer."""
UNHURRIED = 30.0
UNSEEN = ("auth.refresh", "player.command")
"""Writes whose effect is not a matter of numbers: one token takes the place of another, a device is told something."""


class Phase(Enum):
    """When the fault meets the client."""

    FRESH = "on a new connection, once"
    KEPT = "on a connection that has served before, once"
    LASTING = "for as long as the call lasts"


@dataclass(frozen=True, slots=True)
class _Clean:
    """What an endpoint does when nothing is wrong."""

    effects: Effects
    size: int
    """Bytes of the reply."""
    refusal: str | None
    """The code with which the platform refuses the arguments, if it does: then the matrix proves nothing of them."""


_known: dict[str, _Clean] = {}


async def clean(endpoint: Endpoint, town: Town, proxy: FaultProxy) -> _Clean:
    """Return it; asked once of each endpoint."""
    if endpoint.name not in _known:
        async with town.client(proxy.url) as client:
            error = await _error_of(client.call(endpoint, **town.arguments(endpoint), deadline=UNHURRIED))
        assert error is None or isinstance(error, ApiError), repr(error)
        refusal = error.code if isinstance(error, ApiError) else None
        _known[endpoint.name] = _Clean(await town.settled(), proxy.last.down, refusal)
        await town.restore()
    return _known[endpoint.name]


async def suffer(endpoint: Endpoint, case: Case, phase: Phase, town: Town, proxy: FaultProxy) -> None:
    """Call once under the fault and once more after it, and look at everything that must hold."""
    usual = await clean(endpoint, town, proxy)
    key = str(uuid.uuid4())
    async with town.client(proxy.url) as client:

        async def call(deadline: float) -> PlatformError | None:
            given = town.arguments(endpoint)
            return await _error_of(client.call(endpoint, **given, idempotency_key=key, deadline=deadline))

        if phase is Phase.KEPT:
            await client.platform.info()
        await _break(proxy, case, phase, usual.size)
        before, began = proxy.exchanges, time.monotonic()
        error = await call(UNHURRIED if case.harmless else DEADLINE)
        took, exchanges = time.monotonic() - began, proxy.exchanges - before
        assert took < (UNHURRIED if case.harmless else DEADLINE + SLACK)
        if not case.falsifies_request:  # A token that arrives spoilt is renewed, and that is no repetition.
            assert exchanges <= (1 if endpoint.retry is Retry.NEVER else 1 + RETRIES)
        assert not (case.harmless and error), repr(error)
        if error is not None:
            proxy.cut()  # Or the platform would go on waiting for what is frozen.
        effects = await town.settled()
        if error is not None:
            assert isinstance(error, ApiError) or error.sentence.endswith((".", "?", "…"))
            assert error.sentence.isprintable()
            if not case.falsifies_request and not case.falsifies_reply:
                assert effects == town.untouched or error.may_have_happened, repr(error)
        await proxy.mend()
        if case.falsifies_request:
            return
        if endpoint.retry is Retry.NEVER:
            assert effects in (town.untouched, usual.effects)
            return
        again = await call(UNHURRIED)
        assert again is None or _as_good_as_done(endpoint, again), repr(again)
        assert await town.settled() == usual.effects


async def _error_of(call: Awaitable[Any]) -> PlatformError | None:
    try:
        await call
    except PlatformError as error:
        return error
    return None


def _as_good_as_done(endpoint: Endpoint, error: PlatformError) -> bool:
    """Whether the refusal of a repetition says that the first one had its effect."""
    if endpoint.retry is not Retry.IDEMPOTENT:
        return False
    return isinstance(error, NotFound if endpoint.method == "DELETE" else Conflict)


async def _break(proxy: FaultProxy, case: Case, phase: Phase, size: int) -> None:
    if case.weather is None:
        await proxy.shut()
        proxy.cut()
    elif phase is Phase.LASTING:
        proxy.become(case.weather(size))
        proxy.cut()
    else:
        proxy.strike(case.weather(size))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_no_operation_is_left_out(endpoint: Endpoint, town: Town, proxy: FaultProxy) -> None:
    usual = await clean(endpoint, town, proxy)
    assert usual.refusal is None, f"arguments.py gives {endpoint.name} nothing that the platform takes"
    if endpoint.retry is not Retry.SAFE and endpoint.name not in UNSEEN:
        assert usual.effects != town.untouched, f"whether {endpoint.name} happens twice could not be seen"


_ASKED = [endpoint for number, endpoint in enumerate(ENDPOINTS) if endpoint.retry is not Retry.SAFE or number % 4 == 0]


@pytest.mark.parametrize(
    ("endpoint", "case"),
    [(endpoint, CASES[number % len(CASES)]) for number, endpoint in enumerate(_ASKED)],
    ids=lambda value: value.name,
)
async def test_an_operation_meets_some_fault(endpoint: Endpoint, case: Case, town: Town, proxy: FaultProxy) -> None:
    await suffer(endpoint, case, list(Phase)[len(endpoint.name) % 3], town, proxy)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_message_meets_every_fault(case: Case, town: Town, proxy: FaultProxy) -> None:
    await suffer(SEND_MESSAGE, case, Phase.FRESH, town, proxy)


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_every_operation_meets_every_fault_in_every_phase(
    endpoint: Endpoint, town: Town, proxy: FaultProxy
) -> None:
    for case in CASES:
        for phase in Phase:
            await suffer(endpoint, case, phase, town, proxy)
            await town.restore()


async def _lost_at(offset: int, then: Then, town: Town, proxy: FaultProxy) -> None:
    usual = await clean(SEND_MESSAGE, town, proxy)
    async with town.client(proxy.url) as client:
        proxy.strike(Weather(down=Fault(then, offset)))
        await client.call(SEND_MESSAGE, **town.arguments(SEND_MESSAGE))
        assert proxy.exchanges <= 2
    assert await town.settled() == usual.effects


@pytest.mark.parametrize("then", [Then.RESET, Then.FIN])
async def test_a_reply_lost_at_any_byte_is_asked_for_again_and_nothing_happens_twice(
    then: Then, town: Town, proxy: FaultProxy
) -> None:
    size = (await clean(SEND_MESSAGE, town, proxy)).size
    for offset in (0, 1, 8, 15, 16, 17, size // 3, size // 2, size - 100, size - 2, size - 1):
        proxy.exchanges = 0
        await _lost_at(offset, then, town, proxy)
        await town.restore()


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("then", [Then.RESET, Then.FIN])
async def test_a_reply_lost_at_each_byte(then: Then, town: Town, proxy: FaultProxy) -> None:
    size = (await clean(SEND_MESSAGE, town, proxy)).size
    for offset in range(size):
        proxy.exchanges = 0
        await _lost_at(offset, then, town, proxy)
        await town.restore()


async def _flipped_at(offsets: range, town: Town, proxy: FaultProxy) -> None:
    async with town.client(proxy.url) as client:
        for offset in offsets:
            proxy.strike(Weather(down=Fault(Then.FLIP, offset)))
            error = await _error_of(client.call(ARTIST_TOP_TRACKS, path={"id": "ar1"}, deadline=DEADLINE))
            assert error is None or error.sentence.isprintable()
            proxy.become(CLEAR)


async def test_flipped_bits_break_no_call(town: Town, proxy: FaultProxy) -> None:
    await _flipped_at(range(0, 1_000, 17), town, proxy)


@pytest.mark.soak
async def test_a_thousand_flipped_bits_break_no_call(town: Town, proxy: FaultProxy) -> None:
    await _flipped_at(range(1_000), town, proxy)
