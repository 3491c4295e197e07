"""From the chat store to the rows and bubbles that the lists show."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, datetime, timedelta, tzinfo

from api_client.models.chat import Conversation, ConversationType, Message, MessageType, PresenceStatus
from tui.state.chat import ChatStore
from tui.state.message_entries import Delivery, Entry
from widgets.conversation_row import ConversationRow
from widgets.message_item import ChatItem, HoleItem, MessageItem
from widgets.textfmt import ago

GROUP_WITHIN = timedelta(minutes=5)
"""Messages of one author this close together stand under one name."""

_ATTACHMENTS = {
    MessageType.IMAGE: "[picture]  m shows it",
    MessageType.VIDEO: "[video]",
    MessageType.AUDIO: "[voice message]",
    MessageType.POST: "[shared post]  Enter opens it",
    MessageType.TRACK: "[shared track]  Enter plays it",
    MessageType.UNKNOWN: "[something this version cannot show]",
}


def conversation_rows(store: ChatStore) -> list[ConversationRow]:
    """Return the chats as rows, the liveliest first."""
    return [_row(store, conversation) for conversation in store.conversations]


def _row(store: ChatStore, conversation: Conversation) -> ConversationRow:
    last = conversation.last_message
    others = store.others(conversation)
    return ConversationRow(
        id=conversation.id,
        title=store.title(conversation),
        preview=_preview(store, conversation, last) if last else "no message yet",
        at=last.created_at if last else conversation.created_at,
        unread=conversation.unread_count,
        online=any(is_online(store, user) for user in others) and conversation.type is ConversationType.DIRECT,
        group=conversation.type is ConversationType.GROUP,
        typing=bool(store.typists(conversation.id)),
    )


def is_online(store: ChatStore, user_id: str) -> bool:
    """Return whether somebody is there now."""
    presence = store.presence.get(user_id)
    return presence is not None and presence.status is PresenceStatus.ONLINE


def _preview(store: ChatStore, conversation: Conversation, message: Message) -> str:
    text = " ".join(message.content.split()) if message.type is MessageType.TEXT else ""
    text = text or _ATTACHMENTS.get(message.type, "gone").partition("  ")[0]
    if message.sender_id == store.me.id:
        return f"you: {text}"
    if conversation.type is ConversationType.GROUP:
        return f"{store.name_of(conversation, message.sender_id).partition(' ')[0]}: {text}"
    return text


class MessageItems:
    """The messages of a chat as items; those of which nothing has changed are the same ones as before."""

    def __init__(self, store: ChatStore) -> None:
        self._store = store
        self._made: dict[str, tuple[tuple[object, ...], tuple[ChatItem, ...]]] = {}
        """Each with what it was made of."""

    def made(
        self,
        conversation: Conversation | None,
        entries: Sequence[Entry],
        zone: tzinfo,
        *,
        unread_from: str | None = None,
        holes: Container[str] = (),
    ) -> list[ChatItem]:
        """Return a chat's messages as items, oldest first, with an item wherever messages are missing.

        `unread_from` is the id of the first unread one, `holes` are the ids of those before which others are missing.
        """
        today = datetime.now(zone).date()
        seen_key = _last_seen(self._store, entries)
        made: dict[str, tuple[tuple[object, ...], tuple[ChatItem, ...]]] = {}
        items: list[ChatItem] = []
        before: Entry | None = None
        held_up = False
        for entry in entries:
            message = entry.message
            author = self._store.name_of(conversation, message.sender_id)
            state = _state(entry, seen_key, held_up)
            unread, gap = message.id == unread_from, message.id in holes
            source = (entry, before, author, state, unread, gap, zone, today)
            known = self._made.get(entry.key)
            if known is None or known[0] != source:
                item = self._item(entry, before, author, state, unread, gap, zone, today)
                known = (source, (HoleItem(entry.key), item) if gap else (item,))
            made[entry.key] = known
            items += known[1]
            before = entry
            held_up = held_up or entry.delivery in (Delivery.WAITING, Delivery.REFUSED)
        self._made = made
        return items

    def _item(
        self,
        entry: Entry,
        before: Entry | None,
        author: str,
        state: str,
        unread: bool,
        gap: bool,
        zone: tzinfo,
        today: date,
    ) -> MessageItem:
        message, earlier = entry.message, before.message if before else None
        at = message.created_at.astimezone(zone)
        new_day = earlier is None or earlier.created_at.astimezone(zone).date() != at.date()
        starts = new_day or earlier is None or earlier.sender_id != message.sender_id
        starts = starts or gap or message.created_at - earlier.created_at > GROUP_WITHIN  # type: ignore[union-attr]
        return MessageItem(
            key=entry.key,
            author=author,
            mine=message.sender_id == self._store.me.id,
            text=message.content if message.type in (MessageType.TEXT, MessageType.IMAGE) else "",
            at=at,
            starts_group=starts,
            day=_day(at, today) if new_day else "",
            state=state,
            attachment="" if message.is_deleted else _ATTACHMENTS.get(message.type, ""),
            unread_above=unread,
        )


def _day(at: datetime, today: object) -> str:
    if at.date() == today:
        return "today"
    return f"{at:%A} {at.day} {at:%B %Y}"


def _last_seen(store: ChatStore, entries: Sequence[Entry]) -> str | None:
    """Return the key of the user's newest message that somebody has read."""
    for entry in reversed(entries):
        message = entry.message
        if message.sender_id == store.me.id and any(reader != store.me.id for reader in message.read_by):
            return entry.key
    return None


def _state(entry: Entry, seen_key: str | None, held_up: bool) -> str:
    """Return what stands below a message; `held_up` says that one before it has to go out first."""
    match entry.delivery:
        case Delivery.REFUSED:
            return f"refused: {entry.reason}"
        case Delivery.WAITING:
            return f"waiting: {entry.reason}" if entry.reason else "waits for the connection"
        case Delivery.SENDING:
            return "waiting for the one before it" if held_up else "sending…"
        case Delivery.SENT:
            return "✓✓ seen" if entry.key == seen_key else ""


def heading(store: ChatStore, conversation: Conversation, now: float) -> str:
    """Return the line above a chat: its title and who is there."""
    title = store.title(conversation)
    if (trouble := store.book.trouble(conversation.id)) is not None:
        return f"{title}  ·  not opened: {trouble}"
    if not store.book.is_confirmed(conversation.id):
        return f"{title}  ·  not opened yet"
    others = store.others(conversation)
    if conversation.type is ConversationType.GROUP:
        there = sum(is_online(store, user) for user in others)
        return f"{title}  ·  {len(conversation.members)} people, {there} online"
    presence = store.presence.get(others[0]) if others else None
    if presence is None or presence.status is PresenceStatus.UNKNOWN:
        return title
    if presence.status is PresenceStatus.ONLINE:
        return f"{title}  ·  ● online"
    if presence.last_seen is None:
        return f"{title}  ·  ○ offline"
    seen = datetime.fromtimestamp(presence.last_seen / 1000).astimezone()
    return f"{title}  ·  ○ seen {ago(seen, now)}"
