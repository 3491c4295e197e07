"""The actions on what was done: taking back, doing again, and working without the platform."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from api_client import endpoints
from api_client.realtime import Phase
from api_client.sync.ports import StepState
from tui.download_actions import DownloadActions
from tui.state.outbox_sections import Moved, Section

if TYPE_CHECKING:
    from tui.backstage import Backstage
    from tui.shell import Severity

_QUIET = frozenset({endpoints.SEND_MESSAGE.name})
"""What can be taken back without a word about it each time: a conversation would drown in them."""


class OutboxActions(DownloadActions):
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def backstage(self) -> Backstage: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

    async def action_undo(self) -> None:
        if await self.undo_taking_off():
            return
        label = await self.backstage.session.outbox.undo()
        key = self.keymap.key_of("global.redo")
        self.say(f"Taken back: {label}. {key} does it again." if label else "There is nothing to take back.")

    async def action_redo(self) -> None:
        label = await self.backstage.session.outbox.redo()
        self.say(f"Done again: {label}." if label else "Nothing was taken back.")

    async def action_toggle_offline(self) -> None:
        backstage = self.backstage
        if backstage.offline:
            backstage.go_online()
            self.say("Online again.")
        else:
            await backstage.go_offline()
            key = self.keymap.key_of("global.toggle_offline")
            self.say(f"You work offline. What you do is sent later; {key} goes online again.")

    def _say_what_can_be_undone(self, moved: Moved) -> None:
        """Say so of what was just done, where the time in which it can be taken back is short."""
        intent = moved.receipt.intent
        if moved.before is None and moved.after is not None:
            # Something else was done since downloads were taken off: U means that now.
            self.backstage.session.downloads.can_undo = False
        key_of = self.keymap.key_of
        if moved.after is Section.ATTENTION and moved.receipt.conflict is not None:
            key = key_of("global.go_outbox")
            self.say(f"Somebody else has changed the same: {intent.label}. {key} compares.", "warning")
            return
        if moved.before is not None or moved.after is None or intent.endpoint.name in _QUIET:
            return
        step = self.backstage.session.outbox.history.of(intent.idempotency_key)
        # What is held can be taken back until it goes out, what was sent for as long as its step says.
        until = intent.not_before if moved.after is Section.HELD else step.until if step is not None else None
        if step is not None and until is not None and step.state is StepState.DONE:
            seconds, key = max(1, round(until - time.time())), key_of("global.undo")
            if intent.endpoint.method == "DELETE":
                self.say(f"Deleted. {key} takes it back ({seconds} s).")
            elif moved.after is Section.HELD:
                self.say(f"It goes out in {seconds} s; {key} takes it back.")
            elif self._is_reachable:
                self.say(f"Sent. {key} takes it back ({seconds} s).")
            else:
                self.say(f"Kept: it goes out when the platform is back. {key} takes it back.")

    @property
    def _is_reachable(self) -> bool:
        """Whether what is done now goes out now, as far as that can be known."""
        session = self.backstage.session
        online = session.realtime.state.phase is Phase.ONLINE
        return online and session.outbox.held_up is None and not session.outbox.away
