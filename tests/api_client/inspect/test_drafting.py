"""The last action as a scenario: it loads, it holds on the platform it came from, and it leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from api_client.addresses import normalise
from api_client.inspect.causes import caused_by
from api_client.inspect.drafting import NothingToDraft, draft, last_cause
from api_client.inspect.recorder import Recorder
from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke.loading import Loaded, load
from api_client.inspect.smoke.results import Outcome, RunResult
from api_client.inspect.smoke.runner import Options, SmokeRun
from api_client.models.posts import NewThreadPost
from api_client.models.threads import NewSubreddit
from api_client.raw import RawClient
from tests.api_client.inspect.sessions_scene import lived, resident
from tests.inspect_canary import survivors
from tests.shared_platform import SharedPlatform


@pytest.fixture
async def ann(platform: SharedPlatform) -> AsyncIterator[RawClient]:
    await platform.empty()
    async with await resident(platform.url, "ann") as client:
        client.recorder = Recorder()
        yield client


def scenario(text: str, folder: Path) -> tuple[dict[str, Any], list[Loaded]]:
    """Return a drafted scenario as data, and as what a run takes."""
    file = folder / "drafted.yaml"
    file.write_text(text, encoding="utf-8")
    return yaml.safe_load(text), load([file])


async def carried_out(platform: SharedPlatform, loaded: list[Loaded]) -> RunResult:
    run = SmokeRun(Options(normalise(platform.url)), Redactor(), lambda _result: None)
    return await run.carry_out(loaded)


def failures(result: RunResult) -> list[str]:
    return [f"{step.label}: {failure.message}" for each in result.scenarios for step, _, failure in each.failures()]


async def test_what_was_created_is_captured_used_and_deleted_again(
    ann: RawClient, platform: SharedPlatform, tmp_path: Path
) -> None:
    await ann.threads.found(NewSubreddit(name="rye"))
    with caused_by("item.create", "write about rye"):
        post = await ann.feed.create(NewThreadPost(subreddit="rye", title="Rye {{and}} rest", body="Dark."))
        await ann.comments.create(post.id, "First.")
        await ann.threads.vote(post.id, -1)
    assert ann.recorder is not None
    text = draft(ann.recorder)
    told, loaded = scenario(text, tmp_path)
    assert told["scenario"] == "write about rye"
    first, second, third = told["steps"]
    assert first["capture"] == {"post": ".data.id"}
    assert second["path"] == third["path"] == {"id": "{{post}}"}
    assert second["capture"] == {"comment": ".data.id"}
    assert first["expect"]["match"]["data"]["body"] == "Dark."
    assert '.data.createdAt | test("^[0-9]{4}-")' in first["expect"]["jq"]
    assert [step["request"] for step in told["finally"]] == ["posts.vote", "comments.delete", "posts.delete"]
    assert post.id not in text
    result = await carried_out(platform, loaded)
    assert failures(result) == []
    assert result.count(Outcome.PASSED) == 1
    assert [each for each in await ann.threads.page(subreddit="rye") if each.id != post.id] == []


async def test_what_an_action_took_from_an_earlier_reply_is_asked_for_first(ann: RawClient, tmp_path: Path) -> None:
    await ann.threads.found(NewSubreddit(name="rye"))
    made = await ann.feed.create(NewThreadPost(subreddit="rye", title="Rye", body="Dark."))
    assert ann.recorder is not None
    ann.recorder.clear()
    with caused_by("global.refresh", "look"):
        (post,) = await ann.threads.page(subreddit="rye")
    with caused_by("item.positive", "upvote"):
        await ann.threads.vote(post.id, 1)
    told, _ = scenario(draft(ann.recorder), tmp_path)
    asked, voted = told["steps"]
    assert (asked["request"], asked["capture"]) == ("threads.list", {"post": ".data[0].id"})
    assert voted["path"] == {"id": "{{post}}"}
    assert voted["body"] == {"value": 1}
    # What no reply gave is a variable, and said to be one.
    ann.recorder.clear()
    with caused_by("item.negative", "downvote"):
        await ann.threads.vote(made.id, -1)
    text = draft(ann.recorder)
    told, _ = scenario(text, tmp_path)
    assert told["variables"] == {"post": made.id}
    assert "hold for the platform" in text


async def test_the_events_of_a_write_are_expected(ann: RawClient, platform: SharedPlatform, tmp_path: Path) -> None:
    async with await resident(platform.url, "ben"):
        await lived(ann, "ben", "bread")
        assert ann.recorder is not None
        vote = next(call.cause for call in ann.recorder.calls if call.name == "posts.vote")
        told, _ = scenario(draft(ann.recorder, vote), tmp_path)
        assert {"connect": "me"} in told["steps"]
        assert {"subscribe": {"me": ["posts:{{post}}"]}} in told["steps"]
        assert told["steps"][-1]["events"] == [{"on": "me", "type": "updates", "match": {"key": "posts:{{post}}"}}]
        chat = last_cause(ann.recorder)
        told, loaded = scenario(draft(ann.recorder, chat), tmp_path)
        sent = told["steps"][-1]
        assert [rule["type"] for rule in sent["events"]] == ["new-message"]
        assert sent["events"][0]["on"] == "me"
        result = await carried_out(platform, loaded)
        assert failures(result) == []


async def test_a_draft_has_no_secrets_and_nothing_is_drafted_of_nothing(ann: RawClient, tmp_path: Path) -> None:
    assert ann.recorder is not None
    with pytest.raises(NothingToDraft):
        draft(ann.recorder)
    await ann.accounts.me()
    with pytest.raises(NothingToDraft):
        draft(ann.recorder)
    with caused_by("item.create", "found"):
        await ann.threads.found(NewSubreddit(name="rye", description="x"))
    tokens = await ann.auth.current()
    assert tokens is not None
    assert survivors(draft(ann.recorder), str(tokens.access), str(tokens.refresh)) == []
