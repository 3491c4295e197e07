"""Photo posts, thread posts, their comments, stories, media and uploads."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, Discriminator, Field, StringConstraints, Tag, model_validator

from api_client.models.base import ClientId, Items, Line, Moment, OpenEnum, WireModel
from api_client.models.users import UserRef
from api_client.text import utf16_length

CAPTION_LIMIT = 2200
"""UTF-16 code units."""
LOCATION_LIMIT = 100
MEDIA_LIMIT = 10
TITLE_LIMIT = 300
BODY_LIMIT = 40_000
COMMENT_LIMIT = 10_000
COMMENT_DEPTH_LIMIT = 10
"""Depths 0 to 10: eleven levels."""
FOLD_AT_SCORE = -4
"""Comments with this score or less start folded."""


def _within(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ValueError("half of a character is not text")
        if utf16_length(text) > limit:
            raise ValueError(f"at most {limit} characters")
        return text

    return AfterValidator(check)


class MediaType(OpenEnum):
    """What a medium is."""

    IMAGE = "image"
    VIDEO = "video"
    UNKNOWN = "unknown"


class PostType(OpenEnum):
    """What a thread post carries."""

    TEXT = "text"
    LINK = "link"
    IMAGE = "image"
    VIDEO = "video"
    UNKNOWN = "unknown"


class Media(WireModel):
    """One picture or video of a post; sizes in pixels, `thumbnails` from width to URL."""

    id: str
    url: str
    type: MediaType = MediaType.IMAGE
    width: int | None = None
    height: int | None = None
    order: int = 0
    alt: Line | None = None
    thumbnails: dict[str, str] = {}


class Location(WireModel):
    """Where a photo was taken."""

    name: Line | None = None
    lat: float | None = None
    lng: float | None = None


class PhotoPost(WireModel):
    """A post of the feed."""

    kind: Literal["media"] = "media"
    id: str
    user: UserRef
    caption: str | None = None
    location: Location | None = None
    media: Items[Media] = []
    like_count: int = 0
    comment_count: int = 0
    is_liked_by_me: bool = False
    is_saved_by_me: bool = False
    is_archived: bool = False
    created_at: Moment
    version: int = 1


class ThreadPost(WireModel):
    """A post of a subreddit."""

    kind: Literal["thread"] = "thread"
    id: str
    subreddit_id: str
    subreddit_name: Line
    author_id: str | None = None
    author_username: Line
    author_avatar: str | None = None
    title: Line
    body: str | None = None
    url: str | None = None
    post_type: PostType = PostType.TEXT
    score: int = 0
    upvotes: int = 0
    downvotes: int = 0
    comment_count: int = 0
    is_pinned: bool = False
    is_locked: bool = False
    is_nsfw: bool = False
    is_saved_by_me: bool = False
    flair: Line | None = None
    my_vote: Literal[-1, 0, 1] = 0
    created_at: Moment
    deleted_at: Moment | None = None
    version: int = 1


def _kind_of(value: Any) -> str:
    """A platform without `kind` tells the two apart by what only a thread has."""
    if isinstance(value, dict):
        kind = value.get("kind")
        if kind in ("media", "thread"):
            return str(kind)
        return "thread" if "title" in value else "media"
    return str(getattr(value, "kind", "media"))


Post = Annotated[
    Annotated[PhotoPost, Tag("media")] | Annotated[ThreadPost, Tag("thread")],
    Discriminator(_kind_of),
]


class Comment(WireModel):
    """A comment on a post of either kind; lists of them come depth first, parents before children.

    `path` is the dotted line of descent; `child_count` counts direct replies; `more_replies` says how many replies
    below this one were left out of the list and can be fetched with `root`.
    """

    id: str
    post_id: str
    parent_id: str | None = None
    author_id: str | None = None
    author_username: Line
    author_avatar: str | None = None
    body: str = Field(validation_alias=AliasChoices("body", "content"))
    score: int = 0
    upvotes: int = 0
    downvotes: int = 0
    like_count: int = 0
    depth: int = 0
    path: str = ""
    my_vote: Literal[-1, 0, 1] = 0
    is_liked_by_me: bool = False
    child_count: int = 0
    more_replies: int | None = None
    is_deleted: bool = False
    created_at: Moment
    version: int = 1


class Story(WireModel):
    """A picture or video that is gone after 24 hours."""

    id: str
    user_id: str
    media_url: str
    media_type: MediaType = MediaType.IMAGE
    view_count: int = 0
    seen: bool = False
    created_at: Moment
    expires_at: Moment
    version: int = 1


class TrayEntry(WireModel):
    """One person's stories; people with something unseen come first."""

    user: UserRef
    stories: Items[Story] = []
    seen: bool = False
    publisher: bool = False


