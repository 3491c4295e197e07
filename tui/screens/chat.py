"""The chats: the list of them beside the one that is open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import AppFocus, Resize
from textual.widget import Widget
from textual.widgets import Static

from api_client.errors import PlatformError
from api_client.models.chat import MESSAGE_LIMIT, Message, MessageType, NewConversation
from api_client.models.posts import Media
from tui.actions import Action
from tui.places import AlbumPlace, ConversationPlace, DirectChatPlace, Place, PostPlace, ProfilePlace
from tui.screens.base import ParlourScreen
from tui.screens.chat_parts import conversation_rows, heading, message_items
from tui.state.chat import ChatChange, ChatPart
from tui.state.messages import Delivery, Entry
from widgets.composer import Composer
from widgets.conversation_row import ConversationRenderer, ConversationRow
from widgets.list_messages import Chosen, EdgeReached, NewBelow
from widgets.message_item import MessageItem, MessageRenderer
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

WIDE = 96
"""Columns from which list and chat stand side by side."""


_OPENED = (MessageType.POST, MessageType.TRACK, MessageType.IMAGE)
"""The messages that lead somewhere."""


class ChatScreen(ParlourScreen):
    """On a narrow terminal the list gives way to the chat that is open, and comes back with h."""

    SECTION = "chat"
    TITLES: ClassVar[dict[str, str]] = {
        "item.create": "new chat",
        "item.compose": "write",
        "item.reply": "write",
        "item.delete": "unsend",
        "list.open_item": "open",
    }
    DEFAULT_CSS = """
    ChatScreen #chats { width: 34; height: 1fr; border-right: solid $panel; }
    ChatScreen #talk { width: 1fr; height: 1fr; display: none; }
    ChatScreen.-open #talk { display: block; }
    ChatScreen.-narrow.-open #chats { display: none; }
    ChatScreen.-narrow #chats { width: 1fr; border-right: none; }
    ChatScreen #hint { width: 1fr; height: 1fr; content-align: center middle; color: $muted; }
    ChatScreen.-open #hint, ChatScreen.-narrow #hint { display: none; }
    ChatScreen #heading { height: 1; background: $surface; color: $foreground; text-style: bold; padding: 0 1; }
    ChatScreen #messages { padding: 0 1; }
    ChatScreen #typing { height: 1; color: $secondary; padding: 0 1; text-style: italic; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.store = self.shell.session.chat
        self.chat_id: str | None = None
        self._unread_from: str | None = None
        self._drafts: dict[str, str] = {}
        self._below = 0

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal():
            yield VirtualList(ConversationRenderer(), empty="No chats yet. c starts one.", id="chats")
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

    def start(self) -> None:
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
        try:
            await self.store.load()
        except PlatformError as error:
            if not self.store.loaded:
                self._chats.show_error(f"{error.sentence} Ctrl+R tries again.")
            raise
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
        if self.chat_id is not None:
            self.shell.session.realtime.leave(self.chat_id)

    # -- what is shown

    @property
    def _chats(self) -> VirtualList[ConversationRow]:
        return self.query_one("#chats", VirtualList)

    @property
    def _messages(self) -> VirtualList[MessageItem]:
        return self.query_one("#messages", VirtualList)

    def _changed(self, change: ChatChange) -> None:
        if change.part is not ChatPart.MESSAGES:
            self._show_chats()
            self._show_heading()
        elif change.chat_id == self.chat_id:
            self._show_messages()
            self._mark_read()

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
        if zone is not None:
            items = message_items(self.store, conversation, transcript.entries, self._unread_from, zone)
            self._messages.set_items(items)
        if transcript.loaded and transcript.next_cursor is None:
            self._messages.set_header("this is where it began")

    def _open(self, chat_id: str) -> None:
        if self.chat_id == chat_id:
            self.add_class("-open")
            self.query_one(Composer).focus()
            return
        composer = self.query_one(Composer)
        if self.chat_id is not None:
            self._drafts[self.chat_id] = composer.text
            self.shell.session.realtime.leave(self.chat_id)
        self.chat_id = chat_id
        composer.text = self._drafts.get(chat_id, "")
        self.shell.session.realtime.join(chat_id)
        self.add_class("-open")
        self._chats.highlight(chat_id)
        self._unread_from = None
        self._messages.set_header(None)
        self._messages.set_items([], keep_anchor=False)
        self._messages.show_loading()
        if self.store.transcript(chat_id).loaded:
            self._show_messages()
        self._show_heading()
        composer.focus()
        self.work_on(self._load_messages(chat_id), "messages")

    async def _load_messages(self, chat_id: str) -> None:
        conversation = self.store.conversation(chat_id)
        unread = conversation.unread_count if conversation else 0
        try:
            await self.store.load_messages(chat_id)
        except PlatformError as error:
            if not self.store.transcript(chat_id).loaded:
                self._messages.show_error(f"{error.sentence} Ctrl+R tries again.")
            raise
        theirs = [e for e in self.store.transcript(chat_id).entries if e.message.sender_id != self.store.me.id]
        if unread and theirs and self._unread_from is None:
            self._unread_from = theirs[max(len(theirs) - unread, 0)].message.id
        self._show_messages()
        self._messages.action_cursor_bottom()
        self._mark_read()

    def _mark_read(self) -> None:
        """What stands at the end of an open chat, in front and in focus, has been read."""
        if (
            self.chat_id is not None
            and self.is_current
            and self.app.app_focus
            and self._messages.at_bottom
            and self.shell.config.chat.send_receipts
        ):
            self.work_on(self.store.read(self.chat_id), "read", exclusive=False)

    def on_app_focus(self, _event: AppFocus) -> None:
        self._mark_read()

    # -- what the user does

    @on(Chosen, "#chats")
    def _chat_chosen(self, event: Chosen) -> None:
        self._open(event.item.id)

    @on(EdgeReached, "#messages")
    def _edge(self, event: EdgeReached) -> None:
        if event.edge == "top" and self.chat_id is not None:
            self.work_on(self.store.load_older(self.chat_id), "older")

    @on(NewBelow, "#messages")
    def _new_below(self, event: NewBelow) -> None:
        self._below = event.count
        self._show_heading()
        if not event.count:
            self._mark_read()

    @on(Composer.Changed)
    def _typed(self, event: Composer.Changed) -> None:
        if self.chat_id is not None and event.text and self.shell.config.chat.send_typing:
            self.store.say_typing(self.chat_id)

    @on(Composer.Submitted)
    def _written(self, event: Composer.Submitted) -> None:
        if self.chat_id is None:
            return
        event.composer.clear()
        self._unread_from = None
        self.work_on(self.store.send(self.chat_id, event.text), "send", exclusive=False)
        self._messages.action_cursor_bottom()

    @on(Chosen, "#messages")
    def _message_chosen(self, event: Chosen) -> None:
        message = self._entry(event.item).message
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

    def _entry(self, item: MessageItem) -> Entry:
        entries = self.store.transcript(self.chat_id or "").entries
        return next(entry for entry in entries if entry.key == item.key)

    @property
    def _selected(self) -> Entry | None:
        """The message that the verbs act on; none while the list of chats has the focus."""
        item = self._messages.highlighted
        return self._entry(item) if item is not None and self.focused is self._messages else None

    def action_leave_item(self) -> None:
        """Back from the chat to the list of chats."""
        if self.has_class("-narrow"):
            self.remove_class("-open")
        self._chats.focus()

    def action_leave_text(self) -> None:
        self._messages.focus()

    def action_close(self) -> None:
        """Esc and q leave the open chat first."""
        if self.focused is not self._chats and self.chat_id is not None and not isinstance(self.place, DirectChatPlace):
            self.action_leave_item()
        else:
            self.shell.leave()

    def action_compose(self) -> None:
        if self.chat_id is not None:
            self.add_class("-open")
            self.query_one(Composer).focus()

    action_reply = action_compose

    async def action_create(self) -> None:
        """Start a chat with one person, or with several for a group."""
        answer = await self.shell.ask("chat with (usernames, spaces between): ")
        names = [name.strip("@,") for name in (answer or "").split() if name.strip("@,")]
        if not names:
            return
        people = await asyncio.gather(*(self.shell.session.people.profile(name) for name in names))
        if len(people) == 1:
            conversation = await self.store.open_direct(people[0].id)
        else:
            title = await self.shell.ask("name of the group: ")
            wish = NewConversation(type="group", member_ids=[p.id for p in people], name=title or None)
            conversation = await self.store.start(wish, f"start a group with {', '.join(names)}")
        self._open(conversation.id)

    async def action_delete(self) -> None:
        entry = self._selected
        if entry is None:
            return
        if entry.message.sender_id != self.store.me.id:
            self.shell.say("Only your own messages can be unsent.", "warning")
        elif entry.delivery is Delivery.REFUSED:
            await self._discard(entry.message)
        elif await self.shell.confirm("Unsend this message? It goes for everybody.", "unsend"):
            await self.store.unsend(entry.message)

    async def _discard(self, message: Message) -> None:
        await self.shell.session.outbox.discard(message.client_id or "")
        self.store.transcript(message.chat_id).forget(message.client_id or "")
        self.query_one(Composer).text = message.content
        self._show_messages()
        self.shell.say("Taken back into the text field.")

    def fits(self, action: Action) -> bool:
        entry = self._selected
        match action.id:
            case "item.media":
                return entry is not None and bool(entry.message.media_url)
            case "list.open_item" if self.focused is self._messages:
                return entry is not None and entry.message.type in _OPENED
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
