"""Which records are followed on the socket, and whether the platform still tells about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from api_client.postponed import frames

BURST = 64
PER_SECOND = 6.0
"""How many requests leave at once, and in the long run: a platform refuses those who ask faster (600 a minute)."""
PROBE_SECONDS = 40.0
"""A key that was asked for so long ago is asked for again: its version comes back, and a lost subscription with it."""
PROBE_KEYS = 16
"""How many at a time; the others have their turn later."""
ANSWER_SECONDS = 10.0
"""Within which one of the keys asked for must be heard of, if the platform answers such requests at all."""

SHORTEST_KEY, LONGEST_KEY = 3, 200
"""In characters, as in `SocketKey`."""


class Following:
    """The followed keys, each asked for at a pace that the platform allows, and asked for again now and then.

    Answering pings is not enough of a sign of life: a platform may have lost the subscriptions, or deliver nothing,
    while its socket stands. Asking for a key again costs one small frame each way, and heals both.
    """

    def __init__(self) -> None:
        self._wanted: Counter[str] = Counter()
        self._new: dict[str, None] = {}
        """Keys that were not asked for on this connection yet."""
        self._asked: dict[str, float] = {}
        """When each of the others was, the longest ago first."""
        self._unwanted: dict[str, None] = {}
        """Keys that the platform still has to be told of."""
        self._awaited: set[str] = set()
        self._awaited_since = 0.0
        self._answers = False
        self._room = 0.0
        self._room_at = 0.0
        self._probed_at = 0.0

    def __len__(self) -> int:
        return len(self._wanted)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what is followed."""
        return tuple(self._wanted)

    def follow(self, key: str) -> None:
        """Follow `key` once more; one that no frame can carry, being too short or too long, is passed over."""
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            return
        self._wanted[key] += 1
        if key not in self._asked:
            self._new[key] = None
        self._unwanted.pop(key, None)

    def leave(self, key: str) -> None:
        """Take back one `follow`."""
        if key not in self._wanted:
            return
        self._wanted[key] -= 1
        if not self._wanted[key]:
            del self._wanted[key]
            self._awaited.discard(key)
            self._new.pop(key, None)
            if self._asked.pop(key, None) is not None:
                self._unwanted[key] = None

    def opened(self, now: float) -> None:
        """Begin anew on a new connection, of which the platform knows nothing."""
        self._new, self._asked, self._unwanted, self._awaited = dict.fromkeys(self._wanted), {}, {}, set()
        self._room, self._room_at, self._probed_at = float(BURST), now, now

    def heard(self, keys: Iterable[str]) -> None:
        """Note that the platform has spoken of `keys`."""
        if self._awaited and not self._awaited.isdisjoint(keys):
            self._answers = True
            self._awaited.clear()

    def refused(self, key: str) -> None:
        """Note that the platform found this too much: nothing is asked for a moment, and `key` when its turn comes."""
        self.heard((key,))
        self._room = 0.0

    def due(self, now: float) -> list[frames.ClientFrame]:
        """Return what is to be sent at `now`, by the clock that only runs forward."""
        self._room = min(self._room + max(now - self._room_at, 0.0) * PER_SECOND, float(BURST))
        self._room_at = now
        leaving = list(self._unwanted)[: int(self._room)]
        for key in leaving:
            del self._unwanted[key]
        room = int(self._room) - len(leaving)
        keys = list(islice(self._new, room))
        if now - self._probed_at >= PROBE_SECONDS:
            self._probed_at = now
            old = (key for key, asked in self._asked.items() if now - asked >= PROBE_SECONDS)
            keys += islice(old, min(PROBE_KEYS, room - len(keys)))
        for key in keys:
            self._new.pop(key, None)
            self._asked.pop(key, None)
            self._asked[key] = now
        if keys and not self._awaited:
            self._awaited_since = now
        self._awaited.update(keys)
        self._room -= len(leaving) + len(keys)
        return [*(frames.Unsubscribe(key=key) for key in leaving), *(frames.Subscribe(key=key) for key in keys)]

    def is_deaf(self, now: float) -> bool:
        """Whether the platform, which used to answer, has not spoken of anything that it was asked about."""
        return self._answers and bool(self._awaited) and now - self._awaited_since >= ANSWER_SECONDS
