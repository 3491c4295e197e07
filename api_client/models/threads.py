"""Subreddits and their sorts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import StringConstraints

from api_client.models.base import Line, Moment, OpenEnum, Several, WireModel

SUBREDDIT_NAME_LIMIT = 21
DISPLAY_NAME_LIMIT = 100


class PostSort(StrEnum):
    """The six orders of a subreddit."""

    HOT = "hot"
    TOP = "top"
    NEW = "new"
    CONTROVERSIAL = "controversial"
    BEST = "best"
    RISING = "rising"


class CommentSort(StrEnum):
    """The five orders of siblings in a comment tree."""

    BEST = "best"
    TOP = "top"
    NEW = "new"
    HOT = "hot"
    CONTROVERSIAL = "controversial"


class TopWindow(StrEnum):
    """How far back `top` and `controversial` look."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"


class MemberRole(OpenEnum):
    """What a member may do in a subreddit."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"
    UNKNOWN = "unknown"


class Subreddit(WireModel):
    """A community."""

    id: str
    name: Line
    display_name: Line
    description: str | None = None
    subscriber_count: int = 0
    is_nsfw: bool = False
    is_joined: bool = False
    my_role: MemberRole | None = None
    theme: dict[str, Any] | None = None
    rules: Several[str] = []
    created_at: Moment
    version: int = 1


class JoinState(WireModel):
    """Membership after joining or leaving."""

    joined: bool
    subscriber_count: int


class NewSubreddit(WireModel):
    """A community to found."""

    name: Annotated[str, StringConstraints(min_length=2, max_length=SUBREDDIT_NAME_LIMIT, pattern=r"^[A-Za-z0-9_]+$")]
    display_name: Annotated[str, StringConstraints(max_length=DISPLAY_NAME_LIMIT)] | None = None
    description: Annotated[str, StringConstraints(max_length=5000)] | None = None
    is_nsfw: bool = False
