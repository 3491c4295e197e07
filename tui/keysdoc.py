"""Writes docs/KEYS.md from the action registry."""

from __future__ import annotations

import sys
from pathlib import Path

from tui.actions import ACTIONS, CONTEXT_TITLES, Action
from tui.key_labels import key_label

_HEAD = """\
# Keys

Written by `make docs` from `tui/actions.py`; do not edit. One letter means one verb on every screen. `?` shows the keys
of the screen you are on, `Ctrl+P` finds any action by its name, `:` takes the command in the last column.

Change keys in `keymap.toml` (`parlour paths` says where), by the name in the first column: `false` takes a key away, a
string or a list of strings gives others, a sequence has spaces.

```toml
[item]
positive = ["a", "w"]
save = "ctrl+b"
[global]
go_chat = "g k"
```
"""


def document() -> str:
    """Return the whole document."""
    parts = [_HEAD]
    for context, title in CONTEXT_TITLES.items():
        parts.append(f"\n## {title}\n\n| name | keys | what it does | command |\n|---|---|---|---|\n")
        parts += [_row(action) for action in ACTIONS if action.context is context]
    return "".join(parts)


def _row(action: Action) -> str:
    keys = " ".join(f"`{key_label(key)}`" for key in action.keys)
    # A bar would end the cell, also between the marks of code.
    argument = f" {action.argument}".replace("|", "\\|") if action.argument else ""
    command = f"`:{action.command}{argument}`" if action.command else ""
    return f"| {action.id} | {keys} | {action.help} | {command} |\n"


def main() -> None:
    """Write to the file named on the command line, or to standard output."""
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(document(), encoding="utf-8")
    else:
        sys.stdout.write(document())


if __name__ == "__main__":
    main()
