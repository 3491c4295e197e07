"""Pictures as text: two pixels to a cell, drawn with half blocks, and placeholders of the same size until they come.

cols, rows = fit(post.width, post.height, max_cols=40, max_rows=12)    # at once, from what the post says of its picture
placeholder_strips(cols, rows, post.alt, style)                        # until the bytes are there
picture = await asyncio.to_thread(decode, data, cols, rows)            # PictureError has a sentence
halfblock_strips(picture.rgb, picture.cols, picture.rows)
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.picture_header import PictureError, measure
from widgets.wrapping import cells, ellipsis, wrap

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "DecodedPicture",
    "PictureError",
    "decode",
    "fit",
    "halfblock_strips",
    "placeholder_line",
    "placeholder_strips",
]

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 16_000_000
MAX_JPEG_PIXELS = 40_000_000
"""More than for the other formats: a JPEG is decoded at an eighth of its size where that is enough."""

SPREAD = 8
"""How far the values of a channel may lie apart in neighbouring pixels that become one: none is off by more than half
of that, which cannot be seen in a half block (44 to 57 dB beside the picture as it was)."""
COARSE_SPREAD = 32
"""The same for a line that is slow: smooth surfaces become bands, and everything can still be recognised."""
_ASPECT_TOLERANCE = 1.15


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """A picture scaled for the screen."""

    cols: int
    rows: int
    """Cells."""
    rgb: bytes
    """Rows of `cols` pixels, two of them to a row of cells, three bytes to a pixel."""


def fit(width_px: int, height_px: int, max_cols: int, max_rows: int) -> tuple[int, int]:
    """Return the cells (cols, rows) of the largest drawing that fits, a cell being twice as high as wide."""
    width_px, height_px = max(1, width_px), max(1, height_px)
    scale = min(max_cols / width_px, 2 * max_rows / height_px)
    cols = max(1, min(max_cols, round(width_px * scale)))
    rows = max(1, min(max_rows, math.ceil(round(height_px * scale) / 2)))
    return cols, rows


def decode(data: bytes, cols: int, rows: int, background: tuple[int, int, int] = (0, 0, 0)) -> DecodedPicture:
    """Return the picture in `data` scaled to `cols` x `rows` cells; may take tens of ms, so call it in a thread.

    The first frame of an animation is taken, transparency is laid over `background`, and a picture of another shape
    than was asked for gets margins. PictureError, with a sentence, for what is too large, damaged, or no PNG, JPEG,
    WebP or GIF: the size is checked before anything is decoded.
    """
    if len(data) > MAX_BYTES:
        raise PictureError("This picture is too large to be shown here (over 10 MB).")
    kind, width, height = measure(data)
    _check_pixels(kind, width, height)
    from PIL import Image, UnidentifiedImageError  # imported late: it takes tens of milliseconds

    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as image:
            _check_pixels(kind, *image.size)
            image.draft("RGB", (cols * 2, rows * 4))
            rgb = _scale(image, cols, rows, background).tobytes()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, EOFError) as error:
        raise PictureError("This picture is damaged.") from error
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise PictureError("This picture is damaged.") from error
    return DecodedPicture(cols, rows, merge_runs(rgb, cols, SPREAD))


def merge_runs(rgb: bytes, cols: int, spread: int) -> bytes:
    """Return the pixels with neighbours of a line made equal whose values lie no further apart than `spread`.

    Each run takes the middle of its values. What is equal is written once: a cell is its colours, 34 bytes, else.
    """
    merged = bytearray()
    for line in range(0, len(rgb), cols * 3):
        red, green, blue = rgb[line : line + 3]
        least, most, count = (red, green, blue), (red, green, blue), 0
        for at in range(line, line + cols * 3, 3):
            red, green, blue = rgb[at : at + 3]
            low = min(least[0], red), min(least[1], green), min(least[2], blue)
            high = max(most[0], red), max(most[1], green), max(most[2], blue)
            if high[0] - low[0] > spread or high[1] - low[1] > spread or high[2] - low[2] > spread:
                merged += _middle(least, most) * count
                low = high = red, green, blue
                count = 0
            least, most, count = low, high, count + 1
        merged += _middle(least, most) * count
    return bytes(merged)


def _middle(least: tuple[int, int, int], most: tuple[int, int, int]) -> bytes:
    return bytes(((least[0] + most[0]) // 2, (least[1] + most[1]) // 2, (least[2] + most[2]) // 2))


def _check_pixels(kind: str, width: int, height: int) -> None:
    limit = MAX_JPEG_PIXELS if kind == "JPEG" else MAX_PIXELS
    if width * height > limit:
        raise PictureError(f"This picture is too large to be shown here ({width:,} x {height:,} pixels).")


def _scale(image: Image, cols: int, rows: int, background: tuple[int, int, int]) -> Image:
    """Return `image` turned upright, opaque, and cols x 2 rows pixels large."""
    from PIL import Image as Images
    from PIL import ImageOps

    size = (cols, rows * 2)
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("P", "LA", "PA", "RGBA", "La", "RGBa") or "transparency" in upright.info:
        opaque = upright.convert("RGBA")
        ground = Images.new("RGBA", opaque.size, (*background, 255))
        upright = Images.alpha_composite(ground, opaque)
    upright = upright.convert("RGB")
    shape = (upright.width / upright.height) / (size[0] / size[1])
    if 1 / _ASPECT_TOLERANCE <= shape <= _ASPECT_TOLERANCE or min(size) <= 2:
        return upright.resize(size, Images.Resampling.BILINEAR, reducing_gap=2.0)
    return ImageOps.pad(upright, size, Images.Resampling.BILINEAR, color=background)


@lru_cache(maxsize=16384)
def _pixel_style(pair: bytes) -> Style:
    """Return the style of two pixels, the upper one's three bytes first."""
    return Style.from_color(Color.from_rgb(pair[0], pair[1], pair[2]), Color.from_rgb(pair[3], pair[4], pair[5]))


