"""Which calls of a recording are carried out again, which are compared, and why others are not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from api_client.inspect.identities import ids_in, tokens_in
from api_client.inspect.session_file import CallLine, Content, FrameLine, Session
from api_client.inspect.smoke.contract import endpoint_at

TAG = re.compile(r"\[[a-z]{1,12}:[0-9a-f]{4}\]")
"""What stands in a recording in place of a secret."""

OWN_BUSINESS = frozenset(
    {"auth.login", "auth.register", "auth.refresh", "auth.logout", "auth.logout_all", "auth.end_session"}
)
"""Calls about signing in: who replays is signed in by themselves."""

SOUND = "audio"
"""What the player fetches, of which no recording has the bytes."""

FILES = frozenset({"media", "upload", SOUND})
"""Calls that bring or take files; no endpoint has these names."""

NOISE_FRAMES = frozenset({"ready", "ping", "pong", "presence", "friend-activity", "auth", "error"})
"""Frames that tell of the connection, or of what others do."""


@dataclass(frozen=True)
class Step:
    """One call, or one frame that was sent, and what is done with it."""

    what: CallLine | FrameLine
    title: str
    name: str
    """The endpoint's name; `socket` for a frame."""
    path: str = ""
    """Below the base URL, with its query; the whole address of what is not below it."""
    compared: bool = True
    skipped: str = ""
    """Why it is not carried out; empty where it is."""

    @property
    def at(self) -> float:
        """When, in ms since the recording began."""
        return self.what.at


def plan(session: Session, only: Sequence[str] = ()) -> list[Step]:
    """Return the steps of a replay, in order of time.

    `only` are patterns of endpoint names or of `METHOD /path`; what is compared matches one of them. What is not is
    carried out only where something compared needs an id out of its reply.
    """
    steps = [_call(session, call) for call in last_attempts(session.calls)]
    steps += [_frame(frame) for frame in session.frames if _is_sent(frame)]
    steps.sort(key=lambda step: step.at)
    return _selected(steps, only) if only else steps


def last_attempts(calls: Sequence[CallLine]) -> Iterator[CallLine]:
    """Yield the last attempt of each call: the client repeats by itself what has to be repeated."""
    last: dict[int, CallLine] = {}
    for call in calls:
        last[call.first or call.number] = call
    yield from sorted(last.values(), key=lambda call: call.at)


def below(session: Session, url: str) -> str | None:
    """Return what of `url` is below the recorded base; None for an address elsewhere."""
    base = session.header.platform.rstrip("/")
    return url.removeprefix(base) if url.startswith(base + "/") else None


def _call(session: Session, call: CallLine) -> Step:
    path = below(session, call.url)
    where = urlsplit(call.url)
    home = urlsplit(session.header.platform)
    own = (where.scheme, where.netloc) == (home.scheme, home.netloc)
    shown = f"{call.method} {(path or where.path).partition('?')[0]}"
    skipped = _obstacle(call, own)
    endpoint = endpoint_at(call.method, path) if path is not None else None
    return Step(call, shown, endpoint.name if endpoint else call.name, path or call.url, skipped=skipped)


def _obstacle(call: CallLine, own: bool) -> str:
    """Return why a call cannot be carried out again, if it cannot."""
    if call.name in OWN_BUSINESS:
        return "signing in is the replay's own business"
    if call.name == SOUND:
        return "the sound is not in the recording"
    if not own:
        return "it went to another host"
    if call.status is None:
        return "no reply is in the recording"
    if call.streamed or (call.body is not None and call.body.cut):
        return "its body is not in the recording"
    if call.body is not None and TAG.search(_text_of(call.body)):
        return "its body holds a secret, which is not in the recording"
    return ""


def _text_of(content: Content) -> str:
    return content.bytes_().decode("utf-8", "replace")


def _is_sent(frame: FrameLine) -> bool:
    kind = type_of(frame)
    return frame.direction == "sent" and kind is not None and kind not in NOISE_FRAMES


def type_of(frame: FrameLine) -> str | None:
    """Return the type of a frame; None for one that is no frame of the platform."""
    data = frame.content.json_ if frame.content.is_json else None
    kind = data.get("type") if isinstance(data, dict) else None
    return kind if isinstance(kind, str) else None


def _frame(frame: FrameLine) -> Step:
    return Step(frame, f"send {type_of(frame)}", "socket", compared=False)


def _selected(steps: list[Step], only: Sequence[str]) -> list[Step]:
    kept: list[Step] = []
    needed: set[str] = set()
    for step in reversed(steps):
        wanted = any(fnmatchcase(step.name, each) or fnmatchcase(step.title, each) for each in only)
        if wanted:
            kept.append(step)
        elif needed & set(_given(step)):
            kept.append(Step(step.what, step.title, step.name, step.path, compared=False, skipped=step.skipped))
        else:
            continue
        needed -= set(_given(step))
        needed |= set(_taken(step))
    return kept[::-1]


def _given(step: Step) -> Iterator[str]:
    """Yield the ids in the reply of a step."""
    reply = step.what.reply if isinstance(step.what, CallLine) else None
    if reply is not None and reply.is_json:
        yield from ids_in(reply.json_)


def _taken(step: Step) -> Iterator[str]:
    """Yield what could be an id in the request of a step."""
    yield from tokens_in(step.path)
    content = step.what.body if isinstance(step.what, CallLine) else step.what.content
    if content is not None and content.is_json:
        yield from ids_in(content.json_)
