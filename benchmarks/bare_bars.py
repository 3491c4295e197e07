"""The floor under a spectrum: bars of the same size written thirty times a second by a loop that does nothing else."""

from __future__ import annotations

import asyncio
import math
import os
import sys

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_COLUMNS, _ROWS = 39, 8
_TOP = 27
"""The first row of the bars, as on a screen of 120 x 36."""


def frame(number: int) -> bytes:
    """Return one frame: every bar at another height than in the frame before."""
    heights = [
        round((0.5 + 0.5 * math.sin(number * (0.11 + bar * 0.013) + bar)) * _ROWS * 8) for bar in range(_COLUMNS)
    ]
    lines = []
    for row in range(_ROWS):
        base = (_ROWS - 1 - row) * 8
        text = " ".join(_EIGHTHS[max(0, min(height - base, 8))] * 2 for height in heights)
        lines.append(f"\x1b[{_TOP + row};3H\x1b[38;2;{220 - 10 * row};180;{90 + 10 * row}m{text}")
    return f"\x1b[?2026h{''.join(lines)}\x1b[0m\x1b[?2026l".encode()


async def main() -> None:
    """Write until told to stop."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    number = 0
    while True:
        os.write(sys.stdout.fileno(), frame(number))
        number += 1
        await asyncio.sleep(max(0.0, began + number / 30 - loop.time()))


if __name__ == "__main__":
    asyncio.run(main())
