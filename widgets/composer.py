"""Where people write: a growing text field that counts as the platform counts, and never loses what was typed.

Enter and friends are given from outside: `submit_keys`, `newline_keys` and `leave_keys` name Textual keys, so that
the program's own key registry decides. `chat_keys()` and `post_keys()` are the defaults: in a chat Enter sends and
ctrl+j breaks the line, in a post Enter breaks the line and ctrl+s sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.document._document import Location
from textual.message import Message
from textual.widgets import Label, TextArea

from api_client.text import clean, utf16_length
from widgets.wrapping import graphemes, last_grapheme

_WARN_AT = 0.9
"""The share of the limit from which the counter warns."""


@dataclass(frozen=True, slots=True)
class ComposerKeys:
    """Which keys send, break the line and leave; named as Textual names them."""

    submit: frozenset[str]
    newline: frozenset[str]
    leave: frozenset[str]


def chat_keys() -> ComposerKeys:
    """Return the keys of a chat: Enter sends."""
    return ComposerKeys(frozenset({"enter"}), frozenset({"ctrl+j", "shift+enter"}), frozenset({"escape"}))


def post_keys() -> ComposerKeys:
    """Return the keys of a post: ctrl+s sends."""
    return ComposerKeys(frozenset({"ctrl+s", "ctrl+enter"}), frozenset({"enter", "ctrl+j"}), frozenset({"escape"}))


class ComposerArea(TextArea):
    """The field itself: whole characters are deleted, and pasted text is cleaned."""

    class Leaving(Message):
        """A key that leaves was pressed."""

    def __init__(self, text: str, placeholder: str, keys: ComposerKeys, submit: Callable[[], object]) -> None:
        super().__init__(
            clean(text),
            soft_wrap=True,
            tab_behavior="focus",
            compact=True,
            highlight_cursor_line=False,
            placeholder=Content(placeholder),
        )
        self._keys = keys
        self._submit = submit

    async def _on_key(self, event: events.Key) -> None:
        if event.key in self._keys.submit:
            self._take(event)
            # At once, and not by a message: letters that follow quickly belong to the next text.
            self._submit()
        elif event.key in self._keys.newline:
            self._take(event)
            self._replace_via_keyboard("\n", *self.selection)
        elif event.key in self._keys.leave:
            self._take(event)
            self.post_message(self.Leaving())

    @staticmethod
    def _take(event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        """Insert pasted text without what a terminal would obey; TextArea itself would keep it, and post it."""
        event.stop()
        event.prevent_default()
        result = self._replace_via_keyboard(clean(event.text), *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)

    def action_delete_left(self) -> None:
        """Delete the character before the cursor, with all that belongs to it."""
        row, column = self.cursor_location
        if self.read_only or not self.selection.is_empty or column == 0:
            super().action_delete_left()
            return
        width = len(last_grapheme(self.document.get_line(row)[:column]))
        self._delete_via_keyboard((row, column - width), (row, column))

    def action_delete_right(self) -> None:
        """Delete the character after the cursor, with all that belongs to it."""
        row, column = self.cursor_location
        following = self.document.get_line(row)[column : column + 64]
        if self.read_only or not self.selection.is_empty or not following:
            super().action_delete_right()
            return
        width = len(next(graphemes(following))[0])
        self._delete_via_keyboard((row, column), (row, column + width))

    def get_cursor_left_location(self) -> Location:
        """Return where the cursor is after one step to the left, over a whole character."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        return (row, column - len(last_grapheme(before))) if before else super().get_cursor_left_location()

    def get_cursor_right_location(self) -> Location:
        """Return where the cursor is after one step to the right, over a whole character."""
        row, column = self.cursor_location
        following = self.document.get_line(row)[column : column + 64]
        return (row, column + len(next(graphemes(following))[0])) if following else super().get_cursor_right_location()


