"""A platform with a fault in it, to look at by hand: `python -m tests.smoke.faulty_platform FOLDER --fault event-lost`.

Without a fault it lists those that there are.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from server.serve import serve
from tests.shared_platform import quick_settings
from tests.smoke.planted import FAULTS
from tests.smoke.planting import ready_for_faults


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fault", choices=[fault.name for fault in FAULTS], metavar="NAME")
    parser.add_argument("--music", type=Path)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.fault is None:
        sys.stdout.writelines(f"{fault.name:28} {fault.about}\n" for fault in FAULTS)
        return
    planted = next(fault for fault in FAULTS if fault.name == chosen.fault)
    settings = replace(quick_settings(chosen.folder), port=chosen.port, music_dir=chosen.music)
    with ready_for_faults(), planted.plant():
        asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
