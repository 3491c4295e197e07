"""What was founded and posted but has not been sent, as it will be."""

from __future__ import annotations

from datetime import UTC, datetime

from api_client.models.posts import NewThreadPost, PostType, ThreadPost
from api_client.models.threads import NewSubreddit, Subreddit
from api_client.models.users import User
from api_client.sync.intents import Intent
from tui.state.lanes import made_id


def as_subreddit(intent: Intent) -> Subreddit:
    """Return a subreddit as it will be; its id is the intent's key, so that it is told from a founded one."""
    wish: NewSubreddit = intent.body
    return Subreddit(
        id=intent.idempotency_key,
        name=wish.name,
        display_name=wish.display_name or wish.name,
        description=wish.description,
        subscriber_count=1,
        is_nsfw=wish.is_nsfw,
        is_joined=True,
        created_at=datetime.fromtimestamp(intent.created_at, UTC),
    )


def as_post(intent: Intent, me: User) -> ThreadPost:
    """Return an unsent post as it will be."""
    wish: NewThreadPost = intent.body
    return ThreadPost(
        id=made_id(intent),
        subreddit_id="",
        subreddit_name=wish.subreddit,
        author_id=me.id,
        author_username=me.username,
        author_avatar=me.avatar_url,
        title=wish.title,
        body=wish.body,
        url=wish.url,
        post_type=PostType(wish.post_type),
        flair=wish.flair,
        created_at=datetime.fromtimestamp(intent.created_at, UTC),
    )
