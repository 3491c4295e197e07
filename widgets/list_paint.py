"""How the lines of a list get to the terminal: at once where the program paints lists itself, else by the toolkit."""

from __future__ import annotations

from textual.geometry import Region
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from widgets.anchor import Span
from widgets.direct_message import DirectMessage, post
from widgets.frame_painter import FramePainter
from widgets.list_scrollbar import ListScrollBar


class ListPaint(ScrollView, inherit_bindings=False):
    """The lines that a list shows, and its scrollbar."""

    _spans: list[Span]
    """What is shown, from the top down."""
    _frame: list[Strip]
    """The lines of the screen."""

    def __init__(self, *, name: str | None, id: str | None, classes: str | None) -> None:  # noqa: A002
        super().__init__(name=name, id=id, classes=classes)
        self._spans = []
        self._frame = []
        self._shown: list[Strip] = []
        """The lines of the screen when it was painted last."""
        self._paint_due = False
        self._painted: dict[str, int] = {}
        """Where the items began on the screen, by key, when it was painted last."""

    def post_message(self, message: Message) -> bool:
        posted = post(self, message) if isinstance(message, DirectMessage) else None
        return super().post_message(message) if posted is None else posted

    def _show_changes(self, rows: list[int], width: int, *, bar_moved: bool) -> None:
        """Paint the given screen rows anew, with the next frame where the program paints its lists itself."""
        painter = self.app
        if isinstance(painter, FramePainter) and painter.paints_lists:
            if not self._paint_due:
                self._paint_due = True
                painter.request(self)
            return
        if bar_moved:
            self.vertical_scrollbar.refresh()
        self.refresh_rows(rows, width)

    @property
    def awaits_paint(self) -> bool:
        """Whether the screen does not show yet what has changed."""
        return self._paint_due

    def paint_now(self) -> None:
        """Hand over what has changed."""
        painter = self.app
        if not isinstance(painter, FramePainter) or not self._paint_due or not self.is_attached:
            return
        self._paint_due = False
        self._styles_cache.clear()
        bar = self.vertical_scrollbar if self.show_vertical_scrollbar else None
        starts = {span.key: span.y - span.line for span in self._spans}
        moved = next((y - starts[key] for key, y in self._painted.items() if key in starts), 0)
        self._painted = starts
        before, self._shown = self._shown, self._frame
        if painter.paint(self, self._frame, bar, moved):
            return
        if len(before) == len(self._frame):
            rows = [y for y, (old, new) in enumerate(zip(before, self._frame, strict=True)) if old is not new]
            self.refresh_rows(rows, self.size.width)
        else:
            self.refresh()
        if bar is not None:
            bar.refresh()

    def refresh_rows(self, rows: list[int], width: int) -> None:
        """Paint the given screen rows anew, neighbours together."""
        regions: list[Region] = []
        for y in rows:
            if regions and regions[-1].bottom == y:
                regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
            else:
                regions.append(Region(0, y, width, 1))
        if regions:
            self.refresh(*regions)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar, which is made when it is first asked for."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = ListScrollBar(thickness=self.scrollbar_size_vertical)
            self._vertical_scrollbar.display = False
            self.app._start_widget(self, self._vertical_scrollbar)
        return self._vertical_scrollbar
