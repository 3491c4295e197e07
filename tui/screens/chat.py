"""The chats: the list of them beside the one that is open, and what can be done in it."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on

from api_client.calls import build
from api_client.errors import PlatformError
from api_client.models.chat import Member, Message, MessageType, NewConversation
from api_client.models.posts import Media
from tui.actions import Action
from tui.places import AlbumPlace, DirectChatPlace, PostPlace, ProfilePlace
from tui.screens.chat_reading import ChatReading
from tui.screens.marking import all_of
from tui.state.message_entries import Delivery, Entry
from widgets.composer import Composer
from widgets.list_gaps import TOP
from widgets.list_messages import Chosen, GapReached, Highlighted, NewBelow, VisibleChanged
from widgets.message_item import ChatItem
from widgets.textfmt import plural

_OPENED = (MessageType.POST, MessageType.TRACK, MessageType.IMAGE)
"""The messages that lead somewhere."""


class ChatScreen(ChatReading):
    """On a narrow terminal the list gives way to the chat that is open, and comes back with h."""

    TITLES: ClassVar[dict[str, str]] = {
        "item.create": "new chat",
        "item.compose": "write",
        "item.reply": "write",
        "item.delete": "unsend",
        "list.open_item": "open",
        "list.next_block": "next day",
        "list.previous_block": "previous day",
        "list.parent": "this day",
    }

    # -- what the user does

    @on(Chosen, "#chats")
    def _chat_chosen(self, event: Chosen) -> None:
        self._open(event.item.id)

    @on(GapReached, "#messages")
    def _edge(self, event: GapReached) -> None:
        if self.chat_id is None:
            return
        if event.place == TOP:
            self.work_on(self._load_older(self.chat_id), "older")
        elif event.place in self._holes:
            self.work_on(self.fill(event.place), event.place)

    async def _load_older(self, chat_id: str) -> None:
        """Fetch what was said before, and say above it how that goes, where it takes a while."""
        if self.store.transcript(chat_id).complete:
            return
        self._messages.load_gap(TOP)
        try:
            await self.store.load_older(chat_id)
        except PlatformError as error:
            self._messages.fail_gap(TOP, f"{error.sentence} A click, or k, tries again.")
        else:
            self._messages.close_gap(TOP)

    @on(VisibleChanged, "#messages")
    def _seen(self, event: VisibleChanged) -> None:
        if event.keys:
            self.keep_position()

    @on(Highlighted, "#messages")
    def _message_highlighted(self) -> None:
        self.keep_position()

    @on(NewBelow, "#messages")
    def _new_below(self, event: NewBelow) -> None:
        self._below = event.count
        self._show_heading()
        if not event.count:
            self._mark_read()

    @on(Composer.Changed)
    def _typed(self, event: Composer.Changed) -> None:
        self.drafting.keep()
        if self.chat_id is not None and event.text and self.shell.config.chat.send_typing:
            self.store.say_typing(self.chat_id)

    @on(Composer.Submitted)
    def _written(self, event: Composer.Submitted) -> None:
        if self.chat_id is None:
            return
        chat_id, text = self.chat_id, event.text
        self._unread_from = None
        sending = self.drafting.send(lambda draft: self.store.send(chat_id, text, draft))
        self.work_on(sending, "send", exclusive=False)
        self._messages.action_cursor_bottom()

    @on(Chosen, "#messages")
    def _message_chosen(self, event: Chosen) -> None:
        entry = self._entry(event.item)
        if entry is None:
            return
        message = entry.message
        if message.type is MessageType.POST:
            self.shell.open_place(PostPlace(message.content))
        elif message.type is MessageType.TRACK:
            self.work_on(self._open_track(message.content), "track")
        elif message.type is MessageType.IMAGE:
            self.action_media()

    async def _open_track(self, track_id: str) -> None:
        track = await self.shell.session.client.music.track(track_id)
        if track.album is not None:
            self.shell.open_place(AlbumPlace(track.album.id))

    def _entry(self, item: ChatItem) -> Entry | None:
        """Return what an item stands for; None where messages are missing."""
        entries = self.store.transcript(self.chat_id or "").entries
        return next((entry for entry in entries if entry.key == item.key), None)

    @property
    def _selected(self) -> Entry | None:
        """The message that the verbs act on; none while the list of chats has the focus."""
        item = self._messages.highlighted
        return self._entry(item) if item is not None and self.focused is self._messages else None

    def action_next_block(self) -> None:
        """To the first message of the next day."""
        if self.focused is self._messages:
            self._messages.move_to_next_root()
        else:
            super().action_next_block()

    def action_previous_block(self) -> None:
        """To the first message of this day, and then of the one before."""
        if self.focused is self._messages:
            self._messages.move_to_previous_root()
        else:
            super().action_previous_block()

    def action_leave_item(self) -> None:
        """Back from the chat to the list of chats."""
        if self.has_class("-narrow"):
            self.remove_class("-open")
        # At once, and not by a message: the keys that follow quickly are meant for the list.
        self.set_focus(self._chats)

    def action_leave_text(self) -> None:
        self.set_focus(self._messages)

    def action_close(self) -> None:
        """Esc and q take the marks away and leave the open chat first."""
        if self.clear_marks():
            return
        if self.focused is not self._chats and self.chat_id is not None and not isinstance(self.place, DirectChatPlace):
            self.action_leave_item()
        else:
            self.shell.leave()

    def action_compose(self) -> None:
        if self.chat_id is not None:
            self.add_class("-open")
            self.query_one(Composer).focus()

    action_reply = action_compose

    async def action_mark_read(self) -> None:
        """Take the marked chats, or the highlighted one, as read without opening them."""
        if self.focused is not self._chats:
            return
        unread = [chat for key in self.chosen_keys if (chat := self.store.conversation(key)) and chat.unread_count]
        several = self.clear_marks()
        if several or not unread:
            self.shell.say(f"{plural(len(unread), 'chat')} marked as read." if unread else "Nothing here is unread.")
        await all_of(self.store.read_unopened(chat.id) for chat in unread)

    async def action_create(self) -> None:
        """Start a chat with one person, or with several for a group."""
        answer = await self.shell.ask("chat with (usernames, spaces between): ")
        names = [name.strip("@,") for name in (answer or "").split() if name.strip("@,")]
        if not names:
            return
        people = await asyncio.gather(*(self.shell.session.people.profile(name) for name in names))
        members = [Member(user_id=p.id, username=p.username, full_name=p.full_name) for p in people]
        if len(members) == 1:
            conversation = await self.store.open_direct(members[0].user_id, members[0])
        else:
            title = await self.shell.ask("name of the group: ")
            wish = build(NewConversation, type="group", member_ids=[p.id for p in people], name=title or None)
            conversation = await self.store.start(wish, f"start a group with {', '.join(names)}", members)
        self._open(conversation.id)

    async def action_delete(self) -> None:
        entry = self._selected
        if entry is None:
            return
        if entry.message.sender_id != self.store.me.id:
            self.shell.say("Only your own messages can be unsent.", "warning")
        elif entry.delivery is not Delivery.SENT:
            await self._discard(entry.message)
        else:
            await self.store.unsend(entry.message)

    async def _discard(self, message: Message) -> None:
        if not await self.store.withdraw(message):
            self.shell.say("It is on its way at this moment.", "warning")
            return
        composer = self.query_one(Composer)
        composer.text = f"{message.content}\n{composer.text}" if composer.text.strip() else message.content
        self.drafting.keep()
        self.shell.say("Taken back into the text field.")

    def fits(self, action: Action) -> bool:
        entry = self._selected
        match action.id:
            case "item.media":
                return entry is not None and bool(entry.message.media_url)
            case "list.open_item" if self.focused is self._messages:
                return entry is not None and entry.message.type in _OPENED
            case "item.mark_read":
                return self.focused is self._chats and self._chats.highlighted is not None
            case "item.reply" | "item.compose":
                return self.chat_id is not None
            case _:
                return super().fits(action)

    def action_media(self) -> None:
        entry = self._selected
        if entry is not None and entry.message.media_url:
            media = Media(id=entry.message.id, url=entry.message.media_url)
            self.shell.view_pictures([media], entry.message.content)

    def action_copy_text(self) -> None:
        if (entry := self._selected) is not None and entry.message.content:
            self.shell.copy(entry.message.content, "The message")

    def action_user(self) -> None:
        conversation = self.store.conversation(self.chat_id or (self._chats.highlighted_key or ""))
        if conversation is None:
            return
        entry = self._selected
        wanted = entry.message.sender_id if entry else next(iter(self.store.others(conversation)), None)
        for member in conversation.members:
            if member.user_id == wanted:
                self.shell.open_place(ProfilePlace(member.username))
