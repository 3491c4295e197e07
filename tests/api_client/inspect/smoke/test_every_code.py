"""Every code of a failure, produced by a platform that does just that wrong; and right where it is not."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_client.inspect.smoke import load_run, loading, walking, wire
from api_client.inspect.smoke.codes import MEANINGS, Code
from api_client.inspect.smoke.results import Outcome, RunResult
from tests.api_client.inspect.smoke.conftest import CarryOut, smoke_run
from tests.api_client.inspect.smoke.wrong_platform import USER, Answer, Request, WrongPlatform, good, refusal

Fault = Callable[[WrongPlatform], None]

ME = "- {request: GET /auth/me}"
TYPING = {"type": "user-typing", "chatId": "c1", "userId": "u2"}
JOINED = {**TYPING, "type": "user-joined"}
LISTEN = "- connect: [anna]\n"


def answering(answer: Answer, method: str = "GET", path: str = "/auth/me") -> Fault:
    """Return what makes a platform answer so."""
    return lambda platform: platform.routes.update({(method, path): lambda _: answer})


def telling(*events: Any) -> Fault:
    """Return what makes a platform send these events when it is asked for the time."""

    def fault(platform: WrongPlatform) -> None:
        def time(_: Request) -> Answer:
            platform.push(*events)
            return good({"now": 1})

        platform.routes["GET", "/time"] = time

    return fault


def user(**changes: Any) -> Answer:
    return good({"user": {**USER, **changes}})


def without(name: str) -> Answer:
    return good({"user": {key: value for key, value in USER.items() if key != name}})


def events(rule: str, more: str = "") -> str:
    return f"{LISTEN}- {{request: GET /time, events: {{quiet: 20ms, within: 200ms, {more} expect: [{rule}]}}}}"


def _closing(platform: WrongPlatform) -> None:
    def time(_: Request) -> Answer:
        platform.close_sockets()
        return good({"now": 1})

    platform.routes["GET", "/time"] = time


def _late(platform: WrongPlatform) -> None:
    def time(_: Request) -> Answer:
        platform.push_after(0.15, TYPING)
        return good({"now": 1})

    platform.routes["GET", "/time"] = time


def _counting(platform: WrongPlatform) -> None:
    platform.routes["GET", "/time"] = lambda _: good({"now": platform.asked("GET", "/time")})


def _pages(platform: WrongPlatform) -> None:
    page = {"id": "s1", "device": "d", "createdAt": USER["createdAt"], "lastSeen": USER["createdAt"], "current": True}
    platform.routes["GET", "/auth/sessions"] = lambda _: good([page], nextCursor="2", meta={"nextCursor": "2"})


def _no_socket(platform: WrongPlatform) -> None:
    platform.upgrades = False


def _refusing_frames(platform: WrongPlatform) -> None:
    refused = {"type": "error", "message": "No.", "code": "FORBIDDEN"}
    platform.on_frame = lambda frame: [refused] if frame["type"] == "typing" else []


TYPING_TWICE = "{on: anna, type: user-typing, times: 2, %s}"
FAULTS: dict[Code, tuple[str, Fault]] = {
    Code.NO_ANSWER: (ME, answering(Answer(hang=True))),
    Code.CUT: (ME, answering(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"))),
    Code.NOT_HTTP: (ME, answering(Answer(raw=b"SSH-2.0-OpenSSH_9\r\n\r\n"))),
    Code.TOO_LARGE: (ME, answering(Answer(200, b"[" + b"0," * 40_000 + b"0]"))),
    Code.STATUS: (ME, answering(refusal(401, "UNAUTHENTICATED"))),
    Code.UNDOCUMENTED_STATUS: (ME, answering(refusal(409, "CONFLICT"))),
    Code.LEAK: ("- {request: GET /auth/me, as: anonymous, expect: 401}", lambda _: None),
    Code.SERVER_ERROR: (ME, answering(refusal(500, "INTERNAL"))),
    Code.ERROR_CODE: ("- {request: GET /auth/me, expect: SESSION_EXPIRED}", answering(refusal(401, "TOKEN_EXPIRED"))),
    Code.HEADER: ("- {request: GET /auth/me, expect: {headers: {X-Much: '1'}}}", lambda _: None),
    Code.NOT_IDEMPOTENT: ("- {request: GET /time, idempotent: true}", _counting),
    Code.CONTENT: ("- {request: GET /auth/me, expect: {jq: .data.user.username == 3}}", lambda _: None),
    Code.NO_CAPTURE: ("- {request: GET /auth/me, capture: {x: .data.nothing}}", lambda _: None),
    Code.SETUP: (ME, answering(refusal(409, "DUPLICATE"), "POST", "/auth/register")),
    Code.SIGN_IN: (
        "scenario: It\npeople: {anna: {username: a, password: b}}\nsteps:\n  - {request: GET /meta}\n",
        answering(refusal(401, "UNAUTHENTICATED"), "POST", "/auth/login"),
    ),
    Code.REPEATED: ("- {request: GET /auth/sessions, walk: .id}", _pages),
    Code.MISSING_FIELD: (ME, answering(without("bio"))),
    Code.UNKNOWN_FIELD: (ME, answering(user(shoeSize=43))),
    Code.WRONG_TYPE: (ME, answering(user(postCount="3"))),
    Code.UNKNOWN_VALUE: (ME, answering(user(subscription="gold"))),
    Code.NOT_JSON: (ME, answering(Answer(200, b'{"success":true,"success":true,"data":1}'))),
    Code.ENVELOPE: (ME, answering(good({"user": USER}, more=1))),
    Code.OUT_OF_BOUNDS: (ME, answering(user(createdAt="0001-01-01T00:00:00Z"))),
    Code.UNKNOWN_FRAME: (LISTEN + "- {request: GET /time}\n" + ME, telling({"type": "fireworks"})),
    Code.NOT_SEEN: (events("{on: anna, type: user-typing}"), telling(JOINED)),
    Code.DUPLICATE: (events("{on: anna, type: user-typing}"), telling(TYPING, TYPING)),
    Code.GAP: (
        events(TYPING_TWICE % "gapless: (.chatId | tonumber)"),
        telling({**TYPING, "chatId": "1"}, {**TYPING, "chatId": "3"}),
    ),
    Code.OUT_OF_ORDER: (
        events("{on: anna, type: user-typing}, {on: anna, type: user-joined}", "order: listed,"),
        telling(JOINED, TYPING),
    ),
    Code.LATE: (events("{on: anna, type: user-typing, within: 50ms}"), _late),
    Code.UNEXPECTED: (events("{on: anna, type: user-typing}", "others: none,"), telling(JOINED, TYPING)),
    Code.CLOSED: (events("{on: anna, type: user-typing}"), _closing),
    Code.FRAME_REFUSED: (LISTEN + "- {send: {type: typing, chatId: c1}, as: anna}", _refusing_frames),
    Code.HANDSHAKE: (LISTEN, _no_socket),
    Code.SLOW: ("- {request: GET /auth/me, expect: {within: 0ms}}", lambda _: None),
    Code.SCENARIO_TIMEOUT: ("- {wait: 10s}", lambda _: None),
}
"""Code to the steps that meet it, and to what the platform does wrong."""

ELSEWHERE = {Code.REFUSED, Code.UNKNOWN_HOST, Code.TLS, Code.BUSY_CLIENT}
"""Codes with a test of their own below."""


def scenario(steps: str) -> str:
    if steps.startswith("scenario:"):
        return steps
    slow = "timeout: 300ms\n" if "wait: 10s" in steps else ""
    return f"scenario: It\npeople: [anna]\n{slow}steps:\n" + "".join(f"  {line}\n" for line in steps.splitlines())


def failures(result: RunResult) -> list[Code]:
    return [failure.code for each in result.scenarios for _, _, failure in each.failures()]


def test_every_code_has_its_meaning_and_its_test() -> None:
    assert set(MEANINGS) == set(Code)
    assert set(FAULTS) | ELSEWHERE == set(Code)


@pytest.mark.parametrize("code", FAULTS, ids=str)
async def test_a_fault_is_found_under_its_code_and_no_other(
    code: Code, platform: WrongPlatform, carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BODY_LIMIT", 64 * 1024)
    monkeypatch.setattr(walking, "MOST_PAGES", 3)
    steps, fault = FAULTS[code]
    fault(platform)
    result = await carry_out(scenario(steps), timeout=0.5 if code is Code.NO_ANSWER else 5.0)
    assert failures(result) == [code]
    assert result.scenarios[0].outcome.is_trouble


async def test_without_a_fault_nothing_is_found(platform: WrongPlatform, carry_out: CarryOut) -> None:
    telling(TYPING)(platform)
    result = await carry_out(scenario(f"{ME}\n{events('{on: anna, type: user-typing}')}"))
    assert failures(result) == []
    assert result.scenarios[0].outcome is Outcome.PASSED
    assert result.properties["server_version"] == "9.9"


async def test_what_comes_once_too_often_is_found_also_when_it_takes_its_time(
    platform: WrongPlatform, carry_out: CarryOut
) -> None:
    def time(_: Request) -> Answer:
        platform.push(TYPING)
        platform.push_after(0.05, TYPING)
        return good({"now": 1})

    platform.routes["GET", "/time"] = time
    listening = "{quiet: 1s, expect: [{on: anna, type: user-typing}]}"
    result = await carry_out(scenario(f"{LISTEN}- {{request: GET /time, events: {listening}}}"))
    assert failures(result) == [Code.DUPLICATE]


async def test_an_address_without_a_platform_is_told_as_that(carry_out: CarryOut) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = await carry_out(scenario(ME), url=f"http://127.0.0.1:{port}")
    assert Code.REFUSED.value in result.trouble
    assert result.scenarios == []


async def test_a_platform_that_leaves_in_the_middle_is_told_as_that(
    platform: WrongPlatform, carry_out: CarryOut
) -> None:
    answering(Answer(200, {"success": True, "data": {"user": USER}}, {"Connection": "close"}, last=True))(platform)
    result = await carry_out(scenario(f"{ME}\n{ME}"))
    assert failures(result) == [Code.REFUSED]
    assert result.scenarios[0].outcome is Outcome.ERROR


async def test_a_host_that_nobody_knows_is_told_as_that(carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    # The tests ask no name server of anybody.
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = await carry_out(scenario(ME), url="https://nowhere.example")
    assert Code.UNKNOWN_HOST.value in result.trouble


async def test_a_platform_without_tls_is_told_as_that(carry_out: CarryOut) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        result = await carry_out(scenario(ME), url=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert Code.TLS.value in result.trouble


async def test_figures_of_a_client_that_cannot_keep_up_are_refused(
    platform: WrongPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_run, "IN_FLIGHT", 1)
    answering(Answer(hang=True))(platform)
    file = tmp_path / "load.yaml"
    file.write_text(scenario(ME), "utf-8")
    run = smoke_run(platform.url, timeout=0.3)
    result = await load_run.carry_out(run, loading.load([file]), rate=100, duration=0.1)
    assert Code.BUSY_CLIENT in failures(result)
    assert result.load.refused
    assert "p50" not in json.dumps(result.load.as_json()) + "".join(result.load.lines())
