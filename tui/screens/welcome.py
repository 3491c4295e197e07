"""The first screen: opens the account used last, or asks how to get in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Center, Middle, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Static

from api_client.errors import PlatformError, SignInRequired
from api_client.text import clean_line
from tui.embedded import EmbeddedFailed

if TYPE_CHECKING:
    from tui.gate import Admission, Gate

LOGO = r"""
 ___           _
| _ \__ _ _ _| |___ _  _ _ _
|  _/ _` | '_| / _ \ || | '_|
|_| \__,_|_| |_\___/\_,_|_|
"""


class WelcomeScreen(Screen[None]):
    """Sign in, register, or try the demo; skipped where nothing needs to be asked."""

    DEFAULT_CSS = """
    WelcomeScreen { background: $background; color: $foreground; }
    WelcomeScreen #card { width: 52; max-width: 100%; height: auto; }
    WelcomeScreen .logo { color: $primary; width: auto; height: 5; }
    WelcomeScreen .line { height: auto; width: 100%; color: $muted; margin: 0 0 1 0; }
    WelcomeScreen #progress { color: $accent; height: auto; width: 100%; display: none; }
    WelcomeScreen #trouble { color: $error; height: auto; width: 100%; display: none; margin: 0 0 1 0; }
    WelcomeScreen.-busy #choices { display: none; }
    WelcomeScreen.-busy #progress { display: block; }
    WelcomeScreen.-trouble #trouble { display: block; }
    WelcomeScreen #choices { height: auto; width: 100%; }
    WelcomeScreen Button { width: 100%; height: 3; margin: 0; }
    """
    BINDINGS = [
        Binding("s,1", "choose('sign-in')", "Sign in", show=False),
        Binding("r,2", "choose('register')", "Register", show=False),
        Binding("d,3", "choose('demo')", "Demo", show=False),
        Binding("j,down", "app.focus_next", "Next", show=False),
        Binding("k,up", "app.focus_previous", "Previous", show=False),
        Binding("q", "app.quit", "Quit", show=False),
    ]

    def __init__(
        self,
        gate: Gate,
        ask: Callable[[bool], Awaitable[Admission | None]],
        admitted: Callable[[Admission], Awaitable[None]],
        *,
        reopens: bool = True,
    ) -> None:
        """`ask` shows the form, for a new account if true; `admitted` takes over once somebody is in.

        With `reopens` the account used last is opened, if there is one, before anything is asked.
        """
        super().__init__()
        self._reopens = reopens
        self._gate = gate
        self._ask = ask
        self._admitted = admitted

    def compose(self) -> ComposeResult:
        with Middle(), Center(), Vertical(id="card"):
            yield Static(Content(LOGO.strip("\n")), classes="logo")
            yield Static(Content("Feed, threads, chat and music in one terminal."), classes="line")
            yield Static(id="trouble", markup=False)
            yield Static(id="progress", markup=False)
            with Vertical(id="choices"):
                yield Button("s  Sign in", id="sign-in", variant="primary")
                yield Button("r  Register", id="register")
                yield Button("d  Try the demo, no account needed", id="demo")
                yield Static(Content("q leaves"), classes="line")

    def on_mount(self) -> None:
        if not self._reopens:
            self.start_over()
        elif self._gate.launch.demo:
            self._work(self._demo())
        else:
            self._work(self._reopen())

    def start_over(self) -> None:
        """Ask again, after somebody has signed out."""
        self.remove_class("-busy", "-trouble")
        self.query_one("#sign-in").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.action_choose(event.button.id or "")

    def action_choose(self, choice: str) -> None:
        """Begin one of the three ways in."""
        if self.has_class("-busy"):
            return
        self._work(self._demo() if choice == "demo" else self._form(choice == "register"))

    async def _form(self, register: bool) -> None:
        admission = await self._ask(register)
        if admission is not None:
            await self._admitted(admission)
        else:
            self.start_over()

    def _work(self, work: Awaitable[None]) -> None:
        self.run_worker(self._busy(work), group="welcome", exclusive=True)

    async def _busy(self, work: Awaitable[None]) -> None:
        self.remove_class("-trouble")
        self.add_class("-busy")
        try:
            await work
        except (PlatformError, EmbeddedFailed) as error:
            self._trouble(str(error))

    def _trouble(self, sentence: str) -> None:
        self.remove_class("-busy")
        self.add_class("-trouble")
        self.query_one("#trouble", Static).update(Content(sentence))
        self.query_one("#sign-in").focus()

    def _progress(self, line: str) -> None:
        self.query_one("#progress", Static).update(Content(f"◌ {clean_line(line)}"))

    async def _demo(self) -> None:
        self._progress("Starting a platform with demo data")
        await self._admitted(await self._gate.enter_demo(self._progress))

    async def _reopen(self) -> None:
        self._progress("Opening your account")
        try:
            admission = await self._gate.reopen()
        except SignInRequired:
            if self._gate.launch.token:
                raise
            self._trouble("Your sign-in has expired. Please sign in again.")
            return
        if admission is not None:
            await self._admitted(admission)
            return
        self.remove_class("-busy")
        self.query_one("#sign-in").focus()
