"""When to look for new posts: once for many reasons, and for the home feed when the platform tells of something new."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from api_client.errors import PlatformError
from api_client.postponed import frames
from tui.state.tasks import Tasks

_NOTHING_SEEN = -1


class Lookout:
    """Calls `look` with the key of a list: one call on the way for each, and one more if a reason came meanwhile."""

    def __init__(self, home: str, socket_key: str, look: Callable[[str], Awaitable[None]], tasks: Tasks) -> None:
        """`socket_key` is that under which the platform tells of new posts in the list `home`."""
        self._home = home
        self.socket_key = socket_key
        self._look = look
        self._tasks = tasks
        self._looking: dict[str, bool] = {}
        """Lists that are looked at, and whether they have to be once more."""
        self._version: int | None = None

    @property
    def is_told(self) -> bool:
        """Whether the platform tells of new posts; if not, somebody has to look for them now and then."""
        return self._version is not None

    def on_event(self, frame: frames.ServerFrame) -> None:
        """Take in an event of the socket: there is something new, or nothing will be told of it."""
        match frame:
            case frames.SocketError(key=self.socket_key):
                self._version = None
            case frames.Updates(updates=notices):
                for notice in notices:
                    if notice.key == self.socket_key:
                        self._heard(notice.version)

    def look(self, key: str) -> None:
        """There is a reason to look at a list."""
        if key in self._looking:
            self._looking[key] = True
            return
        self._looking[key] = False
        self._tasks.later(self._keep_looking(key))

    def _heard(self, version: int) -> None:
        # The platform answers a subscription with the version as it stands: nothing is new by that.
        known = self._version
        self._version = version if known is None else max(known, version)
        if known is not None and version > known:
            self.look(self._home)

    async def _keep_looking(self, key: str) -> None:
        try:
            await self._look(key)
            while self._looking[key]:
                self._looking[key] = False
                await self._look(key)
        except PlatformError:
            if key == self._home and self.is_told:
                # Told again, as now and then it is, the same version is a reason then.
                self._version = _NOTHING_SEEN
            raise
        finally:
            del self._looking[key]
