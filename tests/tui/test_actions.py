"""The registry: no key means two things, nothing needs a key that a terminal may not send, the document is current."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.actions import ACTIONS, BY_COMMAND, PREFIXES, Context, clashes
from tui.key_labels import key_label
from tui.keymap import load_keymap
from tui.keys import KeyDispatcher, Keymap, Matched, Pending, Unmatched
from tui.keysdoc import document
from tui.navigation import SCREENS, SECTION_SCREENS

BROWSE = (Context.ITEM, Context.LIST, Context.GLOBAL)


def test_no_key_has_two_meanings_in_one_context() -> None:
    assert clashes(ACTIONS) == []


@pytest.mark.parametrize("contexts", [BROWSE, (Context.VIEWER, Context.GLOBAL), (Context.WRITE,)])
def test_no_nearer_context_takes_a_key_from_a_farther_one(contexts: tuple[Context, ...]) -> None:
    seen: dict[str, str] = {}
    for context in contexts:
        for action in (a for a in ACTIONS if a.context is context):
            for key in action.keys:
                # The viewer turns pictures with the keys that move in a list: it is the one declared exception.
                if Context.VIEWER not in contexts:
                    assert key not in seen, f"{key}: {seen.get(key)} and {action.id}"
                seen[key] = action.id


def test_a_prefix_is_never_an_action_itself() -> None:
    for action in ACTIONS:
        for key in action.keys:
            head, _, rest = key.partition(" ")
            assert not (rest and head not in PREFIXES), f"{key_label(key)} begins with an undeclared prefix"
            if not rest and action.context is not Context.WRITE:
                assert head not in PREFIXES, action.id


def test_every_action_can_be_reached_without_alt_function_keys_or_modern_terminals() -> None:
    for action in ACTIONS:
        plain = [
            key
            for key in action.keys
            if not any(
                part.startswith(("alt+", "ctrl+shift+")) or (part[:1] == "f" and part[1:].isdigit())
                for part in key.split()
            )
            and not any(part in ("ctrl+i", "ctrl+h", "ctrl+m", "ctrl+space", "ctrl+underscore") for part in key.split())
        ]
        assert plain or action.command, action.id


def test_commands_are_unique() -> None:
    named = [action.command for action in ACTIONS if action.command]
    assert len(named) == len(set(named)) == len(BY_COMMAND)


@pytest.mark.parametrize("path", sorted({*SCREENS.values(), *SECTION_SCREENS.values()}))
def test_no_screen_fails_on_what_is_typed_behind_a_command(path: str) -> None:
    module, _, name = path.partition(":")
    screen = getattr(import_module(module), name)
    for action in ACTIONS:
        handler = getattr(screen, action.handler, None)
        if action.argument is not None and handler is not None:
            inspect.signature(handler).bind(None, "30")


def test_every_row_of_the_key_document_has_four_cells() -> None:
    rows = [line for line in document().splitlines() if line.startswith("| ")]
    assert len(rows) > len(ACTIONS)
    assert [row for row in rows if len(re.findall(r"(?<!\\)\|", row)) != 5] == []


def test_the_key_document_is_current() -> None:
    shown = subprocess.run([sys.executable, "-m", "tui.keysdoc"], capture_output=True, text=True, check=True).stdout
    assert Path("docs/KEYS.md").read_text(encoding="utf-8") == shown, "run `make docs`"


def test_a_sequence_is_followed_to_its_action() -> None:
    keys = KeyDispatcher(Keymap())
    first = keys.feed("g", BROWSE)
    assert isinstance(first, Pending)
    assert "c" in {rest for rest, _ in first.continuations}
    second = keys.feed("c", BROWSE)
    assert isinstance(second, Matched)
    assert second.action.id == "global.go_chat"
    assert not keys.pending


def test_a_broken_sequence_is_swallowed_and_forgotten() -> None:
    keys = KeyDispatcher(Keymap())
    keys.feed("g", BROWSE)
    assert keys.feed("7", BROWSE) == Unmatched(swallowed=True)
    found = keys.feed("j", BROWSE)
    assert isinstance(found, Matched)
    assert found.action.id == "list.cursor_down"


def test_letters_are_left_to_the_text_while_writing() -> None:
    keys = KeyDispatcher(Keymap())
    for letter in "gajkz,T?:":
        assert keys.feed(letter, (Context.WRITE,)) == Unmatched(swallowed=False)


@given(st.lists(st.sampled_from(["g", "c", "comma", "j", "T", "t", "escape", "7", "G", "enter"]), max_size=40))
def test_whatever_is_typed_the_dispatcher_never_sticks(typed: list[str]) -> None:
    keys = KeyDispatcher(Keymap())
    for key in typed:
        keys.feed(key, BROWSE)
    keys.cancel()
    assert isinstance(keys.feed("j", BROWSE), Matched)


def test_the_users_keymap_changes_keys_and_names_what_it_cannot(tmp_path: Path) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text(
        '[item]\npositive = "5"\nnegativ = "x"\nsave = "banana"\nmedia = false\n[list]\nfind = ["ctrl+f"]\n',
        encoding="utf-8",
    )
    loaded = load_keymap(path)
    live = loaded.keymap.live(BROWSE)
    assert live["5"].id == "item.positive"
    assert "a" not in live
    assert "m" not in live
    assert live["ctrl+f"].id == "list.find"
    assert live["s"].id == "item.save"
    assert any("item.negativ" in c and "item.negative" in c for c in loaded.complaints)
    assert any("banana" in c for c in loaded.complaints)


def test_two_actions_may_trade_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text('[item]\npositive = "z"\nnegative = "a"\n', encoding="utf-8")
    loaded = load_keymap(path)
    assert loaded.complaints == []
    assert loaded.keymap.live(BROWSE)["z"].id == "item.positive"


def test_a_key_taken_from_another_action_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text('[item]\npositive = "z"\n', encoding="utf-8")
    loaded = load_keymap(path)
    assert loaded.keymap.live(BROWSE)["z"].id == "item.negative"
    assert loaded.complaints


@pytest.mark.parametrize("text", ["= nonsense", '"just" = "text"', "[item\n"])
def test_a_broken_keymap_is_named_and_the_defaults_hold(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text(text, encoding="utf-8")
    loaded = load_keymap(path)
    assert loaded.complaints
    assert loaded.keymap.live(BROWSE)["a"].id == "item.positive"


def test_every_action_is_carried_out_somewhere() -> None:
    sources = [path for folder in ("tui", "widgets") for path in Path(folder).rglob("*.py")]
    names = {
        node.name
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {action.handler for action in ACTIONS} <= names


def test_sentences_name_the_key_that_the_user_has_chosen() -> None:
    keymap = Keymap({"global.go_devices": ("ctrl+b",), "global.go_outbox": ()})
    names = ("global.go_devices", "global.go_outbox", "global.sleep_timer", "global.toggle_offline", "item.delete")
    assert [keymap.key_of(name) for name in names] == ["Ctrl+B", ":outbox", ",z", "T o", "d"]
