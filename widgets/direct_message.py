"""A message that goes straight to whoever hears it, past the widgets between: each of them would wake up for it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.message import Message
from textual.message_pump import MessagePump


class DirectMessage(Message):
    """Bubbles as other messages do, but only to nodes that have a handler for it."""

    def _bubble_to(self, widget: MessagePump) -> None:
        hearer = next(_hearers(widget, type(self)), None)
        if hearer is not None:
            super()._bubble_to(hearer)


def post(sender: MessagePump, message: DirectMessage) -> bool | None:
    """Post `message` to the first that hears it from `sender` up; None if that is to be left to `sender` itself."""
    hearer = next(_hearers(sender, type(message)), None)
    if hearer is sender:
        return None
    # What is still in the queue of the sender comes first.
    if not sender.is_running or not sender.is_attached or sender.message_queue_size:
        return None
    return True if hearer is None else hearer.post_message(message)


def _hearers(node: MessagePump | None, kind: type[Message]) -> Iterator[MessagePump]:
    while node is not None:
        if _hears(type(node), kind):
            yield node
        node = node._parent


def _hears(node: type[MessagePump], kind: type[Message]) -> bool:
    found = _known.get((node, kind))
    if found is None:
        found = _known[node, kind] = _has_handler(node, kind)
    return found


_known: dict[tuple[type[MessagePump], type[Message]], bool] = {}


def _has_handler(node: type[MessagePump], kind: type[Message]) -> bool:
    kinds = [each for each in kind.__mro__ if issubclass(each, Message)]
    return any(
        kind.handler_name in vars(each)
        or f"_{kind.handler_name}" in vars(each)
        or any(known in vars(each).get("_decorated_handlers", ()) for known in kinds)
        for each in node.__mro__
    )