def halfblock_strips(rgb: bytes, cols: int, rows: int) -> list[Strip]:
    """Return `rows` strips of `cols` cells for pixels as in `DecodedPicture.rgb`; ValueError for a wrong length."""
    line = cols * 3
    if len(rgb) != line * rows * 2:
        raise ValueError(f"{cols}x{rows} cells need {line * rows * 2} bytes, not {len(rgb)}")
    strips = []
    for start in range(0, len(rgb), 2 * line):
        upper, lower = rgb[start : start + line], rgb[start + line : start + 2 * line]
        segments: list[Segment] = []
        last, run = b"", 0
        for x in range(0, line, 3):
            pair = upper[x : x + 3] + lower[x : x + 3]
            if pair != last:
                if run:
                    segments.append(_run(last, run))
                last, run = pair, 0
            run += 1
        segments.append(_run(last, run))
        strips.append(Strip(segments, cols))
    return strips


def _run(pair: bytes, count: int) -> Segment:
    return Segment((" " if pair[:3] == pair[3:] else "▀") * count, _pixel_style(pair))


def placeholder_strips(cols: int, rows: int, alt: str, style: Style) -> list[Strip]:
    """Return a frame of the size that the picture will have, with its description in the middle."""
    if rows < 3 or cols < 6:
        label = ellipsis(alt, cols)
        first = Strip([Segment(label + " " * (cols - cells(label)), style)], cols)
        return [first, *[Strip.blank(cols, style)] * (rows - 1)]
    text = wrap(alt, cols - 4)[: rows - 2]
    above = (rows - 2 - len(text)) // 2
    inner = ["" for _ in range(above)] + text
    lines = ["┌" + "─" * (cols - 2) + "┐"]
    for row in range(rows - 2):
        content = inner[row] if row < len(inner) else ""
        left = (cols - 2 - cells(content)) // 2
        lines.append("│" + " " * left + content + " " * (cols - 2 - left - cells(content)) + "│")
    lines.append("└" + "─" * (cols - 2) + "┘")
    return [Strip([Segment(line, style)], cols) for line in lines]


def placeholder_line(width: int, width_px: int, height_px: int, alt: str, style: Style) -> Strip:
    """Return one line of `width` cells in place of a picture, for terminals whose colours cannot show one."""
    shape = "wide" if width_px > 1.1 * height_px else "tall" if height_px > 1.1 * width_px else "square"
    text = ellipsis(f"[{shape} photo] {alt}" if alt else f"[{shape} photo, no description]", width)
    return Strip([Segment(text + " " * (width - cells(text)), style)], width)
