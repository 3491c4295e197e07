"""A recording carried out again against a platform, and each reply compared with the recorded one by its meaning."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

from api_client.calls import Reply
from api_client.errors import ApiError, BadReply, PlatformError, SignInRequired, TimedOut, Unreachable
from api_client.ids import new_id
from api_client.inspect.comparing import Comparer, Counts, Difference
from api_client.inspect.frame_check import FrameCheck, FrameSocket
from api_client.inspect.identities import UUID, Identities, ids_in, tokens_in
from api_client.inspect.replay_plan import TAG, Step
from api_client.inspect.session_file import CallLine, Content, FrameLine, Session, content_of
from api_client.raw import RawClient

FAST_PAUSE = 0.1
"""Seconds that a pause takes at most at the fast pace."""

_NOT_SENT = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "host",
        "if-none-match",
        "transfer-encoding",
        "user-agent",
        "x-idempotency-key",
        "x-request-id",
    }
)
_MADE_BY_CLIENT = frozenset({"id", "clientId", "commandId"})
"""Fields of a request in which the client puts ids of its own."""


class Pace(StrEnum):
    """How long the pauses between calls are."""

    REAL = "real"
    """As long as they were."""
    FAST = "fast"
    """As long as they were, but not longer than a moment."""
    MAX = "max"
    """There are none."""


class Verdict(StrEnum):
    """What came of a step."""

    SAME = "same"
    DIFFERENT = "different"
    SENT = "sent"
    """It was carried out for the sake of another, and not compared."""
    SKIPPED = "skipped"
    FAILED = "failed"
    """No reply came."""


@dataclass
class StepResult:
    """One step and what came of it."""

    step: Step
    verdict: Verdict
    differences: list[Difference] = field(default_factory=list)
    note: str = ""
    seconds: float = 0.0
    reply: Content | None = None
    """What came now, for learning what differs from time to time."""
    error: PlatformError | None = None


Ignored = Callable[[Any], Any]
"""Takes out of a decoded body what is not to be compared."""

Noise = frozenset[tuple[str, str]]
"""Endpoint and place, as `.data[].score`, that differ from time to time by themselves."""


class Replay:
    """Carries out the steps of one recording, once."""

    def __init__(
        self,
        client: RawClient,
        session: Session,
        *,
        pace: Pace = Pace.FAST,
        counts: Counts = Counts.EXACT,
        ignored: Sequence[Ignored] = (),
        socket: FrameSocket | None = None,
        on_result: Callable[[StepResult], None] = lambda _result: None,
    ) -> None:
        """Prepare to replay `session` by `client`; without `socket`, frames are neither sent nor compared."""
        self._client = client
        self._session = session
        self._pace = pace
        self._ignored = ignored
        self._socket = socket
        self._on_result = on_result
        self._lost: set[str] = set()
        """Ids of what could not be made again."""
        self._keys: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        home = urlsplit(session.header.platform)
        self.identities = Identities()
        self._comparer = Comparer(
            self.identities,
            counts,
            then_origin=f"{home.scheme}://{home.netloc}",
            now_origin=client.address.origin,
            addresses=self._addresses,
        )
        self._frames = FrameCheck(session, self._comparer)
        self._paths: tuple[str, str] | None = None
        """What is the beginning of paths about the user, then and now."""

    def as_user(self, username: str, user_id: str) -> None:
        """Take this user for the one that was signed in when it was recorded."""
        header = self._session.header
        if header.user_id:
            self.identities.learn(header.user_id, user_id)
        if header.username:
            self.identities.learn(header.username, username)
            self._paths = f"/users/{header.username}", f"/users/{username}"

    async def run(self, steps: Sequence[Step]) -> list[StepResult]:
        """Carry out `steps` and return what came of each.

        Raises SignInRequired where nobody is signed in, and PlatformError where the very first call gets no reply:
        nothing can be judged then.
        """
        results: list[StepResult] = []
        if self._socket is not None:
            await self._frames.prepare(self._socket, [step.what for step in steps])
        before: float | None = None
        for step in steps:
            await self._pause(before, step.at)
            before = step.at
            result = await self._step(step)
            if result.error is not None and not any(other.reply is not None for other in results):
                raise result.error
            results.append(result)
            self._on_result(result)
        if self._socket is not None:
            for step, differences in await self._frames.compare(self._socket):
                result = StepResult(step, Verdict.DIFFERENT if differences else Verdict.SAME, differences)
                results.append(result)
                self._on_result(result)
        return results

    async def _pause(self, before: float | None, at: float) -> None:
        seconds = 0.0 if before is None else max(0.0, at - before) / 1_000
        if self._pace is Pace.MAX or not seconds:
            return
        await self._client.clock.sleep(seconds if self._pace is Pace.REAL else min(seconds, FAST_PAUSE))

    async def _step(self, step: Step) -> StepResult:
        if step.skipped:
            self._lose(step)
            return StepResult(step, Verdict.SKIPPED, note=step.skipped)
        if isinstance(step.what, FrameLine):
            return await self._frame(step, step.what)
        if self._lost & set(self._ids_of(step, step.what)):
            self._lose(step)
            return StepResult(step, Verdict.SKIPPED, note="it needs what could not be made again")
        url = self._url(step, step.what)
        if url is None:
            return StepResult(step, Verdict.SKIPPED, note="its address holds a secret, which is not in the recording")
        return await self._call(step, step.what, url)

    async def _frame(self, step: Step, frame: FrameLine) -> StepResult:
        if self._socket is None:
            return StepResult(step, Verdict.SKIPPED, note="without a socket")
        data = frame.content.json_
        if isinstance(data, dict):
            try:
                await self._socket.send(self.identities.json_now(self._with_own_ids(data)))
            except Unreachable as error:
                return StepResult(step, Verdict.FAILED, note=error.sentence)
        return StepResult(step, Verdict.SENT)

    async def _call(self, step: Step, call: CallLine, url: str) -> StepResult:
        began = time.perf_counter()
        try:
            reply = await self._client.raw(
                call.method, url, headers=self._headers(call), content=self._content(step, call), name=step.name
            )
        except SignInRequired:
            raise
        except PlatformError as error:
            lasted = time.perf_counter() - began
            judged = isinstance(error, (ApiError, BadReply, TimedOut))
            verdict = Verdict.DIFFERENT if judged and step.compared else Verdict.FAILED
            return StepResult(step, verdict, note=error.sentence, seconds=lasted, error=None if judged else error)
        lasted = time.perf_counter() - began
        content = content_of(reply.body) or Content()
        differences = self._compared(step, call, reply, content)
        if not step.compared:
            return StepResult(step, Verdict.SENT, seconds=lasted, reply=content)
        verdict = Verdict.DIFFERENT if differences else Verdict.SAME
        return StepResult(step, verdict, differences, seconds=lasted, reply=content)

    # -- what is sent

    def _url(self, step: Step, call: CallLine) -> str | None:
        """Return where the call goes now; None where nobody can know."""
        path = urlsplit(call.url).path
        known = self._addresses.get(path)
        if known is not None:
            return urljoin(self._client.address.base + "/", known)
        if TAG.search(step.path):
            return None
        where = self.identities.text_now(step.path)
        if self._paths is not None and f"{where}/".startswith(f"{self._paths[0]}/"):
            where = where.replace(*self._paths, 1)
        return (
            self._client.address.base + where
            if where.startswith("/")
            else self._client.address.origin
            + (self.identities.text_now(path) + (f"?{query}" if (query := urlsplit(call.url).query) else ""))
        )

    def _headers(self, call: CallLine) -> Mapping[str, str]:
        headers = {
            name: self.identities.text_now(value)
            for name, value in call.headers
            if name.lower() not in _NOT_SENT and not TAG.search(value)
        }
        key = next((value for name, value in call.headers if name.lower() == "x-idempotency-key"), None)
        if key is not None:
            # The same key twice means the same here, and another one than when it was recorded.
            headers["X-Idempotency-Key"] = self._keys.setdefault(key, str(uuid.uuid4()))
        return headers

    def _content(self, step: Step, call: CallLine) -> bytes | None:
        if call.body is None:
            return None
        if not call.body.is_json:
            return call.body.bytes_()
        body = call.body.json_
        if isinstance(body, dict):
            body = self._with_versions(step, self._with_own_ids(body) if call.method == "POST" else body)
        return json.dumps(self.identities.json_now(body), ensure_ascii=False).encode()

    def _with_own_ids(self, body: dict[str, Any]) -> dict[str, Any]:
        """Give what the client creates an id of its own: the platform would answer with what exists."""
        for name in _MADE_BY_CLIENT & body.keys():
            made = body[name]
            if isinstance(made, str) and UUID.fullmatch(made) and not self.identities.knows(made):
                self.identities.learn(made, new_id())
        return body

    def _with_versions(self, step: Step, body: dict[str, Any]) -> dict[str, Any]:
        """Name the versions that records have now, where a request names those that they had."""
        owners = [*tokens_in(step.path.partition("?")[0]), step.path.partition("?")[0]]
        changed = dict(body)
        for name in ("baseVersion", "version"):
            version = body.get(name)
            if isinstance(version, int) and not isinstance(version, bool):
                changed[name] = version + self._comparer.risen(owners)
        named = body.get("baseVersions")
        if isinstance(named, dict):
            changed["baseVersions"] = {
                key: version + self._comparer.risen(tokens_in(key)) if isinstance(version, int) else version
                for key, version in named.items()
            }
        return changed

    # -- what came

    def _compared(self, step: Step, call: CallLine, reply: Reply, content: Content) -> list[Difference]:
        found: list[Difference] = []
        if reply.status != call.status:
            found.append(Difference("status", "value", call.status, reply.status))
        then = call.reply
        if then is None or then.cut:
            return found
        if then.is_json and content.is_json:
            was, now = then.json_, content.json_
            if found:
                # A refusal and a success have nothing in common: the refusal's own words say more.
                return found + (_said(now["error"]) if isinstance(now, dict) and "error" in now else [])
            for ignored in self._ignored:
                was, now = ignored(was), ignored(now)
            found += self._comparer.differences(was, now, about=step.path.partition("?")[0])
        elif then.is_json != content.is_json:
            found.append(Difference("body", "type", then.json_ if then.is_json else "bytes", "another kind"))
        elif then.text is not None and then.text != content.text:
            found.append(Difference("body", "value", then.text, content.text))
        elif then.base64 is not None and then.base64 != content.base64:
            sizes = [len(each.bytes_()) for each in (then, content)]
            found.append(Difference("body", "value", f"{sizes[0]} bytes", f"{sizes[1]} other bytes"))
        return found

    # -- what cannot be made again

    def _ids_of(self, step: Step, call: CallLine) -> list[str]:
        ids = list(tokens_in(step.path.partition("?")[0]))
        if call.body is not None and call.body.is_json:
            ids += ids_in(call.body.json_)
        return ids

    def _lose(self, step: Step) -> None:
        """Note the ids that only this step could have given."""
        if not isinstance(step.what, CallLine) or step.what.method == "GET":
            return
        steps = urlsplit(step.what.url).path
        self._lost.update(token for token in tokens_in(steps) if UUID.fullmatch(token))


def _said(error: Any) -> list[Difference]:
    told = {name: error.get(name) for name in ("code", "message")} if isinstance(error, dict) else {"message": error}
    return [Difference(f"error.{name}", "new", now=value) for name, value in told.items() if value is not None]


def noise_between(first: Sequence[StepResult], second: Sequence[StepResult]) -> Noise:
    """Return what differed between two replays of the same recording against the same platform."""
    found: set[tuple[str, str]] = set()
    comparer = Comparer(Identities())
    for one, other in zip(first, second, strict=False):
        if one.step.title != other.step.title:
            break
        if one.reply is not None and other.reply is not None and one.reply.is_json and other.reply.is_json:
            differences = comparer.differences(one.reply.json_, other.reply.json_, about=one.step.path)
        else:
            told = {str(each) for each in one.differences} ^ {str(each) for each in other.differences}
            differences = [each for each in (*one.differences, *other.differences) if str(each) in told]
        found |= {(one.step.name, difference.place) for difference in differences}
    return frozenset(found)


def without_noise(results: Sequence[StepResult], noise: Noise) -> list[StepResult]:
    """Return `results` without the differences that are known to come and go."""
    kept = []
    for result in results:
        left = [each for each in result.differences if (result.step.name, each.place) not in noise]
        gone = result.differences and not left and result.verdict is Verdict.DIFFERENT
        kept.append(replace(result, differences=left, verdict=Verdict.SAME if gone else result.verdict))
    return kept
