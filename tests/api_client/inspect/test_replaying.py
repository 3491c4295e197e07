"""A session recorded against a real platform, carried out again: green where nothing changed, else red."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from api_client.auth import MemoryTokens, Tokens
from api_client.errors import Unreachable
from api_client.inspect.comparing import Comparer, Counts
from api_client.inspect.frame_check import FrameCheck, FrameSocket
from api_client.inspect.identities import Identities
from api_client.inspect.recorder import Recorder
from api_client.inspect.recording import SessionRecording
from api_client.inspect.replay_plan import plan
from api_client.inspect.replaying import Pace, Replay, StepResult, Verdict, noise_between, without_noise
from api_client.inspect.session_file import Content, FrameLine, Header, Session, content_of, read_session
from api_client.raw import RawClient
from tests.api_client.inspect.sessions_scene import resident
from tests.inspect_canary import survivors
from tests.shared_platform import SharedPlatform


@dataclass
class Recording:
    """A recording, and a platform on which nothing of it has happened."""

    path: Path
    session: Session
    client: RawClient
    secrets: list[str]


@pytest.fixture
async def recording(platform: SharedPlatform, once: tuple[Path, list[str]]) -> AsyncIterator[Recording]:
    path, secrets = once
    await platform.empty()
    async with await resident(platform.url, "ann") as client, await resident(platform.url, "ben"):
        yield Recording(path, read_session(path), client, secrets)


async def replayed(recording: Recording, client: RawClient | None = None, **options: Any) -> list[StepResult]:
    client = client or recording.client
    socket = FrameSocket(client)
    await socket.open()
    try:
        replay = Replay(client, recording.session, pace=Pace.MAX, socket=socket, **options)
        return await replay.run(plan(recording.session))
    finally:
        await socket.close()


def told(results: list[StepResult]) -> list[str]:
    return [f"{r.step.title}: {d}" for r in results for d in r.differences] + [
        f"{r.step.title}: {r.note}" for r in results if r.verdict is Verdict.FAILED
    ]


async def test_a_session_is_the_same_on_another_platform(recording: Recording) -> None:
    session = recording.session
    assert session.complaint == ""
    assert stat.S_IMODE(recording.path.stat().st_mode) == 0o600
    assert {action.label for action in session.actions} >= {"upvote", "reply", "new chat"}
    assert all(call.cause is not None for call in session.calls)
    results = await replayed(recording)
    assert told(results) == []
    same = [result for result in results if result.verdict is Verdict.SAME]
    assert {"posts.create", "posts.vote", "comments.list", "chat.send", "socket"} <= {r.step.name for r in same}


async def test_no_secret_is_in_a_recording(recording: Recording) -> None:
    assert survivors(recording.path.read_bytes(), *recording.secrets) == []


def altered(change: Any) -> httpx.AsyncBaseTransport:
    """Return a transport that changes the JSON of replies on their way."""

    class Altered(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            body = json.loads(await response.aread())
            status = change(request, body) or response.status_code
            content = json.dumps(body).encode()
            headers = {"content-type": "application/json"}
            return httpx.Response(status, headers=headers, content=content)

    return Altered(verify=False)


async def differing(recording: Recording, change: Any) -> list[str]:
    tokens = await recording.client.auth.current()
    assert tokens is not None
    kept = MemoryTokens(Tokens(access=tokens.access, refresh=tokens.refresh))
    async with RawClient(recording.client.address.base, tokens=kept, transport=altered(change)) as client:
        return told(await replayed(recording, client))


def _score(request: httpx.Request, body: Any) -> None:
    if request.url.path.endswith("/vote") and "/posts/" in request.url.path:
        body["data"]["score"] += 1


def _lost_field(request: httpx.Request, body: Any) -> None:
    if request.method == "GET" and request.url.path.endswith("/comments"):
        del body["data"][0]["body"]


def _refused(request: httpx.Request, body: Any) -> int | None:
    if request.url.path.endswith("/messages"):
        body.clear()
        body |= {"success": False, "error": {"code": "FORBIDDEN", "message": "Not a member"}}
        return 403
    return None


def _another_id(request: httpx.Request, body: Any) -> None:
    if request.method == "GET" and request.url.path.endswith("/comments"):
        body["data"][0]["postId"] = "01980000-0000-7000-8000-000000000000"


CHANGES = [
    (_score, [".data.score: is 2, was 1"]),
    (_lost_field, ['.data[0].body: is missing, was "Thin is better."']),
    (_refused, ["status: is 403, was 201", 'error.code: is new: "FORBIDDEN"', 'error.message: is new: "Not a member"']),
    (_another_id, [".data[0].postId: is another one"]),
]


@pytest.mark.parametrize(("change", "says"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
async def test_a_changed_reply_is_told_with_its_path_and_both_values(
    recording: Recording, change: Any, says: list[str]
) -> None:
    found = await differing(recording, change)
    assert len(found) == len(says), found
    for sentence, wanted in zip(found, says, strict=True):
        assert wanted in sentence


async def test_what_the_socket_did_not_say_is_told(recording: Recording) -> None:
    session = recording.session
    extra = session.frames[-1].model_copy(
        update={"content": session.frames[-1].content.model_copy(update={"json_": {"type": "user-typing"}})}
    )
    frames = [*session.frames, extra.model_copy(update={"direction": "received"})]
    recording.session = Session(session.header, calls=session.calls, frames=frames)
    assert told(await replayed(recording)) == [
        'receive user-typing: socket user-typing: is missing, was {"type": "user-typing"}'
    ]


async def test_only_what_is_asked_for_and_what_it_needs_is_carried_out(recording: Recording) -> None:
    steps = plan(recording.session, ["posts.vote"])
    results = await Replay(recording.client, recording.session, pace=Pace.MAX).run(steps)
    # The community is named in what is sent, and its name is no id: the post cannot be made without it.
    assert [(result.step.name, result.verdict) for result in results] == [
        ("posts.create", Verdict.SENT),
        ("posts.vote", Verdict.DIFFERENT),
    ]


async def test_ignored_and_noisy_places_are_no_difference(recording: Recording) -> None:
    def without_scores(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without_scores(inner) for name, inner in value.items() if name != "score"}
        return [without_scores(inner) for inner in value] if isinstance(value, list) else value

    tokens = await recording.client.auth.current()
    assert tokens is not None
    kept = MemoryTokens(Tokens(access=tokens.access, refresh=tokens.refresh))
    async with RawClient(recording.client.address.base, tokens=kept, transport=altered(_score)) as client:
        assert told(await replayed(recording, client, ignored=[without_scores])) == []


async def test_another_account_stands_for_the_recorded_one(recording: Recording, platform: SharedPlatform) -> None:
    async with await resident(platform.url, "cleo_the_third") as cleo:
        me = await cleo.accounts.me()
        replay = Replay(cleo, recording.session, pace=Pace.MAX)
        replay.as_user(me.username, me.id)
        found = told(await replay.run(plan(recording.session)))
        # What people are called is theirs, and members stand in the order of their ids; who it is makes no difference.
        assert {sentence.split(": ")[1].rpartition(".")[2] for sentence in found} == {"fullName", "members[1]"}
    header = recording.session.header
    assert replay.identities.now(header.user_id) == me.id


async def test_a_platform_that_is_not_there_can_judge_nothing(recording: Recording, tmp_path: Path) -> None:
    kept = MemoryTokens(Tokens(access="x"))
    async with RawClient("http://127.0.0.1:9", tokens=kept) as client:
        with pytest.raises(Unreachable):
            await Replay(client, recording.session, pace=Pace.MAX).run(plan(recording.session))


def test_noise_is_what_differs_between_two_replays() -> None:
    assert noise_between([], []) == frozenset()
    assert without_noise([], frozenset()) == []
    assert Counts("any") is Counts.ANY


async def test_a_recording_ends_by_itself_at_its_limit(tmp_path: Path, platform: SharedPlatform) -> None:
    await platform.empty()
    async with await resident(platform.url, "cleo") as client:
        client.recorder = recorder = Recorder()
        said: list[str] = []
        recording = SessionRecording(
            tmp_path / "s.jsonl", recorder, Header(platform=client.address.base), limit=4_000, on_trouble=said.append
        )
        for _ in range(8):
            await client.accounts.me()
        written = await recording.stop()
    assert "has reached" in written.sentence
    session = read_session(tmp_path / "s.jsonl")
    assert session.end is not None
    assert session.end.why == "full"
    assert 0 < len(session.calls) < 8
    assert (tmp_path / "s.jsonl").stat().st_size < 4_500


class _Cut(FrameSocket):
    """A socket on which nothing can be sent from some moment on."""

    is_cut = False

    async def send(self, frame: dict[str, Any]) -> None:
        if self.is_cut:
            raise Unreachable("The socket was closed: the line broke.")
        await super().send(frame)


async def test_a_socket_that_ends_in_the_middle_leaves_the_verdicts_of_the_calls(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api_client.inspect.frame_check.PATIENCE", 0.1)
    socket = _Cut(recording.client)
    await socket.open()

    def cut(_: StepResult) -> None:
        socket.is_cut = True

    try:
        replay = Replay(recording.client, recording.session, pace=Pace.MAX, socket=socket, on_result=cut)
        results = await replay.run(plan(recording.session))
    finally:
        await socket.close()
    failed = [result for result in results if result.verdict is Verdict.FAILED]
    assert {(result.step.name, result.note) for result in failed} == {
        ("socket", "The socket was closed: the line broke.")
    }
    assert "chat.send" in {result.step.name for result in results if result.verdict is Verdict.SAME}


@pytest.mark.parametrize(
    "frame", [b'{"type":"updates"}', b'{"type":"updates","updates":7}', b'{"type":"updates","updates":[7,{}]}']
)
def test_notices_of_nothing_are_expected_of_nobody_by_name(frame: bytes) -> None:
    line = FrameLine(at=0, socket=1, direction="received", content=content_of(frame) or Content())
    check = FrameCheck(Session(Header(platform="http://x/api/v1"), frames=[line]), Comparer(Identities()))
    assert check is not None
