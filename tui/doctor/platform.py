"""Looks at the platform: whether it answers, how fast, what it understands, what time it has, and its socket."""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from api_client.errors import ApiError, NotFound, PlatformError, SignInRequired, TimedOut
from tui.doctor.findings import Facts, Finding, Patient, ok, problem, skipped, warning
from tui.player.threads import run_in_thread

if TYPE_CHECKING:
    from api_client.calls import Reply
    from api_client.client import PlatformClient
    from api_client.models.platform import PlatformInfo

ANSWER_WITHIN = 2.5
"""Seconds that each question may take."""
ROUNDS = 5
"""Questions for the round trip."""
SLOW_MS, LATE_S, WRONG_S = 300.0, 5.0, 120.0
"""From when on a round trip is slow, a clock is noticed, and a clock is wrong: signed addresses last minutes."""
DESCRIPTION_LIMIT = 8 * 1024 * 1024
_NAMES_SHOWN = 4
_PROXIES = "A proxy in between must let WebSockets through."


async def look_at_platform(patient: Patient) -> Sequence[Finding]:
    """Return whether the platform can be reached, and what is to be said of it if so."""
    limit = ANSWER_WITHIN * patient.patience
    # Loading this is no part of the answer's time.
    await run_in_thread(lambda: import_module("api_client.inspect.faulty_http"), "http")
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(_client(patient))
        except PlatformError as error:
            return [problem("platform.reachable", error.sentence, "Name another with --url, or in config.toml.")]
        try:
            begun = time.perf_counter()
            info = await _info(client, limit)
        except PlatformError as error:
            return [_unreachable(client, error)]
        took = (time.perf_counter() - begun) * 1_000
        name = f"{info.name} {info.version}" if info is not None else "A platform that does not say what it is"
        facts: Facts = {
            "url": client.address.base,
            "milliseconds": round(took, 1),
            "version": info.version if info else "",
        }
        reachable = ok("platform.reachable", f"{name} answers at {client.address.origin}.", **facts)
        # One after the other: a platform that writes its description answers nobody else as fast as usual.
        return [reachable, *await _times(client, limit), *await _contract(client, limit)]


async def look_at_socket(patient: Patient) -> Sequence[Finding]:
    """Return whether the account gets a live connection, and how fast that answers."""
    from tui.cli.account import signed_in
    from tui.cli.exits import CannotGoOn

    async with AsyncExitStack() as stack:
        try:
            here = await stack.enter_async_context(signed_in(patient.arguments))
        except CannotGoOn as end:
            return [
                skipped("platform.socket", "Nobody is signed in: the live connection is not tried.", f"{end.sentence}.")
            ]
        except PlatformError as error:
            return [skipped("platform.socket", error.sentence)]
        tokens = await here.client.auth.current()
        for secret in (tokens.access, tokens.refresh, tokens.cookie) if tokens else ():
            patient.redactor.add(secret, "token")
        return [await _socket(here.client, ANSWER_WITHIN * patient.patience)]


async def _socket(client: PlatformClient, limit: float) -> Finding:
    from api_client.realtime import Phase, Realtime, SocketState

    changed, signed = asyncio.Event(), asyncio.Event()
    states: list[SocketState] = []

    def follow(state: SocketState) -> None:
        states.append(state)
        changed.set()

    link = Realtime(client, on_event=lambda _: None, on_gap=lambda: None, on_state=follow, on_sign=signed.set)
    begun = time.perf_counter()
    link.start()
    try:
        async with asyncio.timeout(limit):
            while not states or states[-1].phase is Phase.CONNECTING:
                changed.clear()
                await changed.wait()
            if states[-1].phase is not Phase.ONLINE:
                advice = f"Until it works, what others do comes only when you refresh. {_PROXIES}"
                return problem("platform.socket", states[-1].reason or "It is not there.", advice)
            opened = (time.perf_counter() - begun) * 1_000
            signed.clear()
            asked = time.perf_counter()
            link.probe()
            await signed.wait()
            answered = (time.perf_counter() - asked) * 1_000
    except TimeoutError:
        return problem("platform.socket", f"The live connection is not there within {limit:g} s.", _PROXIES)
    finally:
        await link.stop()
    sentence = f"The live connection is signed in within {opened:.0f} ms, and answers within {answered:.0f} ms."
    return ok("platform.socket", sentence, sign_in_ms=round(opened, 1), round_trip_ms=round(answered, 1))


async def _info(client: PlatformClient, limit: float) -> PlatformInfo | None:
    """Return what the platform says of itself, None if nothing; it is asked once, so that the answer comes at once."""
    from api_client import endpoints, replies

    try:
        reply = await _within(client.fetch(endpoints.META, retries=0, deadline=limit), limit)
    except NotFound:
        return None
    info: PlatformInfo = replies.read_reply(reply, endpoints.META, client.address.origin)
    return info


def _client(patient: Patient) -> PlatformClient:
    from api_client.client import PlatformClient

    return PlatformClient(patient.url, allow_plain_http=patient.loaded.config.platform.allow_plain_http)


