"""What is still to be sent, and what was refused: retry, edit by taking it back, or discard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from api_client.models.base import WireModel
from api_client.sync.receipts import Receipt, Status
from tui.screens.base import ParlourScreen
from widgets.line_row import LineRenderer, LineRow
from widgets.virtual_list import VirtualList

_MARKS = {
    Status.QUEUED: ("·", "muted"),
    Status.SENDING: ("↑", "accent"),
    Status.WAITING: ("◌", "warning"),
    Status.ATTENTION: ("!", "bold error"),
}


class OutboxScreen(ParlourScreen):
    """One row for each change that the platform has not confirmed."""

    TITLES: ClassVar[dict[str, str]] = {
        "list.open_item": "send again",
        "item.delete": "discard",
        "item.copy_text": "copy the words",
    }

    def compose_body(self) -> Iterable[Widget]:
        yield VirtualList(LineRenderer(), empty="Everything you did has reached the platform.")

    def start(self) -> None:
        self.keep(self.shell.session.outbox.subscribe(lambda _: self._show()))
        self._show()
        self._list.focus()

    def refresh_content(self) -> None:
        self.shell.session.outbox.resume()

    @property
    def _list(self) -> VirtualList[LineRow]:
        return self.query_one(VirtualList)

    def _show(self) -> None:
        self._list.set_items([_row(receipt) for receipt in self.shell.session.outbox.open])

    @property
    def _selected(self) -> Receipt | None:
        key = self._list.highlighted_key
        return next((receipt for receipt in self.shell.session.outbox.open if receipt.id == key), None)

    def on_virtual_list_chosen(self) -> None:
        if (receipt := self._selected) is not None:
            self.shell.session.outbox.retry(receipt.id)

    async def action_delete(self) -> None:
        receipt = self._selected
        if receipt is None:
            return
        if await self.shell.confirm(f"Discard “{receipt.intent.label}”? It will not be sent.", "discard"):
            if not await self.shell.session.outbox.discard(receipt.id):
                self.shell.say("It is on its way at this moment.", "warning")
            self._show()

    def action_copy_text(self) -> None:
        words = _words(self._selected) if self._selected else ""
        if words:
            self.shell.copy(words, "What you wrote")


def _row(receipt: Receipt) -> LineRow:
    mark, style = _MARKS.get(receipt.status, ("·", "muted"))
    words = " ".join(_words(receipt).split())
    trouble = receipt.status is Status.ATTENTION
    return LineRow(
        key=receipt.id,
        title=receipt.intent.label,
        remark=receipt.status.value,
        detail=f"{receipt.reason or ''}  {words}".strip(),
        mark=mark,
        mark_style=style,
        trouble=trouble,
    )


def _words(receipt: Receipt) -> str:
    """Return what the user wrote in it, if anything."""
    body = receipt.intent.body
    if not isinstance(body, WireModel):
        return ""
    for field in ("content", "body", "caption", "title"):
        if isinstance(text := getattr(body, field, None), str):
            return text
    return ""