class LikeState(WireModel):
    """A like after it was given or taken back."""

    liked: bool
    like_count: int


class VoteState(WireModel):
    """A vote after it was cast; `score` is upvotes minus downvotes."""

    score: int
    upvotes: int
    downvotes: int
    my_vote: Literal[-1, 0, 1]


class SaveState(WireModel):
    """Whether a post is among the saved ones."""

    saved: bool


class Viewer(WireModel):
    """Who saw a story, and when."""

    user: UserRef
    viewed_at: Moment


class MediaInput(WireModel):
    """A medium to attach: its bytes in base64, or an upload that was completed."""

    type: Literal["image", "video"]
    base64: str | None = Field(default=None, repr=False)
    upload_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    alt: Annotated[str, StringConstraints(max_length=500)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> MediaInput:
        if (self.base64 is None) == (self.upload_id is None):
            raise ValueError("exactly one of base64 and uploadId")
        return self


class Coordinates(WireModel):
    """A place by its coordinates, in degrees."""

    name: Annotated[str, StringConstraints(max_length=LOCATION_LIMIT)] | None = None
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lng: float = Field(ge=-180, le=180, allow_inf_nan=False)


class NewPhotoPost(WireModel):
    """A photo post: `media` or `media_urls`, exactly one of them, 1 to 10 items."""

    id: ClientId | None = None
    caption: Annotated[str, _within(CAPTION_LIMIT)] | None = None
    location: Annotated[str, StringConstraints(max_length=LOCATION_LIMIT)] | Coordinates | None = None
    media: Annotated[list[MediaInput], Field(min_length=1, max_length=MEDIA_LIMIT)] | None = None
    media_urls: (
        Annotated[
            list[Annotated[str, StringConstraints(max_length=2048, pattern=r"^https?://[^\s/$.?#][^\s]*$")]],
            Field(min_length=1, max_length=MEDIA_LIMIT),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _one_form(self) -> NewPhotoPost:
        if (self.media is None) == (self.media_urls is None):
            raise ValueError("exactly one of media and mediaUrls")
        return self


class NewThreadPost(WireModel):
    """A post for a subreddit; a link post needs `url`."""

    id: ClientId | None = None
    subreddit: Annotated[str, StringConstraints(min_length=1, max_length=21)]
    title: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), _within(TITLE_LIMIT)]
    body: Annotated[str, _within(BODY_LIMIT)] | None = None
    url: Annotated[str, StringConstraints(max_length=2048, pattern=r"^https?://[^\s/$.?#][^\s]*$")] | None = None
    post_type: Literal["text", "link", "image", "video"] = "text"
    flair: Annotated[str, StringConstraints(max_length=64)] | None = None

    @model_validator(mode="after")
    def _link_has_url(self) -> NewThreadPost:
        if self.post_type != "text" and self.url is None:
            raise ValueError(f"a post of type {self.post_type} needs a url")
        return self


def _new_post_kind(value: Any) -> str:
    if isinstance(value, dict):
        return "thread" if "subreddit" in value or "title" in value else "media"
    return "thread" if isinstance(value, NewThreadPost) else "media"


NewPost = Annotated[
    Annotated[NewPhotoPost, Tag("media")] | Annotated[NewThreadPost, Tag("thread")],
    Discriminator(_new_post_kind),
]


class NewComment(WireModel):
    """A comment on a post, or a reply to the comment `parent_id`."""

    id: ClientId | None = None
    body: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), _within(COMMENT_LIMIT)] = Field(
        validation_alias=AliasChoices("body", "content")
    )
    parent_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class VoteRequest(WireModel):
    """Up (1), down (-1) or none (0)."""

    value: Literal[-1, 0, 1]


class NewStory(WireModel):
    """A story: bytes in base64 or a completed upload."""

    id: ClientId | None = None
    media: MediaInput


class UploadRequest(WireModel):
    """Announce a file: `size_bytes` must be what the following PUT brings."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    mime_type: Annotated[str, StringConstraints(min_length=3, max_length=100)]
    size_bytes: int = Field(ge=1, le=64 * 1024 * 1024)
    purpose: Literal["post", "story", "avatar", "message", "audio"] = "post"


class UploadTicket(WireModel):
    """Where to PUT the bytes, and until when (ms since the epoch)."""

    upload_id: str
    url: str
    expires_at: int
    headers: dict[str, str] = {}
