"""Stories: the tray and its order, the 24 hours, who saw what."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import func, select

from server.clock import ManualClock
from server.tables.stories import StoryRow, StoryViewRow

from .conftest import PASSWORD, Person, Platform
from .pictures import medium


async def told(person: Person) -> dict[str, Any]:
    data: dict[str, Any] = await person.data("POST", "/stories", {"media": medium()})
    return data


async def tray(person: Person) -> list[tuple[str, bool]]:
    return [(entry["user"]["username"], entry["seen"]) for entry in await person.all("/stories/tray", limit=1)]


async def sign_in_again(person: Person) -> None:
    """Access tokens last a quarter of an hour; stories last longer."""
    reply = await person.post("/auth/login", {"email": person.username, "password": PASSWORD})
    person.http.headers["Authorization"] = f"Bearer {reply.json()['data']['accessToken']}"


async def test_a_story_lasts_24_hours_to_the_second(platform: Platform, clock: ManualClock) -> None:
    ann = await platform.person("ann")
    story = await told(ann)
    assert story["expiresAt"][:19] == "2026-01-06T12:00:00"
    assert (story["viewCount"], story["seen"], story["mediaType"]) == (0, True, "image")
    assert (await ann.http.get(f"{platform.url}{story['mediaUrl']}")).status_code == 200
    clock.advance(86_399)
    await sign_in_again(ann)
    assert await tray(ann) == [("ann", True)]
    assert (await ann.post(f"/stories/{story['id']}/view")).status_code == 200
    clock.advance(1)
    assert await tray(ann) == []
    for reply in (
        await ann.post(f"/stories/{story['id']}/view"),
        await ann.get(f"/stories/{story['id']}/viewers"),
        await ann.delete(f"/stories/{story['id']}"),
    ):
        assert reply.status_code == 404


async def test_what_is_over_is_cleared_away_with_its_file(platform: Platform, clock: ManualClock) -> None:
    ann = await platform.person("ann")
    story = await told(ann)
    address = f"{platform.url}{story['mediaUrl']}"
    assert (await ann.http.get(address)).status_code == 200
    clock.advance(86_400)
    async with asyncio.timeout(30):
        while (await ann.http.get(address)).status_code != 404:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.05)
    async with platform.state.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(StoryRow)) == 0


async def test_a_view_counts_once_and_never_for_oneself(platform: Platform, clock: ManualClock) -> None:
    ann, bob, eve = [await platform.person(name) for name in ("ann", "bob", "eve")]
    story = await told(ann)
    path = f"/stories/{story['id']}"
    for person, count in ((ann, 0), (bob, 1), (bob, 1), (eve, 2)):
        clock.advance(1)
        seen = await person.data("POST", f"{path}/view")
        assert (seen["viewCount"], seen["seen"]) == (count, True)
    viewers = await ann.all(f"{path}/viewers", limit=1)
    assert [viewer["user"]["username"] for viewer in viewers] == ["eve", "bob"]
    assert (await bob.get(f"{path}/viewers")).status_code == 403
    assert (await bob.delete(path)).status_code == 403
    assert (await ann.delete(path)).status_code == 200
    assert (await ann.delete(path)).status_code == 404
    async with platform.state.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(StoryViewRow)) == 0


async def test_the_tray_puts_oneself_first_then_the_unseen_then_the_close(
    platform: Platform, clock: ManualClock
) -> None:
    ann = await platform.person("ann")
    people = {name: await platform.person(name) for name in ("seen", "close", "late", "early", "strange")}
    stories = {}
    for name in ("seen", "close", "early", "late", "strange"):
        clock.advance(1)
        if name != "strange":
            await ann.post(f"/users/{name}/follow")
        stories[name] = await told(people[name])
    await told(ann)
    photo = await people["close"].data("POST", "/posts", {"mediaUrls": ["https://a.example/b.jpg"]})
    await ann.put(f"/posts/{photo['id']}/like")
    await ann.post(f"/stories/{stories['seen']['id']}/view")
    assert await tray(ann) == [("ann", True), ("close", False), ("late", False), ("early", False), ("seen", True)]
    clock.advance(1)
    await told(people["seen"])
    assert (await tray(ann))[1:] == [("close", False), ("seen", False), ("late", False), ("early", False)]
    entry = (await ann.all("/stories/tray"))[2]
    assert [story["seen"] for story in entry["stories"]] == [True, False]


async def test_stories_of_private_accounts_are_for_followers(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await bob.post("/users/ann/follow")
    await ann.put("/users/me", {"isPrivate": True})
    story = await told(ann)
    eve = await platform.person("eve")
    assert (await eve.post(f"/stories/{story['id']}/view")).status_code == 403
    assert (await bob.post(f"/stories/{story['id']}/view")).status_code == 200
    assert await tray(eve) == []


async def test_a_story_needs_a_sound_medium(platform: Platform) -> None:
    ann = await platform.person("ann")
    for item in ({"type": "image", "base64": "%%"}, {"type": "video", "base64": "AAAA"}, {"type": "image"}):
        assert (await ann.post("/stories", {"media": item})).status_code == 400
    assert (await ann.post("/stories", {"media": {"type": "image", "uploadId": "none"}})).status_code == 404
