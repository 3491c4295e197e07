"""The cover of an album or a playlist, in half blocks; a frame of the same size until it comes."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from widgets.palette import Palette
from widgets.picture import DecodedPicture, halfblock_strips, placeholder_strips


class Cover(Widget):
    """Square to the eye: twice as many columns as rows."""

    DEFAULT_CSS = """
    Cover { width: 32; height: 16; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []
        self._alt = ""

    def show(self, picture: DecodedPicture | str | None, alt: str) -> None:
        """Draw `picture`, or in its place the sentence that says why there is none, or `alt`."""
        self._strips = []
        if isinstance(picture, DecodedPicture):
            self._strips = halfblock_strips(picture.rgb, picture.cols, picture.rows)
        self._alt = picture if isinstance(picture, str) else alt
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        strips = self._strips
        if not strips:
            style = Palette(self.app.theme_variables, self.background_colors[1]).style("faint")
            strips = placeholder_strips(width, height, self._alt, style)
        return strips[y] if y < len(strips) else Strip.blank(width, self.rich_style)
