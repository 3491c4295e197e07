"""What is followed on the socket all the time: the home feed, the liveliest chats, the newest stories."""

from __future__ import annotations

from pydantic import TypeAdapter

from api_client.client import PlatformClient
from api_client.models.chat import Conversation
from tui.state.chat import ChatStore
from tui.state.chat_change import ChatChange, ChatPart
from tui.state.feed import FeedChange, FeedPart, FeedStore
from tui.state.live_records import LiveRecords, Shelf

CHATS, STORIES = 20, 20
"""How many are followed: a platform hears of so many keys at once only (`api_client.realtime.following.BURST`)."""


def follow_lists(live: LiveRecords, feed: FeedStore, chat: ChatStore) -> None:
    """Follow them from now on, whatever the lists become."""
    live.follow("home feed", [feed.socket_key])

    def chat_changed(change: ChatChange) -> None:
        if change.part is ChatPart.CONVERSATIONS:
            known = (c.id for c in chat.conversations[:CHATS] if chat.book.version_of(c.id) is not None)
            live.follow("chats", [f"conversations:{chat_id}" for chat_id in known])

    def feed_changed(change: FeedChange) -> None:
        if change.part is FeedPart.TRAY:
            stories = [story.id for entry in feed.tray for story in entry.stories]
            live.follow("stories", [f"stories:{story_id}" for story_id in stories[:STORIES]])

    chat.subscribe(chat_changed)
    feed.subscribe(feed_changed)


def chat_shelf(client: PlatformClient, chat: ChatStore) -> Shelf[Conversation, int]:
    """Return how conversations are held; their messages come over the socket, and through the transcripts."""

    def take(chat_id: str, conversation: Conversation, asked_at: int) -> None:
        chat.book.fetched(conversation, asked_at)
        chat.changed(ChatPart.CONVERSATIONS, chat_id)

    def gone(chat_id: str) -> None:
        chat.book.forget(chat_id)
        chat.changed(ChatPart.CONVERSATIONS, chat_id)

    return Shelf(
        TypeAdapter(Conversation),
        known=chat.book.version_of,
        asked=lambda _: chat.book.moment,
        take=take,
        gone=gone,
        fetch=client.chat.conversation,
    )