def _unreachable(client: PlatformClient, error: PlatformError) -> Finding:
    advice = "Is it running, and the address right? `parlour demo` brings a platform of its own."
    if isinstance(error, ApiError):
        advice = "It answers, and refuses. Whoever runs it can say more."
    return problem("platform.reachable", error.sentence, advice, url=client.address.base)


async def _within(work: Any, limit: float) -> Any:
    """Return what `work` returns; raises TimedOut in the words of the library where it takes too long."""
    try:
        return await asyncio.wait_for(work, limit)
    except TimeoutError:
        raise TimedOut(f"The platform did not answer within {limit:g} seconds.") from None


# -- times


async def _times(client: PlatformClient, limit: float) -> list[Finding]:
    """Return the round trip, and by how much the clocks differ."""
    from api_client import endpoints

    samples: list[tuple[float, float, Reply]] = []
    begun = time.perf_counter()
    try:
        # Few are enough where each takes long.
        while len(samples) < ROUNDS and time.perf_counter() - begun < limit / 2:
            sent = time.time()
            reply = await _within(client.fetch(endpoints.META, retries=0, deadline=limit), limit)
            samples.append((sent, time.time(), reply))
    except PlatformError as error:
        return [skipped("platform.round_trip", f"The round trip could not be measured: {error.sentence}")]
    return [_round_trip([(came - sent) * 1_000 for sent, came, _ in samples]), _clock(samples)]


def _round_trip(times: Sequence[float]) -> Finding:
    middle, worst = statistics.median(times), max(times)
    facts: Facts = {"median_ms": round(middle, 1), "worst_ms": round(worst, 1), "samples": len(times)}
    sentence = f"A question takes {middle:.0f} ms there and back, {worst:.0f} ms at worst."
    if middle > SLOW_MS:
        return warning(
            "platform.round_trip", sentence, "The line is slow: everything shows what is stored first.", **facts
        )
    return ok("platform.round_trip", sentence, **facts)


def _clock(samples: Sequence[tuple[float, float, Reply]]) -> Finding:
    """Return by how much this clock is ahead: the Date of each reply, in whole seconds, bounds it from both sides.

    A server that is busy may send the date of a moment ago, which makes this clock look ahead: what it is at least is
    what the freshest date says.
    """
    low, high = float("inf"), float("inf")
    for sent, came, reply in samples:
        try:
            there = parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
        except (ValueError, TypeError):
            return skipped("platform.clock", "The platform does not say what time it has.")
        # It wrote the date at some moment in between, and left out the part of the second.
        low, high = min(low, sent - there - 1), min(high, came - there)
    ahead = (low + high) / 2
    least = max(low, -high, 0.0)
    facts: Facts = {"ahead_seconds": round(ahead, 1), "exact_to_seconds": round(abs(high - low) / 2, 1)}
    if least < LATE_S:
        return ok("platform.clock", "This clock and the platform's agree.", **facts)
    which = "ahead of" if ahead > 0 else "behind"
    sentence = f"This clock is {abs(ahead):.0f} s {which} the platform's."
    advice = "Times are shown wrong, and a sign-in may end too early. Let the clock be set by the network."
    make = problem if least >= WRONG_S else warning
    return make("platform.clock", sentence, advice, "sudo timedatectl set-ntp true", **facts)


# -- the contract


async def _contract(client: PlatformClient, limit: float) -> list[Finding]:
    """Return whether the platform has every endpoint that this client knows."""
    try:
        raw = await _within(client.media(f"{client.address.origin}/openapi.json", cap=DESCRIPTION_LIMIT), limit)
        there = _operations(json.loads(raw), urlsplit(client.address.base).path)
    except TimedOut:
        return [skipped("platform.contract", f"The platform did not describe itself within {limit:g} s.")]
    except (PlatformError, ValueError, RecursionError, AttributeError, TypeError) as error:
        why = "it asks for a sign-in" if isinstance(error, SignInRequired) else "there is no openapi.json to be read"
        return [skipped("platform.contract", f"The platform does not describe itself: {why}.")]
    from api_client.endpoints import ENDPOINTS

    known = {(endpoint.method, _shape(endpoint.path)): endpoint.name for endpoint in ENDPOINTS}
    missing = sorted(name for operation, name in known.items() if operation not in there)
    more = len(there - set(known))
    facts: Facts = {"endpoints": len(known), "missing": missing, "unknown_here": more}
    if not missing:
        return [ok("platform.contract", f"It has all {len(known)} endpoints that this client knows.", **facts)]
    named = ", ".join(missing[:_NAMES_SHOWN]) + (" and others" if len(missing) > _NAMES_SHOWN else "")
    advice = "What needs them fails with a sentence. `parlour drift` compares the two in full."
    return [
        warning(
            "platform.contract", f"{len(missing)} of {len(known)} endpoints are not there: {named}.", advice, **facts
        )
    ]


def _operations(description: Any, below: str) -> set[tuple[str, str]]:
    """Return method and shape of every operation of an OpenAPI document, with paths below `below`."""
    return {
        (method.upper(), _shape(path.removeprefix(below)))
        for path, operations in description["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }


def _shape(path: str) -> str:
    """Return `path` with its names left out: two sides may call them otherwise."""
    return re.sub(r"\{[^{}]*\}", "{}", path)
