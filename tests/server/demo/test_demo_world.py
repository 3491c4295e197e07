"""The demo world: deterministic, within the platform's limits, complete at every scale, and not repetitive."""

import random
import re
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

import pytest

from server.demo.models import Comment
from server.demo.music.catalogue import TRACKS
from server.demo.pictures.keys import parse_key, picture_size
from server.demo.text.grammar import Grammar, sentence_case
from server.demo.world import World, build_world

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RESERVED = re.compile(r"(?:[a-z0-9-]+\.)*example\.(?:com|org|net)")


@cache
def world(scale: float = 1.0) -> World:
    return build_world(now=NOW, scale=scale)


def records(built: World) -> dict[str, tuple[object, ...]]:
    return {name: value for name in built.__slots__ if isinstance(value := getattr(built, name), tuple)}


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def trees(built: World) -> dict[str, list[Comment]]:
    grouped: dict[str, list[Comment]] = {}
    for comment in built.comments:
        grouped.setdefault(comment.post_id, []).append(comment)
    return grouped


def test_the_same_seed_gives_the_same_world() -> None:
    assert asdict(build_world(now=NOW, scale=0.05)) == asdict(world(0.05))


def test_another_seed_gives_another_world_with_other_ids() -> None:
    other = build_world(now=NOW, scale=0.05, seed=8)
    assert not {post.id for post in other.photo_posts} & {post.id for post in world(0.05).photo_posts}
    assert [post.caption for post in other.photo_posts] != [post.caption for post in world(0.05).photo_posts]


def test_full_scale_has_the_promised_counts() -> None:
    full = world()
    assert len(full.people) == 60
    assert len(full.photo_posts) == 400
    assert len(full.subreddits) == 12
    assert len(full.thread_posts) == 300
    assert len(full.tracks) == 40
    assert len(full.lyrics) >= 24
    assert len(full.conversations) >= 10
    assert sorted(len(tree) for tree in trees(full).values())[-2:] == [600, 5000]


@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_every_kind_of_record_exists_at_every_scale(scale: float) -> None:
    built = world(scale)
    assert all(records(built).values())
    assert {post.post_type for post in built.thread_posts} == {"text", "link", "image", "video"}
    assert {conversation.type for conversation in built.conversations} == {"direct", "group"}
    assert any(comment.is_deleted for comment in built.comments)
    assert any(sub.is_nsfw for sub in built.subreddits)
    assert any(len(post.media) > 1 for post in built.photo_posts)
    assert any(playlist.is_collaborative for playlist in built.playlists)
    assert any(not playlist.is_public for playlist in built.playlists)
    assert any(follow.status == "pending" for follow in built.follows)


def test_scale_shrinks_the_world() -> None:
    assert len(world(0.05).comments) < len(world().comments) / 10
    assert len(world(0.05).photo_posts) < 30


@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_texts_keep_the_limits_of_the_platform(scale: float) -> None:
    built = world(scale)
    for person in built.people:
        assert re.fullmatch(r"[a-z0-9_.]{1,30}", person.username)
    for sub in built.subreddits:
        assert re.fullmatch(r"[A-Za-z0-9_]{1,21}", sub.name)
        assert len(sub.display_name) <= 100
    for post in built.photo_posts:
        assert post.caption is None or 0 < utf16(post.caption) <= 2200
        assert post.location is None or utf16(post.location.name) <= 100
        assert 1 <= len(post.media) <= 10
        assert [picture.order for picture in post.media] == list(range(len(post.media)))
    for thread in built.thread_posts:
        assert 0 < utf16(thread.title) <= 300
        assert (thread.url is None) == (thread.post_type not in ("link", "video"))
        assert (not thread.media) == (thread.post_type != "image")


