"""Turns key presses into actions: sequences, contexts, and nothing that is not declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tui.actions import ACTIONS, BY_ID, Action, Context
from tui.key_labels import key_in_words

KeyOf = Callable[[str], str]
"""Gives the key of an action as a sentence names it."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The keys pressed so far are an action's."""

    action: Action


@dataclass(frozen=True, slots=True)
class Pending:
    """The keys pressed so far begin at least one sequence; `continuations` says what may follow."""

    prefix: str
    continuations: tuple[tuple[str, Action], ...]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """No action has these keys; `swallowed` is true where they followed a prefix."""

    swallowed: bool


class Keymap:
    """The registry with the user's changes applied."""

    def __init__(self, changes: Mapping[str, Sequence[str]] | None = None) -> None:
        changes = changes or {}
        self.actions: tuple[Action, ...] = tuple(
            replace(action, keys=tuple(changes[action.id])) if action.id in changes else action for action in ACTIONS
        )
        self._by_context: dict[Context, dict[str, Action]] = {context: {} for context in Context}
        for action in self.actions:
            for key in action.keys:
                self._by_context[action.context].setdefault(key, action)
        self._live: dict[tuple[Context, ...], dict[str, Action]] = {}

    def key_of(self, action_id: str) -> str:
        """Return the key of an action as a sentence names it, its command where it has no key."""
        keys = next(action.keys for action in self.actions if action.id == action_id)
        return key_in_words(keys[0]) if keys else ":" + (BY_ID[action_id].command or "")

    def live(self, contexts: Iterable[Context]) -> Mapping[str, Action]:
        """Return sequence to action for `contexts`; a nearer context hides a farther one."""
        wanted = tuple(contexts)
        merged = self._live.get(wanted)
        if merged is None:
            merged = self._live[wanted] = {}
            for context in wanted:
                for key, action in self._by_context[context].items():
                    merged.setdefault(key, action)
        return merged


usual_key_of: KeyOf = Keymap().key_of
"""Gives the keys as they are without the user's file."""


class KeyDispatcher:
    """Follows the keys of a sequence."""

    def __init__(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self._typed: tuple[str, ...] = ()

    @property
    def pending(self) -> bool:
        """Whether a sequence has begun."""
        return bool(self._typed)

    def cancel(self) -> None:
        """Forget the keys of an unfinished sequence."""
        self._typed = ()

    def feed(self, key: str, contexts: Iterable[Context]) -> Matched | Pending | Unmatched:
        """Take one key press and say what it amounts to in `contexts`, the nearest first."""
        live = self.keymap.live(contexts)
        typed = " ".join((*self._typed, key))
        was_pending = self.pending
        if typed in live:
            self._typed = ()
            return Matched(live[typed])
        continuations = tuple(
            (sequence[len(typed) + 1 :], action)
            for sequence, action in live.items()
            if sequence.startswith(typed + " ")
        )
        if continuations:
            self._typed = (*self._typed, key)
            return Pending(typed, continuations)
        self._typed = ()
        return Unmatched(swallowed=was_pending)
