"""The user's keymap.toml: read, checked line by line, never fatal."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from tui.actions import BY_ID, clashes
from tui.key_labels import key_label
from tui.keys import Keymap

_NAMED = {key.value for key in Keys} | set(KEY_NAME_REPLACEMENTS.values()) | {
    "question_mark", "colon", "slash", "comma", "full_stop", "plus", "minus", "equals_sign", "less_than_sign",
    "greater_than_sign", "space", "semicolon", "underscore", "asterisk", "number_sign", "at", "percent_sign",
}  # fmt: skip


@dataclass
class LoadedKeymap:
    """The keymap in force, and what was wrong with the file, one sentence each."""

    keymap: Keymap = field(default_factory=Keymap)
    complaints: list[str] = field(default_factory=list)


def load_keymap(path: Path) -> LoadedKeymap:
    """Read `path`, leaving out every entry that cannot be used; a missing file means the defaults."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return LoadedKeymap()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return LoadedKeymap(complaints=[f"{path.name} cannot be read: {error}"])
    complaints: list[str] = []
    changes: dict[str, tuple[str, ...]] = {}
    for section, entries in data.items():
        if not isinstance(entries, dict):
            complaints.append(f"{path.name}: {section} is not a section such as [global]")
            continue
        for name, value in entries.items():
            keys = _entry(f"{section}.{name}", value, complaints, path.name)
            if keys is not None:
                changes[f"{section}.{name}"] = keys
    return _without_clashes(changes, complaints, path.name)


def _entry(action_id: str, value: object, complaints: list[str], file: str) -> tuple[str, ...] | None:
    if action_id not in BY_ID:
        near = difflib.get_close_matches(action_id, BY_ID, n=1)
        complaints.append(f"{file}: there is no action {action_id}" + (f", perhaps {near[0]}" if near else ""))
        return None
    if value is False:
        return ()
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        complaints.append(f"{file}: {action_id} takes a key, a list of keys, or false")
        return None
    for sequence in items:
        for key in sequence.split():
            if not _is_key(key):
                complaints.append(f"{file}: {action_id}: {key!r} is not the name of a key")
                return None
    return tuple(" ".join(sequence.split()) for sequence in items if sequence.strip())


def _is_key(key: str) -> bool:
    base = key.split("+")[-1]
    modifiers = key.split("+")[:-1]
    return all(part in ("ctrl", "alt", "shift") for part in modifiers) and (
        base in _NAMED or (len(base) == 1 and base.isalnum())
    )


def _without_clashes(changes: dict[str, tuple[str, ...]], complaints: list[str], file: str) -> LoadedKeymap:
    """Keep as many changes as can stand together; the later ones in the file give way.

    All are tried at once first, so that two actions can trade their keys.
    """
    kept = dict(changes)
    while found := clashes(Keymap(kept).actions):
        if not kept:
            break
        action_id, keys = kept.popitem()
        if len(clashes(Keymap(kept).actions)) < len(found):
            labels = ", ".join(key_label(key) for key in keys)
            complaints.append(f"{file}: {action_id} = {labels} is left out: {found[0]}")
    for action_id, keys in changes.items():
        if action_id not in kept and not clashes(Keymap({**kept, action_id: keys}).actions):
            kept[action_id] = keys
    return LoadedKeymap(Keymap(kept), complaints)
