"""The messages of one chat: one order, each message once, one's own words shown before they are confirmed."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from api_client.models.chat import Message
from tui.state.message_entries import Asked, Delivery, Entry, key_of
from tui.state.message_reports import newer, with_readers
from tui.state.spans import BEGINNING, Key, Spans


class Transcript:
    """All that is known of one chat's messages, oldest first.

    What the platform has confirmed stands in its order (time, then id); what is still on its way stands below, in the
    order it was written. One's own message is known by its `client_id` and by its id, whichever comes first: there is
    one entry. A message that is gone never comes back, however late an answer tells of it.

    A page is the truth for the stretch it covers, messages from the socket for the time it is connected. What lies
    between two stretches is a hole, which has to be filled.
    """

    def __init__(self, me: str, hidden: Container[str] = ()) -> None:
        """`me` is the id of the user: only the user's own `client_id`s count. The `hidden` ids are not shown."""
        self._me = me
        self._confirmed: dict[str, Message] = {}
        self._order: list[Key] = []
        self._mine: dict[str, str] = {}
        """Ids of the user's own messages by their client ids."""
        self._on_the_way: dict[str, Entry] = {}
        self._gone: set[str] = set()
        self._hidden = hidden
        self._arrived: dict[str, int] = {}
        self._reads: dict[str, Key] = {}
        """How far each person has read, as the socket told."""
        self._read_unseen: dict[str, set[str]] = {}
        """Who has read up to messages that are not known yet."""
        self._spans = Spans()
        self._moment = 0
        self._connection = 0
        self._live = False
        self._heard: Key | None = None
        """The newest message of which it is sure that none before it was missed."""
        self._entries: list[Entry] | None = None
        self._shown: dict[str, Entry] = {}
        """The entries of confirmed messages as they were shown last, by the ids of those."""
        self.loaded = False
        """Whether anything can be shown: from this machine or from the platform."""

    # -- what is shown

    @property
    def entries(self) -> list[Entry]:
        """Return everything, oldest first."""
        if self._entries is None:
            shown: dict[str, Entry] = {}
            for _, item_id in self._order:
                if item_id not in self._hidden:
                    # The same entry for the same message: whoever shows it sees at once that nothing has changed.
                    entry, message = self._shown.get(item_id), self._confirmed[item_id]
                    if entry is None or entry.message is not message:
                        entry = Entry(message, self.entry_key(message))
                    shown[item_id] = entry
            self._shown = shown
            self._entries = [*shown.values(), *self._on_the_way.values()]
        return self._entries

    def entry_key(self, message: Message) -> str:
        """Return the key under which `message` is shown."""
        return message.client_id if message.client_id and message.sender_id == self._me else message.id

    @property
    def newest(self) -> Message | None:
        """The newest confirmed message."""
        return next((self._confirmed[item_id] for _, item_id in reversed(self._order)), None)

    @property
    def oldest(self) -> Message | None:
        """The oldest confirmed message."""
        return self._confirmed[self._order[0][1]] if self._order else None

    @property
    def on_the_way(self) -> Sequence[Entry]:
        """The user's own messages that are not confirmed, in the order they were written."""
        return list(self._on_the_way.values())

    def get(self, message_id: str) -> Message | None:
        """Return a confirmed message."""
        return self._confirmed.get(message_id)

    @property
    def messages(self) -> list[Message]:
        """All confirmed messages, oldest first."""
        return [self._confirmed[item_id] for _, item_id in self._order]

    @property
    def complete(self) -> bool:
        """Whether the chat is known from its beginning to the oldest message that is shown."""
        return self._spans.joins(BEGINNING, self._order[0]) if self._order else self._spans.newest is not None

    @property
    def holes(self) -> list[str]:
        """The ids of the messages before which others are missing; the oldest one is not among them."""
        return [after[1] for before, after in pairwise(self._order) if not self._spans.joins(before, after)]

    def has_read(self, message: Message) -> bool:
        """Whether the user has read up to `message`."""
        known = self._confirmed.get(message.id, message)
        return key_of(message) <= self._reads.get(self._me, BEGINNING) or self._me in known.read_by

    def first_unread(self, count: int) -> Message | None:
        """Return the first message since the user last read or wrote here.

        Where neither is known, it is the first of the newest `count` ones.
        """
        unread: list[Message] = []
        for _, message_id in reversed(self._order):
            message = self._confirmed[message_id]
            if message.sender_id == self._me or self._me in message.read_by:
                return unread[-1] if unread else None
            unread.append(message)
        return unread[min(count, len(unread)) - 1] if count and unread else None

    def runs(self, messages: Sequence[Message]) -> list[list[str]]:
        """Return the ids of some of `messages`, oldest first, those without a hole between them in one list."""
        runs: list[list[str]] = []
        before: Key | None = None
        for key in map(key_of, messages):
            if before is None or not self._spans.joins(before, key):
                runs.append([])
            runs[-1].append(key[1])
            before = key
        return runs

    # -- what the platform says

    def asking(self) -> Asked:
        """Return what to give back with the answer to what is asked now."""
        return Asked(self._moment, self._connection)

    def take_newest(self, messages: Sequence[Message], more: bool, asked: Asked) -> None:
        """Take in the newest page; `more` says whether older messages exist."""
        self.loaded = True
        low, high = self._take_page(messages, more, asked, None)
        if asked.connection == self._connection:
            # What the socket has brought since it was connected follows the page without a hole.
            heard = [key for key in self._order if self._arrived.get(key[1], 0) < 0 and key > high]
            high = max([high, *heard])
            self._live, self._heard = True, max(high, self._heard or high)
            high = self._heard
        self._spans.cover(min(low, high), high)

    def take_after(self, edge: Key, messages: Sequence[Message], more: bool, asked: Asked) -> bool:
        """Take in the page that follows right after the message that stands at `edge`, oldest first.

        False, and nothing is taken in, if it is none: a platform that cannot be asked for such a page gives another.
        """
        keys = [key_of(message) for message in messages]
        if keys and (keys[0] <= edge or keys[0] > keys[-1]):
            return False
        high = keys[-1] if keys and more else None
        self._forget_unlisted({message.id for message in messages}, edge, high, asked)
        self._take(messages)
        self._spans.cover(edge, max([edge, *keys]))
        return True

    def take_before(self, edge: Key, messages: Sequence[Message], more: bool, asked: Asked) -> None:
        """Take in the page that ends right before the message that stands at `edge`."""
        low, _ = self._take_page(messages, more, asked, edge)
        self._spans.cover(min(low, edge), edge)

    def _take_page(self, messages: Sequence[Message], more: bool, asked: Asked, edge: Key | None) -> tuple[Key, Key]:
        keys = sorted(key_of(message) for message in messages)
        low = keys[0] if keys and more else BEGINNING
        high = edge or (keys[-1] if keys else BEGINNING)
        self._forget_unlisted({message.id for message in messages}, low, edge, asked)
        self._take(messages)
        return low, high

    def _forget_unlisted(self, listed: Container[str], low: Key, high: Key | None, asked: Asked) -> None:
        """Forget what is known between two keys and not `listed` on the page for there; None: up to the end."""
        following = bisect_left(self._order, high) if high is not None else len(self._order)
        for key in self._order[bisect_left(self._order, low) : following]:
            # It would be on the page if it were still there; unless it came after that was asked for. (Of the
            # messages of one instant the platform may know another order.)
            known = abs(self._arrived.get(key[1], 0)) <= asked.moment
            beyond = high is not None and key[0] >= high[0]
            if known and key[1] not in listed and low[0] < key[0] and not beyond:
                self.forget(key[1])

    def _take(self, messages: Iterable[Message]) -> None:
        self._moment += 1
        for message in messages:
            if message.id not in self._confirmed:
                self._arrived[message.id] = self._moment
            self._put(message)
        self.show_anew()

    def arrive(self, message: Message, *, heard: bool) -> None:
        """Take in one message; `heard` says whether the socket brought it, and not the answer to a write."""
        self.arrive_all([message], heard=heard)

    def arrive_all(self, messages: Iterable[Message], *, heard: bool) -> None:
        """Take in several, one after the other."""
        last: Key | None = None
        for message in messages:
            self._moment += 1
            if message.id not in self._arrived or heard:
                self._arrived[message.id] = -self._moment if heard else self._moment
            self._put(message)
            if message.id in self._confirmed:
                last = max(key_of(message), last or BEGINNING)
        newest = self._spans.newest
        if self._live and newest is not None and last is not None:
            if last > newest:
                self._spans.cover(newest, last)
            if heard:
                self._heard = max(last, self._heard or last)
        self.show_anew()

    def restore(self, messages: Iterable[Message], runs: Iterable[Sequence[str]], begins: bool) -> None:
        """Take in what was kept on this machine: `runs` are the ids without a hole between them, oldest first."""
        for message in messages:
            if message.id not in self._confirmed:
                self._put(message)
        for number, run in enumerate(runs):
            there = [item_id for item_id in run if item_id not in self._gone]
            keys = [key_of(self._confirmed[i]) if i in self._confirmed else None for i in there]
            for before, after in pairwise(keys):
                if before is not None and after is not None and before < after:
                    self._spans.cover(before, after)
            if begins and number == 0 and keys and keys[0] is not None:
                self._spans.cover(BEGINNING, keys[0])
        self.loaded = True
        self.show_anew()

    def on_gap(self) -> None:
        """The socket was away: what came since its last message may not be everything."""
        self._connection += 1
        self._live = False
        if self._heard is not None:
            self._spans.open(self._heard)
            self._heard = None
        self._arrived = {key: abs(moment) for key, moment in self._arrived.items()}
        self.show_anew()

    def _put(self, message: Message) -> None:
        if message.client_id is not None and message.sender_id == self._me:
            self._mine[message.client_id] = message.id
            self._on_the_way.pop(message.client_id, None)
        if message.is_deleted:
            self.forget(message.id)
        if message.id in self._gone:
            return
        known = self._confirmed.get(message.id)
        if known is None:
            insort(self._order, key_of(message))
        else:
            # Where it stands is settled by the first report.
            message = newer(known, message).changed(created_at=known.created_at)
        readers = [user for user, key in self._reads.items() if key_of(message) <= key]
        self._confirmed[message.id] = with_readers(message, readers)
        for user in self._read_unseen.pop(message.id, ()):
            self.read_up_to(message.id, user)

    def forget(self, message_id: str) -> None:
        """Take out a message for good: it was unsent, or its time was up."""
        self._gone.add(message_id)
        known = self._confirmed.pop(message_id, None)
        if known is not None:
            self._order.remove(key_of(known))
        self.show_anew()

    def read_up_to(self, message_id: str, user_id: str) -> None:
        """Mark everything up to `message_id` as read by `user_id`."""
        last = self._confirmed.get(message_id)
        if last is None:
            if message_id not in self._gone:
                self._read_unseen.setdefault(message_id, set()).add(user_id)
            return
        before, now = self._reads.get(user_id, BEGINNING), key_of(last)
        if before >= now:
            return
        self._reads[user_id] = now
        for key in self._order[bisect_left(self._order, before) : bisect_left(self._order, now) + 1]:
            self._confirmed[key[1]] = with_readers(self._confirmed[key[1]], [user_id])
        self.show_anew()

    # -- what the user wants

    def echo(self, message: Message) -> None:
        """Show one's own `message`, which has a `client_id`, before it is confirmed."""
        if message.client_id is None:
            raise ValueError("an echo needs a client id")
        known = self._on_the_way.get(message.client_id)
        if known is None and message.client_id not in self._mine:
            self._on_the_way[message.client_id] = Entry(message, message.client_id, Delivery.SENDING)
            self.show_anew()

    def mark(self, client_id: str, delivery: Delivery, reason: str | None = None) -> bool:
        """Say how far an echo has come; whether that is news."""
        entry = self._on_the_way.get(client_id)
        if entry is None or (entry.delivery, entry.reason) == (delivery, reason):
            return False
        self._on_the_way[client_id] = replace(entry, delivery=delivery, reason=reason)
        self.show_anew()
        return True

    def reword(self, client_id: str, text: str) -> None:
        """Show other words for an echo: it was edited before it went out."""
        if (entry := self._on_the_way.get(client_id)) is not None and entry.message.content != text:
            self._on_the_way[client_id] = replace(entry, message=entry.message.changed(content=text))
            self.show_anew()

    def withdraw(self, client_id: str) -> bool:
        """Take an echo away: it will not be sent; whether there was one."""
        found = self._on_the_way.pop(client_id, None)
        self.show_anew()
        return found is not None

    # -- room

    def __len__(self) -> int:
        return len(self._order)

    def place_of(self, entry_key: str) -> int | None:
        """Return how many messages stand before the one of an entry; None for what is not confirmed."""
        message = self._confirmed.get(self._mine.get(entry_key, entry_key))
        return None if message is None else bisect_left(self._order, key_of(message))

    def before(self, message_id: str) -> Message | None:
        """Return the message that is known to stand before one, whether or not others are missing in between."""
        message = self._confirmed.get(message_id)
        place = 0 if message is None else bisect_left(self._order, key_of(message))
        return self._confirmed[self._order[place - 1][1]] if place else None

    def thin_out(self, newest: int, keep: Callable[[Message], bool]) -> list[list[Message]]:
        """Let go of all but the `newest` messages and those to `keep`; holes stand where any were.

        Returns what was let go of, in stretches without a hole in them, each with the messages beside it that stay.
        """
        rest = self._order[: max(len(self._order) - newest, 0)]
        gone = {key for key in rest if not keep(self._confirmed[key[1]])}
        if not gone:
            return []
        stretches = self._stretches(gone)
        before, opened = BEGINNING, False
        for key in self._order:
            if key in gone:
                opened = True
                continue
            if opened:
                self._spans.open(before, key)
            before, opened = key, False
        for key in gone:
            message = self._confirmed.pop(key[1])
            self._mine.pop(message.client_id or "", None)
            self._arrived.pop(key[1], None)
        self._order = [key for key in self._order if key not in gone]
        self.show_anew()
        return stretches

    def _stretches(self, gone: Container[Key]) -> list[list[Message]]:
        stretches: list[list[Key]] = []
        run: list[Key] = []
        for key in self._order:
            joined = bool(run) and self._spans.joins(run[-1], key)
            if run and (not joined or run[-1] not in gone):
                stretches.append(run)
                run = run[-1:] if joined else []
            run.append(key)
        stretches.append(run)
        return [[self._confirmed[i] for _, i in run] for run in stretches if any(key in gone for key in run)]

    def show_anew(self) -> None:
        """Something is shown otherwise, such as what is hidden."""
        self._entries = None
