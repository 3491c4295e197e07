"""The records of the demo world for people, photos, threads and chat: frozen, database-free, ids as UUID strings."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A named place; `lat` and `lng` in degrees."""

    name: str
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Person:
    """A user. `password` is the clear text that the loader hashes; only the demo account's is documented."""

    id: str
    username: str
    full_name: str
    email: str
    password: str
    bio: str
    avatar_key: str
    language: str
    home: Place
    interests: tuple[str, ...]
    """Names of subreddits the person cares about."""
    style: str
    """How they write: plain, lower, terse, warm or precise."""
    is_verified: bool
    is_private: bool
    role: str
    subscription: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Follow:
    """`follower_id` follows `followed_id`; status is accepted or pending."""

    follower_id: str
    followed_id: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a post or story; `key` is what `pictures.render_picture` takes."""

    id: str
    key: str
    width: int
    height: int
    alt: str
    order: int


@dataclass(frozen=True, slots=True)
class PhotoPost:
    """A photo post with one to ten pictures; `like_count` is the number of its `Like` rows."""

    id: str
    author_id: str
    caption: str | None
    location: Place | None
    media: tuple[Picture, ...]
    tags: tuple[str, ...]
    is_archived: bool
    like_count: int
    comment_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Like:
    """A like on a photo post or on one of its comments; `target_type` is post or comment."""

    user_id: str
    target_type: str
    target_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SavedPost:
    """A photo post that a user keeps."""

    user_id: str
    post_id: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """A story of the last 24 hours; `viewer_ids` have seen it."""

    id: str
    author_id: str
    picture: Picture
    viewer_ids: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a subreddit."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Subreddit:
    """A subreddit; `subscriber_count` counts a crowd larger than the generated members."""

    id: str
    name: str
    display_name: str
    description: str
    rules: tuple[Rule, ...]
    flairs: tuple[str, ...]
    accent: str
    """Theme colour as #rrggbb."""
    is_nsfw: bool
    creator_id: str
    subscriber_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """`role` is member, moderator or owner."""

    subreddit_id: str
    user_id: str
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """A subreddit post; `post_type` is text, link, image or video.

    Vote totals count a larger crowd than the `Vote` rows.
    """

    id: str
    subreddit_id: str
    author_id: str
    title: str
    body: str | None
    url: str | None
    post_type: str
    media: tuple[Picture, ...]
    flair: str | None
    is_pinned: bool
    is_locked: bool
    upvotes: int
    downvotes: int
    score: int
    comment_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a photo or thread post. Parents precede their replies in `World.comments`.

    `path` is the dotted chain of per-post sequence numbers (`1.5.12`), `depth` its number of dots (0 to 10).
    Deleted comments keep an empty body. For photo posts the votes are zero and likes are `Like` rows.
    """

    id: str
    post_id: str
    parent_id: str | None
    author_id: str
    body: str
    depth: int
    path: str
    upvotes: int
    downvotes: int
    score: int
    is_deleted: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote of a generated person; `target_type` is post or comment, `value` is -1 or 1."""

    user_id: str
    target_type: str
    target_id: str
    value: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChatMember:
    """`role` is member or admin; messages after `last_read_at` are unread for this member."""

    user_id: str
    role: str
    joined_at: datetime
    last_read_at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """A direct or group conversation; `ttl_seconds` 0 means that messages stay."""

    id: str
    type: str
    name: str | None
    members: tuple[ChatMember, ...]
    ttl_seconds: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message; `type` is text, image, post or track. `reference` is a picture key, a post id or a track id."""

    id: str
    conversation_id: str
    sender_id: str
    type: str
    content: str
    reference: str | None
    read_by: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Notification:
    """What a user is told; `type` is like, comment, follow, follow_request, mention or reply."""

    id: str
    user_id: str
    type: str
    actor_ids: tuple[str, ...]
    target_type: str
    target_id: str
    text: str
    is_read: bool
    created_at: datetime
