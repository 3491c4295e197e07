"""The chats as they are read: the list of them beside the one that is open, from where it was left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import AppFocus, Resize
from textual.widget import Widget
from textual.widgets import Static

from api_client.errors import PlatformError
from api_client.models.chat import MESSAGE_LIMIT
from api_client.sync.cache import Position
from tui.places import ConversationPlace, DirectChatPlace, Place
from tui.screens.chat_parts import MessageItems, conversation_rows, heading
from tui.screens.drafting import Drafting
from tui.screens.marking import Marking
from tui.state.chat_change import ChatChange, ChatPart
from widgets.composer import Composer
from widgets.conversation_row import ConversationRenderer, ConversationRow
from widgets.message_item import HOLE, ChatItem, MessageRenderer
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

WIDE = 96
"""Columns from which list and chat stand side by side."""
MOST_PAGES = 10
"""So many older pages are looked through for the place where a chat was left."""


class ChatReading(Marking):
    """On a narrow terminal the list gives way to the chat that is open, and comes back with h."""

    SECTION = "chat"
    ON_MARKED = ("mark_read",)
    DEFAULT_CSS = """
    ChatReading #chats { width: 34; height: 1fr; border-right: solid $panel; }
    ChatReading #talk { width: 1fr; height: 1fr; display: none; }
    ChatReading.-open #talk { display: block; }
    ChatReading.-narrow.-open #chats { display: none; }
    ChatReading.-narrow #chats { width: 1fr; border-right: none; }
    ChatReading #hint { width: 1fr; height: 1fr; content-align: center middle; color: $muted; }
    ChatReading.-open #hint, ChatReading.-narrow #hint { display: none; }
    ChatReading #heading { height: 1; background: $surface; color: $foreground; text-style: bold; padding: 0 1; }
    ChatReading #messages { padding: 0 1; }
    ChatReading #typing { height: 1; color: $secondary; padding: 0 1; text-style: italic; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = self.shell.session.chat
        self._items = MessageItems(self.store)
        self.chat_id: str | None = None
        self._unread_from: str | None = None
        self._joined: str | None = None
        self._holes: dict[str, str] = {}
        """The ids of messages before which others are missing, by the keys of the items that stand for those."""
        self._arrived_at: str | None = None
        """The chat whose newest messages were fetched, or could not be, since it was opened."""
        self._below = 0
        self._began = False
        """Whether it is said that nothing comes before the first message."""
        self._talk: VirtualList[ChatItem] | None = None
        """The messages; they are asked for their place also while the screen is being taken away."""

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal():
            yield VirtualList(ConversationRenderer(), empty="No chats yet. c starts one.", marks=True, id="chats")
            yield Static(Content("Enter opens a chat"), id="hint")
            with Vertical(id="talk"):
                yield Static(id="heading", markup=False)
                yield VirtualList(MessageRenderer(), follow=True, empty="Nobody has said anything yet.", id="messages")
                yield Static(id="typing", markup=False)
                yield Composer(
                    limit=MESSAGE_LIMIT,
                    placeholder="Write a message; Enter sends, Ctrl+J begins a new line",
                    submit_on_enter=True,
                )

    # -- life

    drafting: Drafting

    def start(self) -> None:
        self._talk = self._messages
        self.drafting = Drafting(self.shell, self.query_one(Composer))
        self.keep(self.drafting.keep)
        self.keep(self.store.subscribe(self._changed))
        if self.store.loaded:
            self._show_chats()
        else:
            self._chats.show_loading()
        self._chats.focus()
        self.work_on(self._load(), "chats")

    def refresh_content(self) -> None:
        self.work_on(self._load(), "chats")
        if self.chat_id is not None:
            self.work_on(self.store.load_messages(self.chat_id), "messages")

    async def _load(self) -> None:
        match self.place:
            case ConversationPlace(conversation_id=chat_id) if self.store.loaded and self.chat_id is None:
                self._open(chat_id)
            case DirectChatPlace(user_id=user_id) if self.store.loaded and self.chat_id is None:
                self._open((await self.store.open_direct(user_id)).id)
            case _:
                pass
        try:
            await self.store.load()
        except PlatformError as error:
            if not self.store.loaded:
                self.say_failed(self._chats, error)
            if not self.store.loaded or not error.worth_retrying:
                raise
            return
        if self.chat_id is not None:
            return
        match self.place:
            case ConversationPlace(conversation_id=chat_id):
                self._open(chat_id)
            case DirectChatPlace(user_id=user_id):
                self._open((await self.store.open_direct(user_id)).id)
            case _:
                pass

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    def on_unmount(self) -> None:
        super().on_unmount()
        self._leave()

    # -- what is shown

    @property
    def _chats(self) -> VirtualList[ConversationRow]:
        return self.query_one("#chats", VirtualList)

    @property
    def _messages(self) -> VirtualList[ChatItem]:
        return self.query_one("#messages", VirtualList)

    def _changed(self, change: ChatChange) -> None:
        if self.chat_id is not None and (actual := self.store.actual(self.chat_id)) != self.chat_id:
            # There was a chat already where one was asked for.
            self._open(actual)
        if change.part is not ChatPart.MESSAGES:
            self._show_chats()
            self._show_heading()
            self._join()
        elif change.chat_id == self.chat_id:
            self._show_messages()
            self._mark_read()
        self._show_stale()

    def _show_stale(self) -> None:
        """Say from when what is shown is."""
        self.say_stale((self.chat_id and self.store.stale(self.chat_id)) or self.store.stale_since)

    def _show_chats(self) -> None:
        self._chats.set_items(conversation_rows(self.store))

    def _show_heading(self) -> None:
        conversation = self.store.conversation(self.chat_id) if self.chat_id else None
        if conversation is None:
            return
        self.query_one("#heading", Static).update(Content(heading(self.store, conversation, time.time())))
        names = [self.store.name_of(conversation, user) for user in self.store.typists(conversation.id)]
        typing = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} typing…" if names else ""
        if self._below:
            typing = f"↓ {self._below} new below, G goes there   {typing}"
        self.query_one("#typing", Static).update(Content(typing))

    def _show_messages(self) -> None:
        if self.chat_id is None:
            return
        transcript = self.store.transcript(self.chat_id)
        conversation = self.store.conversation(self.chat_id)
        zone = datetime.now().astimezone().tzinfo
        entries, holes = transcript.entries, set(transcript.holes)
        self._holes = {HOLE + entry.key: entry.message.id for entry in entries if entry.message.id in holes}
        if zone is not None:
            items = self._items.made(conversation, entries, zone, unread_from=self._unread_from, holes=holes)
            self._messages.set_items(items)
        began = transcript.loaded and transcript.complete
        if began != self._began:
            self._began = began
            self._messages.set_header("this is where it began" if began else None)

    async def fill(self, place: str) -> None:
        """Fetch what is missing at a hole, as long as it is on the screen and something comes."""
        try:
            while self.chat_id is not None and place in self._holes and place in self._messages.visible_keys:
                work = self.store.fill(self.chat_id, self._holes[place])
                if work is None:
                    break
                self._messages.load_gap(place)
                await asyncio.shield(work)
        except PlatformError as error:
            self._messages.fail_gap(place, error.sentence)
        else:
            self._messages.close_gap(place)

    def _open(self, chat_id: str) -> None:
        composer = self.query_one(Composer)
        if self.chat_id == chat_id:
            self.add_class("-open")
            composer.focus()
            return
        self._leave()
        self.chat_id = chat_id
        self.store.watch(chat_id)
        self.drafting.open(f"message:{chat_id}")
        self._join()
        self.add_class("-open")
        self._chats.highlight(chat_id)
        conversation, transcript = self.store.conversation(chat_id), self.store.transcript(chat_id)
        unread = conversation.unread_count if conversation else 0
        first = transcript.first_unread(unread)
        self._unread_from = first.id if first is not None else None
        self._messages.set_header(None)
        self._began = False
        self._messages.set_items([], keep_anchor=False)
        if not transcript.loaded and self.store.book.may_exist(chat_id):
            self._messages.show_loading()
        else:
            self._show_messages()
        self._show_heading()
        composer.focus()
        self.work_on(self._load_messages(chat_id, unread), "messages")

    def _leave(self) -> None:
        """Close the chat that is open; its draft, and the place in it, are kept."""
        self.keep_position()
        if self.chat_id is not None:
            self.store.unwatch(self.chat_id)
        if self._joined is not None:
            self.shell.session.realtime.leave(self._joined)
        self._joined = self._arrived_at = None

    def keep_position(self) -> None:
        """Keep where the chat that is open is read."""
        found = self._talk
        if found is not None and self.chat_id is not None and self._arrived_at == self.chat_id:
            key, row = (None if found.at_bottom else found.position) or ("", 0)
            self.store.keep_position(self.chat_id, Position(key.removeprefix(HOLE), row))

    def _join(self) -> None:
        """Enter the room of the chat that is open, once the platform has one."""
        if self._joined is None and self.chat_id is not None and self.store.book.is_confirmed(self.chat_id):
            self._joined = self.chat_id
            self.shell.session.realtime.join(self.chat_id)

    async def _load_messages(self, chat_id: str, unread: int) -> None:
        kept = self.store.position(chat_id)
        transcript = self.store.transcript(chat_id)
        if transcript.loaded:
            await self._to_position(chat_id, kept)
        try:
            await self.store.load_messages(chat_id)
        except PlatformError as error:
            self._show_stale()
            if not transcript.loaded:
                self.say_failed(self._messages, error)
            if not transcript.loaded or not error.worth_retrying:
                raise
        else:
            if self._unread_from is None and (first := transcript.first_unread(unread)) is not None:
                self._unread_from = first.id
            self._show_messages()
            if kept is None or kept.item_key not in self._messages.keys:
                await self._to_position(chat_id, kept)
        self._arrived_at = chat_id
        self._mark_read()

    async def _to_position(self, chat_id: str, kept: Position | None) -> None:
        """Show the chat from where it was left: the same messages, or what is new, or the end."""
        key = kept.item_key if kept is not None else ""
        for _ in range(MOST_PAGES):
            if not key or key in self._messages.keys or self.store.transcript(chat_id).complete:
                break
            try:
                await self.store.load_older(chat_id)
            except PlatformError:
                # Without the platform it opens where it can.
                break
            self._show_messages()
        self._messages.action_cursor_bottom()
        if kept is not None and key and self._messages.show_position(key, kept.offset):
            return
        if self._unread_from is not None:
            keys = [
                entry.key for entry in self.store.transcript(chat_id).entries if entry.message.id == self._unread_from
            ]
            if keys and keys[0] not in self._messages.visible_keys:
                self._messages.highlight(keys[0])

    def _mark_read(self) -> None:
        """What stands at the end of an open chat, in front and in focus, has been read."""
        if (
            self.chat_id is not None
            and self._arrived_at == self.chat_id
            and self.is_current
            and self.app.app_focus
            and self._messages.at_bottom
            and self.shell.config.chat.send_receipts
        ):
            self.work_on(self.store.read(self.chat_id), "read", exclusive=False)

    def on_app_focus(self, _event: AppFocus) -> None:
        self._mark_read()
