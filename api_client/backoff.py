"""How long to wait before trying again."""

from __future__ import annotations

from collections.abc import Callable

FIRST_MS = 1_000
LONGEST_MS = 30_000


def base_delay_ms(failures: int) -> int:
    """Return the longest wait in ms after `failures` earlier ones: 1, 2, 4, 8, 16, 30, 30 ... seconds."""
    return min(FIRST_MS << min(failures, 16), LONGEST_MS)


def jittered(failures: int, random: Callable[[], float]) -> float:
    """Return a wait in seconds between 0 and the base delay ("full jitter"), so that clients do not return in step.

    `random` gives numbers in [0, 1).
    """
    return base_delay_ms(failures) * random() / 1_000
