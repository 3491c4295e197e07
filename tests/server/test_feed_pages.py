"""The feed and explore: order, pages, the cache and the authors that are merged in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, text

from server.clock import ManualClock
from server.db import Database, new_id
from server.feed import cache
from server.feed.ranked_pages import RankedPages
from server.tables.posts import FeedRow, FeedStateRow, PhotoPostRow
from server.tables.users import FollowRow, UserRow

from .conftest import Person, Platform

URL = "https://pictures.example/a.jpg"


async def posted(person: Person) -> str:
    return str((await person.data("POST", "/posts", {"mediaUrls": [URL]}))["id"])


async def seed_posts(database: Database, author_id: str, count: int, newest: datetime, **more: Any) -> list[str]:
    """Insert posts a second apart and return their ids, newest first."""
    rows = [
        {"id": new_id(), "author_id": author_id, "created_at": newest - timedelta(seconds=n), **more}
        for n in range(count)
    ]
    async with database.writing() as db:
        await db.execute(insert(PhotoPostRow), rows)
    return [str(row["id"]) for row in rows]


async def crowd(platform: Platform, name: str, count: int) -> list[str]:
    now = platform.clock.now()
    rows = [
        {
            "id": new_id(), "username": f"{name}{n}", "username_key": f"{name}{n}", "email": f"{name}{n}@example.com",
            "password_hash": "-", "created_at": now, "updated_at": now,
        }
        for n in range(count)
    ]  # fmt: skip
    async with platform.state.database.writing() as db:
        await db.execute(insert(UserRow), rows)
    return [str(row["id"]) for row in rows]


async def add_followers(platform: Platform, followed_id: str, followers: list[str]) -> None:
    now = platform.clock.now()
    async with platform.state.database.writing() as db:
        rows = [{"follower_id": follower, "followed_id": followed_id, "created_at": now} for follower in followers]
        await db.execute(insert(FollowRow), rows)


async def warm(platform: Platform, person: Person) -> None:
    """Have the person's feed cached."""
    await person.get("/posts/feed")
    await platform.state.background.drain()


async def page(person: Person, cursor: str | None = None, **more: Any) -> tuple[list[str], str | None]:
    reply = (await person.get("/posts/feed", **more, **({"cursor": cursor} if cursor else {}))).json()
    assert reply["meta"]["nextCursor"] == reply["nextCursor"]
    return [item["id"] for item in reply["data"]], reply["nextCursor"]


async def feed(person: Person) -> list[str]:
    return [item["id"] for item in await person.all("/posts/feed", limit=100)]


async def pages_of_45(platform: Platform, ann: Person, bob: Person) -> None:
    expected = await seed_posts(platform.state.database, bob.id, 45, platform.clock.now())
    sizes, seen, cursor = [], [], None
    while True:
        ids, cursor = await page(ann, cursor)
        sizes.append(len(ids))
        seen += ids
        platform.clock.advance(1)
        await posted(bob)
        await platform.state.background.drain()
        if cursor is None:
            break
        assert cursor == ids[-1]
    assert sizes == [20, 20, 5]
    assert seen == expected


