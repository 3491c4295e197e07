"""What one change in the outbox is, in full, and the field in which its words are edited."""

from __future__ import annotations

import time
from datetime import datetime
from enum import Enum

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from api_client.calls import build
from api_client.sync.receipts import Receipt, Status
from api_client.text import clean, clean_line
from tui.screens.base import ParlourScreen
from tui.screens.outbox_parts import WORDS, reason_of, state_of, word_field, words_of
from widgets.composer import Composer, post_keys

_FRAME = """
    {name} {{ align: center middle; }}
    {name} > Vertical {{
        width: 84; max-width: 96%; height: auto; max-height: 90%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
    }}
    {name} .title {{ color: $primary; text-style: bold; height: auto; }}
    {name} .hint {{ color: $muted; height: auto; }}
"""


class Verb(Enum):
    """What is to be done with a change."""

    RESEND = "resend"
    EDIT = "edit"
    DISCARD = "discard"
    COPY = "copy"


class OutboxDetails(ModalScreen[Verb | None]):
    """Answers what the user wants to do with it; one that met another change is decided elsewhere."""

    DEFAULT_CSS = (
        _FRAME.format(name="OutboxDetails")
        + """
    OutboxDetails VerticalScroll { height: auto; max-height: 60vh; }
    OutboxDetails VerticalScroll Static { height: auto; }
    OutboxDetails .trouble { color: $error; margin: 1 0 0 0; }
    OutboxDetails .words { background: $panel; padding: 0 1; margin: 1 0 0 0; }
    OutboxDetails .facts { color: $muted; }
    """
    )
    BINDINGS = [
        Binding("escape,q", "leave", "Leave", show=False),
        Binding("p", "choose('resend')", "Send now", show=False),
        Binding("E,e", "choose('edit')", "Edit", show=False),
        Binding("d,delete", "choose('discard')", "Discard", show=False),
        Binding("y", "choose('copy')", "Copy", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, receipt: Receipt) -> None:
        super().__init__()
        self._receipt = receipt
        words = word_field(receipt) is not None
        self._offered = {
            Verb.RESEND: receipt.status in (Status.ATTENTION, Status.WAITING),
            Verb.EDIT: words and receipt.status is not Status.SENDING,
            Verb.DISCARD: receipt.status is not Status.SENDING,
            Verb.COPY: words,
        }

    def compose(self) -> ComposeResult:
        receipt = self._receipt
        begun = datetime.fromtimestamp(receipt.intent.created_at).astimezone()
        facts = [
            state_of(receipt, time.time()),
            f"begun {begun:%Y-%m-%d %H:%M:%S}",
            f"{receipt.intent.endpoint.method} {receipt.intent.endpoint.path}, key {receipt.id}",
        ]
        with Vertical():
            yield Static(Content(clean_line(receipt.intent.label)), classes="title")
            with VerticalScroll(can_focus=False):
                yield Static(Content("\n".join(facts)), classes="facts")
                if reason := reason_of(receipt):
                    yield Static(Content(clean(reason)), classes="trouble")
                if words := words_of(receipt):
                    yield Static(Content(clean(words)), classes="words")
            yield Static(Content(self._hint()), classes="hint")

    def _hint(self) -> str:
        names = {
            Verb.RESEND: "p sends now",
            Verb.EDIT: "E edits",
            Verb.DISCARD: "d discards",
            Verb.COPY: "y copies",
        }
        return " · ".join([*(names[verb] for verb, offered in self._offered.items() if offered), "Esc leaves"])

    def action_choose(self, verb: str) -> None:
        """Answer, if that can be done with it."""
        if self._offered[Verb(verb)]:
            self.dismiss(Verb(verb))

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class EditWords(ModalScreen[str | None]):
    """Answers the changed words; None if they are to stay as they are."""

    DEFAULT_CSS = (
        _FRAME.format(name="EditWords")
        + """
    EditWords Composer { background: $panel; }
    EditWords Composer > ComposerArea { background: $panel; max-height: 14; }
    EditWords Composer > .composer--note { background: $panel; }
    """
    )

    def __init__(self, title: str, text: str, limit: int, hint: str = "Ctrl+S puts it in place") -> None:
        """`limit` is in UTF-16 units."""
        super().__init__()
        self._title = title
        self._text = text
        self._limit = limit
        self._hint = hint

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(clean_line(self._title)), classes="title")
            yield Composer(self._text, limit=self._limit, keys=post_keys())
            yield Static(Content(f"{self._hint} · Esc leaves it as it was"), classes="hint")

    def on_mount(self) -> None:
        self.query_one(Composer).focus()

    @on(Composer.Submitted)
    def _done(self, event: Composer.Submitted) -> None:
        self.dismiss(event.text)

    @on(Composer.Cancelled)
    def _cancelled(self) -> None:
        self.dismiss(None)


async def edit_words(screen: ParlourScreen, receipt: Receipt) -> None:
    """Let the user change the words of what was not sent; it then goes out with them. Raises StoreTrouble."""
    field = word_field(receipt)
    if field is None:
        screen.shell.say("There are no words of yours in this change.")
        return
    text = await screen.app.push_screen_wait(EditWords(receipt.intent.label, words_of(receipt), WORDS[field]))
    if text is None or text == words_of(receipt):
        return
    body = receipt.intent.body
    fields = {name: getattr(body, name) for name in body.model_fields_set} | {field: text}
    if not await screen.shell.session.outbox.edit(receipt.id, build(type(body), **fields)):
        screen.shell.copy(text, "It is on its way already; what you wrote")
