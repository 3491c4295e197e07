"""A photo post as a card: the picture beside its words where there is room, above them where there is not."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from api_client.models.posts import Media, MediaType, PhotoPost
from widgets.inline_text import stand_out
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.picture import DecodedPicture, fit, halfblock_strips, placeholder_line, placeholder_strips
from widgets.text_layout import Piece, lay_out
from widgets.textfmt import ago, ago_compact, count, plural
from widgets.wrapping import cells, ellipsis

PictureOf = Callable[[str, Media, int, int], DecodedPicture | str | None]
"""Post id, medium, columns, rows -> the picture, the sentence that says why there is none, or None until it is here."""

BESIDE_FROM = 64
"""Columns from which the words stand beside the picture."""
WIDEST_TEXT = 76
"""Cells of a line of text; longer lines are tiring to read."""
CAPTION_LINES = 8
"""Lines of a caption in a list; the post's own screen shows all of it."""
GAP = 2
HEART = (" ▄██▄ ▄██▄ ", " █████████ ", "  ▀█████▀  ", "    ▀█▀    ")


class PhotoCardRenderer(BaseRenderer[PhotoPost]):
    """Draws photo posts; `hearts` holds the ids of those over which a heart lies for a moment."""

    def __init__(
        self,
        picture_of: PictureOf | None,
        rows: int,
        *,
        whole: bool = False,
        draws: Callable[[], bool] = lambda: True,
    ) -> None:
        """`picture_of` None, or `draws` saying no: pictures are named, not drawn.

        `rows`: their most lines. `whole`: uncut captions.
        """
        self._picture_of = picture_of
        self._draws = draws
        self._rows = rows
        self._whole = whole
        self.hearts: set[str] = set()
        self.states: dict[str, str] = {}
        """By post, where one stands that is not on the platform yet."""

    def key(self, item: PhotoPost) -> str:
        return item.id

    def version(self, item: PhotoPost) -> Hashable:
        return (
            item.version,
            item.like_count,
            item.comment_count,
            item.is_liked_by_me,
            item.is_saved_by_me,
            item.is_archived,
            item.caption,
            self.states.get(item.id),
            self._draws(),
        )

    @property
    def _is_drawn(self) -> bool:
        return self._picture_of is not None and self._draws()

    def estimate(self, item: PhotoPost, width: int) -> int:
        words = 6 + min(len(item.caption or "") // 40, CAPTION_LINES)
        cover = _cover(item)
        if not self._is_drawn or cover is None:
            return words + 1
        rows = self.picture_size(cover, width)[1]
        return (max(rows, words) if width >= BESIDE_FROM else rows + words) + 1

    def picture_size(self, medium: Media, width: int) -> tuple[int, int]:
        """Return the columns and rows of a medium in a card of `width` cells, known before its bytes are."""
        room = self._column(width) if width >= BESIDE_FROM else width
        return fit(medium.width or 4, medium.height or 3, room, self._rows)

    def _column(self, width: int) -> int:
        """Return the cells of the column of pictures: a 3:2 picture of full height fits into it."""
        return min(width // 2, self._rows * 3)

    def render(self, item: PhotoPost, context: RenderContext) -> list[Strip]:
        cover = _cover(item)
        width = context.width
        if not self._is_drawn or cover is None:
            lines = self._words(item, context, min(width, WIDEST_TEXT))
            if cover is not None:
                shape = (cover.width or 4, cover.height or 3)
                lines.insert(1, placeholder_line(width, *shape, cover.alt or "", context.style("muted")))
            return [*lines, Strip([])]
        columns, _ = self.picture_size(cover, width)
        picture = self._picture(item, cover, context)
        if width < BESIDE_FROM:
            words = self._words(item, context, min(width, WIDEST_TEXT))
            return [words[0], *picture, *words[1:], Strip([])]
        # All cards of a list have their words in one column, and their pictures in the middle of the other.
        room = self._column(width)
        left_margin = (room - columns) // 2
        column = room + GAP
        words = self._words(item, context, min(width - column, WIDEST_TEXT))
        strips: list[Strip] = []
        for row in range(max(len(picture), len(words))):
            left = list(picture[row]) if row < len(picture) else [Segment(" " * columns)]
            right = list(words[row]) if row < len(words) else []
            right_margin = column - columns - left_margin
            strips.append(Strip([Segment(" " * left_margin), *left, Segment(" " * right_margin), *right]))
        return [*strips, Strip([])]

    def _picture(self, item: PhotoPost, medium: Media, context: RenderContext) -> list[Strip]:
        columns, rows = self.picture_size(medium, context.width)
        found = None
        if self._picture_of is not None and medium.type is not MediaType.VIDEO:
            found = self._picture_of(item.id, medium, columns, rows)
        if isinstance(found, DecodedPicture):
            strips = halfblock_strips(found.rgb, found.cols, found.rows)
        else:
            strips = placeholder_strips(columns, rows, _description(medium, found), context.style("faint"))
        if len(item.media) > 1:
            mark = f" 1/{len(item.media)} "
            strips[0] = _lay_over(strips[0], mark, columns - cells(mark), context.style("text on surface"))
        if item.id in self.hearts:
            strips = _with_heart(strips, columns, context.style("bold like"))
        return strips

    def _words(self, item: PhotoPost, context: RenderContext, width: int) -> list[Strip]:
        style = context.style
        place = item.location.name if item.location and item.location.name else ""
        when = ago(item.created_at, context.now)
        lines = [_author(item, width, style)]
        if place and cells(f"{place} · {when}") > width:
            when = ago_compact(item.created_at, context.now)
        lines += lay_out([Piece(f"{place} · {when}" if place else when, "muted")], width, style)
        if (state := self.states.get(item.id)) is not None:
            lines += lay_out([Piece(state, "warning")], width, style)
        if item.is_archived:
            lines += lay_out([Piece("archived: only you see it", "warning")], width, style)
        if item.caption:
            lines += [Strip([]), *self._caption(item, item.caption, width, context)]
        lines += [Strip([]), _counts(item, width, style)]
        if item.comment_count:
            many = item.comment_count > 1
            words = f"View all {count(item.comment_count)} comments" if many else "View 1 comment"
            lines.append(Strip([Segment(words, style("muted"))]))
        return lines

    def _caption(self, item: PhotoPost, caption: str, width: int, context: RenderContext) -> list[Strip]:
        """The words under a picture, after their author's name."""
        lead = Piece(f"{item.user.username} ", "bold text")
        lines = lay_out([lead, *stand_out(caption, [])], width, context.style)
        if self._whole or len(lines) <= CAPTION_LINES:
            return lines
        more = Strip([Segment("… Enter shows the rest", context.style("muted italic"))])
        return [*lines[: CAPTION_LINES - 1], more]


def _cover(item: PhotoPost) -> Media | None:
    return min(item.media, key=lambda medium: medium.order, default=None)


def _description(medium: Media, failure: DecodedPicture | str | None) -> str:
    """Return what stands in the frame of a picture that is not drawn (yet)."""
    name = medium.alt or ("photo" if medium.type is MediaType.IMAGE else "video")
    if medium.type is MediaType.VIDEO:
        return f"▶ {name}"
    return f"{name} — {failure}" if isinstance(failure, str) else name


def _author(item: PhotoPost, width: int, style: Callable[[str], Style]) -> Strip:
    """The name, the verified mark and, where there is room, the username."""
    user = item.user
    mark = " ✓" if user.is_verified else ""
    name = ellipsis(user.full_name or user.username, max(width - len(mark), 1))
    segments = [Segment(name, style("bold text")), Segment(mark, style("bold primary"))]
    handle = f"  @{user.username}"
    if user.full_name and cells(name) + len(mark) + cells(handle) <= width:
        segments.append(Segment(handle, style("muted")))
    return Strip(segments)


def _counts(item: PhotoPost, width: int, style: Callable[[str], Style]) -> Strip:
    """The heart says by its shape whether it was given; colour only adds to it."""
    heart = ("♥", "bold like") if item.is_liked_by_me else ("♡", "text")
    pieces = [(f"{heart[0]} {plural(item.like_count, 'like')}", heart[1])]
    pieces.append((plural(item.comment_count, "comment"), "muted"))
    if item.is_saved_by_me:
        pieces.append(("◆ saved", "bold accent"))
    return Strip(_fitting(pieces, width, style))


def _fitting(pieces: list[tuple[str, str]], width: int, style: Callable[[str], Style]) -> Iterator[Segment]:
    used = 0
    for text, spec in pieces:
        gap = "   " if used else ""
        if used + len(gap) + cells(text) > width:
            return
        yield Segment(gap + text, style(spec))
        used += len(gap) + cells(text)


def _lay_over(strip: Strip, text: str, at: int, style: Style) -> Strip:
    """Return `strip` with `text` in the place of what stands from cell `at` on."""
    if at < 0:
        return strip
    end = at + cells(text)
    return Strip([*strip.crop(0, at), Segment(text, style), *strip.crop(end, strip.cell_length)])


def _with_heart(strips: list[Strip], columns: int, style: Style) -> list[Strip]:
    """Return a picture with a heart in its middle; one too small for it stays as it is."""
    top, left = (len(strips) - len(HEART)) // 2, (columns - len(HEART[0])) // 2
    if top < 0 or left < 0:
        return strips
    laid = list(strips)
    for row, text in enumerate(HEART):
        bare = text.strip()
        laid[top + row] = _lay_over(laid[top + row], bare, left + text.index(bare[0]), style)
    return laid
