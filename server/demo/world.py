"""The whole demo world as records: deterministic by seed, dated relative to a given moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.demo.build_chat import build_chats
from server.demo.build_music import build_music
from server.demo.build_people import Context, build_follows, build_people
from server.demo.build_photos import Photos, build_photos
from server.demo.build_threads import build_threads
from server.demo.models import (
    Comment,
    Conversation,
    Follow,
    Like,
    Membership,
    Message,
    Notification,
    Person,
    PhotoPost,
    SavedPost,
    Story,
    Subreddit,
    ThreadPost,
    Vote,
)
from server.demo.music_models import Album, Artist, ArtistFollow, LibrarySave, Listen, Lyrics, Playlist, Track
from server.demo.text.people import CHAT_PARTNER
from server.demo.text.people_words import NOTIFICATIONS

_MAX_OF_A_KIND = 14
_READ_AFTER = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class World:
    """All records. Parents come before children; ids are UUID strings; times are aware, in `now`'s zone."""

    seed: int
    scale: float
    now: datetime
    demo_user_id: str
    chat_partner_id: str
    """The user who answers in chat, see `server.demo.replies`."""
    people: tuple[Person, ...]
    """The demo user is the first one."""
    follows: tuple[Follow, ...]
    photo_posts: tuple[PhotoPost, ...]
    likes: tuple[Like, ...]
    saved_posts: tuple[SavedPost, ...]
    stories: tuple[Story, ...]
    subreddits: tuple[Subreddit, ...]
    memberships: tuple[Membership, ...]
    thread_posts: tuple[ThreadPost, ...]
    votes: tuple[Vote, ...]
    comments: tuple[Comment, ...]
    """Comments on photo posts and on thread posts."""
    conversations: tuple[Conversation, ...]
    messages: tuple[Message, ...]
    notifications: tuple[Notification, ...]
    artists: tuple[Artist, ...]
    albums: tuple[Album, ...]
    tracks: tuple[Track, ...]
    lyrics: tuple[Lyrics, ...]
    playlists: tuple[Playlist, ...]
    library_saves: tuple[LibrarySave, ...]
    artist_follows: tuple[ArtistFollow, ...]
    listens: tuple[Listen, ...]


def _notifications(
    ctx: Context,
    people: Sequence[Person],
    follows: Sequence[Follow],
    photos: Photos,
    thread_comments: Sequence[Comment],
) -> tuple[Notification, ...]:
    """What happened to the demo user, newest first; likes on one photo are gathered."""
    demo = people[0]
    made: list[Notification] = []

    def add(kind: str, actors: Sequence[str], target_type: str, target_id: str, at: datetime) -> None:
        made.append(
            Notification(
                ctx.id("notification", kind, target_id, len(made)),
                demo.id,
                kind,
                tuple(actors),
                target_type,
                target_id,
                NOTIFICATIONS[kind],
                at < ctx.now - _READ_AFTER,
                at,
            )
        )

    for follow in follows:
        if follow.followed_id == demo.id:
            kind = "follow" if follow.status == "accepted" else "follow_request"
            add(kind, [follow.follower_id], "user", follow.follower_id, follow.created_at)
    own = {post.id for post in photos.posts if post.author_id == demo.id}
    fans: dict[str, list[Like]] = {}
    for like in photos.likes:
        if like.target_type == "post" and like.target_id in own:
            fans.setdefault(like.target_id, []).append(like)
    for post_id, likes in fans.items():
        likes.sort(key=lambda like: like.created_at, reverse=True)
        add("like", [like.user_id for like in likes], "post", post_id, likes[0].created_at)
    written = {comment.id for comment in thread_comments if comment.author_id == demo.id}
    for comment in (*photos.comments, *thread_comments):
        if comment.author_id == demo.id or comment.is_deleted:
            continue
        if comment.post_id in own:
            add("comment", [comment.author_id], "post", comment.post_id, comment.created_at)
        elif "@demo" in comment.body:
            add("mention", [comment.author_id], "comment", comment.id, comment.created_at)
        elif comment.parent_id in written:
            add("reply", [comment.author_id], "comment", comment.id, comment.created_at)
    made.sort(key=lambda notification: notification.created_at, reverse=True)
    kept: dict[str, int] = {}
    fresh = []
    for notification in made:
        kept[notification.type] = kept.get(notification.type, 0) + 1
        if kept[notification.type] <= _MAX_OF_A_KIND:
            fresh.append(notification)
    return tuple(fresh)


def build_world(*, seed: int = 7, scale: float = 1.0, now: datetime) -> World:
    """The world of `seed` as seen at `now` (an aware datetime).

    `scale` shrinks all counts, and 0.05 still holds every kind of record. Raises ValueError for a naive `now` or a
    scale that is not above zero.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    if scale <= 0:
        raise ValueError("scale must be above zero")
    ctx = Context(seed, scale, now)
    people = build_people(ctx)
    follows = build_follows(ctx, people)
    photos = build_photos(ctx, people, follows)
    threads = build_threads(ctx, people)
    music = build_music(ctx, people)
    chats = build_chats(ctx, people, photos.posts, music.tracks)
    return World(
        seed=seed,
        scale=scale,
        now=now,
        demo_user_id=people[0].id,
        chat_partner_id=next(p.id for p in people if p.username == CHAT_PARTNER),
        people=people,
        follows=follows,
        photo_posts=photos.posts,
        likes=photos.likes,
        saved_posts=photos.saved,
        stories=photos.stories,
        subreddits=tuple(threads.subreddits),
        memberships=tuple(threads.memberships),
        thread_posts=tuple(threads.posts),
        votes=tuple(threads.votes),
        comments=(*photos.comments, *threads.comments),
        conversations=chats.conversations,
        messages=chats.messages,
        notifications=_notifications(ctx, people, follows, photos, threads.comments),
        artists=music.artists,
        albums=music.albums,
        tracks=music.tracks,
        lyrics=music.lyrics,
        playlists=music.playlists,
        library_saves=music.saves,
        artist_follows=music.artist_follows,
        listens=music.listens,
    )
