"""The program as it is, with somebody who watches: what its stores are told, and how late its event loop is.

Run as `python -m benchmarks.storm_program REPORT [arguments of parlour]`; the report is written when the storm is over.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from api_client.models.realtime import ServerFrame, Updates
from api_client.realtime import Phase, Realtime, SocketState
from benchmarks.storm_platform import END_KEY
from tui import backstage
from tui.__main__ import main

_SAMPLE_SECONDS = 0.01


class Watched(Realtime):
    """The live connection of the program; everything it tells is noted before it is passed on."""

    report = Path("report.json")

    def __init__(self, host: Any, *, on_event: Any, on_gap: Any, on_state: Any = None, **more: Any) -> None:
        self._passed_on = on_event
        self._gap_passed_on = on_gap
        self._state_passed_on = on_state
        self._versions: dict[str, int] = {}
        self._older = self._gaps = self._losses = 0
        self._lags: list[float] = []
        self._sampler: asyncio.Task[None] | None = None
        super().__init__(host, on_event=self._note, on_gap=self._note_gap, on_state=self._note_state, **more)

    def start(self, *, behind: bool = False) -> None:
        """Connect, and begin to watch the loop."""
        super().start(behind=behind)
        self._sampler = asyncio.create_task(self._sample())

    async def stop(self) -> None:
        """Close, and watch no more."""
        if self._sampler is not None:
            self._sampler.cancel()
        await super().stop()

    def _note(self, event: ServerFrame) -> Any:
        over = False
        if isinstance(event, Updates):
            for notice in event.updates:
                self._older += notice.version < self._versions.get(notice.key, 0)
                self._versions[notice.key] = notice.version
            over = END_KEY in self._versions
        outcome = self._passed_on(event)
        if over:
            self._tell()
        return outcome

    def _note_gap(self) -> Any:
        self._gaps += 1
        return self._gap_passed_on()

    def _note_state(self, state: SocketState) -> None:
        self._losses += state.phase is Phase.WAITING
        if self._state_passed_on is not None:
            self._state_passed_on(state)

    async def _sample(self) -> None:
        while True:
            due = time.monotonic() + _SAMPLE_SECONDS
            await asyncio.sleep(_SAMPLE_SECONDS)
            self._lags.append(time.monotonic() - due)

    def _tell(self) -> None:
        told = {
            "versions": self._versions, "older": self._older, "gaps": self._gaps, "losses": self._losses,
            "lags": self._lags,
        }  # fmt: skip
        part = self.report.with_suffix(".part")
        part.write_text(json.dumps(told), encoding="utf-8")
        part.rename(self.report)


if __name__ == "__main__":
    Watched.report = Path(sys.argv[1])
    setattr(backstage, "Realtime", Watched)  # noqa: B010 - the type checker knows that it is another class
    sys.exit(main(sys.argv[2:]))