async def test_45_posts_come_as_20_20_5_while_new_ones_arrive(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await ann.post("/users/bob/follow")
    await warm(platform, ann)
    await pages_of_45(platform, ann, bob)


async def test_a_cold_feed_pages_like_a_warm_one(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await ann.post("/users/bob/follow")
    await pages_of_45(platform, ann, bob)


async def test_a_full_last_page_is_followed_by_an_empty_one(platform: Platform) -> None:
    ann = await platform.person("ann")
    await seed_posts(platform.state.database, ann.id, 20, platform.clock.now())
    ids, cursor = await page(ann)
    assert (len(ids), cursor) == (20, ids[-1])
    assert await page(ann, cursor) == ([], None)
    assert (await ann.get("/posts/feed", cursor="nothing")).status_code == 400


async def test_the_page_goes_on_behind_a_post_that_was_removed(platform: Platform) -> None:
    ann = await platform.person("ann")
    expected = await seed_posts(platform.state.database, ann.id, 5, platform.clock.now())
    ids, cursor = await page(ann, limit=2)
    await ann.delete(f"/posts/{ids[-1]}")
    assert (await page(ann, cursor, limit=2))[0] == expected[2:4]


async def test_posts_of_one_moment_stand_in_the_order_of_their_ids(platform: Platform) -> None:
    ann = await platform.person("ann")
    await warm(platform, ann)
    made = [await posted(ann) for _ in range(5)]
    await platform.state.background.drain()
    assert await feed(ann) == sorted(made, reverse=True)
    assert (await page(ann, limit=2))[0] + (await page(ann, sorted(made)[-2], limit=3))[0] == sorted(made)[::-1]


async def test_a_post_reaches_followers_and_its_author_before_and_after_the_fan_out(platform: Platform) -> None:
    ann, bob, eve = [await platform.person(name) for name in ("ann", "bob", "eve")]
    await ann.post("/users/bob/follow")
    for person in (ann, bob, eve):
        await warm(platform, person)
    post = await posted(bob)
    assert (await feed(ann), await feed(bob), await feed(eve)) == ([post], [post], [])
    await platform.state.background.drain()
    async with platform.state.database.reading() as db:
        assert set(await db.scalars(select(FeedRow.user_id))) == {ann.id, bob.id}
        assert await db.scalar(select(PhotoPostRow.is_fanned_out)) is True
    assert (await feed(ann), await feed(bob), await feed(eve)) == ([post], [post], [])


async def test_the_cache_can_be_lost_without_a_difference(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await ann.post("/users/bob/follow")
    await warm(platform, ann)
    for _ in range(3):
        platform.clock.advance(1)
        await posted(bob)
    await platform.state.background.drain()
    before = await feed(ann)
    async with platform.state.database.writing() as db:
        await db.execute(delete(FeedRow))
        await db.execute(delete(FeedStateRow))
    assert await feed(ann) == before
    await platform.state.background.drain()
    assert await feed(ann) == before
    assert len(before) == 3


async def test_following_brings_posts_in_and_unfollowing_takes_them_out(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await warm(platform, ann)
    post = await posted(bob)
    await platform.state.background.drain()
    assert await feed(ann) == []
    await ann.post("/users/bob/follow")
    assert await feed(ann) == [post]
    await ann.delete("/users/bob/follow")
    assert await feed(ann) == []
    async with platform.state.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(FeedRow).where(FeedRow.user_id == ann.id)) == 0


async def test_authors_with_999_and_1000_followers_both_appear_in_order_and_once(platform: Platform) -> None:
    ann, small, large = [await platform.person(name) for name in ("ann", "small", "large")]
    people = await crowd(platform, "fan", 999)
    await add_followers(platform, small.id, [ann.id, *people[:998]])
    await add_followers(platform, large.id, [ann.id, *people])
    await warm(platform, ann)
    expected: list[str] = []
    for author in (small, large, small, large):
        platform.clock.advance(1)
        expected.insert(0, await posted(author))
    await platform.state.background.drain()
    async with platform.state.database.reading() as db:
        written = set(await db.scalars(select(FeedRow.post_id).where(FeedRow.user_id == ann.id)))
    assert written == {expected[1], expected[3]}
    assert await feed(ann) == expected


async def test_posts_stay_when_their_author_crosses_the_threshold(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    people = await crowd(platform, "fan", 999)
    await add_followers(platform, bob.id, [ann.id, *people[:998]])
    await warm(platform, ann)
    first = await posted(bob)
    await platform.state.background.drain()
    await add_followers(platform, bob.id, people[998:])
    platform.clock.advance(1)
    second = await posted(bob)
    await platform.state.background.drain()
    assert await feed(ann) == [second, first]
    async with platform.state.database.writing() as db:
        await db.execute(delete(FollowRow).where(FollowRow.follower_id.in_(people)))
    assert await feed(ann) == [second, first]


async def test_a_feed_keeps_its_newest_1000_posts(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await ann.post("/users/bob/follow")
    await warm(platform, ann)
    old = await seed_posts(platform.state.database, bob.id, 1000, platform.clock.now(), is_fanned_out=True)
    await cache.rebuild(platform.state.database, ann.id, platform.clock.now())
    assert await feed(ann) == old
    platform.clock.advance(1)
    new = await posted(bob)
    await platform.state.background.drain()
    async with platform.state.database.reading() as db:
        kept = list(await db.scalars(select(FeedRow.post_id).where(FeedRow.user_id == ann.id)))
    assert sorted(kept) == sorted([new, *old[:-1]])
    assert await feed(ann) == [new, *old[:-1]]
    async with platform.state.database.writing() as db:
        await db.execute(delete(FeedStateRow))
    assert await feed(ann) == [new, *old[:-1]]


async def test_archived_posts_leave_the_feed(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    await ann.post("/users/bob/follow")
    post = await posted(bob)
    async with platform.state.database.writing() as db:
        (await db.get_one(PhotoPostRow, post)).is_archived = True
    assert (await feed(ann), await ann.all("/users/bob/posts")) == ([], [])
    assert (await ann.get(f"/posts/{post}")).status_code == 404
    assert [item["isArchived"] for item in await bob.all("/users/bob/posts")] == [True]


async def test_explore_ranks_public_posts_of_people_one_does_not_follow(platform: Platform, clock: ManualClock) -> None:
    ann, followed, private, bob, eve = [await platform.person(n) for n in ("ann", "fo", "pr", "bob", "eve")]
    await ann.post("/users/fo/follow")
    old = await posted(bob)
    clock.advance(800)
    await private.put("/users/me", {"isPrivate": True})
    for person in (ann, followed, private):
        await posted(person)
    quiet, liked = await posted(bob), await posted(eve)
    for person in (bob, followed):
        await person.put(f"/posts/{liked}/like")
    assert [item["id"] for item in await ann.all("/explore", limit=1)] == [liked, quiet, old]


async def test_explore_pages_do_not_repeat_while_likes_arrive(platform: Platform, clock: ManualClock) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    ids = await seed_posts(platform.state.database, bob.id, 9, clock.now())
    seen: list[str] = []
    cursor: str | None = None
    for size in (4, 4, 1):
        reply = (await ann.get("/explore", limit=4, **({"cursor": cursor} if cursor else {}))).json()
        assert len(reply["data"]) == size
        seen += [item["id"] for item in reply["data"]]
        cursor = reply["nextCursor"]
        await bob.put(f"/posts/{ids[-1]}/like")
        await seed_posts(platform.state.database, bob.id, 1, clock.now())
    assert (sorted(seen), cursor) == (sorted(ids), None)
    assert (await ann.get("/explore", cursor="bm9wZQ")).status_code == 400


async def test_a_forgotten_order_is_made_again_and_goes_on_where_it_was(clock: ManualClock) -> None:
    pages = RankedPages(ids_kept=3)

    async def letters(_ranked_at: datetime) -> list[str]:
        return list("abcde")

    first = await pages.rest(("q",), None, clock.now(), letters)
    cursor = first.cursor_after(2)
    assert list(first.take(2)) == ["a", "b"]
    await pages.rest(("other",), None, clock.now(), letters)

    async def changed(ranked_at: datetime) -> list[str]:
        assert ranked_at == clock.now()
        return list("xabcde")

    rest = await pages.rest(("q",), cursor, clock.now() + timedelta(hours=1), changed)
    assert list(rest.take(9)) == ["c", "d", "e"]
    assert rest.cursor_after(3) is None


async def test_the_lists_are_read_by_their_indexes(platform: Platform) -> None:
    async with platform.state.database.reading() as db:
        plans = [
            " ".join(row.detail for row in await db.execute(text(f"EXPLAIN QUERY PLAN {query}")))
            for query in (
                "SELECT * FROM photo_posts WHERE author_id = 'a' ORDER BY created_at DESC, id DESC",
                "SELECT * FROM user_feeds WHERE user_id = 'a' ORDER BY created_at DESC, post_id DESC",
                "SELECT * FROM comments WHERE post_id = 'a' AND path >= '1.' AND path < '1/'",
                "SELECT id FROM photo_posts WHERE is_fanned_out = 0 AND author_id IN (SELECT followed_id FROM follows)",
            )
        ]
    wanted = ("ix_photo_posts_author", "ix_user_feeds_read", "ix_comments_path", "ix_photo_posts_unfanned")
    for plan, index in zip(plans, wanted, strict=True):
        assert index in plan, plan
        assert "TEMP B-TREE" not in plan, plan
