"""Reads keymap and themes as the program does, in a process of its own, and writes what is wrong with them as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from themes.loader import load_themes
from tui.keymap import load_keymap

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    told = {
        "keymap": load_keymap(folder / "keymap.toml").complaints,
        "themes": load_themes(folder / "themes").complaints,
    }
    sys.stdout.write(json.dumps(told))