def test_no_template_mark_is_left_in_any_text() -> None:
    built = world()
    texts = [comment.body for comment in built.comments] + [post.caption or "" for post in built.photo_posts]
    texts += [post.title for post in built.thread_posts] + [message.content for message in built.messages]
    texts += [post.body or "" for post in built.thread_posts]
    for text in texts:
        prose = "".join(text.split("```")[::2])
        assert not re.search(r"[{}]|<[a-z_]+>|\ba~ |\|", re.sub(r"`[^`]*`", "", prose)), text


@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_comments_form_trees_whose_parents_precede(scale: float) -> None:
    for tree in trees(world(scale)).values():
        seen: dict[str, Comment] = {}
        for comment in tree:
            if comment.parent_id is None:
                assert comment.depth == 0
            else:
                parent = seen[comment.parent_id]
                assert comment.created_at >= parent.created_at
                assert comment.depth == parent.depth + 1 <= 10
                assert comment.path.startswith(parent.path + ".")
            assert comment.depth == comment.path.count(".")
            seen[comment.id] = comment
        assert len({comment.path for comment in tree}) == len(tree)


def test_the_big_threads_are_deep_heavy_tailed_and_not_repetitive() -> None:
    for count, allowed in ((600, 0.02), (5000, 0.08)):
        tree = next(tree for tree in trees(world()).values() if len(tree) == count)
        bodies = [comment.body for comment in tree if len(comment.body) > 20]
        assert 1 - len(set(bodies)) / len(bodies) < allowed
        assert max(comment.depth for comment in tree) == 10
        scores = sorted(comment.score for comment in tree)
        assert scores[0] < -3 < 30 * max(1, scores[len(scores) // 2]) < scores[-1]
        assert any(comment.body.startswith("> ") for comment in tree)
        assert any("```" in comment.body for comment in tree)


@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_ids_are_unique_and_references_resolve(scale: float) -> None:
    built = world(scale)
    people = {person.id for person in built.people}
    posts = {post.id for post in built.photo_posts} | {post.id for post in built.thread_posts}
    tracks = {track.id for track in built.tracks}
    albums = {album.id for album in built.albums}
    comments = {comment.id for comment in built.comments}
    for values in records(built).values():
        ids = [value.id for value in values if hasattr(value, "id")]
        assert len(ids) == len(set(ids))
    assert {comment.post_id for comment in built.comments} <= posts
    assert {comment.author_id for comment in built.comments} <= people
    assert all(like.target_id in (posts if like.target_type == "post" else comments) for like in built.likes)
    assert all(vote.target_id in (posts if vote.target_type == "post" else comments) for vote in built.votes)
    assert {track.album_id for track in built.tracks} <= albums
    assert all(entry.track_id in tracks for playlist in built.playlists for entry in playlist.entries)
    assert all(message.reference in tracks for message in built.messages if message.type == "track")
    assert all(message.reference in posts for message in built.messages if message.type == "post")
    assert {built.demo_user_id, built.chat_partner_id} <= people


def test_relations_are_not_doubled() -> None:
    built = world()
    for pairs in (
        [(follow.follower_id, follow.followed_id) for follow in built.follows],
        [(like.user_id, like.target_id) for like in built.likes],
        [(vote.user_id, vote.target_id) for vote in built.votes],
        [(member.subreddit_id, member.user_id) for member in built.memberships],
        [(save.user_id, save.item_id) for save in built.library_saves],
        [(follow.user_id, follow.artist_id) for follow in built.artist_follows],
    ):
        assert max(Counter(pairs).values()) == 1


def test_counts_on_records_agree_with_the_rows() -> None:
    built = world()
    likes = Counter(like.target_id for like in built.likes)
    comments = Counter(comment.post_id for comment in built.comments)
    votes = Counter((vote.target_id, vote.value) for vote in built.votes)
    for post in built.photo_posts:
        assert (post.like_count, post.comment_count) == (likes[post.id], comments[post.id])
    for thread in built.thread_posts:
        assert thread.comment_count == comments[thread.id]
        assert thread.score == thread.upvotes - thread.downvotes
        assert thread.upvotes >= votes[(thread.id, 1)]
        assert thread.downvotes >= votes[(thread.id, -1)]


@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_nothing_happens_in_the_future_and_stories_are_of_today(scale: float) -> None:
    built = world(scale)
    for values in records(built).values():
        assert all(value.created_at <= NOW for value in values if hasattr(value, "created_at"))
    for story in built.stories:
        assert NOW - timedelta(hours=24) < story.created_at < NOW < story.expires_at
    assert all(listen.played_at + timedelta(milliseconds=listen.ms_played) <= NOW for listen in built.listens)


def test_posts_are_denser_recently() -> None:
    ages = [(NOW - post.created_at).days for post in world().photo_posts]
    assert sum(age < 40 for age in ages) > sum(40 <= age < 80 for age in ages) > 0
    assert max(ages) > 100


def test_the_demo_user_follows_people_has_followers_and_a_pending_request() -> None:
    built = world()
    demo = built.people[0]
    assert (demo.id, demo.username, demo.email, demo.password) == (
        built.demo_user_id,
        "demo",
        "demo@parlour.local",
        "parlour-demo",
    )
    following = [f for f in built.follows if f.follower_id == demo.id]
    assert 20 <= sum(f.status == "accepted" for f in following) <= 30
    private = {person.id for person in built.people if person.is_private}
    assert {f.followed_id for f in following if f.status == "pending"} <= private
    assert sum(f.followed_id == demo.id for f in built.follows) >= 5


def test_conversations_span_months_scripts_and_unread_messages() -> None:
    built = world()
    demo = built.demo_user_id
    assert any(demo not in message.read_by for message in built.messages)
    assert min(message.created_at for message in built.messages) < NOW - timedelta(days=90)
    text = "".join(message.content for message in built.messages)
    for script in ("[а-я]", "[α-ω]", "[ا-ي]", "[א-ת]", "[가-힣]", "[ぁ-ん]", "[一-龥]"):
        assert re.search(script, text), script
    for conversation in built.conversations:
        mine = next(member for member in conversation.members if member.user_id == demo)
        for message in built.messages:
            if message.conversation_id == conversation.id:
                assert (message.created_at <= mine.last_read_at) == (demo in message.read_by)


def test_links_lead_to_reserved_domains_only() -> None:
    built = world()
    texts = [post.url or "" for post in built.thread_posts] + [post.body or "" for post in built.thread_posts]
    urls = re.findall(r"https?://[^\s)]+", " ".join(texts))
    assert urls
    assert all(RESERVED.fullmatch(urlsplit(url).hostname or "") and url.startswith("https://") for url in urls)


def test_lyrics_lie_within_their_track_and_ascend() -> None:
    built = world()
    durations = {track.id: track.duration_ms for track in built.tracks}
    for lyrics in built.lyrics:
        times = [line.time_ms for line in lyrics.lines]
        assert times == sorted(set(times))
        assert 0 <= times[0] < times[-1] < durations[lyrics.track_id]
    assert len({lyrics.language for lyrics in built.lyrics}) >= 6


def test_tracks_last_one_to_two_minutes() -> None:
    assert all(60_000 <= track.duration_ms <= 120_000 for track in TRACKS)


def test_pictures_carry_the_size_of_their_key() -> None:
    for post in world().photo_posts:
        for picture in post.media:
            assert picture_size(picture.key) == (picture.width, picture.height)
            assert parse_key(picture.key).mood in picture.alt or parse_key(picture.key).kind == "artwork"


def test_a_naive_moment_or_an_empty_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        build_world(now=datetime(2026, 3, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="scale"):
        build_world(now=NOW, scale=0.0)


def test_grammar_fixes_articles_and_leaves_code_alone() -> None:
    grammar = Grammar({"x": ("owl",)}, random.Random(1))
    assert grammar.expand("a~ <x> and a~ {cat|cat}") == "an owl and a cat"
    assert sentence_case("one. two\n```py\nasync def f\n```") == "One. Two\n```py\nasync def f\n```"
    with pytest.raises(KeyError):
        grammar.expand("<unknown>")
