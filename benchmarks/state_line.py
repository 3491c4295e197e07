"""How soon the state line tells of what the network does to a user who acts: `python -m benchmarks.state_line`."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from tests.shared_platform import shared_platform
from tests.tui.local_first import house
from tests.tui.test_state_line import FAULTS, Line, acts, mended
from widgets.status_line import Link

ROUNDS = 5


async def measured() -> dict[str, list[tuple[float, float]]]:
    """Return by fault, and for each round, the seconds from the act until the line tells and until the link is over."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in FAULTS}
    with tempfile.TemporaryDirectory() as folder, shared_platform(Path(folder, "platform")) as platform:
        async with house(platform, Path(folder)) as home, home.program() as visit:
            await visit.enters("ann")
            line = Line(visit)
            await line.is_well()
            for round_number in range(ROUNDS):
                for number, (name, weather) in enumerate(FAULTS.items()):
                    home.door.become(weather)
                    began = time.monotonic()
                    await acts(visit, f"rye{round_number}x{number}")
                    await visit.until(lambda: not line.all_is_well)
                    told = time.monotonic() - began
                    await visit.until(lambda: line.said[-1].link is not Link.ONLINE)
                    found[name].append((told, time.monotonic() - began))
                    await mended(visit, line, home)
    return found


def main() -> None:
    """Measure and print, the worst round of each."""
    print(f"{'fault':20} {'told after, s':>14} {'given up after, s':>18}")
    for name, rounds in asyncio.run(measured()).items():
        print(f"{name:20} {max(told for told, _ in rounds):14.2f} {max(over for _, over in rounds):18.2f}")


if __name__ == "__main__":
    main()
