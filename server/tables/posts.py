"""Posts of both kinds and what hangs on them: media, likes, saves, votes, comments, and the feed cache."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class PhotoPostRow(Base):
    """A post of the feed; shares its id space with `ThreadPostRow`."""

    __tablename__ = "photo_posts"
    __table_args__ = (
        Index("ix_photo_posts_author", "author_id", "created_at", "id"),
        Index("ix_photo_posts_unfanned", "is_fanned_out", "author_id", "created_at", "id"),
        Index("ix_photo_posts_recent", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    caption: Mapped[str | None] = mapped_column(Text)
    location_name: Mapped[str | None] = mapped_column(String(100))
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    like_count: Mapped[int] = mapped_column(Integer, default=0)
    comment_count: Mapped[int] = mapped_column(Integer, default=0)
    is_archived: Mapped[bool] = mapped_column(default=False)
    is_fanned_out: Mapped[bool] = mapped_column(default=False)
    """Whether the post stands in its readers' cached feeds; one that does not is merged in at reading time."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class PostMediaRow(Base):
    """One of the 1 to 10 pictures or videos of a photo post: `media_key` in our store, or a `url` elsewhere."""

    __tablename__ = "post_media"
    __table_args__ = (
        Index("ix_post_media_post", "post_id", "position", unique=True),
        CheckConstraint("(media_key IS NULL) <> (url IS NULL)", name="one_source"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("photo_posts.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    media_key: Mapped[str | None] = mapped_column(String(255))
    url: Mapped[str | None] = mapped_column(String(2048))
    media_type: Mapped[str] = mapped_column(String(16), default="image")
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    alt: Mapped[str | None] = mapped_column(String(500))


class ThreadPostRow(Base):
    """A post of a subreddit; `hot`, `best` and `controversy` are kept in step with its votes."""

    __tablename__ = "thread_posts"
    __table_args__ = (
        Index("ix_thread_posts_hot", "subreddit_id", "hot"),
        Index("ix_thread_posts_new", "subreddit_id", "created_at", "id"),
        Index("ix_thread_posts_top", "subreddit_id", "score"),
        Index("ix_thread_posts_recent", "created_at", "id"),
        Index("ix_thread_posts_author", "author_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    subreddit_id: Mapped[str] = mapped_column(ForeignKey("subreddits.id", ondelete="CASCADE"))
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(2048))
    post_type: Mapped[str] = mapped_column(String(20), default="text")
    flair: Mapped[str | None] = mapped_column(String(64))
    score: Mapped[int] = mapped_column(Integer, default=0)
    upvotes: Mapped[int] = mapped_column(Integer, default=0)
    downvotes: Mapped[int] = mapped_column(Integer, default=0)
    hot: Mapped[float] = mapped_column(Float, default=0.0)
    best: Mapped[float] = mapped_column(Float, default=0.0)
    controversy: Mapped[float] = mapped_column(Float, default=0.0)
    comment_count: Mapped[int] = mapped_column(Integer, default=0)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    is_locked: Mapped[bool] = mapped_column(default=False)
    is_nsfw: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class LikeRow(Base):
    """Somebody likes a photo post."""

    __tablename__ = "likes"
    __table_args__ = (Index("ix_likes_post", "post_id"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("photo_posts.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedPostRow(Base):
    """Somebody keeps a post of either kind for later; `post_id` is of the shared id space."""

    __tablename__ = "saved_posts"
    __table_args__ = (Index("ix_saved_posts_list", "user_id", "created_at", "post_id"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoteRow(Base):
    """An up (1) or down (-1) vote on a thread post or a comment; no vote has no row."""

    __tablename__ = "votes"
    __table_args__ = (
        Index("ix_votes_target", "target_type", "target_id", "value"),
        CheckConstraint("value IN (-1, 1)", name="value"),
        CheckConstraint("target_type IN ('post', 'comment')", name="target"),
    )

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    target_type: Mapped[str] = mapped_column(String(8), primary_key=True)
    target_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CommentRow(Base):
    """A comment on a post of either kind.

    `path` is the dotted line of descent. Each segment is the comment's number within its post, zero-padded to one
    width (see `server.comments.paths`), so that ordering by `path` is depth first and a subtree is one index range.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_path", "post_id", "path", unique=True),
        Index("ix_comments_number", "post_id", "number", unique=True),
        Index("ix_comments_score", "post_id", "score"),
        Index("ix_comments_author", "author_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer)
    """1, 2, 3 ... within the post, in the order of writing."""
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    author_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)
    score: Mapped[int] = mapped_column(Integer, default=0)
    upvotes: Mapped[int] = mapped_column(Integer, default=0)
    downvotes: Mapped[int] = mapped_column(Integer, default=0)
    like_count: Mapped[int] = mapped_column(Integer, default=0)
    depth: Mapped[int] = mapped_column(Integer, default=0)
    path: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class CommentLikeRow(Base):
    """Somebody likes a comment."""

    __tablename__ = "comment_likes"
    __table_args__ = (Index("ix_comment_likes_comment", "comment_id"),)

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FeedRow(Base):
    """A post in a reader's cached feed; the whole table can be rebuilt from posts and follows."""

    __tablename__ = "user_feeds"
    __table_args__ = (
        Index("ix_user_feeds_read", "user_id", "created_at", "post_id"),
        Index("ix_user_feeds_post", "post_id"),
        Index("ix_user_feeds_author", "user_id", "post_user_id"),
    )

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("photo_posts.id", ondelete="CASCADE"), primary_key=True)
    post_user_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FeedStateRow(Base):
    """A reader whose feed is cached; without this row the cache says nothing and the feed is read from its sources."""

    __tablename__ = "feed_states"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    built_at: Mapped[datetime] = mapped_column(UtcDateTime)
