"""Where a post for a subreddit is written; what was typed is never lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, RadioButton, RadioSet, Static

from api_client.errors import PlatformError
from api_client.ids import new_id
from api_client.models.posts import BODY_LIMIT, TITLE_LIMIT, NewThreadPost, ThreadPost
from api_client.text import clean, clean_line, utf16_length
from tui.state.thread_draft import KEY, KINDS, ThreadDraft
from tui.state.threads import ThreadsStore
from widgets.composer import Composer

if TYPE_CHECKING:
    from api_client.sync.drafts import Drafts

LABELS: dict[str, str] = dict(KINDS)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a post cannot be sent, and the field where that is."""

    field: str
    sentence: str


def fault_in(draft: ThreadDraft) -> Fault | None:
    """Return what is wrong with a draft, None if it can be sent."""
    title = draft.title.strip()
    if not draft.subreddit.strip():
        return Fault("#subreddit", "Which community? Its name is missing.")
    if not title:
        return Fault("#title", "A post needs a title.")
    if (over := utf16_length(title) - TITLE_LIMIT) > 0:
        return Fault("#title", f"The title is too long by {over}.")
    if draft.kind != "text" and not draft.url.strip().startswith(("http://", "https://")):
        return Fault("#url", "An address beginning with https:// or http:// is missing.")
    if draft.kind != "text" and (len(draft.url.strip()) > 2048 or any(c.isspace() for c in draft.url.strip())):
        return Fault("#url", "This is not an address that can be opened.")
    if (over := utf16_length(draft.body) - BODY_LIMIT) > 0:
        return Fault("#text", f"The text is too long by {over:,}.")
    return None


class ThreadForm(ModalScreen[ThreadPost | None]):
    """Community, kind, title, address or text. Ctrl+S posts, Escape keeps what was written and leaves."""

    DEFAULT_CSS = """
    ThreadForm { align: center middle; }
    ThreadForm > Vertical {
        width: 90%; max-width: 96; height: auto; max-height: 95%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
    }
    ThreadForm Static { height: 1; color: $muted; }
    ThreadForm #what { color: $primary; text-style: bold; }
    ThreadForm #fault { color: $error; height: auto; }
    ThreadForm Input { height: 1; border: none; background: $panel; padding: 0 1; }
    ThreadForm Input:focus { border: none; }
    ThreadForm RadioSet { layout: horizontal; height: 1; width: 1fr; border: none; background: $surface; padding: 0; }
    ThreadForm RadioButton { width: auto; margin: 0 2 0 0; background: $surface; }
    ThreadForm #text { max-height: 12; background: $panel; }
    ThreadForm #text ComposerArea { min-height: 4; background: $panel; }
    ThreadForm.-text #url, ThreadForm.-text #url-label { display: none; }
    """
    # Tab with priority, because what is typed ahead after it must go into the next field and not into this one.
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("escape", "leave", "Keep and leave", show=False),
        Binding("ctrl+s", "post", "Post", show=False),
    ]

    def __init__(self, store: ThreadsStore, drafts: Drafts, subreddit: str) -> None:
        """Go on from the draft, if there is one, for `subreddit`, if one is named."""
        super().__init__()
        self._store = store
        self._drafts = drafts
        draft = ThreadDraft.read(drafts.fields(KEY))
        self._draft = ThreadDraft(subreddit or draft.subreddit, draft.kind, draft.title, draft.url, draft.body)
        self._sending = False

    def compose(self) -> ComposeResult:
        draft = self._draft
        with Vertical():
            yield Static(id="what", markup=False)
            yield Static(Content("Community"))
            yield Input(draft.subreddit, placeholder="name, without r/", id="subreddit", compact=True)
            with RadioSet(id="kind", compact=True):
                for kind, label in KINDS:
                    yield RadioButton(label, value=kind == draft.kind, name=kind, compact=True)
            yield Static(id="title-label", markup=False)
            yield Input(draft.title, id="title", compact=True)
            yield Static(Content("Address"), id="url-label")
            yield Input(draft.url, placeholder="https://", id="url", compact=True)
            yield Static(Content("Text, in Markdown; may be empty"))
            yield Composer(draft.body, limit=BODY_LIMIT, id="text")
            yield Static(id="fault", markup=False)
            yield Static(Content("Ctrl+S posts · Tab next field · Esc keeps it for later"))

    def on_mount(self) -> None:
        self._name_kind(self._draft.kind)
        self._count()
        self.query_one("#title" if self._draft.subreddit else "#subreddit").focus()

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        self._name_kind(event.pressed.name or "text")
        self._keep()

    def on_composer_changed(self) -> None:
        self._keep()

    def _name_kind(self, kind: str) -> None:
        """Say which kind it is in words too: the buttons differ by colour alone."""
        self.set_class(kind == "text", "-text")
        self.query_one("#what", Static).update(Content(f"New {LABELS[kind]} post"))

    def on_input_changed(self) -> None:
        self._count()
        self._keep()

    def on_input_submitted(self) -> None:
        self.focus_next()

    def on_composer_cancelled(self) -> None:
        self.action_leave()

    def on_composer_submitted(self) -> None:
        self.action_post()

    def _count(self) -> None:
        length = utf16_length(self.query_one("#title", Input).value.strip())
        self.query_one("#title-label", Static).update(Content(f"Title  {length}/{TITLE_LIMIT}"))

    def _read(self) -> ThreadDraft:
        pressed = self.query_one(RadioSet).pressed_button
        kind = next((kind for kind, _ in KINDS if pressed is not None and pressed.name == kind), KINDS[0][0])
        return ThreadDraft(
            subreddit=clean_line(self.query_one("#subreddit", Input).value).strip().removeprefix("r/"),
            kind=kind,
            title=clean_line(self.query_one("#title", Input).value),
            url=clean_line(self.query_one("#url", Input).value).strip(),
            body=clean(self.query_one(Composer).text),
        )

    def _keep(self) -> None:
        """Keep what is written; once it is on its way it goes with what is sent."""
        draft = self._read()
        if self._sending or draft == self._draft:
            return
        self._draft = draft
        if draft.has_words:
            self._drafts.keep(KEY, draft.fields)
        else:
            self._drafts.drop(KEY)

    def action_leave(self) -> None:
        """Leave; what was written is there the next time."""
        self._keep()
        self.dismiss(None)

    def action_post(self) -> None:
        """Send it, or say what is missing."""
        self._keep()
        draft = self._read()
        fault = fault_in(draft)
        if fault is not None:
            self._say(fault.sentence)
            self.query_one(fault.field).focus()
        elif not self._sending:
            self._sending = True
            self._say("Posting…")
            self.run_worker(self._publish(draft), exclusive=True)

    async def _publish(self, draft: ThreadDraft) -> None:
        wish = NewThreadPost(
            id=new_id(),
            subreddit=draft.subreddit,
            title=draft.title.strip(),
            body=draft.body.strip() or None,
            url=draft.url if draft.kind != "text" else None,
            post_type=draft.kind,
        )
        try:
            post = await self._store.publish(wish, draft=KEY)
        except PlatformError as error:
            self._drafts.keep(KEY, draft.fields)
            await self._drafts.flush()
            # The words are here, and need not wait for a decision in the outbox as well.
            await self._store.withdraw(wish.id or "")
            self._say(f"{error.sentence} Nothing is lost: change it, or Esc keeps it for later.")
        else:
            self.dismiss(post)
        finally:
            self._sending = False

    def _say(self, sentence: str) -> None:
        self.query_one("#fault", Static).update(Content(sentence))
