"""Subreddits, their posts in six orders, and votes."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from server.clock import ManualClock
from server.db import new_id
from server.tables.posts import ThreadPostRow, VoteRow
from server.tables.subreddits import SubredditMemberRow
from server.tables.users import UserRow
from server.threads import ranking

from .conftest import Person, Platform


async def founded(person: Person, name: str = "python", **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = await person.data("POST", "/r", {"name": name, **more})
    return data


async def posted(person: Person, subreddit: str = "python", **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = await person.data("POST", "/posts", {"subreddit": subreddit, "title": "hello", **more})
    return data


async def seed_threads(platform: Platform, subreddit_id: str, author_id: str, rows: list[dict[str, Any]]) -> list[str]:
    """Insert posts given as `ups`, `downs`, `hours` of age and columns; return their ids in the order given."""
    now = platform.clock.now()
    made = []
    for row in rows:
        extra = dict(row)
        ups, downs = extra.pop("ups", 0), extra.pop("downs", 0)
        created: datetime = now - timedelta(hours=extra.pop("hours", 1))
        made.append(
            {
                "id": new_id(), "subreddit_id": subreddit_id, "author_id": author_id, "title": "t", "upvotes": ups,
                "downvotes": downs, "score": ups - downs, "hot": ranking.hot(ups - downs, created),
                "best": ranking.wilson(ups, downs), "controversy": ranking.controversy(ups, downs),
                "created_at": created, "is_pinned": False, **extra,
            }
        )  # fmt: skip
    async with platform.state.database.writing() as db:
        for values in made:
            await db.execute(insert(ThreadPostRow), [values])
    return [str(values["id"]) for values in made]


async def listed(person: Person, **params: Any) -> list[str]:
    return [item["id"] for item in await person.all("/posts", **params)]


async def set_role(platform: Platform, subreddit_id: str, user_id: str, role: str) -> None:
    async with platform.state.database.writing() as db:
        (await db.get_one(SubredditMemberRow, (subreddit_id, user_id))).role = role


async def test_a_subreddit_is_found_in_any_case_and_belongs_to_its_founder(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    made = await founded(ann, "Python", description="snakes")
    assert (made["displayName"], made["subscriberCount"], made["myRole"], made["isJoined"]) == (
        "Python",
        1,
        "owner",
        True,
    )
    assert (await ann.post("/r", {"name": "pYTHON"})).json()["error"]["code"] == "DUPLICATE"
    seen = await bob.data("GET", "/r/PYTHON")
    assert (seen["id"], seen["name"], seen["myRole"], seen["isJoined"]) == (made["id"], "Python", None, False)
    assert (await bob.get("/r/ruby")).status_code == 404
    stranger = await platform.client()
    assert (await stranger.get("r/python")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "a" * 21}, 201), ({"name": "a" * 22}, 400), ({"name": "a-b"}, 400), ({"name": "a_9"}, 201),
        ({"name": "ok", "displayName": "d" * 100}, 201), ({"name": "ok", "displayName": "d" * 101}, 400),
    ],
)  # fmt: skip
async def test_names_of_subreddits_have_their_limits(platform: Platform, body: dict[str, str], status: int) -> None:
    ann = await platform.person("ann")
    assert (await ann.post("/r", body)).status_code == status


async def test_joining_twice_counts_once_and_the_owner_cannot_leave(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await founded(ann)
    for _ in range(2):
        assert await bob.data("POST", "/r/Python/join") == {"joined": True, "subscriberCount": 2}
    assert [item["name"] for item in await bob.all("/users/me/subreddits")] == ["python"]
    for _ in range(2):
        assert await bob.data("POST", "/r/python/leave") == {"joined": False, "subscriberCount": 1}
    assert (await ann.post("/r/python/leave")).json()["error"]["code"] == "CONFLICT"
    assert (await bob.post("/r/none/join")).status_code == 404


async def test_subreddits_are_searched_and_listed_by_size(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    for name, display in (("alpha", "Snake charmers"), ("beta", "100%_real"), ("snakes", "x")):
        await founded(ann, name, displayName=display)
    await bob.post("/r/snakes/join")
    names = [item["name"] for item in await bob.all("/r", limit=1)]
    assert names == ["snakes", "alpha", "beta"]
    assert [item["name"] for item in await bob.all("/r", query="SNAKE")] == ["snakes", "alpha"]
    assert [item["name"] for item in await bob.all("/r", query="%_")] == ["beta"]
    assert [item["name"] for item in await ann.all("/users/me/subreddits", limit=2)] == ["alpha", "beta", "snakes"]


async def test_posts_of_four_types(platform: Platform) -> None:
    ann = await platform.person("ann")
    await founded(ann, isNsfw=True)
    for kind in ("link", "image", "video"):
        body = {"subreddit": "python", "title": "x", "postType": kind}
        assert (await ann.post("/posts", body)).status_code == 400
        made = await posted(ann, postType=kind, url="https://a.example/x", authorId="somebody")
        assert (made["postType"], made["url"], made["authorId"]) == (kind, "https://a.example/x", ann.id)
    made = await posted(ann, title="t" * 300, body="*hello*", flair="News")
    assert (made["kind"], made["body"], made["flair"], made["score"], made["myVote"]) == (
        "thread", "*hello*", "News", 0, 0
    )  # fmt: skip
    assert made["isNsfw"]
    assert (await ann.post("/posts", {"subreddit": "python", "title": "t" * 301})).status_code == 400
    assert (await ann.post("/posts", {"subreddit": "python", "title": "  "})).status_code == 400
    assert (await ann.post("/posts", {"subreddit": "ruby", "title": "t"})).status_code == 404


async def test_the_six_orders(platform: Platform) -> None:
    ann = await platform.person("ann")
    subreddit = (await founded(ann))["id"]
    great, fought, fresh, sure = await seed_threads(
        platform,
        subreddit,
        ann.id,
        [
            {"ups": 500, "downs": 100, "hours": 30},
            {"ups": 60, "downs": 60, "hours": 10},
            {"ups": 3, "downs": 1, "hours": 0},
            {"ups": 40, "downs": 0, "hours": 20},
        ],
    )
    everything = {"subreddit": "python", "t": "all", "limit": 1}
    assert await listed(ann, sort="new", **everything) == [fresh, fought, sure, great]
    assert await listed(ann, sort="top", **everything) == [great, sure, fresh, fought]
    assert await listed(ann, sort="top", subreddit="python") == [sure, fresh, fought]
    assert await listed(ann, sort="hot", **everything) == [fresh, great, sure, fought]
    assert await listed(ann, sort="best", **everything) == [sure, great, fought, fresh]
    assert await listed(ann, sort="controversial", **everything) == [great, fought, fresh, sure]
    assert await listed(ann, sort="controversial", subreddit="python") == [fought, fresh, sure]
    assert await listed(ann, sort="rising", **everything) == [fresh, sure, fought]
    assert (await ann.get("/posts", sort="upside-down")).status_code == 400


async def test_pinned_posts_stand_first_once(platform: Platform) -> None:
    ann = await platform.person("ann")
    subreddit = (await founded(ann))["id"]
    low, high, pinned = await seed_threads(
        platform, subreddit, ann.id, [{"ups": 1}, {"ups": 9}, {"downs": 50, "hours": 900, "is_pinned": True}]
    )
    for sort in ("hot", "top", "best"):
        assert await listed(ann, subreddit="python", sort=sort, limit=2) == [pinned, high, low]
    assert sorted(await listed(ann, sort="hot")) == sorted([pinned, high, low])
    assert (await listed(ann, sort="hot"))[-1] == pinned


async def test_the_front_page_shows_what_one_joined_or_everything_safe(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    for name in ("one", "two"):
        await founded(ann, name)
    await founded(ann, "rude", isNsfw=True)
    one, two, rude = [(await posted(ann, name))["id"] for name in ("one", "two", "rude")]
    assert sorted(await listed(ann, sort="new")) == sorted([one, two, rude])
    assert sorted(await listed(bob)) == sorted([one, two])
    await bob.post("/r/one/join")
    assert await listed(bob) == [one]


@pytest.mark.parametrize("sort", ["hot", "new", "top", "best", "controversial", "rising"])
async def test_pages_neither_repeat_nor_skip_while_posts_and_votes_arrive(platform: Platform, sort: str) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    subreddit = (await founded(ann))["id"]
    rows = [{"ups": n % 7, "downs": n % 3, "hours": 1 + n % 5} for n in range(45)]
    ids = await seed_threads(platform, subreddit, ann.id, rows)
    seen: list[str] = []
    sizes: list[int] = []
    cursor: str | None = None
    while not sizes or cursor:
        more = {"cursor": cursor} if cursor else {}
        reply = (await ann.get("/posts", subreddit="python", sort=sort, **more)).json()
        sizes.append(len(reply["data"]))
        seen += [item["id"] for item in reply["data"]]
        cursor = reply["nextCursor"]
        await posted(bob)
        for voted in (seen[-1], next((id_ for id_ in ids if id_ not in seen), seen[0])):
            await bob.post(f"/posts/{voted}/vote", {"value": 1 if voted not in seen else -1})
    assert sizes == [20, 20, 5]
    assert sorted(seen) == sorted(ids)


async def test_every_transition_of_a_vote_counts_right(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await founded(ann)
    post = await posted(ann)
    path = f"/posts/{post['id']}/vote"
    for before in (-1, 0, 1):
        for value in (-1, 0, 1):
            await bob.post(path, {"value": before})
            state = await bob.data("POST", path, {"value": value})
            assert state == {"score": value, "upvotes": int(value == 1), "downvotes": int(value == -1), "myVote": value}
            assert (await bob.data("GET", f"/posts/{post['id']}"))["myVote"] == value
            assert (await ann.data("GET", f"/posts/{post['id']}"))["myVote"] == 0
            assert (await ann.data("GET", "/users/ann"))["karma"] == value
            async with platform.state.database.reading() as db:
                assert await db.scalar(select(func.count()).select_from(VoteRow)) == abs(value)
    assert (await bob.post(path, {"value": 2})).status_code == 400


async def test_a_vote_moves_the_stored_ranks_and_the_version(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await founded(ann)
    post = await posted(ann)
    for _ in range(2):
        await bob.post(f"/posts/{post['id']}/vote", {"value": -1})
    async with platform.state.database.reading() as db:
        row = await db.get_one(ThreadPostRow, post["id"])
    assert (row.hot, row.best, row.controversy) == (ranking.hot(-1, row.created_at), 0.0, 0.0)
    assert row.version == post["version"] + 1


async def test_nobody_earns_karma_from_their_own_vote(platform: Platform) -> None:
    ann = await platform.person("ann")
    await founded(ann)
    post = await posted(ann)
    assert (await ann.data("POST", f"/posts/{post['id']}/vote", {"value": 1}))["score"] == 1
    assert (await ann.data("GET", "/users/ann"))["karma"] == 0


async def test_many_voters_at_once_add_up(platform: Platform) -> None:
    ann = await platform.person("ann")
    people = [await platform.person(f"p{n}") for n in range(10)]
    await founded(ann)
    post = await posted(ann)
    values = [(-1, 0, 1)[(n * 7) % 3] for n in range(60)]
    await asyncio.gather(
        *[people[n % 10].post(f"/posts/{post['id']}/vote", {"value": value}) for n, value in enumerate(values)]
    )
    seen = await ann.data("GET", f"/posts/{post['id']}")
    async with platform.state.database.reading() as db:
        votes = list(await db.scalars(select(VoteRow.value)))
    assert (seen["upvotes"], seen["downvotes"], seen["score"]) == (votes.count(1), votes.count(-1), sum(votes))
    assert (await ann.data("GET", "/users/ann"))["karma"] == sum(votes)


async def test_likes_and_votes_go_to_their_own_kinds(platform: Platform) -> None:
    ann = await platform.person("ann")
    await founded(ann)
    thread = await posted(ann)
    photo = await ann.data("POST", "/posts", {"mediaUrls": ["https://a.example/b.jpg"]})
    for reply in (
        await ann.post(f"/posts/{thread['id']}/like"),
        await ann.put(f"/posts/{thread['id']}/like"),
        await ann.delete(f"/posts/{thread['id']}/like"),
        await ann.post(f"/posts/{photo['id']}/vote", {"value": 1}),
    ):
        assert (reply.status_code, reply.json()["error"]["code"]) == (409, "WRONG_KIND")
    assert (await ann.post("/posts/nothing/vote", {"value": 1})).status_code == 404


async def test_moderators_remove_posts_in_their_subreddit_alone(platform: Platform) -> None:
    ann, bob, eve = [await platform.person(name) for name in ("ann", "bob", "eve")]
    here, _ = await founded(ann, "here"), await founded(ann, "there")
    for name in ("here", "there"):
        await bob.post(f"/r/{name}/join")
    await set_role(platform, here["id"], bob.id, "moderator")
    first, second = await posted(eve, "here"), await posted(eve, "there")
    assert (await bob.delete(f"/posts/{second['id']}")).status_code == 403
    assert (await bob.delete(f"/posts/{first['id']}")).status_code == 200
    assert (await eve.get(f"/posts/{first['id']}")).status_code == 404
    assert (await eve.post(f"/posts/{first['id']}/vote", {"value": 1})).status_code == 404
    assert await listed(eve, subreddit="here") == []
    assert (await ann.delete(f"/posts/{second['id']}")).status_code == 200
    assert await eve.all("/users/eve/posts") == []


async def test_locked_posts_can_be_voted_on_but_not_commented(platform: Platform) -> None:
    ann = await platform.person("ann")
    await founded(ann)
    post = await posted(ann)
    async with platform.state.database.writing() as db:
        (await db.get_one(ThreadPostRow, post["id"])).is_locked = True
    reply = await ann.post(f"/posts/{post['id']}/comments", {"body": "but"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await ann.post(f"/posts/{post['id']}/vote", {"value": 1})).status_code == 200


async def test_a_private_account_speaks_openly_in_subreddits(platform: Platform, clock: ManualClock) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await founded(ann)
    post = await posted(ann)
    await ann.put("/users/me", {"isPrivate": True})
    assert (await bob.get(f"/posts/{post['id']}")).status_code == 200
    async with platform.state.database.reading() as db:
        assert (await db.get_one(UserRow, ann.id)).is_private
