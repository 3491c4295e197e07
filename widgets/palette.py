"""The words in which widgets speak of colour, resolved against the theme in use."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color, ColorParseError

TOKENS = {
    "text": ("foreground",),
    "muted": ("muted", "foreground-muted", "text-muted", "foreground"),
    "accent": ("text-accent", "accent"),
    "success": ("text-success", "success"),
    "error": ("text-error", "error"),
    "warning": ("text-warning", "warning"),
    "primary": ("text-primary", "primary"),
    "secondary": ("text-secondary", "secondary"),
    "link": ("link", "text-primary", "primary"),
    "surface": ("surface",),
}
"""Each token with the theme variables that may hold it, best first; `text-*` can be read on any background."""

_ATTRIBUTES = {"bold", "dim", "italic", "underline", "strike", "reverse"}


class Palette:
    """Styles by token, blended onto one background, so that translucent theme colours come out solid."""

    def __init__(self, variables: Mapping[str, str], background: Color) -> None:
        """`variables` are the theme's, as in `App.theme_variables`."""
        self._variables = variables
        self._background = background
        self._styles: dict[str, Style] = {}

    def style(self, spec: str) -> Style:
        """Return the style for words such as "accent", "muted italic", "bold text on surface"; KeyError if unknown.

        A word is an attribute, a token or the name of a theme variable. Without "on" the background is left open,
        which lets a list lay its highlight under the text.
        """
        style = self._styles.get(spec)
        if style is None:
            style = self._styles[spec] = self._resolve(spec)
        return style

    def paint(self, name: str) -> Color:
        """Return the theme's own colour called `name`, for what is drawn rather than read; KeyError if unknown."""
        return self._background + Color.parse(self._variables[name])

    def _resolve(self, spec: str) -> Style:
        attributes: dict[str, bool] = {}
        colour: Color | None = None
        ground: Color | None = None
        words = iter(spec.split())
        for word in words:
            if word in _ATTRIBUTES:
                attributes[word] = True
            elif word == "on":
                ground = self._colour(next(words, ""))
            else:
                colour = self._colour(word)
        return Style(
            color=None if colour is None else colour.rich_color,
            bgcolor=None if ground is None else ground.rich_color,
            bold=attributes.get("bold"),
            dim=attributes.get("dim"),
            italic=attributes.get("italic"),
            underline=attributes.get("underline"),
            strike=attributes.get("strike"),
            reverse=attributes.get("reverse"),
        )

    def _colour(self, token: str) -> Color:
        for name in TOKENS.get(token, (token,)):
            value = self._variables.get(name)
            if value is None:
                continue
            try:
                parsed = self._automatic(value) if value.startswith("auto") else Color.parse(value)
            except ColorParseError:
                continue
            return self._background + parsed if 0 < parsed.a < 1 else parsed
        raise KeyError(f"the theme has no colour called {token!r}")

    def _automatic(self, value: str) -> Color:
        """Resolve "auto 60%": the contrasting text colour, at that strength."""
        _, _, share = value.partition(" ")
        return self._background.get_contrast_text(float(share.rstrip("%")) / 100 if share else 1.0)
