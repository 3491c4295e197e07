"""How keys and sequences of keys are written for people."""

from __future__ import annotations

_NAMES = {
    "question_mark": "?", "colon": ":", "slash": "/", "comma": ",", "full_stop": ".", "plus": "+", "minus": "-",
    "equals_sign": "=", "less_than_sign": "<", "greater_than_sign": ">", "escape": "Esc", "enter": "Enter",
    "space": "Space", "tab": "Tab", "shift+tab": "Shift+Tab", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home",
    "left_parenthesis": "(", "right_parenthesis": ")",
    "end": "End", "up": "↑", "down": "↓", "left": "←", "right": "→", "delete": "Del", "f1": "F1", "f5": "F5",
}  # fmt: skip


def key_in_words(sequence: str) -> str:
    """Return how a key or sequence is named in a sentence: `g d` stays apart, `,c` does not read as a comma."""
    labels = [key_label(key) for key in sequence.split()]
    return ("" if labels[:1] == [","] else " ").join(labels)


def key_label(sequence: str) -> str:
    """Return how a key or sequence is written for people: `g f` is `gf`, `ctrl+d` is `Ctrl+D`."""
    parts = [
        _NAMES.get(key, key.replace("ctrl+", "Ctrl+").title() if "ctrl+" in key else key) for key in sequence.split()
    ]
    return (" " if any(len(part) > 1 for part in parts) else "").join(parts)
