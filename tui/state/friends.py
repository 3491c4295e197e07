"""What friends hear, as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from api_client.client import PlatformClient
from api_client.errors import NotFound, PlatformError
from api_client.models.chat import PresenceStatus
from api_client.models.realtime import FriendActivityEvent, PresenceEvent, ServerFrame
from api_client.models.together import FriendActivity, FriendsActivity
from api_client.sync.cache import Cache
from tui.state.kept import Kept
from tui.state.marks import RECALLED, Marks, marks_of
from tui.state.observable import Observable
from tui.state.tasks import Tasks

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class FriendsStore(Observable[None]):
    """Who hears what now comes first, then by time. Tells its subscribers whenever something of it is new."""

    def __init__(
        self, client: PlatformClient, marks: Marks, cache: Cache, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds that never go back."""
        super().__init__()
        self._client = client
        self._marks = marks
        self._clock = clock
        self._tasks = Tasks()
        self._kept = Kept(cache, "friends:activity", FriendsActivity, self._recalled)
        self._told_at: dict[str, float] = {}
        """By user, when it was told what they hear; not there for what was known from an earlier run."""
        self._fetched = False

    async def close(self) -> None:
        """Fetch nothing any more."""
        await self._tasks.close()

    @property
    def listed(self) -> list[FriendActivity] | None:
        """What each hears now or heard last; None until that is known."""
        kept = self._kept.get()
        if kept is None:
            return None
        shown = [self._as_it_is(one) for one in kept.friends if one.track is not None or one.group is not None]
        return sorted(shown, key=lambda one: (one.playing, one.at or _LONG_AGO), reverse=True)

    @property
    def stale_since(self) -> datetime | None:
        """Return from when it is, if it could not be fetched again."""
        return self._kept.stale_since()

    async def load(self) -> None:
        """Fetch it. Raises PlatformError."""
        asked_at = self._marks.moment
        try:
            found = await self._kept.fetch(self._client.together.friends)
        except NotFound as error:
            raise PlatformError("This platform does not tell what friends hear.", sent=False) from error
        self._fetched = True
        self._told_at = {one.user.id: self._clock() for one in found.friends}
        self._marks.learn(marks_of(*(one.track for one in found.friends if one.track is not None)), asked_at)
        self.tell(None)

    def _as_it_is(self, one: FriendActivity) -> FriendActivity:
        """Return it as of now: nobody says when a track that is heard comes to its end."""
        told = self._told_at.get(one.user.id)
        over = told is None or (self._clock() - told) * 1000 > one.left_ms
        return one.changed(playing=False, left_ms=0) if one.playing and over else one

    def _recalled(self, kept: FriendsActivity) -> None:
        self._marks.learn(marks_of(*(one.track for one in kept.friends if one.track is not None)), RECALLED)

    # -- what happens on the platform

    def on_event(self, frame: ServerFrame) -> None:
        """Take over what a friend hears, and that one has gone."""
        kept = self._kept.get()
        if kept is None:
            return
        if isinstance(frame, FriendActivityEvent):
            told = frame.activity
            self._told_at[told.user.id] = self._clock()
            others = [one for one in kept.friends if one.user.id != told.user.id]
            self._kept.put(kept.changed(friends=[told, *others]))
            self.tell(None)
        elif isinstance(frame, PresenceEvent) and frame.status is PresenceStatus.OFFLINE:
            self._told_at.pop(frame.user_id, None)
            self.tell(None)

    def on_gap(self) -> None:
        """The connection was away: what was once asked for is asked for again."""
        if self._fetched:
            self._tasks.later(self.load())
