"""Comments over the wire: writing, reading in pages, deleting, voting and liking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from api_client.models.posts import Comment
from api_client.models.threads import CommentSort
from server.clock import ManualClock
from server.comments.grown import GrownTrees
from server.comments.paths import DEPTH_STORED, child_path, plain_path
from server.db import new_id
from server.tables.posts import CommentRow, PhotoPostRow, ThreadPostRow
from server.tables.users import UserRow

from .conftest import Person, Platform


async def a_post(person: Person, kind: str = "thread") -> str:
    if kind == "media":
        return str((await person.data("POST", "/posts", {"mediaUrls": ["https://a.example/b.jpg"]}))["id"])
    await person.post("/r", {"name": "python"})
    return str((await person.data("POST", "/posts", {"subreddit": "python", "title": "hello"}))["id"])


async def said(person: Person, post: str, body: str, parent: str | None = None) -> str:
    data = await person.data("POST", f"/posts/{post}/comments", {"body": body, "parentId": parent})
    return str(data["id"])


async def bodies(person: Person, post: str, **params: Any) -> list[str]:
    return [item["body"] for item in await person.all(f"/posts/{post}/comments", **params)]


async def seed_comments(platform: Platform, post: str, author: str, parents: list[int | None]) -> list[str]:
    """Insert one comment per entry of `parents`, which holds the index of its parent; return their ids."""
    rows: list[dict[str, Any]] = []
    for index, parent in enumerate(parents):
        above = rows[parent] if parent is not None else None
        rows.append(
            {
                "id": new_id(), "post_id": post, "number": index + 1, "parent_id": above["id"] if above else None,
                "author_id": author, "body": f"b{index}", "depth": above["depth"] + 1 if above else 0,
                "path": child_path(above["path"] if above else None, index + 1),
                "created_at": platform.clock.now() + timedelta(microseconds=index - len(parents)),
                "upvotes": 0, "downvotes": 0, "score": 0,
            }
        )  # fmt: skip
    async with platform.state.database.writing() as db:
        await db.execute(insert(CommentRow), rows)
    return [str(row["id"]) for row in rows]


@pytest.mark.parametrize("kind", ["thread", "media"])
async def test_replies_nest_under_their_parents_on_posts_of_both_kinds(platform: Platform, kind: str) -> None:
    ann = await platform.person("ann")
    post = await a_post(ann, kind)
    first = await said(ann, post, "first")
    second = await said(ann, post, "  second  ")
    reply = await said(ann, post, "reply", first)
    items = await ann.all(f"/posts/{post}/comments", sort="new")
    assert [(item["id"], item["depth"], item["path"], item["childCount"]) for item in items] == [
        (second, 0, "2", 0), (first, 0, "1", 1), (reply, 1, "1.3", 0)
    ]  # fmt: skip
    assert items[0]["body"] == "second"
    assert items[2]["parentId"] == first
    assert (items[0]["authorUsername"], items[0]["isDeleted"], items[0]["moreReplies"]) == ("ann", False, None)
    assert (await ann.data("GET", f"/posts/{post}"))["commentCount"] == 3


async def test_what_a_comment_may_be(platform: Platform) -> None:
    ann = await platform.person("ann")
    post, other = await a_post(ann), await a_post(ann, "media")
    alien = await said(ann, other, "elsewhere")
    path = f"/posts/{post}/comments"
    assert (await ann.post(path, {"content": "by its other name"})).status_code == 201
    assert (await ann.post(path, {"body": "b" * 10_000})).status_code == 201
    for body, status in (({"body": "b" * 10_001}, 400), ({"body": " "}, 400), ({}, 400)):
        assert (await ann.post(path, body)).status_code == status
    for parent in (alien, "nothing"):
        assert (await ann.post(path, {"body": "x", "parentId": parent})).status_code == 404
    assert (await ann.post("/posts/nothing/comments", {"body": "x"})).status_code == 404
    assert (await ann.get(path, root=alien)).status_code == 404
    assert (await ann.get(path, cursor="bm9wZQ")).status_code == 400


async def test_a_deleted_comment_stays_for_its_replies_and_goes_with_them(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    post = await a_post(ann)
    top = await said(ann, post, "top")
    middle = await said(bob, post, "middle", top)
    leaf = await said(ann, post, "leaf", middle)
    assert (await bob.delete(f"/comments/{leaf}")).status_code == 403
    assert (await bob.delete(f"/comments/{middle}")).status_code == 200
    items = await ann.all(f"/posts/{post}/comments")
    assert [(item["body"], item["authorUsername"], item["authorId"], item["isDeleted"]) for item in items] == [
        ("top", "ann", ann.id, False), ("[deleted]", "[deleted]", None, True), ("leaf", "ann", ann.id, False)
    ]  # fmt: skip
    async with platform.state.database.reading() as db:
        assert await db.scalar(select(CommentRow.body).where(CommentRow.id == middle)) == ""
    assert (await ann.post(f"/posts/{post}/comments", {"body": "x", "parentId": middle})).status_code == 409
    assert (await bob.delete(f"/comments/{middle}")).status_code == 404
    await ann.delete(f"/comments/{leaf}")
    assert await bodies(ann, post) == ["top"]
    assert (await ann.get(f"/posts/{post}/comments", root=middle)).status_code == 404
    assert (await ann.data("GET", f"/posts/{post}"))["commentCount"] == 1


async def test_who_may_delete_whose_comments(platform: Platform) -> None:
    ann, bob, eve = [await platform.person(name) for name in ("ann", "bob", "eve")]
    thread, photo = await a_post(ann), await a_post(ann, "media")
    in_thread, under_photo = await said(bob, thread, "x"), await said(bob, photo, "y")
    by_bob = await a_post(bob, "media")
    for comment in (in_thread, under_photo):
        assert (await eve.delete(f"/comments/{comment}")).status_code == 403
        assert (await ann.delete(f"/comments/{comment}")).status_code == 200
    mine = await said(eve, by_bob, "z")
    assert (await ann.delete(f"/comments/{mine}")).status_code == 403
    async with platform.state.database.writing() as db:
        (await db.get_one(UserRow, ann.id)).role = "moderator"
    assert (await ann.delete(f"/comments/{mine}")).status_code == 200


async def test_siblings_are_sorted_at_every_level(platform: Platform, clock: ManualClock) -> None:
    ann, bob, eve = [await platform.person(name) for name in ("ann", "bob", "eve")]
    post = await a_post(ann)
    ids: dict[str, str] = {}
    for name, parent in (("a", None), ("b", None), ("c", None), ("ba", "b"), ("bb", "b")):
        clock.advance(60)
        ids[name] = await said(ann, post, name, ids.get(parent or ""))
    for name, votes in (("b", (1, 1)), ("c", (1, -1)), ("bb", (1, 0))):
        for person, value in zip((bob, eve), votes, strict=True):
            await person.post(f"/comments/{ids[name]}/vote", {"value": value})
    expected = {
        "top": ["b", "bb", "ba", "a", "c"],
        "new": ["c", "b", "bb", "ba", "a"],
        "best": ["b", "bb", "ba", "c", "a"],
        "hot": ["b", "bb", "ba", "c", "a"],
        "controversial": ["c", "a", "b", "ba", "bb"],
    }
    for sort, order in expected.items():
        assert await bodies(ann, post, sort=sort) == order, sort
        assert await bodies(ann, post, sort=sort, limit=1) == order, sort
    assert (await ann.get(f"/posts/{post}/comments", sort="rising")).status_code == 400


async def test_deep_threads_go_on_below_a_comment(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await a_post(ann)
    ids = await seed_comments(platform, post, ann.id, [None, *range(13)])
    items = await ann.all(f"/posts/{post}/comments")
    assert [item["depth"] for item in items] == list(range(11))
    assert (items[-1]["moreReplies"], items[-1]["childCount"]) == (3, 1)
    below = await ann.all(f"/posts/{post}/comments", root=ids[10])
    assert [(item["id"], item["depth"]) for item in below] == [(ids[n], n) for n in range(10, 14)]
    assert below[0]["moreReplies"] is None
    assert (await ann.data("POST", f"/posts/{post}/comments", {"body": "x", "parentId": ids[13]}))["depth"] == 14


async def test_a_chain_has_an_end(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await a_post(ann)
    ids = await seed_comments(platform, post, ann.id, [None, *range(DEPTH_STORED)])
    path = f"/posts/{post}/comments"
    assert (await ann.post(path, {"body": "x", "parentId": ids[-2]})).status_code == 201
    assert (await ann.post(path, {"body": "x", "parentId": ids[-1]})).status_code == 409


async def test_direct_replies_of_a_comment_come_in_pages(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await a_post(ann)
    ids = await seed_comments(platform, post, ann.id, [None, *[0] * 5, None])
    found = [item["id"] for item in await ann.all(f"/posts/{post}/comments", root=ids[0], limit=2)]
    assert found == ids[:6]


async def test_pages_of_comments_stay_while_votes_and_comments_arrive(platform: Platform, clock: ManualClock) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    post = await a_post(ann)
    ids = await seed_comments(platform, post, ann.id, [None] * 7)
    seen: list[str] = []
    cursor: str | None = None
    while not seen or cursor:
        more = {"cursor": cursor} if cursor else {}
        reply = (await ann.get(f"/posts/{post}/comments", limit=3, **more)).json()
        seen += [item["id"] for item in reply["data"]]
        cursor = reply["nextCursor"]
        clock.advance(1)
        await said(bob, post, "new")
        await bob.post(f"/comments/{ids[-1]}/vote", {"value": 1})
        if len(seen) == 3:
            await ann.delete(f"/comments/{ids[4]}")
    assert seen == [id_ for id_ in ids if id_ != ids[4]]


async def test_votes_and_likes_of_a_comment_belong_to_the_viewer(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    post = await a_post(ann)
    comment = await said(ann, post, "x")
    before = (await ann.data("GET", f"/posts/{post}"))["version"]
    assert (await bob.data("POST", f"/comments/{comment}/vote", {"value": -1}))["score"] == -1
    liked = (await bob.post(f"/comments/{comment}/like")).json()
    assert (liked["liked"], liked["likeCount"]) == (True, 1)
    mine, theirs = [(await person.all(f"/posts/{post}/comments"))[0] for person in (bob, ann)]
    assert (mine["myVote"], mine["isLikedByMe"], mine["score"], mine["likeCount"]) == (-1, True, -1, 1)
    assert (theirs["myVote"], theirs["isLikedByMe"], theirs["score"], theirs["likeCount"]) == (0, False, -1, 1)
    assert (await bob.post(f"/comments/{comment}/like")).json()["liked"] is False
    assert (await ann.data("GET", "/users/ann"))["karma"] == -1
    assert (await ann.data("GET", f"/posts/{post}"))["version"] == before + 3
    await ann.delete(f"/comments/{comment}")
    assert (await bob.post(f"/comments/{comment}/vote", {"value": 1})).status_code == 404
    assert (await bob.post(f"/comments/{comment}/like")).status_code == 404


async def test_5000_comments_come_in_one_piece(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await a_post(ann)
    chains: list[int | None] = [None if n < 300 else n - 300 for n in range(3000)]
    ids = await seed_comments(platform, post, ann.id, chains + [0] * 2000)
    reply = (await ann.get(f"/posts/{post}/comments", whole=True)).json()
    assert reply["nextCursor"] is None
    assert {item["id"] for item in reply["data"]} == set(ids)
    assert len(reply["data"]) == 5000
    assert all(item["moreReplies"] is None for item in reply["data"])
    page = (await ann.get(f"/posts/{post}/comments", limit=10)).json()
    assert len(page["data"]) == 500
    assert page["data"][0]["moreReplies"] == 1502
    assert len(await ann.all(f"/posts/{post}/comments", limit=100, root=ids[0])) == 2010


async def test_comments_of_a_removed_post_are_gone(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await a_post(ann)
    comment = await said(ann, post, "x")
    await ann.delete(f"/posts/{post}")
    assert (await ann.get(f"/posts/{post}/comments")).status_code == 404
    assert (await ann.delete(f"/comments/{comment}")).status_code == 404
    async with platform.state.database.reading() as db:
        assert (await db.get_one(ThreadPostRow, post)).title == "[deleted]"


async def test_the_database_writes_a_comment_as_the_model_does(platform: Platform) -> None:
    ann, bob = await platform.person("ann"), await platform.person("bob")
    post = await a_post(ann)
    numbers = [10**n + 7 for n in range(7)]
    async with platform.state.database.writing() as db:
        for number in numbers:
            row = CommentRow(
                id=new_id(), post_id=post, number=number, author_id=ann.id, depth=0, path=child_path("0000100", number),
                body='"quoted" \\ back\nline 🐈‍⬛ naïve \u2029', upvotes=number,
                created_at=platform.clock.now() - timedelta(microseconds=1_999), score=number,
            )  # fmt: skip
            db.add(row)
    first, second, *_ = [item["id"] for item in await ann.all(f"/posts/{post}/comments", sort="new")]
    await bob.post(f"/comments/{first}/vote", {"value": -1})
    await bob.post(f"/comments/{second}/like")
    await said(bob, post, "below", second)
    await ann.delete(f"/comments/{second}")
    async with platform.state.database.reading() as db:
        rows = {row.id: row for row in (await db.scalars(select(CommentRow))).all()}
    items = (await bob.get(f"/posts/{post}/comments", whole=True)).json()["data"]
    assert len(items) == len(rows) == 8
    for item in items:
        row = rows[item["id"]]
        gone = row.deleted_at is not None
        comment = Comment(
            id=row.id, post_id=post, parent_id=row.parent_id, author_id=None if gone else row.author_id,
            author_username="[deleted]" if gone else "ann" if row.author_id == ann.id else "bob",
            body="[deleted]" if gone else row.body, score=row.score, upvotes=row.upvotes, downvotes=row.downvotes,
            like_count=row.like_count, depth=row.depth, path=plain_path(row.path), created_at=row.created_at,
            my_vote=-1 if row.id == first else 0, is_liked_by_me=row.id == second,
            child_count=1 if row.id == second else 0, is_deleted=gone, version=row.version,
        )  # fmt: skip
        assert item == comment.model_dump(mode="json", by_alias=True)


async def test_a_tree_that_is_kept_is_never_older_than_the_comments(platform: Platform) -> None:
    ann = await platform.person("ann")
    post = await a_post(ann)
    first = await said(ann, post, "first")
    assert await bodies(ann, post) == ["first"]
    second = await said(ann, post, "second")
    assert await bodies(ann, post) == ["first", "second"]
    await ann.post(f"/comments/{second}/vote", {"value": 1})
    assert await bodies(ann, post) == ["second", "first"]
    await ann.delete(f"/comments/{first}")
    assert await bodies(ann, post) == ["second"]


async def test_trees_used_longest_ago_make_room(platform: Platform) -> None:
    ann = await platform.person("ann")
    posts = [await a_post(ann, "media") for _ in range(3)]
    for post in posts:
        await seed_comments(platform, post, ann.id, [None] * 4)
    trees = GrownTrees(nodes_kept=8)
    async with platform.state.database.reading() as db:
        rows = [await db.get_one(PhotoPostRow, post) for post in posts]
        first, second, third = [await trees.get(db, row, CommentSort.NEW, None) for row in rows]
        assert await trees.get(db, rows[2], CommentSort.NEW, None) is third
        assert await trees.get(db, rows[1], CommentSort.NEW, None) is second
        assert await trees.get(db, rows[0], CommentSort.NEW, None) is not first
