"""Reads themes from TOML, the shipped ones and the user's, and refuses what would break the screen later."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

DEFAULT_THEME = "parlour-dark"
SHIPPED = Path(__file__).parent

TOKENS = ("muted", "faint", "like", "up", "down", "online", "mention", "link", "highlight", "unread")
"""The domain's own colours, which every theme has; what a file leaves out is taken from its base colours."""

_BASE = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)

_FALLBACK = {
    "muted": "foreground",
    "faint": "foreground",
    "like": "error",
    "up": "warning",
    "down": "secondary",
    "online": "success",
    "mention": "secondary",
    "link": "secondary",
    "highlight": "panel",
    "unread": "accent",
}


@dataclass
class LoadedThemes:
    """Themes by name, and what was wrong with files, one sentence each."""

    themes: dict[str, Theme] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


class BadTheme(ValueError):
    """A theme file cannot be used; the message says why."""


def load_themes(user_folder: Path | None = None) -> LoadedThemes:
    """Return the shipped themes and those in `user_folder`, which may replace shipped ones by name."""
    loaded = LoadedThemes()
    for path in _files(SHIPPED, user_folder):
        try:
            loaded.themes[path.stem] = read_theme(path)
        except BadTheme as error:
            loaded.complaints.append(f"theme {path.name}: {error}")
    return loaded


@cache
def default_tokens() -> Mapping[str, str]:
    """Return the tokens of the default theme, which stand in for those that a theme does not have."""
    return read_theme(SHIPPED / f"{DEFAULT_THEME}.toml").variables


def read_theme(path: Path) -> Theme:
    """Return the theme in `path`. Raises BadTheme."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadTheme(str(error)) from error
    base = {name: _colour(name, data.get(name)) for name in _BASE}
    given = data.get("variables", {})
    if not isinstance(given, dict):
        raise BadTheme("variables is not a section")
    unknown = sorted(set(data) - {*_BASE, "dark", "variables"}) + sorted(set(given) - set(TOKENS))
    if unknown:
        raise BadTheme(f"{unknown[0]} is not a colour of a theme")
    variables = {name: _colour(name, given[name]) if name in given else base[_FALLBACK[name]] for name in TOKENS}
    # Text areas and inputs take their selection from here; the rest follows from the base colours.
    variables["input-selection-background"] = f"{base['primary']} 35%"
    variables["block-cursor-foreground"] = base["background"]
    variables["block-cursor-background"] = base["primary"]
    for part in ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active"):
        variables[part] = base["background"]
    variables["scrollbar-corner-color"] = base["background"]
    variables["scrollbar"] = variables["faint"]
    variables["scrollbar-hover"] = variables["scrollbar-active"] = base["primary"]
    colours: dict[str, Any] = dict(base)
    return Theme(name=path.stem, dark=bool(data.get("dark", True)), variables=variables, **colours)


def _colour(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadTheme(f"{name} is missing")
    try:
        Color.parse(value)
    except ColorParseError as error:
        raise BadTheme(f"{name} = {value!r} is not a colour") from error
    return value


def _files(*folders: Path | None) -> Iterator[Path]:
    for folder in folders:
        if folder is not None and folder.is_dir():
            yield from sorted(folder.glob("*.toml"))
