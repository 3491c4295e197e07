"""How many posts somebody may make."""

from __future__ import annotations

from server.context import RequestContext

_HOUR_SECONDS = 3600.0


def count_post(ctx: RequestContext) -> None:
    """Count a new post of either kind; raises Problem RATE_LIMITED if there were enough within the last hour.

    To be called when everything else about the post has been accepted, and before its files are written.
    """
    ctx.limit("posts", ctx.user_id, ctx.state.settings.limits.posts_per_hour, _HOUR_SECONDS)
