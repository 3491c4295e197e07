"""The user's chats: as the platform has them, with those that are only asked for, and what of them is unread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from api_client.models.base import WireModel
from api_client.models.chat import Conversation, ConversationType, Member, Message, NewConversation
from api_client.models.users import User
from api_client.sync.cache import Cache
from tui.state.message_entries import key_of
from tui.state.messages import Transcript

_LIST = "conversations"


class Became(WireModel):
    """The id that the platform gave a chat."""

    id: str


class Conversations:
    """One answer to "which chats are there" for the list and for every chat that is open."""

    def __init__(self, me: User, cache: Cache, transcript: Callable[[str], Transcript | None]) -> None:
        """`transcript` returns what is known of a chat's messages, without looking for it anywhere."""
        self.me = me
        self._cache = cache
        self._transcript = transcript
        kept = cache.listing(_LIST, Conversation)
        self._confirmed = {conversation.id: conversation for conversation in kept or ()}
        self._wished: dict[str, Conversation] = {}
        self._refused: dict[str, str] = {}
        self._became: dict[str, str] = {}
        self._changed_at: dict[str, int] = {}
        self._moment = 0
        self.loaded = kept is not None
        """Whether there is anything to show: from this machine or from the platform."""
        self.fetched_at: float | None = kept.fetched_at if kept else None
        """When the list was fetched, in seconds since the epoch, as long as it is the one from this machine."""

    # -- what is shown

    @property
    def all(self) -> list[Conversation]:
        """All chats, the liveliest first."""
        ids = {**self._wished, **self._confirmed}
        shown = [self._shown(conversation) for conversation in ids.values()]
        return sorted(shown, key=_last_activity, reverse=True)

    def get(self, chat_id: str) -> Conversation | None:
        """Return a chat that is known, or only asked for."""
        chat_id = self.actual(chat_id)
        found = self._confirmed.get(chat_id) or self._wished.get(chat_id)
        return found and self._shown(found)

    def is_confirmed(self, chat_id: str) -> bool:
        """Whether the platform knows a chat."""
        return self.actual(chat_id) in self._confirmed

    def may_exist(self, chat_id: str) -> bool:
        """Whether there is any sense in asking the platform about a chat: not if it is only asked for."""
        return chat_id not in self._wished

    def actual(self, chat_id: str) -> str:
        """Return the id that the platform gave a chat which was made here under `chat_id`."""
        if chat_id not in self._became and chat_id not in self._confirmed:
            kept = self._cache.document(_became(chat_id), Became)
            self._became[chat_id] = kept.value.id if kept else chat_id
        return self._became.get(chat_id, chat_id)

    def others(self, conversation: Conversation) -> list[str]:
        """Return the ids of everybody in a chat but the user."""
        return [member.user_id for member in conversation.members if member.user_id != self.me.id]

    def direct_with(self, user_id: str) -> Conversation | None:
        """Return the chat with one person, if there is one."""
        for conversation in (*self._confirmed.values(), *self._wished.values()):
            if conversation.type is ConversationType.DIRECT and self.others(conversation) == [user_id]:
                return conversation
        return None

    def _shown(self, conversation: Conversation) -> Conversation:
        transcript = self._transcript(conversation.id)
        if transcript is None:
            return conversation
        last, unread = conversation.last_message, conversation.unread_count
        if last is not None and transcript.has_read(last):
            unread = 0
        if transcript.on_the_way:
            last = transcript.on_the_way[-1].message
        return conversation.changed(last_message=last, unread_count=unread)

    # -- what the platform says

    @property
    def moment(self) -> int:
        """A number that grows with every message; to be noted when the list is asked for."""
        return self._moment

    def learn(self, found: Iterable[Conversation], asked_at: int) -> None:
        """Take over the list that was asked for at `asked_at`; what came since stays newer."""
        listed: dict[str, Conversation] = {}
        for conversation in found:
            known = self._confirmed.get(conversation.id)
            newer = known is not None and self._changed_at.get(conversation.id, 0) > asked_at
            listed[conversation.id] = known if newer and known is not None else conversation
        for chat_id, known in self._confirmed.items():
            if chat_id not in listed and self._changed_at.get(chat_id, 0) > asked_at:
                listed[chat_id] = known
        self._confirmed, self.loaded, self.fetched_at = listed, True, None
        for chat_id in listed:
            self._wished.pop(chat_id, None)
        self._keep_list()

    def take(self, conversation: Conversation) -> None:
        """Take in one chat that the platform told of."""
        known = conversation.id in self._confirmed
        self._put(conversation)
        if not known:
            self._keep_list()

    def version_of(self, chat_id: str) -> int | None:
        """Return the version of a chat that the platform has, None for any other."""
        found = self._confirmed.get(chat_id)
        return None if found is None else found.version

    def fetched(self, conversation: Conversation, asked_at: int) -> None:
        """Take in one chat that was asked for at `asked_at`; messages that came since stay newer."""
        known = self._confirmed.get(conversation.id)
        if known is not None and self._changed_at.get(conversation.id, 0) > asked_at:
            last, unread = known.last_message, known.unread_count
            conversation = conversation.changed(last_message=last, unread_count=unread)
        self._put(conversation)

    def forget(self, chat_id: str) -> None:
        """The user is not in a chat any more."""
        if self._confirmed.pop(chat_id, None) is not None:
            self._cache.forget(f"conversations:{chat_id}")
            self._keep_list()

    def messages(self, chat_id: str, messages: Iterable[tuple[Message, bool]]) -> bool:
        """Messages have come, each with whether it was not known before: the newest is the last one now.

        False where the chat is not known.
        """
        conversation = self._confirmed.get(chat_id)
        if conversation is None:
            return False
        last, unread = conversation.last_message, conversation.unread_count
        moved = False
        for message, is_new in messages:
            if last is None or key_of(last) <= key_of(message):
                counted = last is not None and last.id == message.id
                unread += 1 if is_new and not counted and message.sender_id != self.me.id else 0
                last, moved = message, True
        if moved:
            self._put(conversation.changed(last_message=last, unread_count=unread))
        return True

    def message_gone(self, chat_id: str, message_id: str, was_unread: bool) -> None:
        """A message was taken back: the one before it is the last one now, as far as that is known."""
        conversation = self._confirmed.get(chat_id)
        if conversation is None:
            return
        last, transcript = conversation.last_message, self._transcript(chat_id)
        if last is not None and last.id == message_id:
            last = transcript.newest if transcript is not None else None
        unread = max(conversation.unread_count - was_unread, 0)
        self._put(conversation.changed(last_message=last, unread_count=unread))

    def ending_with(self, message_id: str) -> str | None:
        """Return the id of the chat of which a message is the last one that is known."""
        for chat in self._confirmed.values():
            if chat.last_message is not None and chat.last_message.id == message_id:
                return chat.id
        return None

    def read(self, chat_id: str, message_id: str) -> None:
        """The user has read up to a message; if that is the last one, nothing is unread."""
        conversation = self._confirmed.get(chat_id)
        if conversation is None or not conversation.unread_count:
            return
        transcript = self._transcript(chat_id)
        last = conversation.last_message
        if last is None or last.id == message_id or (transcript is not None and transcript.has_read(last)):
            self._put(conversation.changed(unread_count=0))

    def _put(self, conversation: Conversation) -> None:
        self._moment += 1
        self._changed_at[conversation.id] = self._moment
        self._confirmed[conversation.id] = conversation
        self._wished.pop(conversation.id, None)
        self._cache.keep({f"conversations:{conversation.id}": conversation})

    def _keep_list(self) -> None:
        models = {f"conversations:{chat_id}": chat for chat_id, chat in self._confirmed.items()}
        self._cache.keep_listing(_LIST, models, None)

    # -- what the user asks for

    def prepare(self, chat_id: str, wish: NewConversation, people: Sequence[Member], now: datetime) -> None:
        """Keep who is in a chat that is about to be asked for: the wish itself has only their ids."""
        self._cache.keep({f"conversations:{chat_id}": self._wish(chat_id, wish, people, now)})

    def wish(self, chat_id: str, wish: NewConversation, now: datetime) -> None:
        """Show a chat that the platform has not confirmed."""
        if chat_id in self._confirmed:
            return
        kept = self._cache.record(f"conversations:{chat_id}", Conversation)
        self._wished[chat_id] = kept or self._wish(chat_id, wish, self._people(wish.member_ids), now)

    def settle(self, chat_id: str, conversation: Conversation) -> None:
        """The platform has opened the chat, or found that there is one already."""
        self.withdraw(chat_id)
        if conversation.id != chat_id:
            self._became[chat_id] = conversation.id
            self._cache.keep_document(_became(chat_id), Became(id=conversation.id))
            self._cache.forget(f"conversations:{chat_id}")
        self.take(conversation)

    def refuse(self, chat_id: str, reason: str) -> None:
        """The platform will not; the chat stays until the user decides what becomes of what was written in it."""
        self._refused[chat_id] = reason

    def accept(self, chat_id: str) -> None:
        """It is asked for again."""
        self._refused.pop(chat_id, None)

    def withdraw(self, chat_id: str) -> None:
        """It is no longer asked for."""
        self._wished.pop(chat_id, None)
        self._refused.pop(chat_id, None)

    def trouble(self, chat_id: str) -> str | None:
        """Return why the platform does not open a chat that was asked for."""
        return self._refused.get(chat_id)

    def _wish(self, chat_id: str, wish: NewConversation, people: Sequence[Member], now: datetime) -> Conversation:
        mine = Member(user_id=self.me.id, username=self.me.username, full_name=self.me.full_name)
        members = [mine, *(member for member in people if member.user_id != self.me.id)]
        return Conversation(
            id=chat_id, type=ConversationType(wish.type), name=wish.name, members=members, created_at=now
        )

    def _people(self, user_ids: Sequence[str]) -> list[Member]:
        known = {m.user_id: m for chat in self._confirmed.values() for m in chat.members}
        return [known[user_id] for user_id in user_ids if user_id in known]


def _became(chat_id: str) -> str:
    return f"conversations:{chat_id}:became"


def _last_activity(conversation: Conversation) -> tuple[datetime, str]:
    last = conversation.last_message
    return (last.created_at if last else conversation.updated_at or conversation.created_at, conversation.id)
