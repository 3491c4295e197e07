"""What a playback event means for the friends of who listens."""

from __future__ import annotations

from api_client.models.music import PlaybackEvent
from server.context import RequestContext
from server.tables.together import ListeningPrivacyRow
from server.together.friends import announce_activity
from server.together.privacy import hide, hides


async def held_or_resumed(ctx: RequestContext) -> None:
    """Tell the friends that the sound was held, or goes on; nobody is told in private."""
    if not hides(await ctx.db.get(ListeningPrivacyRow, ctx.user_id), ctx.now):
        ctx.background(lambda: announce_activity(ctx.state, [ctx.user_id]))


async def heard(ctx: RequestContext, event: PlaybackEvent, play_id: str) -> None:
    """Hide the play, if it is heard in private, or tell the friends of it.

    The event itself says whether it was private when it happened: it may have waited for days. Nobody is told of a
    hidden one, not even that there was something.
    """
    privacy = await ctx.db.get(ListeningPrivacyRow, ctx.user_id)
    if event.private or hides(privacy, ctx.now):
        await hide(ctx.db, play_id)
    elif event.event_type != "progress":
        ctx.background(lambda: announce_activity(ctx.state, [ctx.user_id]))
