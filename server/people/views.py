"""How a row of `users` looks on the wire."""

from __future__ import annotations

from api_client.models.users import Role, Subscription, User, UserRef
from server.tables.users import UserRow


def user_ref(row: UserRow) -> UserRef:
    """Return the person as named inside another record."""
    return UserRef(
        id=row.id,
        username=row.username,
        full_name=row.full_name,
        avatar_url=row.avatar_url,
        is_verified=row.is_verified,
    )


def user_view(row: UserRow, *, own: bool) -> User:
    """Return the account; e-mail address and role only where it is the reader's `own`."""
    return User(
        id=row.id,
        username=row.username,
        full_name=row.full_name,
        bio=row.bio,
        avatar_url=row.avatar_url,
        is_verified=row.is_verified,
        is_private=row.is_private,
        follower_count=row.follower_count,
        following_count=row.following_count,
        post_count=row.post_count,
        role=Role(row.role) if own else None,
        subscription=Subscription(row.subscription),
        email=row.email if own else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
