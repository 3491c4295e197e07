"""The frames of a recording against those that come now: what must be said on the socket, and what too often."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed

from api_client.client import PlatformClient
from api_client.errors import Unreachable
from api_client.inspect.comparing import Comparer, Difference
from api_client.inspect.identities import Identities, ids_in, tokens_in
from api_client.inspect.replay_plan import NOISE_FRAMES, Step, type_of
from api_client.inspect.session_file import CallLine, FrameLine, Session
from api_client.inspect.smoke.sockets import HandshakeTrouble, LiveSocket

PATIENCE = 3.0
"""Seconds in which frames may still come once everything has been sent."""
OPEN_SECONDS = 10.0

Frame = dict[str, Any]


class FrameSocket:
    """The socket of a replay, signed in as its client is."""

    def __init__(self, client: PlatformClient) -> None:
        self._client = client
        self._socket: LiveSocket | None = None
        self.changed = asyncio.Event()
        """Set whenever a frame has come."""

    async def open(self) -> None:
        """Open it and sign in; raises PlatformError."""
        tokens = await self._client.auth.current()
        self._socket = LiveSocket(
            "replay",
            self._client.address.socket,
            tokens.access if tokens else None,
            by_frame=False,
            changed=self.changed.set,
            received=_nothing,
            sent=_nothing,
        )
        try:
            await self._socket.open(OPEN_SECONDS)
        except HandshakeTrouble as trouble:
            raise Unreachable(f"The socket cannot be opened: {trouble}.") from trouble

    @property
    def arrived(self) -> list[Frame]:
        """Every frame that came, in order; notices of versions one by one."""
        return [each.value for each in self._socket.arrivals] if self._socket else []

    async def send(self, frame: Frame) -> None:
        """Send one frame; raises PlatformError if the socket is closed."""
        if self._socket is None:
            raise Unreachable("The socket is not open.")
        try:
            await self._socket.send(frame)
        except ConnectionClosed as error:
            raise Unreachable(f"The socket was closed: {self._socket.closed or 'the line broke'}.") from error

    async def close(self) -> None:
        """Close it, if it is open."""
        if self._socket is not None:
            await self._socket.close()


def _nothing(_kind: str) -> None:
    """Nobody counts frames here."""


@dataclass
class _Expected:
    """One frame, or one notice out of a frame, that was received when it was recorded."""

    line: FrameLine
    data: Frame
    found: Frame | None = field(default=None)

    @property
    def type(self) -> str:
        return str(self.data.get("type"))


class FrameCheck:
    """Holds what came on a socket against what the recording says."""

    def __init__(self, session: Session, comparer: Comparer) -> None:
        self._comparer = comparer
        self._expected = list(_expected(session))
        self._own_keys: set[str] = set()

    async def prepare(self, socket: FrameSocket, steps: Sequence[CallLine | FrameLine]) -> None:
        """Follow what was followed before the recording began."""
        followed = {
            str(step.content.json_["key"])
            for step in steps
            if isinstance(step, FrameLine)
            and type_of(step) == "subscribe"
            and isinstance(step.content.json_, dict)
            and "key" in step.content.json_
        }
        made = {token for step in steps if isinstance(step, CallLine) and step.method == "POST" for token in _ids(step)}
        for expected in self._expected:
            key = expected.data.get("key") if expected.type == "updates" else None
            if isinstance(key, str) and key not in followed and not made & set(tokens_in(key)):
                followed.add(key)
                self._own_keys.add(key)
                await socket.send({"type": "subscribe", "key": key})

    async def compare(self, socket: FrameSocket) -> list[tuple[Step, list[Difference]]]:
        """Wait for what is still missing, and return what differs, for each frame that was recorded."""
        left: list[Frame] = []
        seen = 0
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    socket.changed.clear()
                    arrived = socket.arrived
                    left += [frame for frame in arrived[seen:] if not self._take(frame)]
                    seen = len(arrived)
                    if all(expected.found is not None for expected in self._expected):
                        break
                    await socket.changed.wait()
        except TimeoutError:
            pass  # What has not come by now is reported as missing.
        return [*self._verdicts(), *self._surplus(left)]

    def _take(self, frame: Frame) -> bool:
        """Count `frame` for the first recorded one that it can be."""
        identities = self._comparer.identities
        for expected in self._expected:
            if expected.found is None and _is_same_subject(expected.data, frame, identities):
                expected.found = frame
                return True
        return frame.get("type") == "updates"

    def _verdicts(self) -> Iterator[tuple[Step, list[Difference]]]:
        for expected in self._expected:
            step = Step(expected.line, f"receive {expected.type}", "socket")
            if expected.found is None:
                yield step, [Difference(f"socket {expected.type}", "missing", was=expected.data)]
            elif expected.type == "updates":
                yield step, []
            else:
                yield step, self._comparer.differences(expected.data, expected.found, about=expected.type)

    def _surplus(self, left: Sequence[Frame]) -> Iterator[tuple[Step, list[Difference]]]:
        """Yield the frames that came once more than they were recorded; other types may be anybody's doing."""
        identities = self._comparer.identities
        for frame in left:
            twin = next((e for e in self._expected if _is_same_subject(e.data, frame, identities)), None)
            if twin is not None and ids_of_frame(frame):
                step = Step(twin.line, f"receive {twin.type}", "socket")
                yield step, [Difference(f"socket {twin.type}", "new", now=frame)]


def ids_of_frame(frame: Frame) -> set[str]:
    """Return every id in a frame."""
    return set(ids_in({name: value for name, value in frame.items() if name != "key"})) | set(
        tokens_in(str(frame.get("key", "")))
    )


def _expected(session: Session) -> Iterator[_Expected]:
    keys: set[str] = set()
    for line in session.frames:
        data = line.content.json_ if line.content.is_json else None
        if line.direction != "received" or not isinstance(data, dict) or type_of(line) in {*NOISE_FRAMES, None}:
            continue
        for frame in _flat(data):
            # Notices are gathered over a moment, and how many of them become one is a matter of chance.
            if frame["type"] != "updates" or str(frame.get("key")) not in keys:
                keys.add(str(frame.get("key")))
                yield _Expected(line, frame)


def _flat(frame: Frame) -> list[Frame]:
    """Return the notices of versions in `frame` one by one; any other frame as it is."""
    notices = frame.get("updates")
    if frame.get("type") != "updates" or not isinstance(notices, list):
        return [frame]
    return [
        {"type": "updates", "key": str(each["key"])} for each in notices if isinstance(each, dict) and "key" in each
    ]


def _is_same_subject(then: Frame, now: Frame, identities: Identities) -> bool:
    """Whether two frames tell the same kind of thing about the same things, as far as those are known."""
    if then.get("type") != now.get("type"):
        return False
    if then["type"] == "updates":
        return identities.text_now(str(then.get("key"))) == now.get("key")
    here = ids_of_frame(now)
    return all(identities.now(each) in here for each in ids_of_frame(then) if identities.knows(each))


def _ids(call: CallLine) -> Iterator[str]:
    for content in (call.body, call.reply):
        if content is not None and content.is_json:
            yield from ids_in(content.json_)
