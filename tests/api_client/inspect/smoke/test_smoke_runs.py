"""Runs: the teardown comes in any case, people and rows, side by side, broken off, and what is told of the wire."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke import load_run, loading
from api_client.inspect.smoke.people import Person
from api_client.inspect.smoke.reports import as_json, junit, people, tap
from api_client.inspect.smoke.results import Outcome, RunResult
from api_client.inspect.smoke.runner import SmokeRun
from api_client.inspect.smoke.secrecy import without_secrets
from tests.api_client.inspect.smoke.conftest import CarryOut, smoke_run
from tests.api_client.inspect.smoke.wrong_platform import META, USER, Answer, Request, WrongPlatform, good, refusal
from tests.inspect_canary import CANARY, TOKEN, survivors

TIDY = "finally:\n  - {request: DELETE /posts/1, expect: 404}\n  - {request: GET /time}\n"
HEAD = "scenario: It\npeople: [anna]\nsteps:\n"


def steps_of(result: RunResult, number: int = 0) -> dict[str, Outcome]:
    return {step.number: step.outcome for step in result.scenarios[number].steps}


@pytest.mark.parametrize(
    "step",
    ["{request: GET /auth/me, expect: 404}", "{assert: '$nobody'}", "{assert: 'false'}", "{wait: 10s}"],
)
async def test_the_teardown_comes_whatever_fails(step: str, platform: WrongPlatform, carry_out: CarryOut) -> None:
    text = f"scenario: It\npeople: [anna]\ntimeout: 300ms\nsteps:\n  - {step}\n  - {{request: GET /meta}}\n{TIDY}"
    result = await carry_out(text)
    assert result.scenarios[0].outcome is Outcome.FAILED or "nobody" in step
    assert platform.asked("DELETE", "/posts/1") == 1
    assert platform.asked("GET", "/time") == 1
    assert steps_of(result)["f02"] is Outcome.PASSED
    if "wait" not in step:
        assert steps_of(result)["02"] is Outcome.SKIPPED


async def test_a_failing_teardown_does_not_end_itself(platform: WrongPlatform, carry_out: CarryOut) -> None:
    result = await carry_out(
        f"{HEAD}  - {{request: GET /posts/1, capture: {{x: .data}}}}\n"
        "finally:\n  - {request: 'GET /posts/{{x}}'}\n  - {request: GET /auth/me, expect: 404}\n"
        "  - {request: GET /time}\n"
    )
    assert steps_of(result) == {
        "01": Outcome.FAILED,
        "f01": Outcome.SKIPPED,
        "f02": Outcome.FAILED,
        "f03": Outcome.PASSED,
    }


class _Interrupted:
    """A run that is broken off at the moment when a platform is asked something."""

    def __init__(self, platform: WrongPlatform, tmp_path: Path, text: str) -> None:
        self.file = tmp_path / "scenarios.yaml"
        self.file.write_text(text)
        self.run: SmokeRun = smoke_run(platform.url)
        platform.routes["GET", "/auth/me"] = self.broken_off

    def broken_off(self, _: Request) -> Answer:
        asyncio.get_running_loop().call_soon(self.run.stop)
        return Answer(hang=True)


async def test_broken_off_the_teardown_comes_and_nothing_new_begins(platform: WrongPlatform, tmp_path: Path) -> None:
    text = f"{HEAD}  - {{request: GET /auth/me}}\n{TIDY}---\nscenario: Next\nsteps:\n  - {{request: GET /meta}}\n"
    broken = _Interrupted(platform, tmp_path, text)
    result = await broken.run.carry_out(loading.load([broken.file]))
    assert result.interrupted
    assert platform.asked("DELETE", "/posts/1") == 1
    assert platform.asked("GET", "/time") == 1
    assert [scenario.outcome for scenario in result.scenarios] == [Outcome.SKIPPED, Outcome.SKIPPED]
    for report in (junit, tap, as_json, people):
        assert report.report(result)


async def test_waiting_for_a_platform_can_be_broken_off(platform: WrongPlatform, tmp_path: Path) -> None:
    broken = _Interrupted(platform, tmp_path, f"{HEAD}  - {{request: GET /auth/me}}\n")
    platform.routes["GET", "/meta"] = broken.broken_off
    async with asyncio.timeout(4):
        result = await broken.run.carry_out(loading.load([broken.file]))
    assert result.interrupted
    assert result.scenarios == []


async def test_broken_off_twice_the_teardown_ends_as_well(platform: WrongPlatform, tmp_path: Path) -> None:
    text = f"{HEAD}  - {{request: GET /auth/me}}\nfinally:\n  - {{request: GET /auth/me}}\n  - {{request: GET /time}}\n"
    broken = _Interrupted(platform, tmp_path, text)
    result = await broken.run.carry_out(loading.load([broken.file]))
    assert result.interrupted
    assert platform.asked("GET", "/auth/me") == 2
    assert platform.asked("GET", "/time") == 0


async def test_side_by_side_all_are_carried_out_and_told_in_order(platform: WrongPlatform, carry_out: CarryOut) -> None:
    met = asyncio.Barrier(3)
    waiting: list[asyncio.Task[object]] = []

    def meet(_: Request) -> Answer:
        waiting.append(asyncio.get_running_loop().create_task(met.wait()))
        return good({"user": USER})

    platform.routes["GET", "/auth/me"] = meet
    together = "---\n".join(
        f"scenario: S{n}\npeople: [anna]\nsteps:\n  - {{request: GET /auth/me}}\n  - {{wait: 1ms}}\n" for n in range(3)
    )
    result = await carry_out(together, parallel=3, repeat=2)
    titles = [(scenario.title, scenario.suffix) for scenario in result.scenarios]
    assert titles == [(f"S{n}", f" [time {time}]") for time in (1, 2) for n in range(3)]
    assert all(scenario.outcome is Outcome.PASSED for scenario in result.scenarios)
    await asyncio.gather(*waiting)


async def test_a_seed_decides_the_order_and_what_is_drawn(platform: WrongPlatform, carry_out: CarryOut) -> None:
    drawn: list[str] = []

    def note(request: Request) -> Answer:
        drawn.append(request.headers["x-drawn"])
        return good({"now": 1})

    platform.routes["GET", "/time"] = note
    text = "---\n".join(
        f"scenario: S{n}\npeople: [anna]\nsteps:\n"
        f"  - {{request: GET /time, headers: {{X-Drawn: 'S{n} {{{{random}}}} {{{{uuid}}}}'}}}}\n"
        for n in range(6)
    )
    orders = []
    for seed in (5, 5, 6, 0):
        drawn.clear()
        await carry_out(text, seed=seed)
        orders.append(list(drawn))
    assert orders[0] == orders[1] != orders[2]
    assert [word.split()[0] for word in orders[3]] == [f"S{n}" for n in range(6)]
    assert len({tuple(word.split()[0] for word in order) for order in orders}) > 1


async def test_after_the_first_failure_nothing_new_begins_if_it_is_to_be_so(carry_out: CarryOut) -> None:
    text = "---\n".join(f"scenario: S{n}\nsteps:\n  - {{request: GET /meta, expect: 404}}\n" for n in range(3))
    found = [scenario.outcome for scenario in (await carry_out(text, fail_fast=True)).scenarios]
    assert found == [Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED]


async def test_what_a_platform_cannot_do_is_left_out(platform: WrongPlatform, carry_out: CarryOut) -> None:
    text = "scenario: It\nrequires: [feed, studio]\nsteps:\n  - {request: GET /time}\n"
    result = await carry_out(text)
    assert result.scenarios[0].skipped == "the platform has no studio"
    assert platform.asked("GET", "/time") == 0
    platform.routes["GET", "/meta"] = lambda _: good({**META, "capabilities": ["feed", "studio"]})
    assert (await carry_out(text)).scenarios[0].outcome is not Outcome.SKIPPED


async def test_a_platform_that_is_still_starting_is_waited_for(platform: WrongPlatform, carry_out: CarryOut) -> None:
    def starting(_: Request) -> Answer:
        return good(META) if platform.asked("GET", "/meta") > 2 else refusal(503, "UNAVAILABLE")

    platform.routes["GET", "/meta"] = starting
    result = await carry_out("scenario: It\nsteps:\n  - {request: GET /meta}\n", wait_for=60.0)
    assert result.scenarios[0].outcome is Outcome.PASSED
    assert platform.asked("GET", "/meta") == 4


@pytest.mark.parametrize(("step", "times"), [("GET /auth/me", 3), ("POST /auth/refresh", 1)])
async def test_only_what_the_network_failed_is_sent_again_and_only_where_that_does_nothing_twice(
    step: str, times: int, platform: WrongPlatform, carry_out: CarryOut
) -> None:
    method, path = step.split()
    platform.routes[method, path] = lambda _: Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    await carry_out(f"{HEAD}  - {{request: {step}}}\n", retries=2)
    assert platform.asked(method, path) == times
    platform.routes["GET", "/time"] = lambda _: refusal(503, "UNAVAILABLE")
    await carry_out(f"{HEAD}  - {{request: GET /time}}\n", retries=2)
    assert platform.asked("GET", "/time") == 1


async def test_given_accounts_stand_in_for_people(platform: WrongPlatform, carry_out: CarryOut) -> None:
    given = {"anna": Person("anna", "a-token-that-was-kept", "u1", "anna")}
    result = await carry_out(f"{HEAD}  - {{request: GET /auth/me}}\n", given=given)
    assert result.scenarios[0].outcome is Outcome.PASSED
    assert platform.asked("POST", "/auth/register") == 0
    assert platform.seen[-1].headers["authorization"] == "Bearer a-token-that-was-kept"


async def test_tokens_travel_to_nobody_else(carry_out: CarryOut) -> None:
    text = f"{HEAD}  - {{set: {{url: 'http://127.0.0.1:9/x'}}}}\n  - {{request: 'GET {{{{url}}}}'}}\n"
    (failure,) = [failure for _, _, failure in (await carry_out(text)).scenarios[0].failures()]
    assert failure.message == "this address is not the platform's own"


@pytest.mark.parametrize(
    "what", ["path: {id: '{{x}}'}", "body: '{{x}}'", "headers: {A: '{{x}}'}", "query: {q: '{{x}}'}", "text: '{{x}}'"]
)
@pytest.mark.parametrize("text", ["\\ud800", "a\\nb\\u0000", "☃"])
async def test_whatever_is_to_be_sent_is_sent_or_refused_in_a_sentence(
    text: str, what: str, carry_out: CarryOut
) -> None:
    given = what if what.startswith("path") else f"path: {{id: p1}}, {what}"
    step = f"{{request: posts.get, {given}, expect: 404}}"
    result = await carry_out(f'scenario: It\nvariables: {{x: "{text}"}}\nsteps:\n  - {step}\n')
    assert steps_of(result)["01"] in (Outcome.PASSED, Outcome.ERROR)
    codes = [failure.code.value for _, _, failure in result.scenarios[0].failures()]
    assert codes == (["ST210"] if steps_of(result)["01"] is Outcome.ERROR else [])


async def test_what_went_over_the_wire_is_what_is_covered(platform: WrongPlatform, carry_out: CarryOut) -> None:
    result = await carry_out(f"{HEAD}  - connect: [anna]\n  - {{request: GET /auth/me, as: expired}}\n")
    coverage = result.coverage
    assert coverage.statuses["auth.me"] == {200: 1}
    assert coverage.statuses["auth.register"] == {201: 2}
    assert coverage.events == {"ready": 1}
    assert "auth.logout" not in coverage.endpoints_missing()
    assert "posts.get" in coverage.endpoints_missing()


async def test_no_secret_of_a_run_gets_into_its_reports(platform: WrongPlatform, tmp_path: Path) -> None:
    def echo(request: Request) -> Answer:
        bio = request.headers["authorization"] + CANARY + request.headers["x-much"]
        return good({"user": {**USER, "bio": bio}}, more=1)

    platform.routes["GET", "/auth/me"] = echo
    platform.routes["POST", "/auth/login"] = lambda _: good(
        {"accessToken": TOKEN, "refreshToken": None, "expiresIn": 900, "user": USER}
    )
    file = tmp_path / "it.yaml"
    file.write_text(
        "scenario: It\npeople: {anna: {username: anna, password: '{{canary}}'}}\nsteps:\n"
        "  - request: GET /auth/me\n    headers: {X-Much: '{{anna.token}}'}\n"
        "    expect: {jq: {.data.user.bio: '{{canary}}'}}\n"
        "finally:\n"
        "  - {request: 'GET /search?q={{canary}}', expect: {match: {x: '{{canary}}', y: '{{anna.token}}'}}}\n"
    )
    redactor = Redactor({CANARY: "secret"})
    run = smoke_run(platform.url, redactor, variables={"canary": CANARY})
    result = await run.carry_out(loading.load([file], ["canary"]))
    assert len(list(result.scenarios[0].failures())) > 2
    shown = without_secrets(result, redactor)
    for report in (people, as_json, junit, tap):
        assert "[token:" in report.report(shown)
        assert survivors(report.report(shown)) == []


async def test_by_the_clock_latency_counts_from_when_it_should_have_begun(
    platform: WrongPlatform, tmp_path: Path
) -> None:
    file = tmp_path / "it.yaml"
    file.write_text(f"{HEAD}  - {{request: GET /auth/me}}\n")
    run = smoke_run(platform.url)
    result = await load_run.carry_out(run, loading.load([file]), rate=50, duration=0.2)
    assert result.load.begun == 10
    assert result.load.failed == 0
    assert result.load.requests["auth.me"].count == 10
    assert platform.asked("POST", "/auth/register") == 1
    assert "n=10" in "".join(result.load.lines()) or result.load.refused


async def test_it_can_be_broken_off_by_the_clock_as_well(platform: WrongPlatform, tmp_path: Path) -> None:
    broken = _Interrupted(platform, tmp_path, f"{HEAD}  - {{request: GET /auth/me}}\n{TIDY}")
    async with asyncio.timeout(20):
        with contextlib.suppress(asyncio.CancelledError):
            result = await load_run.carry_out(broken.run, loading.load([broken.file]), rate=5, duration=100)
    assert result.interrupted
    assert platform.asked("GET", "/time") >= 1


async def test_broken_off_in_its_teardown_a_scenario_ends_it_all_the_same(
    platform: WrongPlatform, tmp_path: Path
) -> None:
    text = f"{HEAD}  - {{request: GET /meta}}\nfinally:\n  - {{request: GET /auth/me}}\n  - {{request: GET /time}}\n"
    broken = _Interrupted(platform, tmp_path, text)

    def stopped(_: Request) -> Answer:
        asyncio.get_running_loop().call_soon(broken.run.stop)
        return good({"user": USER})

    platform.routes["GET", "/auth/me"] = stopped
    result = await broken.run.carry_out(loading.load([broken.file]))
    assert result.interrupted
    assert platform.asked("GET", "/time") == 1
    assert steps_of(result)["f02"] is Outcome.PASSED


async def test_the_teardown_comes_also_after_a_fault_of_our_own(
    platform: WrongPlatform, carry_out: CarryOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [ZeroDivisionError()]

    def broken(*_: object) -> None:
        if faults:
            raise faults.pop()

    monkeypatch.setattr("api_client.inspect.smoke.asking.judge_predicates", broken)
    with pytest.raises(ZeroDivisionError):
        await carry_out(f"{HEAD}  - {{assert: 'true'}}\n{TIDY}")
    assert platform.asked("DELETE", "/posts/1") == 1
    assert platform.asked("GET", "/time") == 1


async def test_a_cookie_of_a_scenario_is_in_no_report(platform: WrongPlatform, carry_out: CarryOut) -> None:
    result = await carry_out(
        f"{HEAD}  - {{request: GET /meta, headers: {{Cookie: 'session=oatmeal-raisin; theme=x'}}, expect: 404}}\n"
    )
    (failure,) = [failure for _, _, failure in result.scenarios[0].failures()]
    assert "Cookie: session=[cookie:" in failure.curl
    assert "oatmeal" not in as_json.report(result)
