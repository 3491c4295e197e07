"""A change that met somebody else's: field by field, the user decides what stands. Nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from api_client.sync.receipts import Receipt
from api_client.text import clean_line
from tui.actions import Action, Context
from tui.places import ConflictPlace, Place
from tui.screens.base import ParlourScreen
from tui.screens.conflict_parts import Choice, FieldChoice, FieldRenderer, field_choices, shown
from tui.screens.outbox_details import EditWords
from tui.screens.outbox_parts import WORDS
from tui.state.outbox_sections import Moved
from widgets.list_messages import Chosen
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell


class ConflictScreen(ParlourScreen):
    """Opened at a `ConflictPlace`."""

    CONTEXTS: ClassVar[tuple[Context, ...]] = (Context.DECIDE, Context.ITEM, Context.LIST, Context.GLOBAL)
    TITLES: ClassVar[dict[str, str]] = {
        "item.edit": "edit",
        "list.open_item": "next version",
        "item.delete": "discard mine",
    }
    DEFAULT_CSS = """
    ConflictScreen #what { height: auto; padding: 0 1; background: $surface; color: $foreground; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._intent_id = place.intent_id if isinstance(place, ConflictPlace) else ""

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="what", markup=False)
        yield VirtualList(FieldRenderer(), empty="This change waits for no decision any more.")

    def start(self) -> None:
        self.keep(self.shell.session.sections.subscribe(self._moved))
        self._show()
        self._list.focus()

    @property
    def _list(self) -> VirtualList[FieldChoice]:
        return self.query_one(VirtualList)

    @property
    def _receipt(self) -> Receipt | None:
        found = self.shell.session.sections.receipt(self._intent_id)
        return found if found is not None and found.conflict is not None else None

    def _moved(self, moved: Moved) -> None:
        if moved.receipt.id == self._intent_id:
            self._show()

    def _show(self) -> None:
        receipt = self._receipt
        what = "" if receipt is None else f"{receipt.intent.label}: you and somebody else changed it at the same time."
        self.query_one("#what", Static).update(Content(clean_line(what)))
        self._list.set_items(field_choices(receipt.conflict) if receipt is not None and receipt.conflict else [])
        self.update_footer()

    # -- deciding

    def fits(self, action: Action) -> bool:
        field = self._list.highlighted
        match action.id:
            case "decide.take_theirs":
                return field is not None and field.chosen != "theirs"
            case "decide.take_mine":
                return field is not None and field.chosen != "mine"
            case "item.edit":
                return field is not None and field.is_text
            case "decide.decide":
                return self._receipt is not None and all(item.chosen for item in self._list.items)
            case _:
                return super().fits(action)

    def _choose(self, choice: Choice, edited: str = "") -> None:
        if (field := self._list.highlighted) is not None:
            self._list.update(replace(field, chosen=choice, edited=edited))
            self.update_footer()

    def action_take_theirs(self) -> None:
        self._choose("theirs")

    def action_take_mine(self) -> None:
        self._choose("mine")

    @on(Chosen)
    def _next_version(self) -> None:
        field = self._list.highlighted
        self._choose("mine" if field is not None and field.chosen == "theirs" else "theirs")

    async def action_edit(self) -> None:
        """Write what is to stand instead of both, beginning with the user's own words."""
        field = self._list.highlighted
        if field is None or not field.is_text:
            return
        before = field.edited if field.chosen == "edited" else str(field.mine or "")
        limit = WORDS.get(field.title.replace(" ", "_"), 40_000)
        text = await self.app.push_screen_wait(EditWords(field.title, before, limit, "Ctrl+S takes it"))
        if text is not None:
            self._choose("edited", text)

    async def action_decide(self) -> None:
        """Send what was chosen, once every field is decided."""
        undecided = next((item for item in self._list.items if item.chosen is None), None)
        if self._receipt is None:
            self.shell.leave()
        elif undecided is not None:
            self._list.highlight(undecided.name)
            self.shell.say(f"Not decided yet: {undecided.title}. t takes theirs, m takes mine.", "warning")
        else:
            fields = {item.name: item.value for item in self._list.items}
            await self.shell.session.outbox.resolve(self._intent_id, fields)
            self.shell.say("Decided; it is sent now.")
            self.shell.leave()

    async def action_delete(self) -> None:
        """Leave everything as it stands on the platform."""
        question = "Discard your change? What stands on the platform stays as it is."
        if self._receipt is not None and await self.shell.confirm(question, "discard"):
            await self.shell.session.outbox.discard(self._intent_id)
            self.shell.leave()

    def action_copy_text(self) -> None:
        if (field := self._list.highlighted) is not None:
            self.shell.copy(shown(field.mine), "Your version")
