"""What is still to be sent, what was refused, and what was typed and not sent: look, edit, send again, discard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.events import ScreenResume
from textual.widget import Widget

from api_client.sync.ports import Draft
from api_client.sync.receipts import Receipt, Status
from tui.actions import Action
from tui.places import ConflictPlace, Place
from tui.screens.marking import Marking
from tui.screens.outbox_details import OutboxDetails, Verb, edit_words
from tui.screens.outbox_parts import (
    Heading,
    More,
    OutboxItem,
    OutboxRenderer,
    draft_place,
    draft_title,
    draft_words,
    how_to_go_on,
    item_key,
    outbox_items,
    word_field,
    words_of,
)
from tui.state.outbox_sections import Moved, Section
from widgets.list_messages import Chosen
from widgets.textfmt import plural
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

SHOW_EVERY = 0.1
"""Seconds between two changes of what is shown: many changes at once are one."""
MOST = 1000
"""Intents of a section that are listed at first, and how many more are listed each time."""
MANY = 64
"""Changes from which everything is shown anew instead of row by row."""


class OutboxScreen(Marking):
    """One row for each change that the platform has not confirmed, and for each draft."""

    ON_MARKED = ("resend", "delete")
    TITLES: ClassVar[dict[str, str]] = {
        "list.open_item": "details",
        "item.delete": "discard",
        "item.edit": "edit",
        "item.copy_text": "copy the words",
        "global.refresh": "send all again",
    }

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._outbox = shell.session.outbox
        self._sections = shell.session.sections
        self._changed: dict[str, Moved] = {}
        self._due = False
        self._header: str | None = None
        self._most = MOST
        self._touched = False

    def compose_body(self) -> Iterable[Widget]:
        yield VirtualList(OutboxRenderer(), marks=True, empty="Everything you did has reached the platform.")

    def start(self) -> None:
        self.keep(self._sections.subscribe(self._take))
        self.set_interval(1.0, self._tick)
        self._list.focus()

    @on(ScreenResume)
    def _came_to_front(self) -> None:
        self._show_all()

    def refresh_content(self) -> None:
        """Send again everything that waits, and everything that was refused."""
        refused = [receipt for receipt in self._sections.of(Section.ATTENTION) if receipt.conflict is None]
        self._outbox.resume()
        for receipt in refused:
            self._outbox.retry(receipt.id)
        if refused:
            self.shell.say(f"{plural(len(refused), 'refused change')} sent again.")

    # -- what is shown

    @property
    def _list(self) -> VirtualList[OutboxItem]:
        return self.query_one(VirtualList)

    def _show_all(self) -> None:
        self._changed.clear()
        found = self._list
        found.set_items(outbox_items(self._sections, self._outbox.drafts.all(), self._most, self.key_of))
        if isinstance(found.highlighted, Heading) and found.highlighted_key == found.keys[0] and not self._touched:
            found.highlight(found.keys[1])
        self._touched = True
        self._show_what_holds_up()

    def _show_what_holds_up(self) -> None:
        """Say above everything why nothing is sent, where something is in the way of all of it."""
        reason = self._outbox.held_up
        if reason is None and not self._outbox.leads:
            reason = "Another Parlour on this account is open, and sends these."
        header = reason if self._sections.counts.open else None
        if header != self._header:
            self._header = header
            self._list.set_header(header)

    def _tick(self) -> None:
        """Time passes: what is held counts down."""
        self._show_what_holds_up()
        if self._sections.counts.held and self.is_current:
            self._list.redraw()

    def _take(self, moved: Moved) -> None:
        known = self._changed.get(moved.receipt.id)
        before = known.before if known is not None else moved.before
        self._changed[moved.receipt.id] = Moved(moved.receipt, before, moved.after)
        if not self._due:
            self._due = True
            self.set_timer(SHOW_EVERY, self._show_changes)

    def _show_changes(self) -> None:
        self._due = False
        changes, self._changed = list(self._changed.values()), {}
        if len(changes) > MANY or not all(self._show_change(change) for change in changes):
            self._show_all()
        self.update_footer()

    def _show_change(self, moved: Moved) -> bool:
        """Show one change in its place; False where a section has begun or ended."""
        key, found = moved.receipt.id, self._list
        if any(
            section is not None and self._sections.count(section) >= self._most
            for section in (moved.before, moved.after)
        ):
            # Of a section that is not listed whole the beginning is listed anew, which costs little.
            return moved.before is moved.after and found.item(key) is None
        if moved.before is moved.after:
            if found.item(key) is not None:
                found.invalidate(key)
            return True
        if moved.before is not None and self._sections.last(moved.before) is None:
            return False
        found.remove_item(key)
        if moved.after is None:
            return True
        last = self._sections.last(moved.after, before=key)
        if last is None or found.item(last) is None:
            return False
        found.insert_after(last, [moved.receipt])
        return True

    # -- what the user does

    @property
    def _selected(self) -> Receipt | Draft | None:
        item = self._list.highlighted
        return item if isinstance(item, Receipt | Draft) else None

    @property
    def _receipt(self) -> Receipt | None:
        return self._selected if isinstance(self._selected, Receipt) else None

    @property
    def _chosen_items(self) -> list[Receipt | Draft]:
        """What a verb acts on: what is marked, else what is highlighted."""
        found = (self._list.item(key) for key in self.chosen_keys)
        return [item for item in found if isinstance(item, Receipt | Draft)]

    @property
    def _chosen_receipts(self) -> list[Receipt]:
        return [item for item in self._chosen_items if isinstance(item, Receipt)]

    def fits(self, action: Action) -> bool:
        item = self._selected
        match action.id:
            case "item.resend":
                return any(_can_be_resent(receipt) for receipt in self._chosen_receipts)
            case "item.delete" if self.mark_count:
                return True
            case "item.edit":
                return isinstance(item, Draft) or (item is not None and _can_be_edited(item))
            case "item.delete" | "item.copy_text" | "list.open_item":
                return item is not None
            case _:
                return super().fits(action)

    def title_of(self, action: Action) -> str:
        receipt = self._receipt
        if action.id == "list.open_item" and receipt is not None and receipt.conflict is not None:
            return "compare"
        return super().title_of(action)

    @on(Chosen)
    async def _chosen(self) -> None:
        item = self._selected
        if isinstance(self._list.highlighted, More):
            self._most += MOST
            self._show_all()
        elif isinstance(item, Draft):
            self._open_draft(item)
        elif item is not None and item.conflict is not None:
            self.shell.open_place(ConflictPlace(item.id))
        elif item is not None:
            self.work_on(self._look_at(item), "details")

    async def _look_at(self, receipt: Receipt) -> None:
        match await self.app.push_screen_wait(OutboxDetails(receipt)):
            case Verb.RESEND:
                self.action_resend()
            case Verb.EDIT:
                await self.action_edit()
            case Verb.DISCARD:
                await self.action_delete()
            case Verb.COPY:
                self.action_copy_text()
            case _:
                return

    def action_resend(self) -> None:
        """Send the marked changes now, or the highlighted one; one that met another change is decided first."""
        receipts = self._chosen_receipts
        if len(receipts) == 1 and receipts[0].conflict is not None:
            self.shell.open_place(ConflictPlace(receipts[0].id))
            return
        again = [receipt for receipt in receipts if _can_be_resent(receipt)]
        for receipt in again:
            self._outbox.retry(receipt.id)
        if self.clear_marks():
            left = len(receipts) - len(again)
            rest = f", {left} cannot be" if left else ""
            self.shell.say(f"{plural(len(again), 'change')} sent again{rest}.")

    async def action_edit(self) -> None:
        """Change the words of what was not sent, or go on with a draft."""
        item = self._selected
        if isinstance(item, Draft):
            self._open_draft(item)
        elif item is not None:
            await edit_words(self, item)

    def _open_draft(self, draft: Draft) -> None:
        place = draft_place(draft, self.shell.session.me.username)
        if place is None:
            self.shell.copy(draft_words(draft), "What you wrote")
        else:
            self.shell.leave()
            self.shell.open_place(place)
            if hint := how_to_go_on(draft, self.key_of):
                self.shell.say(hint)

    async def action_delete(self) -> None:
        """Discard what is marked, or the highlighted change or draft, after a question: its words would be gone."""
        if self.mark_count:
            await self._discard_all(self._chosen_items)
            return
        item = self._selected
        if isinstance(item, Draft):
            if await self.shell.confirm(f"Discard the draft of {draft_title(item)}?", "discard"):
                self._drop(item)
                self._show_all()
        elif item is not None:
            await self._discard(item)

    async def _discard_all(self, items: Sequence[Receipt | Draft]) -> None:
        count = len(items)
        if not await self.shell.confirm(f"Discard {plural(count, 'entry')}? They will not be sent.", "discard"):
            return
        self.clear_marks()
        on_the_way = 0
        for item in items:
            if isinstance(item, Draft):
                self._drop(item)
            elif not await self._outbox.discard(item.id):
                on_the_way += 1
        if on_the_way:
            self.shell.say(f"{plural(on_the_way, 'change')} of {count} could not be held back any more.", "warning")
        self._show_all()

    def _drop(self, draft: Draft) -> None:
        self._outbox.drafts.drop(draft.key)
        self._list.remove_item(item_key(draft))

    async def _discard(self, receipt: Receipt) -> None:
        question = f"Discard “{receipt.intent.label}”? It will not be sent."
        if await self.shell.confirm(question, "discard") and not await self._outbox.discard(receipt.id):
            self.shell.say("It is on its way at this moment.", "warning")

    def action_copy_text(self) -> None:
        item = self._selected
        words = draft_words(item) if isinstance(item, Draft) else words_of(item) if item is not None else ""
        if words:
            self.shell.copy(words, "What you wrote")


def _can_be_resent(receipt: Receipt) -> bool:
    """Whether sending it now makes a difference, and no decision has to be made first."""
    return receipt.conflict is None and receipt.status in (Status.ATTENTION, Status.WAITING)


def _can_be_edited(receipt: Receipt) -> bool:
    """Whether it has words that can still be changed, and no decision to be made first."""
    return receipt.status is not Status.SENDING and receipt.conflict is None and word_field(receipt) is not None
