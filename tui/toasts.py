"""Short sentences in the corner: the same one not twice, and never so many that they hide the screen."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST = 3
SAME_WITHIN = 3.0
"""Seconds in which the same sentence is said once."""
LASTS = {"information": 4.0, "warning": 6.0, "error": 8.0}
"""Seconds a sentence stays, by severity."""


class Toasts:
    """Decides what is worth saying; `show` and `clear` draw."""

    def __init__(
        self,
        show: Callable[[str, str, float], None],
        clear: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show = show
        self._clear = clear
        self._clock = clock
        self._shown: list[tuple[float, str]] = []

    def say(self, sentence: str, severity: str) -> None:
        """Show `sentence` for a few seconds."""
        now = self._clock()
        self._shown = [(until, said) for until, said in self._shown if until > now]
        lasts = LASTS[severity]
        if any(said == sentence and until > now + lasts - SAME_WITHIN for until, said in self._shown):
            return
        if len(self._shown) >= MOST:
            self._clear()
            self._shown = []
        self._shown.append((now + lasts, sentence))
        self._show(sentence, severity, lasts)
