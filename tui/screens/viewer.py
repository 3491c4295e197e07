"""The full-screen picture viewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from api_client.models.posts import Media
from tui.actions import Context
from widgets.picture import DecodedPicture, PictureError, fit, halfblock_strips

if TYPE_CHECKING:
    from tui.shell import Shell


class Canvas(Widget):
    """Draws one picture in its middle, or a sentence."""

    DEFAULT_CSS = "Canvas { width: 1fr; height: 1fr; background: black; color: #d0d0d0; }"

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []
        self._columns = 0
        self._sentence = ""

    def show(self, picture: DecodedPicture) -> None:
        """Draw `picture`."""
        self._strips = halfblock_strips(picture.rgb, picture.cols, picture.rows)
        self._columns = picture.cols
        self._sentence = ""
        self.refresh()

    def say(self, sentence: str) -> None:
        """Show `sentence` in place of a picture."""
        self._strips, self._sentence = [], sentence
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        style = self.rich_style
        if self._sentence and y == height // 2:
            text = self._sentence[:width].center(width)
            return Strip([Segment(text, style)]).adjust_cell_length(width, style)
        row = y - (height - len(self._strips)) // 2
        if not 0 <= row < len(self._strips):
            return Strip.blank(width, style)
        left = max((width - self._columns) // 2, 0)
        return Strip([Segment(" " * left, style), *self._strips[row]]).adjust_cell_length(width, style)


class ViewerScreen(ModalScreen[None]):
    """Pages through the pictures of a post."""

    DEFAULT_CSS = """
    ViewerScreen { background: black; layout: vertical; }
    ViewerScreen Static { height: 1; width: 100%; background: black; color: #d0d0d0; padding: 0 1; }
    """
    BINDINGS = [Binding("escape,q,m", "leave", "Close", show=False)]

    def __init__(self, shell: Shell, media: Sequence[Media], caption: str, start: int = 0) -> None:
        super().__init__()
        self._shell = shell
        self._media = sorted(media, key=lambda medium: medium.order)
        self._caption = " ".join(caption.split())
        self._index = min(max(start, 0), len(self._media) - 1)

    def compose(self) -> ComposeResult:
        yield Canvas()
        yield Static(id="caption")

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        self._show()

    def action_leave(self) -> None:
        self.dismiss(None)

    def _turn(self, by: int) -> None:
        self._index = min(max(self._index + by, 0), len(self._media) - 1)
        self._show()

    def on_key(self, event: Key) -> None:
        action = self._shell.keymap.live((Context.VIEWER,)).get(event.key)
        if action is not None:
            event.stop()
            getattr(self, action.handler)()

    def on_click(self) -> None:
        self.action_next_picture()

    def action_next_picture(self) -> None:
        self._turn(1)

    def action_previous_picture(self) -> None:
        self._turn(-1)

    def _show(self) -> None:
        medium = self._media[self._index]
        place = f"{self._index + 1}/{len(self._media)}  " if len(self._media) > 1 else ""
        text = medium.alt or self._caption
        turns = "h l turn · " if place else ""
        self.query_one("#caption", Static).update(Content(f"{place}{text}   {turns}Esc closes"))
        self.run_worker(self._load(medium), group="picture", exclusive=True)

    async def _load(self, medium: Media) -> None:
        canvas = self.query_one(Canvas)
        width, height = canvas.size
        if width < 2 or height < 2:
            return
        columns, rows = fit(medium.width or 4, medium.height or 3, width, height)
        if self._shell.pictures.peek(medium.url, columns, rows) is None:
            canvas.say("◌ fetching the picture")
        try:
            picture = await self._shell.pictures.get(medium.url, columns, rows)
        except PictureError as error:
            canvas.say(str(error))
        else:
            canvas.show(picture)
