"""Ids that the client makes for what it creates: UUID version 7, sorted as text in the order they were made."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from uuid import UUID

Nanoseconds = Callable[[], int]
"""Tells the time in ns since the epoch."""

Randomness = Callable[[int], bytes]
"""Gives so many random bytes."""

_NS_PER_MS = 1_000_000
_LAST_MS = (1 << 48) - 1


def new_id(*, clock: Nanoseconds = time.time_ns, randomness: Randomness = os.urandom) -> str:
    """Return a new UUID version 7 (RFC 9562, section 5.7) in lower case with dashes.

    The first 48 bits are milliseconds since the epoch, the next free 12 the fraction of the millisecond (section 6.2,
    method 3), the last 62 are random. A clock outside the years 1970 to 10889 counts as the nearest end of them.
    """
    milliseconds, rest = divmod(max(0, clock()), _NS_PER_MS)
    fraction = rest * 4096 // _NS_PER_MS
    random = int.from_bytes(randomness(8)) >> 2
    return str(UUID(int=min(milliseconds, _LAST_MS) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random))
