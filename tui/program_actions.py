"""The actions of the program itself: help, palette, command line, themes, closing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.command import CommandPalette

from themes.loader import load_themes
from tui.actions import BY_COMMAND
from tui.key_routing import KeyRouting
from tui.places import Place, parse_address

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from tui.launch import Launch
    from tui.screens.pictures import PictureLoader
    from tui.shell import Severity
    from tui.state.session import Session


class ProgramActions(KeyRouting):
    """Each method is the handler of an action of `tui.actions`."""

    launch: Launch

    if TYPE_CHECKING:

        @property
        def session(self) -> Session: ...

        @property
        def pictures(self) -> PictureLoader: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        def open_place(self, place: Place) -> None: ...

        def leave(self) -> None: ...

        async def ask(self, question: str, initial: str = "") -> str | None: ...

        async def confirm(self, question: str, yes: str) -> bool: ...

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen([(action, title) for action, title, _ in self.offered()]))

    def action_palette(self) -> None:
        self.push_screen(CommandPalette(placeholder="An action, or an address such as r/NAME, u/NAME"))

    def action_editor(self) -> None:
        from textual.widgets import TextArea

        field = self.focused
        if isinstance(field, TextArea):
            self.run_worker(self._go_on_in_editor(field), group="editor", exclusive=True)
        else:
            self.say("The editor is for longer texts.")

    async def _go_on_in_editor(self, field: TextArea) -> None:
        from tui.editor import EditorTrouble, edit, editor_command

        try:
            command = editor_command()
            # Nothing may be drawn over the editor, although the socket and the outbox go on behind it.
            with self.batch_update(), self.suspend():
                came = await edit(field.text, self.launch.paths.state / "editor", command)
        except EditorTrouble as trouble:
            self.say(str(trouble), "warning")
        except SuspendNotSupported:
            self.say("This terminal cannot be given to an editor.", "warning")
        else:
            field.text = came.text
            field.move_cursor(field.document.end)
            if came.complaint:
                self.say(came.complaint, "warning")

    async def action_command_line(self) -> None:
        line = await self.ask(":")
        if not line or not line.strip():
            return
        name, _, argument = line.strip().partition(" ")
        action = BY_COMMAND.get(name)
        if action is not None:
            if argument and action.argument is None:
                self.say(f":{name} takes nothing after it.", "warning")
            elif not self.perform(action, argument.strip() or None):
                self.say(f":{name} does nothing on this screen.", "warning")
        elif (place := parse_address(line)) is not None:
            self.open_place(place)
        else:
            near = difflib.get_close_matches(name, BY_COMMAND, n=1)
            self.say(f"There is no command :{name}." + (f" Perhaps :{near[0]}?" if near else ""), "warning")

    def action_refresh(self) -> None:
        if self.front is not None:
            self.pictures.forget_failures()
            self.front.refresh_content()

    def action_redraw(self) -> None:
        self.refresh(layout=True)
        self.screen.refresh(layout=True)

    def action_close(self) -> None:
        self.leave()

    def action_retry_connection(self) -> None:
        self.session.realtime.retry_now()
        self.session.outbox.resume()
        self.say("Trying the connection again.")

    def action_next_theme(self, name: str = "") -> None:
        names = sorted(name for name in self.available_themes if name in load_themes(self.launch.paths.themes).themes)
        if name and name not in self.available_themes:
            self.say(f"There is no theme {name}. There are: {', '.join(names)}.", "warning")
            return
        here = names.index(self.theme) if self.theme in names else -1
        self.theme = name or names[(here + 1) % len(names)]
        self.say(f"Theme {self.theme}.")

    def action_toggle_light(self) -> None:
        view = self.config.view
        self.theme = view.theme if self.theme == view.light_theme else view.light_theme
