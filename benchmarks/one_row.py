"""One row in a process of its own, so that whatever happens to it happens to nobody else.

`python -m benchmarks.one_row NAME OUT --rounds N [--skip-peers] [--large]` writes what was found into the file OUT.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from benchmarks.figures import UNABLE, Findings, shortened
from benchmarks.rows import PARTS, ROWS


def _ended(number: int, _: FrameType | None) -> None:
    # Whatever was started is ended on the way out.
    raise SystemExit(128 + number)


def main() -> int:
    """Measure; what was found before something failed is written all the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*ROWS, *PARTS])
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--skip-peers", action="store_true")
    parser.add_argument("--large", action="store_true")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, _ended)
    findings = Findings()
    try:
        # Only now: a program that cannot be imported is a row that failed.
        from benchmarks.rows.plan import Plan

        measure = {**ROWS, **PARTS}[chosen.name].load()
        with tempfile.TemporaryDirectory() as folder:
            measure(Plan(chosen.rounds, not chosen.skip_peers, chosen.large, Path(folder)), findings)
    except (*UNABLE, ImportError, SyntaxError) as error:
        sys.stderr.write(f"{shortened(error)}\n")
        return 1
    finally:
        chosen.out.write_text(findings.to_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
