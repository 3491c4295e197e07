"""Leaving: the account, with what it has not sent yet, and the program."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import App
from textual.worker import get_current_worker

from api_client.realtime import Phase
from tui.ending import Watchdog
from tui.keychain import SecretsUnavailable
from tui.screens.base import SECTIONS
from tui.terminal import unread_keys
from widgets.textfmt import plural

if TYPE_CHECKING:
    from types import FrameType

    from tui.backstage import Backstage
    from tui.driver import TerminalDriver
    from tui.gate import Gate
    from tui.shell import Severity

WELCOME = "welcome"
"""The mode in which nobody is in."""

DRAIN_WITHIN = 1.5
"""Seconds that leaving waits for changes that are on their way."""
TAKEN_WITHIN = 0.3
"""Seconds at most that a signal waits for keys which were typed before it."""
TURN = 0.01
QUIET_TURNS = 5
"""Turns of so many seconds without a key after which there are none: they come from a thread of the toolkit."""


class AccountActions(App[int]):
    """Mixed into the program; the actions that sign out and quit."""

    gate: Gate
    _backstage: Backstage | None
    _asked_to_sign_in: bool
    _leaving = False
    _signing_out = False
    _asking_to_leave = False
    _ending: asyncio.Task[None] | None = None
    _watchdog: Watchdog | None = None
    told_to_end: asyncio.Event
    """Set once the program is to end, for whatever reason."""
    unsent = 0
    """How many changes were not confirmed when the program was left."""
    unsent_is_lost = False
    """Whether they were in memory alone."""
    lost: str | None = None
    """Why what was being typed could not be stored at the end; a sentence."""

    if TYPE_CHECKING:

        @property
        def backstage(self) -> Backstage: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        async def confirm(self, question: str, yes: str) -> bool: ...

        async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None: ...

    # -- the account

    async def action_sign_out(self) -> None:
        if self._signing_out:
            return
        self._signing_out = True
        try:
            await self._sign_out()
        finally:
            self._signing_out = False

    async def _sign_out(self) -> None:
        from tui.screens.welcome import WelcomeScreen

        backstage = self.backstage
        discards = await self._asked_to_sign_out(backstage)
        if discards is None:
            return
        # The socket would renew the tokens that are being taken away.
        await backstage.session.realtime.stop()
        if discards:
            await _discard_everything(backstage)
        try:
            await self.gate.forget(backstage.admission)
        except (SecretsUnavailable, OSError) as error:
            self.say(f"The sign-in could not be forgotten everywhere: {error}", "error")
        await self.switch_mode(WELCOME)
        for section in SECTIONS:
            await self.remove_mode(section.id)
        self._asked_to_sign_in = False
        self._end_work_of_the_account()
        self._backstage = None
        await backstage.close()
        await self.gate.clear_cache(backstage.admission.account)
        if isinstance(self.screen, WelcomeScreen):
            self.screen.start_over()

    async def _asked_to_sign_out(self, backstage: Backstage) -> bool | None:
        """Return whether what is unsent is to be discarded; None if the user stays."""
        session = backstage.session
        question = f"Sign out of {session.me.username} on this machine?"
        if tracks := session.downloads.totals().tracks:
            question += f"\n{plural(tracks, 'downloaded track')} will be deleted."
        unsent = [
            plural(number, noun)
            for number, noun in ((session.sections.counts.open, "change"), (len(session.outbox.drafts.all()), "draft"))
            if number
        ]
        if not unsent:
            return False if await self.confirm(question, "sign out") else None
        words = f"{question}\n{' and '.join(unsent)} not sent yet."
        them, go = ("it", "it goes") if unsent in (["1 change"], ["1 draft"]) else ("them", "they go")
        keep = ("keep", f"keep {them}: {go} on when {session.me.username} signs in again")
        options = [("discard", f"discard {them} for good"), ("stay", "stay signed in")]
        chosen = await self.choose(words, options if backstage.memory_only else [keep, *options])
        return None if chosen in (None, "stay") else chosen == "discard"

    def _end_work_of_the_account(self) -> None:
        """Cancel what was begun for whoever was in; it would look for a session that is gone."""
        signing_out = get_current_worker()
        for worker in list(self.workers):
            if worker is not signing_out and worker.group != "leave":
                worker.cancel()

    # -- the program

    def _mind_the_end(self, driver: TerminalDriver) -> None:
        """From now on a signal ends the program as leaving does, and what hangs cannot keep it."""
        loop = asyncio.get_running_loop()
        watchdog = self._watchdog = Watchdog(loop, driver.restore_at_once)

        def ends(number: int, _: FrameType | None) -> None:
            # The loop's own way would wait for the loop, and it may be the loop that hangs.
            watchdog.alarm(128 + number)
            driver.stop_reading_if_lost()
            loop.call_soon_threadsafe(self._end_by_signal, number)

        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, ends)

    def _end_is_near(self, status: int) -> None:
        self.told_to_end.set()
        if self._watchdog is not None:
            self._watchdog.alarm(status)

    def _end_by_signal(self, number: int) -> None:
        if not self._leaving:
            self._leaving = True
            self._ending = asyncio.create_task(self._end_once_taken(128 + number), name="end by signal")

    async def _end_once_taken(self, status: int) -> None:
        """End when what was typed before the signal has come to where it is kept, the last key with it."""
        clock = asyncio.get_running_loop().time
        until, quiet = clock() + TAKEN_WITHIN, 0
        while quiet < QUIET_TURNS and clock() < until:
            await asyncio.sleep(TURN)
            there = self.focused.ancestors_with_self if self.focused is not None else [self.screen, self]
            quiet = 0 if unread_keys() or any(each.message_queue_size for each in there) else quiet + 1
        self.exit(return_code=status)

    async def action_quit(self) -> None:
        # Keys of dialogs come here without a worker, and only a worker can wait for an answer.
        if not self._leaving and not self._asking_to_leave:
            self.run_worker(self._quit(), group="leave", exclusive=False)

    async def action_quit_writing(self) -> None:
        await self.action_quit()

    async def _quit(self) -> None:
        self._asking_to_leave = True
        try:
            await self._quit_now()
        finally:
            self._asking_to_leave = False

    async def _quit_now(self) -> None:
        """Leave; what is unsent is stored and goes out the next time, so that nothing has to be asked."""
        backstage = self._backstage
        if backstage is not None:
            await self._last_changes_sent(backstage)
            open_ones = backstage.session.sections.counts.open
            if backstage.memory_only and open_ones:
                self.unsent_is_lost = True
                question = f"{plural(open_ones, 'change')} not yet sent would be lost. Leave all the same?"
                if not await self.confirm(question, "leave"):
                    return
        self._leaving = True
        self.exit(0)

    async def _last_changes_sent(self, backstage: Backstage) -> None:
        """Give what is on its way a moment to arrive; without a connection there is nothing to wait for."""
        session = backstage.session
        if session.sections.counts.moving and session.realtime.state.phase is Phase.ONLINE:
            self.say("Sending what is left.")
            await session.outbox.drained(DRAIN_WITHIN)


async def _discard_everything(backstage: Backstage) -> None:
    outbox = backstage.session.outbox
    for receipt in outbox.open:
        await outbox.discard(receipt.id)
    for draft in outbox.drafts.all():
        outbox.drafts.drop(draft.key)
