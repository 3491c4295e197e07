"""The demo's talking partner: somebody of the demo world who is online, reads, types and answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from pydantic_core import from_json
from sqlalchemy import select

from api_client.models.chat import Message, NewMessage
from api_client.models.realtime import NewMessageEvent, UserTyping, read_server_frame
from server.chat import messages
from server.chat.presence import announce_arrival
from server.demo.replies import ConversationState, Reply, ScriptedUser
from server.demo.text.people import CHAT_PARTNER
from server.problems import Problem
from server.state import ServerState
from server.tables.chat import ConversationRow
from server.tables.users import UserRow

READING_SECONDS = 0.8
"""From the arrival of a message until it is marked as read."""
TYPING_PULSE_SECONDS = 2.0
"""How often somebody who writes says so."""

Step = Callable[[], Coroutine[Any, Any, None]]


class Scheduler(Protocol):
    """Runs a step later."""

    def __call__(self, seconds: float, step: Step) -> None:
        """Run `step()` after `seconds`."""


Replier = Callable[[str, str], Reply]
"""Answers an incoming text, given the conversation it came in."""


def in_real_time(state: ServerState) -> Scheduler:
    """Return the scheduler of a running platform; what is still waiting when it stops is dropped."""

    def later(seconds: float, step: Step) -> None:
        def begin() -> None:
            if not state.stopping.is_set():
                state.background.start(step)

        asyncio.get_running_loop().call_later(seconds, begin)

    return later


class DemoBot:
    """One scripted person, connected to the hub like anybody's client."""

    session_id = "demo"

    def __init__(self, state: ServerState, user_id: str, answer: Replier, later: Scheduler) -> None:
        self._state = state
        self._user_id = user_id
        self._answer = answer
        self._later = later
        self._busy: set[str] = set()
        """Conversations in which an answer is being written; a person writes one at a time."""

    @property
    def user_id(self) -> str:
        """Who is played."""
        return self._user_id

    async def come_online(self) -> None:
        """Connect, and be seen by friends."""
        if self._state.hub.attach(self):
            await announce_arrival(self._state.database, self._state.hub, self._user_id, self._state.clock.now())

    def offer(self, text: str) -> None:
        """Look at a frame; messages of others are read and, where it is this person's turn, answered."""
        frame = read_server_frame(from_json(text))
        if isinstance(frame, NewMessageEvent) and frame.message.sender_id != self._user_id:
            message = frame.message
            self._later(READING_SECONDS, lambda: self._read(message))

    def close_soon(self, code: int, reason: str) -> None:
        """Leave."""
        self._state.hub.detach(self)

    async def _read(self, message: Message) -> None:
        now = self._state.clock.now()
        try:
            async with self._state.database.writing() as session:
                seen = await messages.read(session, self._user_id, message.id, now)
                conversation = await session.get(ConversationRow, message.chat_id)
        except Problem:
            return
        seen.announce(self._state.hub)
        if conversation is None or conversation.type != "direct" or message.chat_id in self._busy:
            return
        self._busy.add(message.chat_id)
        reply = self._answer(message.chat_id, message.content)
        await self._type(message, reply, reply.typing_seconds)

    async def _type(self, message: Message, reply: Reply, seconds_left: float) -> None:
        typing = UserTyping(chat_id=message.chat_id, user_id=self._user_id)
        self._state.hub.to_room(message.chat_id, typing, except_user=self._user_id)
        pulse = min(TYPING_PULSE_SECONDS, seconds_left)
        if seconds_left > pulse:
            self._later(pulse, lambda: self._type(message, reply, seconds_left - pulse))
        else:
            self._later(pulse, lambda: self._send(message, reply))

    async def _send(self, message: Message, reply: Reply) -> None:
        self._busy.discard(message.chat_id)
        # Named after what it answers, so that an answer is given once even if the platform was restarted in between.
        draft = NewMessage(content=reply.text, client_id=f"re:{message.id}")
        try:
            async with self._state.database.writing() as session:
                sent = await messages.send(session, self._user_id, message.chat_id, draft, self._state.clock.now())
        except Problem:
            return
        sent.announce(self._state.hub)


async def bring_online(state: ServerState, username: str, answer: Replier, later: Scheduler) -> DemoBot | None:
    """Let somebody come online who answers by script; None if nobody is called so."""
    async with state.database.reading() as session:
        user_id = await session.scalar(select(UserRow.id).where(UserRow.username_key == username.casefold()))
    if user_id is None:
        return None
    bot = DemoBot(state, user_id, answer, later)
    await bot.come_online()
    return bot


async def start_demo_bot(state: ServerState) -> DemoBot | None:
    """Bring the demo world's talking partner online, in real time."""
    partner = ScriptedUser(state.settings.seed)
    remembered: dict[str, ConversationState] = {}

    def answer(chat_id: str, text: str) -> Reply:
        return partner.reply(text, remembered.setdefault(chat_id, ConversationState(chat_id)))

    return await bring_online(state, CHAT_PARTNER, answer, in_real_time(state))
