"""What the platform recommends: the weekly lists, the daily mixes, and what goes with a track."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from api_client.client import PlatformClient
from api_client.models.recommendations import Mix, Mixes, MixKind, Recommendations
from api_client.sync.cache import Cache
from tui.state.kept import Kept
from tui.state.marks import Mark, Marks, marks_of

_SIMILAR = "similar/"


def name_of(mix: Mix) -> str:
    """Return the name by which a list is asked for: `discover-weekly`, `daily-mix/1`."""
    return f"{mix.kind.value}/{mix.mix_id}" if mix.mix_id is not None else mix.kind.value


def similar_to(track_id: str) -> str:
    """Return the name of the list of what goes with a track."""
    return _SIMILAR + track_id


class MixShelf:
    """The lists of the user by name. What this machine has of them shows until they are fetched."""

    def __init__(
        self,
        client: PlatformClient,
        marks: Marks,
        cache: Cache,
        recalled: Callable[[list[Mark]], None],
        changed: Callable[[str | None], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`recalled` gets the marks of what was read from this machine; `changed` a list's name, None for the shelf."""
        self._client = client
        self._marks = marks
        self._changed = changed
        self._clock = clock
        self._listed = Kept(cache, "music:mixes", Mixes)
        self._lists = Kept(cache, "music:mix", Recommendations, lambda kept: recalled(list(marks_of(*kept.tracks))))

    @property
    def listed(self) -> list[Mix] | None:
        """Which lists there are, those of a kind that is known; None until that is."""
        found = self._listed.get()
        return None if found is None else [mix for mix in found.mixes if mix.kind is not MixKind.UNKNOWN]

    def get(self, name: str) -> Recommendations | None:
        """Return a list that is known."""
        return self._lists.get(name)

    def stale_since(self, name: str) -> datetime | None:
        """Return from when a list is, if it could not be fetched again."""
        return self._lists.stale_since(name)

    def is_over(self, name: str) -> bool:
        """Whether another list has taken the place of what is known, by this machine's clock."""
        found = self.get(name)
        return found is not None and found.valid_until is not None and found.valid_until.timestamp() <= self._clock()

    async def load_listed(self) -> None:
        """Fetch which lists there are. Raises PlatformError."""
        await self._listed.fetch(self._client.recommendations.mixes)
        self._changed(None)

    async def load(self, name: str) -> None:
        """Fetch a list. Raises PlatformError, NotFound for one that there is not."""
        asked_at = self._marks.moment
        found = await self._lists.fetch(lambda: self._ask(name), name)
        self._marks.learn(marks_of(*found.tracks), asked_at)
        self._changed(name)

    async def _ask(self, name: str) -> Recommendations:
        recommendations = self._client.recommendations
        kind, _, item = name.partition("/")
        match kind:
            case MixKind.DISCOVER_WEEKLY.value:
                return await recommendations.discover_weekly()
            case MixKind.RELEASE_RADAR.value:
                return await recommendations.release_radar()
            case MixKind.DAILY_MIX.value:
                return await recommendations.daily_mix(item)
            case _:
                return await recommendations.similar(item)
