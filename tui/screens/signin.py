"""Signing in, registering, and signing in again over whatever was open."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Self

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from api_client.errors import Invalid, PlatformError
from api_client.models.users import PASSWORD_MINIMUM, USERNAME_LIMIT

if TYPE_CHECKING:
    from tui.gate import Admission, Gate


class SignInForm(Enum):
    """What is asked."""

    SIGN_IN = "Sign in"
    REGISTER = "Register"
    AGAIN = "Sign in again"


_FIELDS = {
    SignInForm.SIGN_IN: ("url", "name", "password"),
    SignInForm.REGISTER: ("url", "name", "email", "password"),
    SignInForm.AGAIN: ("password",),
}
_LABELS = {
    "url": "Platform",
    "name": "Username or e-mail",
    "email": "E-mail",
    "password": "Password",
}


class SignInScreen(ModalScreen["Admission | None"]):
    """A form; Enter in the last field, or the button, sends it. What was typed stays when it is refused."""

    DEFAULT_CSS = """
    SignInScreen { align: center middle; }
    SignInScreen > Vertical {
        width: 60; max-width: 96%; height: auto; max-height: 96%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 2;
    }
    SignInScreen VerticalScroll { height: auto; max-height: 100%; }
    SignInScreen .title { color: $primary; text-style: bold; height: 1; margin: 0 0 1 0; }
    SignInScreen Label { color: $muted; height: 1; }
    SignInScreen Input { margin: 0 0 1 0; height: 1; border: none; background: $panel; padding: 0 1; }
    SignInScreen Input:focus { border: none; background: $highlight; }
    SignInScreen #trouble { color: $error; height: auto; width: 100%; }
    SignInScreen #busy { color: $accent; height: 1; display: none; }
    SignInScreen.-busy #busy { display: block; }
    SignInScreen.-busy Button { display: none; }
    SignInScreen Button { width: 100%; }
    SignInScreen .hint { color: $muted; height: 1; }
    """
    # With priority, because what is typed ahead after these keys must go into the next field and not into this one.
    BINDINGS = [
        Binding("enter", "advance", "Next", show=False, priority=True),
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("escape", "leave", "Back", show=False),
    ]

    def __init__(self, gate: Gate, form: SignInForm, open_account: Admission | None = None) -> None:
        super().__init__()
        self._gate = gate
        self._form = form
        self._open = open_account

    @classmethod
    def again(cls, gate: Gate, admission: Admission) -> Self:
        """Ask only for the password of the account that is open."""
        return cls(gate, SignInForm.AGAIN, admission)

    def compose(self) -> ComposeResult:
        title = self._form.value
        if self._open is not None:
            title = f"Your sign-in has expired. Password of {self._open.me.username}?"
        with Vertical(), VerticalScroll(can_focus=False):
            yield Static(Content(title), classes="title")
            for field in _FIELDS[self._form]:
                label = "Username" if field == "name" and self._form is SignInForm.REGISTER else _LABELS[field]
                yield Label(label, markup=False)
                yield Input(
                    value=self._gate.url if field == "url" else "",
                    password=field == "password",
                    id=field,
                    max_length=255,
                    compact=True,
                )
            yield Static(id="trouble", markup=False)
            yield Static(Content("◌ asking the platform"), id="busy")
            yield Button(self._form.value, variant="primary", id="send")
            yield Static(Content("Enter sends · Esc goes back"), classes="hint")

    def on_mount(self) -> None:
        fields = _FIELDS[self._form]
        self.query_one(f"#{fields[1] if len(fields) > 1 else fields[0]}", Input).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Enter to the field where it sends: what was typed ahead of it is in the field's queue."""
        return action != "advance" or self._next_field is not None

    def action_advance(self) -> None:
        """Go to the next field."""
        self.set_focus(self._next_field)

    @property
    def _next_field(self) -> Input | None:
        """The field behind the focused one, if there is one."""
        fields = _FIELDS[self._form]
        if not isinstance(self.focused, Input) or self.focused.id in (None, fields[-1]):
            return None
        return self.query_one(f"#{fields[fields.index(self.focused.id or '') + 1]}", Input)

    def on_input_submitted(self) -> None:
        self._send()

    def on_button_pressed(self) -> None:
        self._send()

    def action_leave(self) -> None:
        """Go back; a request on its way is given up."""
        self.dismiss(None)

    def _send(self) -> None:
        if self.has_class("-busy"):
            return
        values = {field: self.query_one(f"#{field}", Input).value for field in _FIELDS[self._form]}
        if (complaint := self._complaint(values)) is not None:
            field, sentence = complaint
            self._trouble(sentence)
            self.query_one(f"#{field}", Input).focus()
            return
        self.run_worker(self._ask(values), group="sign in", exclusive=True)

    def _complaint(self, values: dict[str, str]) -> tuple[str, str] | None:
        """Return the first field that cannot be sent and why, or None."""
        for field, value in values.items():
            if not value.strip():
                return field, f"{_LABELS[field]} is missing."
        if self._form is SignInForm.REGISTER:
            if len(values["name"]) > USERNAME_LIMIT:
                return "name", f"A username has at most {USERNAME_LIMIT} characters."
            if "@" not in values["email"]:
                return "email", "This is not an e-mail address."
            if len(values["password"]) < PASSWORD_MINIMUM:
                return "password", f"A password has at least {PASSWORD_MINIMUM} characters."
        return None

    async def _ask(self, values: dict[str, str]) -> None:
        self.add_class("-busy")
        self._trouble("")
        try:
            self.dismiss(await self._admission(values))
        except PlatformError as error:
            details = "; ".join(error.fields.values()) if isinstance(error, Invalid) else ""
            self._trouble(f"{error.sentence} {details}".strip())
            self.query_one("#password", Input).focus()
        finally:
            self.remove_class("-busy")

    async def _admission(self, values: dict[str, str]) -> Admission:
        if self._open is not None:
            await self._open.client.accounts.sign_in(self._open.me.username, values["password"])
            return self._open
        if self._form is SignInForm.REGISTER:
            return await self._gate.register(values["url"], values["name"], values["email"], values["password"])
        return await self._gate.sign_in(values["url"], values["name"], values["password"])

    def _trouble(self, sentence: str) -> None:
        self.query_one("#trouble", Static).update(Content(sentence))
