"""Who holds the event loop: how late it is, and where every thread stood while it was; the garbage collector too."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

LATE = 0.02
"""Seconds of lateness from which on it is asked who is to blame."""
_BEAT, _LOOK = 0.002, 0.004
_ROOT = str(Path(__file__).resolve().parent.parent)
_WAITING = frozenset({"wait", "select", "_worker", "get", "_bootstrap_inner"})
"""Where a thread stands that does nothing."""


class Lag:
    """Watches how long the event loop is held at worst; with `blame` also by whom.

    To be made on the loop. What holds the interpreter itself (the collector, one long call into C) keeps the watching
    thread from looking, too: it then sees where that has just ended.
    """

    def __init__(self, *, blame: bool = False) -> None:
        self.worst = 0.0
        """Seconds."""
        self.own = 0.0
        """Seconds of CPU time of this process in the worst such while: what is missing was given to other programs."""
        self.collected: list[tuple[float, int, float]] = []
        """When the collector began, on which generation, and for how many seconds it held everything."""
        self._lags: list[float] = []
        self._beat = time.perf_counter()
        self._stacks: Counter[str] = Counter()
        self._loop_thread = threading.get_ident()
        self._over = threading.Event()
        self._collecting = 0.0
        self._task = asyncio.create_task(self._watch())
        if blame:
            gc.callbacks.append(self._collector)
            threading.Thread(target=self._look, name="blame", daemon=True).start()

    async def _watch(self) -> None:
        while True:
            due, used = time.perf_counter() + _BEAT, time.process_time()
            await asyncio.sleep(_BEAT)
            self._beat = time.perf_counter()
            self._lags.append(self._beat - due)
            self.worst = max(self.worst, self._beat - due)
            self.own = max(self.own, min(self._beat - due, time.process_time() - used))

    def _look(self) -> None:
        while not self._over.wait(_LOOK):
            if time.perf_counter() - self._beat >= LATE:
                for ident, frame in sys._current_frames().items():
                    if ident != threading.get_ident() and (said := _said(frame)):
                        self._stacks[("loop: " if ident == self._loop_thread else "beside: ") + said] += 1

    def _collector(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        elif (took := time.perf_counter() - self._collecting) >= _LOOK:
            self.collected.append((self._collecting, info["generation"], took))

    def stop(self) -> float:
        """Watch no more, and return the worst in ms."""
        self._task.cancel()
        self._over.set()
        if self._collector in gc.callbacks:
            gc.callbacks.remove(self._collector)
        return self.worst * 1_000

    def figure(self, share: float) -> float:
        """Return how late the loop was at this share of the looks, in ms."""
        lags = sorted(self._lags)
        return lags[min(int(len(lags) * share), len(lags) - 1)] * 1_000 if lags else 0.0

    def told(self, most: int = 12) -> list[str]:
        """Return a line for each place where somebody stood while the loop was late, the most frequent first."""
        lines = [f"  {count * _LOOK * 1e3:6.0f} ms  {said}" for said, count in self._stacks.most_common(most)]
        for generation in (0, 1, 2):
            took = [seconds for _, which, seconds in self.collected if which == generation]
            if took:
                lines.append(
                    f"  collector, generation {generation}: {len(took)} times, {max(took) * 1e3:.0f} ms at worst,"
                    f" {sum(took) * 1e3:.0f} ms in all"
                )
        return lines


def _said(frame: FrameType) -> str:
    """Return the innermost places of a stack that are our own, innermost first; nothing for a thread that waits."""
    if frame.f_code.co_name in _WAITING:
        return ""
    innermost = f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}"
    places: list[str] = []
    at: FrameType | None = frame
    while at is not None and len(places) < 4:
        path = at.f_code.co_filename
        if path.startswith(_ROOT) and "site-packages" not in path and path != __file__:
            places.append(f"{Path(path).name}:{at.f_lineno} {at.f_code.co_name}")
        at = at.f_back
    return " < ".join([innermost, *places] if places else [innermost])
