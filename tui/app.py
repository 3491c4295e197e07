"""The composition root: builds the session, shows places on screens, and ends cleanly. It is the screens' `Shell`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from api_client.errors import PlatformError, SignInRequired, TimedOut, Unreachable
from api_client.sync.receipts import NotSent
from api_client.text import clean_line
from themes.loader import DEFAULT_THEME, default_tokens, load_themes
from tui import crash, lightness
from tui.account_actions import WELCOME, AccountActions
from tui.backstage import Backstage
from tui.bar_actions import BarActions
from tui.chrome import Chrome
from tui.clipboard import fill_tmux_buffer
from tui.config import Config
from tui.desktop_actions import DesktopActions
from tui.device_actions import DeviceActions
from tui.driver import TerminalDriver
from tui.ending import QuickThreads, run_to_its_end, tell_lost, tell_recorded, tell_unsent
from tui.fault_actions import FaultActions
from tui.gate import Admission, Gate
from tui.launch import Launch
from tui.links import open_in_browser, real_host, refusal
from tui.navigation import screen_for
from tui.opening import Opening
from tui.outbox_actions import OutboxActions
from tui.place_actions import PlaceActions
from tui.places import Place, SectionPlace
from tui.player.stderr_guard import guard_stderr
from tui.program_actions import ProgramActions
from tui.screens.base import SECTIONS, ParlourScreen
from tui.shell import Severity
from tui.sound_actions import SoundActions
from tui.styles import SteadyStylesheet
from tui.terminal import abandon_lost_terminal
from tui.toasts import Toasts
from tui.transport_actions import TransportActions
from widgets import backstop
from widgets.prompt import Prompt
from widgets.section_tabs import SectionTabs
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from api_client.models.posts import Media
    from tui.palette import ActionProvider
    from tui.screens.pictures import PictureLoader
    from tui.screens.welcome import WelcomeScreen
    from tui.state.session import Session
    from tui.state.stations import Stations

SETTLED_AFTER = 1.0
"""Seconds after which the start is over, and garbage is collected as usual."""
SWITCH_AFTER = 0.001
"""Seconds after which a thread that computes gives way: a key passes through the loop several times, and would wait
for the one that writes the cache each time."""
CLOSE_WITHIN = 1.8
"""Seconds that socket, sound and outbox may take to close before the program leaves all the same."""


def _palette() -> type[ActionProvider]:
    from tui.palette import ActionProvider

    return ActionProvider


class ParlourApp(
    BarActions,
    DesktopActions,
    DeviceActions,
    FaultActions,
    SoundActions,
    TransportActions,
    OutboxActions,
    AccountActions,
    Opening,
    PlaceActions,
    ProgramActions,
):
    """The program."""

    CSS_PATH = "app.tcss"
    TITLE = "Parlour"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {_palette}
    BINDINGS: ClassVar[list[Any]] = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="quit")]

    def __init__(self, launch: Launch) -> None:
        super().__init__(launch.keymap.keymap)
        self.launch = launch
        self.gate = Gate(launch)
        self._backstage: Backstage | None = None
        self._toasts = Toasts(self._show_toast, self.clear_notifications)
        self.told_to_end = asyncio.Event()
        self._drawn = asyncio.Event()
        self._asked_to_sign_in = False
        self._told_in_turn = -1
        """The turn of the connection in which it was said that the platform cannot be reached."""
        self._draws_pictures = self.config.view.pictures.drawn_with(launch.terminal.colours)
        self._complaints = [*launch.complaints, *self._take_themes()]
        self.stylesheet = SteadyStylesheet(self.get_css_variables())

    def _take_themes(self) -> list[str]:
        """Make the themes known and choose one; return what was wrong, one sentence each."""
        loaded = load_themes(self.launch.paths.themes)
        for theme in loaded.themes.values():
            self.register_theme(theme)
        chosen = self.config.view.theme
        self.theme = chosen if chosen in loaded.themes else DEFAULT_THEME
        missing = [] if chosen in loaded.themes else [f"There is no theme called {chosen}; :theme lists them."]
        return [*loaded.complaints, *missing]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        # Styles are parsed before the first theme is in force, and speak of our own tokens.
        return dict(default_tokens())

    def get_driver_class(self) -> type[Driver]:
        chosen = super().get_driver_class()
        return TerminalDriver if chosen is LinuxDriver else chosen

    # -- the shell

    @property
    def config(self) -> Config:
        return self.launch.config

    @property
    def backstage(self) -> Backstage:
        """What runs behind the screens; only while somebody is signed in."""
        if self._backstage is None:
            raise RuntimeError("nobody is signed in")
        return self._backstage

    @property
    def session(self) -> Session:
        return self.backstage.session

    @property
    def stations(self) -> Stations:
        return self.backstage.stations

    @property
    def pictures(self) -> PictureLoader:
        return self.backstage.pictures

    @property
    def draws_pictures(self) -> bool:
        return self._draws_pictures

    def action_toggle_pictures(self) -> None:
        self._draws_pictures = not self._draws_pictures
        for found in self.screen.query(VirtualList):
            found.redraw()
        self.say("Pictures are drawn." if self._draws_pictures else "Pictures are named, not drawn.")

    @property
    def front(self) -> ParlourScreen | None:
        """The screen of ours that is in front, behind a dialog if there is one."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, ParlourScreen)), None)

    def open_place(self, place: Place) -> None:
        if isinstance(place, SectionPlace):
            if self.current_mode == place.section:
                while len(self.screen_stack) > 1:
                    self.pop_screen()
            else:
                self.switch_mode(place.section)
            return
        front = self.front
        if front is None or front.place != place:
            self.push_screen(screen_for(self, place))

    def dress(self, screen: ParlourScreen) -> None:
        if self._backstage is not None:
            self._backstage.chrome.dress(screen)

    def leave(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.run_worker(self._leave_program(), group="leave", exclusive=True)

    async def _leave_program(self) -> None:
        if await self.confirm("Leave Parlour?", "leave"):
            await self._quit()

    def report(self, error: PlatformError) -> None:
        if isinstance(error, SignInRequired):
            self._sign_in_again()
        elif not isinstance(error, NotSent) and not self._is_known(error):
            # What was taken back or discarded by the user needs no word.
            self.say(error.sentence, "error")

    def refuse(self, error: PlatformError) -> None:
        if isinstance(error, Unreachable) and self._backstage is not None and self._backstage.offline:
            self.say(f"This needs the platform, and {self._offline}", "warning")
        elif isinstance(error, Unreachable | TimedOut):
            self.say(error.sentence, "error")
        else:
            self.report(error)

    @property
    def _offline(self) -> str:
        return f"you work offline. {self.keymap.key_of('global.toggle_offline')} goes online again."

    def _is_known(self, error: PlatformError) -> bool:
        """Whether the badge says already why something was not fetched: that is told once for each time it happens."""
        if self._backstage is None or not isinstance(error, Unreachable | TimedOut):
            return False
        turn, self._told_in_turn = self._told_in_turn, self._backstage.chrome.turns
        return self._backstage.offline or turn == self._told_in_turn

    def action_refresh(self) -> None:
        if self._backstage is not None and self._backstage.offline:
            self.say(f"Nothing was fetched: {self._offline}")
            return
        self._told_in_turn = -1
        super().action_refresh()

    def say(self, sentence: str, severity: Severity = "information") -> None:
        self._toasts.say(clean_line(sentence), severity)

    def _show_toast(self, sentence: str, severity: str, seconds: float) -> None:
        self.notify(sentence, severity=severity, timeout=seconds, markup=False)  # type: ignore[arg-type]

    async def ask(self, question: str, initial: str = "") -> str | None:
        return await self.front.query_one(Prompt).ask(question, initial) if self.front else None

    async def confirm(self, question: str, yes: str) -> bool:
        from widgets.menu import Question

        answer = await self.push_screen_wait(Question(question, yes))
        return answer is True

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        from widgets.menu import Menu

        return await self.push_screen_wait(Menu(title, options))

    def view_pictures(self, media: Sequence[Media], caption: str, start: int = 0) -> None:
        if media:
            from tui.screens.viewer import ViewerScreen

            self.push_screen(ViewerScreen(self, media, caption, start))

    async def open_link(self, url: str) -> None:
        if (reason := refusal(url)) is not None:
            self.say(reason, "warning")
        elif await self.confirm(f"Open {real_host(url)} in the browser?\n{url}", "open") and not open_in_browser(url):
            self.copy(url, "There is no browser here; the link")

    def copy(self, text: str, what: str) -> None:
        self.copy_to_clipboard(text)
        # As tmux comes, it keeps the escape sequence to itself; its own buffer can always be pasted.
        tmux = fill_tmux_buffer(text)
        self.say(f"{what} is on the terminal's clipboard" + (" and in tmux's buffer." if tmux else "."))

    # -- getting in and out

    def on_mount(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._mind_the_end(self._driver)
        for complaint in self._complaints[:3]:
            self.say(complaint, "warning")
        # A mode of its own, because there is no way back to the toolkit's first one.
        self.add_mode(WELCOME, self._welcome)
        self.begin()

    def _welcome(self) -> WelcomeScreen:
        from tui.screens.welcome import WelcomeScreen

        # Who has signed out wants to be asked, also where another account was used before.
        return WelcomeScreen(self.gate, self._ask_who, self.admitted, reopens=self._backstage is None)

    async def _ask_who(self, register: bool) -> Admission | None:
        from tui.screens.signin import SignInForm, SignInScreen

        form = SignInForm.REGISTER if register else SignInForm.SIGN_IN
        return await self.push_screen_wait(SignInScreen(self.gate, form))

    async def admitted(self, admission: Admission) -> None:
        """Somebody is in: open what they have stored, build their session and open what they look at."""
        is_first = self._backstage is None
        chrome = Chrome(lambda: self.front, admission.me.username, self.title_writer(), self.keymap.key_of)
        backstage = self._backstage = await Backstage.prepared(self.launch, admission, chrome, self.report)
        backstage.tell = self.say
        self.record_from_the_start()
        for section in SECTIONS:
            self.add_mode(section.id, partial(screen_for, self, SectionPlace(section.id)))
        await (self.open_where_left(admission.account) if is_first else self.switch_mode("feed"))
        self.opened()
        await self.painted()
        self.say(f"Your sign-in is kept {admission.where}.")
        self._tell_of_storage(backstage)
        await backstage.open()
        await self.open_desktop(backstage)

    def _tell_of_storage(self, backstage: Backstage) -> None:
        if backstage.memory_only is not None:
            self.say(f"{backstage.memory_only} What is not sent is lost when you leave.", "error")
        for complaint in backstage.complaints[:2]:
            self.say(complaint, "warning")
        backstage.session.sections.subscribe(self._say_what_can_be_undone)

    def _sign_in_again(self) -> None:
        """Ask for the password over whatever is open; the place stays."""
        if self._asked_to_sign_in or self._backstage is None or self._leaving or self._signing_out:
            return
        from tui.screens.signin import SignInScreen

        self._asked_to_sign_in = True
        self.push_screen(SignInScreen.again(self.gate, self.backstage.admission), self._signed_in_again)

    def _signed_in_again(self, done: Admission | None) -> None:
        self._asked_to_sign_in = False
        if done is not None:
            self.session.outbox.resume()
            self.session.realtime.retry_now()
            self.action_refresh()

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        self._end_is_near(return_code)
        self.take_picture()
        super().exit(result, return_code, message)

    def restore_terminal(self) -> None:
        """Give the terminal back, where the toolkit has not come to do it."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.restore_at_once()

    async def leave_nothing(self) -> None:
        """Close what runs behind the screens; called once the screen is gone, and never takes long."""
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_WITHIN):
                    if self._backstage is not None:
                        self.unsent = self._backstage.session.sections.counts.open
                        await self._backstage.close()
                        await self.keep_picture()
                        self.lost = self._backstage.lost
        finally:
            await self.gate.close()

    def _fatal_error(self) -> None:
        # Textual would print the values of all variables, tokens among them.
        error = self._exception or sys.exc_info()[1]
        if error is not None:
            crash.record(error)
        self._end_is_near(crash.EXIT_FAILED)
        self._close_messages_no_wait()

    # -- what the frame says

    def on_section_tabs_opened(self, event: SectionTabs.Opened) -> None:
        self.open_place(SectionPlace(event.section))


def run(launch: Launch) -> int:
    """Run the program until the user leaves, and return its exit status."""
    crash.start_log(launch.paths.log_file)
    backstop.install()
    app = ParlourApp(launch)

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(QuickThreads())
        loop.call_later(SETTLED_AFTER, lightness.settle)
        loop.call_later(SETTLED_AFTER, app.collector.start)
        sys.setswitchinterval(SWITCH_AFTER)
        try:
            if not await run_to_its_end(app.run_async(mouse=launch.config.view.mouse), app.told_to_end):
                crash.log.error("The screens could not be taken apart.")
                app.restore_terminal()
        finally:
            app.collector.stop()
            await app.leave_nothing()

    with guard_stderr(launch.paths.log_file):
        asyncio.run(work())
        abandon_lost_terminal()
    if app.unsent and not app.unsent_is_lost:
        tell_unsent(app.unsent)
    if app.lost is not None:
        tell_lost(app.lost)
    tell_recorded(app.recorded)
    if app._exception is not None:
        crash.tell(launch.paths.log_file)
        return crash.EXIT_FAILED
    return app.return_code or 0
