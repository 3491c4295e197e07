"""People: accounts, profiles, follows, sign-in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, Field, StringConstraints, computed_field

from api_client.models.base import BaseVersion, Line, Moment, OpenEnum, WireModel

USERNAME_LIMIT = 30
BIO_LIMIT = 150
FULL_NAME_LIMIT = 100
PASSWORD_MINIMUM = 8


class Role(OpenEnum):
    """What a user may do on the whole site."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"
    UNKNOWN = "unknown"


class Subscription(OpenEnum):
    """The plan, which decides the audio quality."""

    FREE = "free"
    PREMIUM = "premium"
    UNKNOWN = "unknown"


class UserRef(WireModel):
    """A person as named inside another record."""

    id: str
    username: Line
    full_name: Line | None = None
    avatar_url: str | None = None
    is_verified: bool = False


class User(WireModel):
    """An account as its owner, or an administrator, sees it; `email` and `role` are absent for others."""

    id: str
    username: Line
    full_name: Line | None = None
    bio: str | None = None
    avatar_url: str | None = None
    is_verified: bool = False
    is_private: bool = False
    follower_count: int = 0
    following_count: int = 0
    post_count: int = 0
    role: Role | None = None
    subscription: Subscription = Subscription.FREE
    email: str | None = None
    created_at: Moment
    updated_at: Moment | None = None
    version: int = 1

    @computed_field  # type: ignore[prop-decorator]
    @property
    def display_name(self) -> str:
        """The full name, or the username where there is none."""
        return self.full_name or self.username


class Profile(User):
    """A person as the signed-in user sees them."""

    is_following: bool = False
    follows_me: bool = False
    follow_requested: bool = False
    karma: int = 0


class TokenPair(WireModel):
    """Access (15 minutes) and refresh (7 days) token; `expires_in` is in seconds."""

    access_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    expires_in: int = 900


class SignedIn(TokenPair):
    """The reply to a sign-in or registration."""

    user: User


class Me(WireModel):
    """Who the token belongs to."""

    user: User


class DeviceSession(WireModel):
    """One place where the account is signed in."""

    id: str
    device: Line
    created_at: Moment
    last_seen: Moment
    current: bool


class FollowState(WireModel):
    """How the signed-in user stands to somebody after a follow or unfollow."""

    following: bool
    pending: bool
    follower_count: int


class FollowRequest(WireModel):
    """Somebody asks to follow a private account."""

    id: str
    user: UserRef
    created_at: Moment


Username = Annotated[
    str,
    StringConstraints(
        min_length=2, max_length=USERNAME_LIMIT, pattern=r"^[A-Za-z0-9_](?:[A-Za-z0-9_.]*[A-Za-z0-9_])?$"
    ),
]
Password = Annotated[str, StringConstraints(min_length=PASSWORD_MINIMUM, max_length=256)]


class RegisterRequest(WireModel):
    """A new account."""

    username: Username
    email: Annotated[str, StringConstraints(max_length=255, pattern=r"^[^@\s]+@[^@\s]+$")]
    password: Password = Field(repr=False)
    full_name: Annotated[str, StringConstraints(max_length=FULL_NAME_LIMIT)] | None = None


class LoginRequest(WireModel):
    """Sign in with the e-mail address or the username."""

    email: Annotated[str, StringConstraints(min_length=1, max_length=255)] = Field(
        validation_alias=AliasChoices("email", "username", "identifier")
    )
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)] = Field(repr=False)
    otp: str | None = Field(default=None, repr=False, max_length=16)
    device: Annotated[str, StringConstraints(max_length=100)] | None = None


class RefreshRequest(WireModel):
    """Exchange a refresh token for a new pair; the old one is spent."""

    refresh_token: str = Field(repr=False, min_length=1, max_length=4096)


class LogoutRequest(WireModel):
    """End this session."""

    refresh_token: str | None = Field(default=None, repr=False, max_length=4096)


class ProfileChange(WireModel):
    """Fields of the own profile to change; what is absent stays."""

    base_version: BaseVersion | None = None
    full_name: Annotated[str, StringConstraints(max_length=FULL_NAME_LIMIT)] | None = None
    bio: Annotated[str, StringConstraints(max_length=BIO_LIMIT)] | None = None
    avatar_url: Annotated[str, StringConstraints(max_length=2048)] | None = None
    is_private: bool | None = None


FollowAction = Literal["accept", "reject"]
