"""Who may import whom: proved on the source and again in fresh interpreters."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("api_client", "server", "themes", "tui", "widgets")


def _sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


def _defines_screen(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.ClassDef) and node.name.endswith("Screen") for node in tree.body)


@pytest.mark.parametrize(
    "module", ["api_client", "api_client.client", "tui.state.writes", "tui.player.player", "tui.config"]
)
def test_no_toolkit_is_loaded_below_the_screens(module: str) -> None:
    # httpx loads rich by itself where it is installed; that our own files do not is read off their source.
    assert "textual" not in _loaded_by(f"import {module}")


def test_no_file_below_the_screens_imports_a_toolkit() -> None:
    for path in _sources("api_client", "server", "tui/state", "tui/player"):
        assert not {"textual", "rich"} & {name.partition(".")[0] for name in _imports(path)}, path


def test_the_command_line_loads_nothing_heavy() -> None:
    loaded = _loaded_by("import tui.__main__")
    heavy = {
        "textual",
        "rich",
        "pydantic",
        "httpx",
        "websockets",
        "keyring",
        "mpv",
        "PIL",
        "numpy",
        "fastapi",
        "sqlalchemy",
    }
    assert not heavy & {name.partition(".")[0] for name in loaded}


def test_keyring_and_mpv_have_one_importer_each_and_both_come_late() -> None:
    for library in ("keyring", "mpv"):
        importers = [
            path
            for path in _sources(*PACKAGES)
            if library in {name.partition(".")[0] for name in _imports(path)}
            or f'import_module("{library}")' in path.read_text(encoding="utf-8")
        ]
        assert len(importers) == 1, importers
    loaded = _loaded_by("import tui.app")
    assert not {"keyring", "mpv"} & loaded


def test_screens_do_not_import_screens() -> None:
    modules = {f"tui.screens.{path.stem}": path for path in _sources("tui/screens") if _defines_screen(path)}
    modules.pop("tui.screens.base")
    for name, path in modules.items():
        others = _imports(path) & set(modules) - {name}
        assert not others, f"{name} imports {others}"


def test_nobody_catches_everything() -> None:
    for path in _sources(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else ""
                assert caught not in ("", "Exception"), f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", _sources(*PACKAGES), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module opens with one line that says what it is for"
    assert len(text.splitlines()) <= 400
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            assert node.end_lineno - node.lineno < 60, f"{node.name} is too long"