class Composer(Vertical):
    """A text field with a counter in UTF-16 units, the platform's measure: "12/280"."""

    DEFAULT_CSS = """
    Composer {
        height: auto;
        background: $surface;
        border-left: thick $foreground-muted;
        &:focus-within { border-left: thick $primary; }
        & > ComposerArea {
            height: auto;
            min-height: 1;
            max-height: 10;
            background: $surface;
            border: none;
            padding: 0 1;
        }
        & > .composer--note {
            height: 1;
            width: 1fr;
            text-align: right;
            padding: 0 1;
            color: $foreground-muted;
            background: $surface;
        }
        &.-near > .composer--note { color: $text-warning; }
        &.-over > .composer--note { color: $text-error; text-style: bold; }
    }
    """

    class Submitted(Message):
        """The text is to be sent; it is not empty and not too long. It stays in the field unless that hands over."""

        def __init__(self, composer: Composer, text: str) -> None:
            super().__init__()
            self.composer = composer
            self.text = text

        @property
        def control(self) -> Composer:
            """The composer."""
            return self.composer

    class Refused(Message):
        """Sending was refused; the text is still there."""

        def __init__(self, composer: Composer, reason: str) -> None:
            super().__init__()
            self.composer = composer
            self.reason = reason
            """A sentence."""

        @property
        def control(self) -> Composer:
            """The composer."""
            return self.composer

    class Cancelled(Message):
        """The writer leaves; the text is still there."""

        def __init__(self, composer: Composer) -> None:
            super().__init__()
            self.composer = composer

        @property
        def control(self) -> Composer:
            """The composer."""
            return self.composer

    class Changed(Message):
        """The text has changed: a draft can be kept."""

        def __init__(self, composer: Composer, text: str) -> None:
            super().__init__()
            self.composer = composer
            self.text = text

        @property
        def control(self) -> Composer:
            """The composer."""
            return self.composer

        def can_replace(self, message: Message) -> bool:
            """Of several in the queue, only the newest counts."""
            return isinstance(message, Composer.Changed) and message.composer is self.composer

    def __init__(
        self,
        text: str = "",
        *,
        limit: int,
        placeholder: str = "",
        submit_on_enter: bool = False,
        keys: ComposerKeys | None = None,
        id: str | None = None,  # noqa: A002  Textual's own name for it
        classes: str | None = None,
    ) -> None:
        """Edit `text`, at most `limit` UTF-16 units; `keys` overrides what `submit_on_enter` would choose."""
        super().__init__(id=id, classes=classes)
        self.limit = limit
        self._keys = keys or (chat_keys() if submit_on_enter else post_keys())
        self._area = ComposerArea(text, placeholder, self._keys, self.submit)
        self._note = Label("", classes="composer--note", markup=False)
        self._refusal = ""
        self._mark = ""
        self.hands_over = False
        """Whether the field is emptied with the key that sends: one pressed twice sends once, what follows stays."""
        self._handed: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay the counter under the field."""
        yield self._area
        yield self._note

    def on_mount(self) -> None:
        """Show the counter."""
        self._count()

    @property
    def text(self) -> str:
        """What is written, without anything that a terminal would obey."""
        return clean(self._area.text)

    @text.setter
    def text(self, text: str) -> None:
        self._area.text = clean(text)
        self._area.move_cursor(self._area.document.end)

    @property
    def mark(self) -> str:
        """A remark on the text, beside the counter, such as that it is a draft."""
        return self._mark

    @mark.setter
    def mark(self, mark: str) -> None:
        if mark != self._mark:
            self._mark = mark
            self._count()

    @property
    def handed_over(self) -> bool:
        """Whether something was handed over that nobody has taken yet."""
        return bool(self._handed)

    def take(self) -> str:
        """Return what was handed over first and is not taken yet; else what is in the field, which is emptied."""
        if self._handed:
            return self._handed.pop(0)
        text = self.text
        self.clear()
        return text

    def clear(self) -> None:
        """Empty the field, once what it held is safe elsewhere."""
        self._area.text = ""

    def focus(self, scroll_visible: bool = True) -> Composer:
        """Put the cursor into the field."""
        self._area.focus(scroll_visible)
        return self

    def submit(self) -> bool:
        """Send what is written if it can be sent; return whether it was."""
        text = self.text
        length = utf16_length(text)
        if not text.strip():
            self._refuse("Nothing is written yet.")
        elif length > self.limit:
            self._refuse(f"Too long by {length - self.limit:,}: nothing was sent.")
        else:
            self._refusal = ""
            self.post_message(self.Submitted(self, text))
            if self.hands_over:
                self._handed.append(text)
                self.clear()
            return True
        return False

    def _refuse(self, reason: str) -> None:
        self._refusal = reason
        self._count()
        self.post_message(self.Refused(self, reason))

    def _count(self) -> None:
        length = utf16_length(self._area.text)
        self.set_class(length > self.limit, "-over")
        self.set_class(self.limit * _WARN_AT <= length <= self.limit, "-near")
        counter = f"{length:,}/{self.limit:,}"
        if length > self.limit:
            counter += f"  {length - self.limit:,} too many"
        self._note.update(Content("  ".join(filter(None, (self._refusal or self._mark, counter)))))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Count anew, and tell."""
        event.stop()
        self._refusal = ""
        self._count()
        self.post_message(self.Changed(self, self.text))

    def on_composer_area_leaving(self, event: ComposerArea.Leaving) -> None:
        """Leave, keeping the text."""
        event.stop()
        self.post_message(self.Cancelled(self))
