"""The form for the user's own profile: name, words about oneself, and who may see the posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Static

from api_client.calls import build
from api_client.errors import Invalid, PlatformError
from api_client.models.users import BIO_LIMIT, FULL_NAME_LIMIT, Profile, ProfileChange
from api_client.sync.drafts import Drafts
from widgets.composer import Composer, ComposerKeys

if TYPE_CHECKING:
    from tui.shell import Shell


DRAFT = "profile"
"""The key of the draft."""


class Tick(Checkbox):
    """A checkbox that says by its sign, and not by its colour alone, whether it is ticked."""

    BUTTON_INNER = " "
    """Of one that is made without a tick: what it stands at from the start changes nothing."""

    def watch_value(self) -> None:
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()


class ProfileForm(ModalScreen[bool]):
    """Answers True once the change is stored to be sent; what was typed is kept until then, also between runs."""

    DEFAULT_CSS = """
    ProfileForm { align: center middle; }
    ProfileForm > Vertical {
        width: 72; max-width: 96%; height: auto; max-height: 96%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
        border-title-color: $primary; border-title-style: bold;
    }
    ProfileForm .label { height: 1; color: $muted; }
    ProfileForm Input { height: 1; border: none; background: $panel; padding: 0 1; margin: 0 0 1 0; }
    ProfileForm Input:focus { border: none; background: $highlight; }
    ProfileForm Composer { background: $panel; margin: 0 0 1 0; }
    ProfileForm Composer > ComposerArea { background: $panel; max-height: 5; }
    ProfileForm Composer > .composer--note { background: $panel; }
    ProfileForm Tick { background: $surface; border: none; padding: 0; }
    ProfileForm #trouble { color: $error; height: auto; }
    ProfileForm .hint { color: $muted; height: 1; }
    """
    # With priority, because what is typed ahead after Tab must go into the next field and not into this one.
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("ctrl+s", "save", "Save", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
    ]

    def __init__(self, shell: Shell, profile: Profile) -> None:
        super().__init__()
        self._shell = shell
        self._profile = profile
        self._keeps = False
        """Whether what is in the form is the draft: not before it was restored, nor once it was saved."""

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = "Your profile"
            yield Static(Content("Name"), classes="label")
            yield Input(self._profile.full_name or "", id="full_name", max_length=FULL_NAME_LIMIT, compact=True)
            yield Static(Content("About you"), classes="label")
            keys = ComposerKeys(frozenset(), frozenset({"enter", "ctrl+j"}), frozenset())
            yield Composer(self._profile.bio or "", limit=BIO_LIMIT, keys=keys, id="bio")
            yield Tick("Private: only those you let follow you see your posts", self._profile.is_private, compact=True)
            yield Static(id="trouble", markup=False)
            yield Static(Content("Ctrl+S saves · Tab next field · Space ticks · Esc leaves"), classes="hint")

    def on_mount(self) -> None:
        kept = self._drafts.fields(DRAFT)
        if kept:
            self.query_one("#full_name", Input).value = kept.get("full_name", "")
            self.query_one(Composer).text = kept.get("bio", "")
            self.query_one(Tick).value = bool(kept.get("is_private"))
            self._trouble("This was typed before and not saved.")
        self._keeps = True
        self.query_one("#full_name", Input).focus()

    @property
    def _drafts(self) -> Drafts:
        return self._shell.session.outbox.drafts

    @property
    def _known(self) -> dict[str, str | bool]:
        """The profile as it is."""
        before = self._profile
        return {"full_name": before.full_name or "", "bio": before.bio or "", "is_private": before.is_private}

    @property
    def _typed(self) -> dict[str, str | bool]:
        """The profile as it is to be."""
        return {
            "full_name": self.query_one("#full_name", Input).value.strip(),
            "bio": self.query_one(Composer).text.strip(),
            "is_private": self.query_one(Tick).value,
        }

    @on(Input.Changed)
    @on(Composer.Changed)
    @on(Tick.Changed)
    def _keep(self) -> None:
        """Keep what was typed, as long as it says something else than the profile."""
        typed = self._typed
        if not self._keeps:
            return
        if typed == self._known:
            self._drafts.drop(DRAFT)
            return
        self._drafts.keep(DRAFT, {name: str(value or "") for name, value in typed.items()})

    @on(Input.Submitted)
    def _name_done(self) -> None:
        self.query_one(Composer).focus()

    def action_leave(self) -> None:
        """Leave the profile as it was; what was typed is here when the form is opened again."""
        self.dismiss(False)

    def action_save(self) -> None:
        """Send what has changed."""
        # What was typed ahead may still wait in the field's own queue; the form is read behind it.
        (self.focused or self).call_later(self._begin)

    def _begin(self) -> None:
        self.run_worker(self._save(), group="save", exclusive=True)

    async def _save(self) -> None:
        typed, known = self._typed, self._known
        changed = {name: value for name, value in typed.items() if value != known[name]}
        self._keeps = False
        if not changed:
            self._drafts.drop(DRAFT)
            self.dismiss(False)
            return
        try:
            await self._shell.session.people.change_own(build(ProfileChange, **changed), draft=DRAFT)
        except PlatformError as error:
            self._keeps = True
            details = "; ".join(error.fields.values()) if isinstance(error, Invalid) else ""
            self._trouble(f"{error.sentence} {details}".strip())
        else:
            self.dismiss(True)

    def _trouble(self, sentence: str) -> None:
        self.query_one("#trouble", Static).update(Content(sentence))
