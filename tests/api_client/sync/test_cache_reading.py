"""What the cache gives back, in memory and through a file, at once and after a restart."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from api_client.models.base import Items
from api_client.models.posts import Comment, MediaType, PhotoPost, Post, Story, ThreadPost, TrayEntry
from api_client.models.users import Profile, User, UserRef
from api_client.sync.cache import Cache, Position
from tests.api_client.sync.cache_models import MOMENT, comment, photo


@pytest.fixture(params=["memory", "file"])
async def cache(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Cache]:
    opened = Cache.in_memory() if request.param == "memory" else await Cache.open(tmp_path / "ann" / "cache.db")
    yield opened
    await opened.close()


async def test_what_is_kept_is_read_back_at_once_and_after_it_was_stored(cache: Cache) -> None:
    cache.keep({"posts:1": photo("1")})
    assert cache.record("posts:1", PhotoPost) == photo("1")
    await cache.flush()
    assert cache.record("posts:1", PhotoPost) == photo("1")
    assert cache.record("posts:1", Post) == photo("1")
    assert cache.record("posts:2", PhotoPost) is None


async def test_a_list_keeps_its_order_its_cursor_and_the_newest_of_each_record(cache: Cache) -> None:
    cache.keep_listing("home", {f"posts:{n}": photo(str(n)) for n in (3, 1, 2)}, "behind")
    await cache.flush()
    cache.keep({"posts:1": photo("1", 5, "newer")})
    found = cache.listing("home", Post)
    assert found is not None
    assert [post.id for post in found] == ["3", "1", "2"]
    assert found.next_cursor == "behind"
    assert found.items[1].caption == "newer"
    cache.keep_listing("home", {"posts:1": photo("1", 4, "older")}, None)
    found = cache.listing("home", Post)
    assert found is not None
    assert [(post.caption, found.next_cursor) for post in found] == [("newer", None)]
    assert cache.listing("explore", Post) is None


async def test_what_was_forgotten_comes_back_only_with_a_newer_version(cache: Cache) -> None:
    cache.keep_listing("home", {"posts:1": photo("1", 3), "posts:2": photo("2")}, None)
    await cache.flush()
    cache.forget("posts:1")
    for stored in (False, True):
        if stored:
            await cache.flush()
        cache.keep({"posts:1": photo("1", 3)})
        found = cache.listing("home", Post)
        assert found is not None
        assert [post.id for post in found] == ["2"]
    cache.keep({"posts:1": photo("1", 4)})
    await cache.flush()
    assert cache.record("posts:1", PhotoPost) == photo("1", 4)


async def test_of_models_without_a_version_the_last_one_counts(cache: Cache) -> None:
    for name in ("first", "second"):
        cache.keep({"users:ann": UserRef(id="1", username="ann", full_name=name)})
        await cache.flush()
    kept = cache.record("users:ann", UserRef)
    assert kept is not None
    assert kept.full_name == "second"


async def test_whole_replies_come_back_as_their_kind(cache: Cache) -> None:
    story = Story(
        id="s", user_id="1", media_url="/s.jpg", media_type=MediaType.IMAGE, created_at=MOMENT, expires_at=MOMENT
    )
    tray = [TrayEntry(user=UserRef(id="1", username="ann"), stories=[story])]
    cache.keep_document("stories", tray)
    cache.keep_document("odd", {"a": [1, None, "Grüße"]})
    for _ in range(2):
        found = cache.document("stories", list[TrayEntry])
        assert found is not None
        assert found.value == tray
        plain = cache.document("odd", JsonValue)
        assert plain is not None
        assert plain.value == {"a": [1, None, "Grüße"]}
        await cache.flush()
    assert cache.document("stories", list[Comment]) is None
    lenient = cache.document("odd", Items[TrayEntry])
    assert lenient is None
    cache.drop("stories")
    assert cache.document("stories", list[TrayEntry]) is None
    await cache.flush()
    assert cache.document("stories", list[TrayEntry]) is None


async def test_a_record_that_is_no_longer_of_its_kind_is_left_out_and_hides_nothing_else(cache: Cache) -> None:
    cache.keep_listing("mixed", {"posts:1": photo("1"), "comments:1": comment("1"), "posts:2": photo("2")}, None)
    for _ in range(2):
        found = cache.listing("mixed", PhotoPost)
        assert found is not None
        assert [post.id for post in found] == ["1", "2"]
        assert cache.record("posts:1", ThreadPost) is None
        await cache.flush()


async def test_a_profile_can_be_read_as_the_user_that_it_is(cache: Cache) -> None:
    profile = Profile(id="1", username="ann", created_at=MOMENT, is_following=True)
    cache.keep({"users:ann": profile})
    for _ in range(2):
        assert cache.record("users:ann", Profile) == profile
        user = cache.record("users:ann", User)
        assert user is not None
        assert user.username == "ann"
        await cache.flush()


async def test_half_a_character_is_never_stored_and_takes_nothing_with_it(cache: Cache) -> None:
    cache.keep({"posts:\ud83d": photo("1"), "posts:2": photo("2", caption="half \ud83d"), "posts:3": photo("3")})
    cache.keep_listing("\ud83d", {"posts:4": photo("4")}, None)
    cache.keep_document("d", {"text": "\udfff"})
    cache.keep_position("\ud83d", Position("x"))
    await cache.flush()
    assert cache.record("posts:3", PhotoPost) == photo("3")
    assert cache.record("posts:4", PhotoPost) == photo("4")
    assert cache.complaints == ()


async def test_a_long_list_is_read_on_the_threads_of_its_own_with_what_waits(cache: Cache) -> None:
    cache.keep_listing("comments", {f"comments:{n}": comment(str(n)) for n in range(2_000)}, None)
    await cache.flush()
    cache.keep({"comments:7": comment("7", 9)})
    found = await cache.read(lambda view: view.listing("comments", Comment))
    assert found is not None
    assert len(found) == 2_000
    assert found.items[7].version == 9
    with pytest.raises(ZeroDivisionError):
        await cache.read(lambda _: 1 // 0)


async def test_positions_and_everything_else_outlive_the_program(tmp_path: Path) -> None:
    path = tmp_path / "ann" / "cache.db"
    first = await Cache.open(path)
    first.keep_position("feed:home", Position("posts:9", -3))
    first.keep_listing("home", {"posts:1": photo("1")}, "more")
    first.forget("posts:2", 7)
    await first.close()
    second = await Cache.open(path)
    assert second.position("feed:home") == Position("posts:9", -3)
    assert second.position("elsewhere") is None
    found = second.listing("home", PhotoPost)
    assert found is not None
    assert (found.items, found.next_cursor) == ([photo("1")], "more")
    second.keep({"posts:2": photo("2", 7)})
    assert second.record("posts:2", PhotoPost) is None
    await second.close()


async def test_the_file_is_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "ann"
    folder.mkdir(mode=0o755)
    cache = await Cache.open(folder / "cache.db")
    cache.keep({"posts:1": photo("1")})
    await cache.flush()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    await cache.close()
