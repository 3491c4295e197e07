"""The form for the rules of a smart playlist: their lines, what they say in a sentence, and what they choose now."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, get_args

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from api_client.calls import build
from api_client.errors import Invalid, PlatformError
from api_client.models.music import Playlist
from api_client.models.playlist_rules import (
    KINDS,
    OPERATORS,
    Kind,
    Rule,
    RuleGroup,
    Rules,
    SortName,
    TrackLimit,
    read_rules,
)
from tui.state import rule_tree
from tui.state.rule_tree import Path, RuleLine
from tui.state.rule_words import FIELD_WORDS, HINTS, SORT_WORDS, operator_words, sentence
from widgets.line_question import LineQuestion
from widgets.menu import Menu, Question
from widgets.textfmt import clock, plural

if TYPE_CHECKING:
    from tui.shell import Shell

PAUSE = 0.25
"""Seconds of rest after which the platform is asked what the rules choose."""
PREVIEWED = 5
"""Tracks that are named."""

START = Rules(where=RuleGroup(match="all", rules=[]), sort="newest", limit=TrackLimit(by="tracks", most=50))


class RulesForm(ModalScreen[str | None]):
    """Answers with the playlist's id once the rules are stored to be sent, None where nothing is to change."""

    DEFAULT_CSS = """
    RulesForm { align: center middle; }
    RulesForm > Vertical {
        width: 76; max-width: 98%; height: auto; max-height: 98%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
        border-title-color: $primary; border-title-style: bold;
    }
    RulesForm Input { height: 1; border: none; background: $panel; padding: 0 1; margin: 0 0 1 0; }
    RulesForm Input:focus { border: none; background: $highlight; }
    RulesForm OptionList { height: auto; max-height: 10; background: $surface; padding: 0; }
    RulesForm OptionList, RulesForm OptionList:focus { border: none; }
    RulesForm Static { height: auto; }
    RulesForm #sentence { margin: 1 0 0 0; text-style: bold; }
    RulesForm #preview { color: $muted; }
    RulesForm #trouble { color: $error; }
    RulesForm .hint { color: $muted; }
    """
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("ctrl+s", "save", "Save", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
        Binding("a", "add_rule", "Add a rule", show=False),
        Binding("g", "add_group", "Add a group", show=False),
        Binding("d,delete", "take_out", "Take out", show=False),
        Binding("space", "turn", "All or any", show=False),
        Binding("s", "sort", "Order", show=False),
        Binding("l", "limit", "Limit", show=False),
        Binding("o", "keep", "Make an ordinary playlist", show=False),
        Binding("j", "step(1)", "Down", show=False),
        Binding("k", "step(-1)", "Up", show=False),
    ]

    def __init__(self, shell: Shell, playlist: Playlist | None = None) -> None:
        """Change the rules of `playlist`, or make a smart playlist."""
        super().__init__()
        self._shell = shell
        self._playlist = playlist
        self._kinds = shell.session.music.playlists.kinds
        known = read_rules(playlist.rules) if playlist is not None else None
        self.rules = self._before = known or START
        self._lines: list[RuleLine] = []
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            title = "A smart playlist" if self._playlist is None else f"Rules of {self._playlist.name}"
            frame.border_title = Content(title)
            if self._playlist is None:
                yield Input(placeholder="its name", id="name", max_length=100, compact=True)
            yield OptionList(id="rules", markup=False)
            yield Static(id="sentence", markup=False)
            yield Static(id="preview", markup=False)
            yield Static(id="trouble", markup=False)
            keeps = " · o ordinary playlist" if self._playlist is not None else ""
            yield Static(
                Content(
                    "Enter changes · a rule · g group · d out · Space all/any\n"
                    f"s order · l limit{keeps} · Ctrl+S saves · Tab · Esc leaves"
                ),
                classes="hint",
            )

    def on_mount(self) -> None:
        self._show(())
        (self.query_one("#name") if self._playlist is None else self._list).focus()

    @property
    def _list(self) -> OptionList:
        return self.query_one("#rules", OptionList)

    @property
    def _path(self) -> Path:
        """Where the cursor stands; the outermost group where it stands nowhere."""
        here = self._list.highlighted
        return self._lines[here].path if here is not None and here < len(self._lines) else ()

    def _show(self, path: Path) -> None:
        """Draw the rules as they are, with the cursor at `path`, and ask what they choose."""
        self._lines = list(rule_tree.lines(self.rules.where))
        texts = [line.text for line in self._lines]
        if len(texts) == 1:
            texts.append("  + a adds the first rule; without any, everything is in it")
        found = self._list
        found.clear_options()
        found.add_options(Option(Content(text)) for text in texts)
        found.highlighted = next((place for place, line in enumerate(self._lines) if line.path == path), 0)
        self.query_one("#sentence", Static).update(Content(sentence(self.rules)))
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(PAUSE, self._ask_what_they_choose)

    def _ask_what_they_choose(self) -> None:
        self.run_worker(self._preview(), group="preview", exclusive=True)

    async def _preview(self) -> None:
        shown = self.query_one("#preview", Static)
        try:
            found = await self._kinds.preview(self.rules)
        except PlatformError as error:
            shown.update(Content(f"What they choose is not known: {error.sentence}"))
            return
        named = ", ".join(track.title for track in found.tracks[:PREVIEWED])
        more = " …" if found.count > PREVIEWED else ""
        what = f"{plural(found.count, 'track')}, {clock(found.duration_ms / 1000)}" if found.count else "No track yet"
        shown.update(Content(f"{what}{': ' if named else ''}{named}{more}"))

    def _take(self, where: RuleGroup, path: Path) -> None:
        """Let `where` be the rules, unless they are too many or too deep."""
        try:
            self.rules = build(Rules, where=where, sort=self.rules.sort, limit=self.rules.limit)
        except Invalid as error:
            self._trouble(error.sentence.partition("Value error, ")[2] or error.sentence)
            return
        self._trouble("")
        self._show(path)

    def _trouble(self, words: str) -> None:
        self.query_one("#trouble", Static).update(Content(words))

    def _work(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, group="change", exclusive=True)

    # -- the lines

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.action_change()

    def action_change(self) -> None:
        """Change the rule at the cursor; of a group, all and any."""
        path = self._path
        there = rule_tree.at(self.rules.where, path)
        if isinstance(there, RuleGroup):
            self.action_turn()
        else:
            self._work(self._change(path, there))

    async def _change(self, path: Path, before: Rule) -> None:
        if (rule := await self._ask_rule(before)) is not None:
            self._take(rule_tree.replaced(self.rules.where, path, rule), path)

    def action_add_rule(self) -> None:
        """Ask for a rule and put it behind the one at the cursor."""
        self._work(self._add(self._path))

    async def _add(self, path: Path) -> None:
        if (rule := await self._ask_rule(None)) is not None:
            self._take(*rule_tree.added(self.rules.where, path, rule))

    def action_add_group(self) -> None:
        """Put an empty group behind what is at the cursor."""
        self._take(*rule_tree.added(self.rules.where, self._path, RuleGroup(match="any", rules=[])))

    def action_take_out(self) -> None:
        """Take out the rule or group at the cursor; of the outermost, everything in it."""
        path = self._path
        self._take(rule_tree.replaced(self.rules.where, path, None), path)

    def action_turn(self) -> None:
        """Change all and any for each other."""
        path = self._path
        self._take(rule_tree.turned(self.rules.where, path), path)

    def action_step(self, by: int) -> None:
        """Go to the next or previous line."""
        if by > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    async def _ask_rule(self, before: Rule | None) -> Rule | None:
        """Ask for field, question and value, one after the other; None if that is left."""
        field = await self._menu("What about a track?", list(FIELD_WORDS.items()), before.field if before else "")
        if field is None:
            return None
        kind = KINDS[field]
        operators = OPERATORS[kind]
        options: list[tuple[str, str]] = [(name, operator_words(name)) for name in operators]
        known = before.op if before is not None and before.field == field else ""
        op = operators[0] if len(operators) == 1 else await self._menu(FIELD_WORDS[field], options, known)
        if op is None:
            return None
        if kind is Kind.FLAG:
            answer = await self._menu(FIELD_WORDS[field], [("yes", "Yes"), ("no", "No")], "")
            return None if answer is None else rule_tree.read_rule(field, op, answer)
        typed = rule_tree.typed_value(before) if before is not None and before.field == field else ""
        hint = "two numbers, such as 1990 1999" if op == "between" else HINTS[kind]
        return await self._ask_value(field, op, typed, hint)

    async def _ask_value(self, field: str, op: str, typed: str, hint: str) -> Rule | None:
        trouble = ""
        while True:
            title = f"{FIELD_WORDS[field]} {operator_words(op)}"
            answer = await self.app.push_screen_wait(LineQuestion(title, typed, hint, trouble))
            if answer is None:
                return None
            try:
                return rule_tree.read_rule(field, op, answer)
            except ValueError as error:
                typed, trouble = answer, str(error)

    async def _menu(self, title: str, options: list[tuple[str, str]], first: str) -> str | None:
        # What it was before stands at the top, so that Enter keeps it.
        options = sorted(options, key=lambda option: option[0] != first)
        return await self.app.push_screen_wait(Menu(title, options))

    # -- order and limit

    def action_sort(self) -> None:
        """Choose in which order the tracks stand."""
        self._work(self._sort())

    async def _sort(self) -> None:
        options: list[tuple[str, str]] = [(name, SORT_WORDS[name]) for name in get_args(SortName)]
        chosen = await self._menu("Order", options, self.rules.sort)
        if chosen is not None:
            self.rules = build(Rules, where=self.rules.where, sort=chosen, limit=self.rules.limit)
            self._show(self._path)

    def action_limit(self) -> None:
        """Choose how much of what fits is taken."""
        self._work(self._limit())

    async def _limit(self) -> None:
        by = await self._menu("Take", [("tracks", "so many tracks"), ("minutes", "so many minutes"), ("", "all")], "")
        limit = None
        if by:
            known = str(self.rules.limit.most) if self.rules.limit is not None else ""
            typed = await self.app.push_screen_wait(LineQuestion(f"How many {by}?", known, "1 to 10000"))
            if typed is None:
                return
            try:
                limit = build(TrackLimit, by=by, most=typed.strip())
            except Invalid:
                self._trouble(f"{typed} is not a number from 1 to 10000.")
                return
        if by is not None:
            self.rules = build(Rules, where=self.rules.where, sort=self.rules.sort, limit=limit)
            self._trouble("")
            self._show(self._path)

    # -- the end

    def action_leave(self) -> None:
        """Leave the rules as they were; asks first if they were changed."""
        self._work(self._leave())

    async def _leave(self) -> None:
        is_changed = self.rules != self._before
        if not is_changed or await self.app.push_screen_wait(Question("Leave without saving the rules?", "leave")):
            self.dismiss(None)

    def action_save(self) -> None:
        """Keep the rules; behind what was typed ahead."""
        (self.focused or self).call_later(lambda: self._work(self._save()))

    async def _save(self) -> None:
        playlists = self._shell.session.music.playlists
        try:
            if self._playlist is not None:
                if read_rules(self._playlist.rules) == self.rules:
                    self.dismiss(None)
                    return
                await self._kinds.set_rules(self._playlist, self.rules)
                self.dismiss(self._playlist.id)
                return
            name = self.query_one("#name", Input).value.strip()
            if not name:
                self._trouble("It needs a name.")
                self.query_one("#name").focus()
                return
            made = await playlists.create(name, rules=self.rules, is_public=False)
        except PlatformError as error:
            self._trouble(error.sentence)
            return
        self.dismiss(made.id)

    def action_keep(self) -> None:
        """Make an ordinary playlist of it, with what the rules choose now."""
        if self._playlist is not None:
            self._work(self._keep(self._playlist))

    async def _keep(self, playlist: Playlist) -> None:
        question = f"Keep what {playlist.name} holds now, as an ordinary playlist?"
        if not await self.app.push_screen_wait(Question(question, "keep it")):
            return
        try:
            await self._kinds.set_rules(playlist, None)
        except PlatformError as error:
            self._trouble(error.sentence)
        else:
            self.dismiss(playlist.id)
