"""Themes load, are legible, and bad files are named instead of breaking the screen."""

from pathlib import Path

import pytest
from textual.color import Color

from themes.loader import TOKENS, BadTheme, load_themes, read_theme

SHIPPED = load_themes().themes


def _luminance(colour: Color) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [c / 255 for c in colour.rgb]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.1."""
    light, dark = sorted((_luminance(Color.parse(one)), _luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_dark_a_light_and_high_contrast_themes_are_shipped() -> None:
    assert {"parlour-dark", "parlour-light", "high-contrast", "high-contrast-light"} <= set(SHIPPED)
    assert SHIPPED["parlour-dark"].dark
    assert not SHIPPED["parlour-light"].dark


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_text_is_legible_on_every_ground(name: str) -> None:
    theme = SHIPPED[name]
    needed = 7.0 if name.startswith("high-contrast") else 4.5
    words = {token: theme.variables[token] for token in TOKENS if token not in ("highlight", "faint")}
    words |= {c: getattr(theme, c) for c in ("foreground", "primary", "accent", "success", "warning", "error")}
    for ground in (theme.background, theme.surface, theme.variables["highlight"]):
        assert ground is not None
        for token, colour in words.items():
            assert contrast(colour, ground) >= needed, (token, colour, ground, contrast(colour, ground))


def test_a_theme_of_the_user_replaces_a_shipped_one(tmp_path: Path) -> None:
    text = (Path("themes") / "parlour-dark.toml").read_text(encoding="utf-8").replace("#e0a458", "#123456")
    (tmp_path / "parlour-dark.toml").write_text(text, encoding="utf-8")
    assert load_themes(tmp_path).themes["parlour-dark"].primary == "#123456"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("primary = 'no such colour'", "is not a colour"),
        ("dark = true", "primary is missing"),
        ("= broken", "Invalid"),
    ],
)
def test_a_broken_theme_is_named_and_left_out(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadTheme, match=complaint):
        read_theme(path)
    loaded = load_themes(tmp_path)
    assert "mine" not in loaded.themes
    assert any("mine.toml" in line for line in loaded.complaints)
    assert "parlour-dark" in loaded.themes


def test_an_unknown_colour_name_is_refused(tmp_path: Path) -> None:
    text = (Path("themes") / "parlour-dark.toml").read_text(encoding="utf-8") + "\nmention2 = '#ffffff'\n"
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadTheme, match="mention2"):
        read_theme(tmp_path / "x.toml")
