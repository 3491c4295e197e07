"""Keeps apart which action of the user is behind what a screen does, so that requests can be put down to it."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.screen import Screen

from api_client.inspect.causes import current_cause, in_course_of
from widgets.direct_message import DirectMessage

_CARRIES = (DirectMessage, events.ScreenResume, events.Callback)
"""Messages that an action leads to; timers and the like only began in the course of one."""


class CauseKeeping(Screen[None]):
    """A screen whose handlers run in the course of the action that led to their message, and of no other.

    Its own task, and those of its widgets, begin in the course of the action that opened it and would belong to that
    for ever.
    """

    def post_message(self, message: Message) -> bool:
        if isinstance(message, _CARRIES) and (cause := current_cause()) is not None:
            vars(message)["cause"] = cause
        return super().post_message(message)

    async def _dispatch_message(self, message: Message) -> None:
        cause = current_cause() if isinstance(message, events.Mount) else vars(message).get("cause")
        with in_course_of(cause):
            await super()._dispatch_message(message)
