"""Joins a text field with the draft that is written in it: it is there again when the place is opened again.

How a screen uses it (a form with several fields keeps them itself, with `outbox.drafts.keep(key, fields)`):

    self.drafting = Drafting(self.shell, self.query_one(Composer))      # in `start`
    self.keep(self.drafting.keep)                                       # the screen goes: what was typed stays
    self.drafting.open(f"message:{chat_id}")                            # shows what was typed there, and when
    @on(Composer.Changed) ... self.drafting.keep()                      # every change
    self.drafting.close()                                               # leaves the place, keeping what was typed
    self.work_on(self.drafting.send(lambda key: store.send(chat, text, draft=key)), ...)   # on Composer.Submitted

The key that sends empties the field; the draft itself goes in the transaction that stores the write
(`Writes.do(draft=key)`), and where that fails the words are back in the field.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from api_client.sync.ports import Draft, StoreTrouble
from widgets.composer import Composer
from widgets.textfmt import ago

if TYPE_CHECKING:
    from tui.shell import Shell

T = TypeVar("T")

TEXT = "text"
"""The one field of a composer's draft."""


class Drafting:
    """One composer and the draft in it."""

    def __init__(self, shell: Shell, composer: Composer, now: Callable[[], float] = time.time) -> None:
        """`now` gives seconds since the epoch."""
        self._drafts = shell.session.outbox.drafts
        self._composer = composer
        self._now = now
        self.key: str | None = None
        """Whose draft is being written; None while nothing is."""
        self._sent = ""
        self._others: list[Draft] = []
        self._shown: Draft | None = None

    def open(self, key: str) -> None:
        """Show what was typed under `key` before; what was typed under another key is kept."""
        if key == self.key:
            return
        self.close()
        self.key = key
        self._composer.hands_over = True
        self._composer.text = self._drafts.text(key)
        self._show_mark(next((draft for draft in self._drafts.all() if draft.key == key), None))
        self._composer.run_worker(self._look_for_others(key), group="other drafts", exclusive=True)

    async def _look_for_others(self, key: str) -> None:
        """Offer what another window has typed under the same key."""
        try:
            others = await self._drafts.others(key)
        except StoreTrouble:
            # It is told by whoever writes; a version that cannot be read cannot be offered.
            return
        if key == self.key:
            self._others = [
                draft for draft in others if draft.fields.get(TEXT, self._composer.text) != self._composer.text
            ]
            if self._others:
                self._show_mark(self._shown)

    def keep(self) -> None:
        """Keep what is in the field now; an emptied field forgets the draft."""
        if self.key is None:
            return
        text = self._composer.text
        if text.strip():
            self._sent = ""
            if text != self._drafts.text(self.key):
                self._drafts.keep(self.key, {TEXT: text})
                self._show_mark(None)
        elif not self._sent and not self._composer.handed_over and self._drafts.text(self.key):
            # What was just sent goes with the write that takes it, and not before that is stored.
            self._drafts.drop(self.key)

    def close(self) -> None:
        """Leave the place; what was typed is there when it is opened again."""
        if self.key is not None:
            self.keep()
            self.key = None
            self._others = []
            self._composer.hands_over = False
            self._composer.clear()
            self._composer.mark = ""

    def swap(self) -> bool:
        """Show the version that another window wrote instead of this one; False if there is none."""
        if self.key is None or not self._others:
            return False
        mine, shown = self._composer.text, self._others.pop(0)
        if mine.strip():
            self._others.append(Draft(self.key, {TEXT: mine}, self._now(), shown.writer))
        self._composer.text = shown.fields[TEXT]
        self._drafts.keep(self.key, {TEXT: shown.fields[TEXT]})
        self._show_mark(shown)
        return True

    async def send(self, write: Callable[[str | None], Awaitable[T]]) -> T:
        """Carry out `write` for what was submitted; it gets the draft's key for the outbox.

        Raises what it raises; words that could not be stored are back in the field then.
        """
        key, text = self.key, self._composer.take()
        self._sent = text
        self._others = []
        self._composer.mark = ""
        try:
            sent = await write(key)
        except StoreTrouble:
            if key is not None and self.key == key:
                since = self._composer.text
                self._composer.text = f"{text}\n{since}" if since.strip() else text
            raise
        if key is not None and self.key == key:
            # What was typed since has lost its draft with what was sent.
            self.keep()
        return sent

    def _show_mark(self, shown: Draft | None) -> None:
        """Say from when the text is, and that there is another version."""
        self._shown = shown
        now = self._now()
        parts = [f"draft, {_ago(shown.updated_at, now)}"] if shown is not None else []
        if self._others:
            parts.append(f"Ctrl+T: another window's, {_ago(self._others[0].updated_at, now)}")
        self._composer.mark = " · ".join(parts)


def _ago(moment: float, now: float) -> str:
    return ago(datetime.fromtimestamp(moment, UTC), now)
