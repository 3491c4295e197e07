"""The REST side of chat; sending, reading and membership are the same as on the socket."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from api_client import endpoints
from api_client.models.base import Done
from api_client.models.chat import (
    Conversation,
    ConversationChange,
    Message,
    NewConversation,
    NewMember,
    NewMessage,
    Presence,
    ReadState,
)
from server.chat import membership, messages, subscriptions
from server.chat.overview import conversation_for, conversations_of, view_of
from server.chat.presence import presence_for
from server.context import Ctx, RequestContext
from server.paging import DEFAULT_LIMIT, Cursor, Limit, Listing, decode_cursor, encode_cursor
from server.problems import invalid
from server.routing import IdPath, Router

PRESENCE_LIMIT = 100

MemberPath = Annotated[str, Path(alias="userId", min_length=1, max_length=64)]
Before = Annotated[str | None, Query(max_length=64, description="Id of a message: only those sent before it.")]
After = Annotated[str | None, Query(max_length=64, description="Id of a message: only those sent after it.")]
Ids = Annotated[list[str], Query(description="User ids, repeated or separated by commas.", max_length=PRESENCE_LIMIT)]

router = Router()
subscriptions.register()


@router.handles(endpoints.CONVERSATIONS)
async def conversations(ctx: Ctx, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Listing[Conversation]:
    """List the own conversations, the one with the latest activity first."""
    return await conversations_of(ctx.db, ctx.user_id, ctx.now, limit, cursor)


@router.handles(endpoints.CREATE_CONVERSATION)
async def create(ctx: Ctx, body: NewConversation) -> Conversation:
    """Open a conversation; two people have one direct one, which is returned if it is there."""
    conversation, is_new = await membership.open_conversation(ctx.db, ctx.user, body, ctx.now)
    party = await membership.party_of(ctx.db, ctx.user_id, conversation.id)
    if is_new:
        _announce_version(ctx, party)
    return await view_of(ctx.db, party, ctx.now)


@router.handles(endpoints.CONVERSATION)
async def conversation(ctx: Ctx, chat_id: IdPath) -> Conversation:
    """Return one of the own conversations."""
    return await conversation_for(ctx.db, ctx.user_id, chat_id, ctx.now)


@router.handles(endpoints.CHANGE_CONVERSATION)
async def change(ctx: Ctx, chat_id: IdPath, body: ConversationChange) -> Conversation:
    """Rename a group, or set how long new messages live."""
    party = await membership.party_of(ctx.db, ctx.user_id, chat_id)
    if membership.change(party, body):
        await ctx.db.flush()
        _announce_version(ctx, party)
    return await view_of(ctx.db, party, ctx.now)


@router.handles(endpoints.ADD_MEMBER)
async def add_member(ctx: Ctx, chat_id: IdPath, body: NewMember) -> Conversation:
    """Bring somebody into a group."""
    party = await membership.party_of(ctx.db, ctx.user_id, chat_id)
    if await membership.add_member(ctx.db, party, body.user_id, ctx.now):
        _announce_version(ctx, party)
    return await view_of(ctx.db, party, ctx.now)


@router.handles(endpoints.REMOVE_MEMBER)
async def remove_member(ctx: Ctx, chat_id: IdPath, user_id: MemberPath) -> Done:
    """Leave a group, or take somebody out of it."""
    party = await membership.party_of(ctx.db, ctx.user_id, chat_id)
    left = await membership.remove_member(ctx.db, party, user_id)
    if left:
        await messages.start_countdowns(ctx.db, chat_id, left, ctx.now)
    _announce_version(ctx, party)
    ctx.after_commit(lambda: ctx.state.hub.evict(chat_id, user_id))
    return Done()


@router.handles(endpoints.MESSAGES)
async def list_messages(
    ctx: Ctx,
    chat_id: IdPath,
    before: Before = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Listing[Message]:
    """List messages, the newest first; those that have disappeared are never among them.

    With `after` it is the ones that follow a message, in the order in which they were sent, also on the next pages.
    """
    party = await membership.party_of(ctx.db, ctx.user_id, chat_id)
    if after is not None:
        after_seq = await messages.sequence_of(ctx.db, party, after)
        if cursor is not None:
            (after_seq,) = decode_cursor(cursor, int)
        rows = await messages.following(ctx.db, party, ctx.now, limit + 1, after_seq)
        more = encode_cursor(rows[limit - 1].seq) if len(rows) > limit else None
        return Listing([messages.message_view(row, party.members) for row in rows[:limit]], more)
    before_seq: int | None = None
    if cursor is not None:
        (before_seq,) = decode_cursor(cursor, int)
    elif before is not None:
        before_seq = await messages.sequence_of(ctx.db, party, before)
    rows = await messages.page(ctx.db, party, ctx.now, limit + 1, before_seq)
    following = encode_cursor(rows[limit - 1].seq) if len(rows) > limit else None
    return Listing([messages.message_view(row, party.members) for row in rows[:limit]], following)


@router.handles(endpoints.SEND_MESSAGE)
async def send_message(ctx: Ctx, chat_id: IdPath, body: NewMessage) -> Message:
    """Send a message; with a `clientId` it is sent once, however often that is asked."""
    sent = await messages.send(ctx.db, ctx.user_id, chat_id, body, ctx.now)
    ctx.after_commit(lambda: sent.announce(ctx.state.hub))
    return sent.message


@router.handles(endpoints.READ_MESSAGE)
async def read_message(ctx: Ctx, message_id: IdPath) -> ReadState:
    """Mark a message, and all before it, as read."""
    seen = await messages.read(ctx.db, ctx.user_id, message_id, ctx.now)
    ctx.after_commit(lambda: seen.announce(ctx.state.hub))
    return seen.state


@router.handles(endpoints.DELETE_MESSAGE)
async def delete_message(ctx: Ctx, message_id: IdPath) -> Done:
    """Take an own message back, for everybody."""
    gone = await messages.unsend(ctx.db, ctx.user_id, message_id, ctx.now)
    ctx.after_commit(lambda: gone.announce(ctx.state.hub))
    return Done()


@router.handles(endpoints.PRESENCE)
async def presence(ctx: Ctx, ids: Ids) -> dict[str, Presence]:
    """Say who of these people is there; only friends are told of, others are left out."""
    wanted = [part for value in ids for part in value.split(",") if part]
    if len(wanted) > PRESENCE_LIMIT:
        raise invalid("ids", f"At most {PRESENCE_LIMIT} people at once.")
    return await presence_for(ctx.db, ctx.state.hub, ctx.user_id, wanted, ctx.now)


def _announce_version(ctx: RequestContext, party: membership.Party) -> None:
    key, version = f"conversations:{party.conversation.id}", party.conversation.version
    ctx.after_commit(lambda: ctx.state.hub.notify(key, version))
