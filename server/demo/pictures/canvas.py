"""The drawing surface: everything is drawn at double size and halved at the end, so that edges are smooth."""

import math
import random
from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Color = tuple[int, int, int]
Point = tuple[float, float]
_OVERSAMPLE = 2


def rgb(code: str) -> Color:
    """The colour of a six-digit hex code."""
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def palette(codes: str) -> list[Color]:
    """Colours from hex codes separated by blanks."""
    return [rgb(code) for code in codes.split()]


def mix(first: Color, second: Color, share: float) -> Color:
    """`first` with `share` (0..1) of `second`."""
    a, b, c = (round(x + (y - x) * share) for x, y in zip(first, second, strict=True))
    return a, b, c


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface in `size` pixels."""
    return ImageFont.load_default(size)


class Canvas:
    """A picture while it is drawn. `w` and `h` are in drawing pixels, `u` is a hundredth of the shorter side."""

    def __init__(self, width: int, height: int, rng: random.Random) -> None:
        self.w, self.h = width * _OVERSAMPLE, height * _OVERSAMPLE
        self.u = min(self.w, self.h) / 100
        self.rng = rng
        self.image = Image.new("RGB", (self.w, self.h))
        self.draw = ImageDraw.Draw(self.image)

    def finished(self) -> Image.Image:
        """The picture in its final size."""
        return self.image.reduce(_OVERSAMPLE)

    def fade(self, stops: Sequence[Color], top: float = 0.0, bottom: float = 1.0) -> None:
        """A vertical gradient through `stops` between two heights given as shares of the picture."""
        y0, y1 = round(top * self.h), round(bottom * self.h)
        place = np.linspace(0, len(stops) - 1, max(2, y1 - y0))
        column = np.stack([np.interp(place, range(len(stops)), [s[i] for s in stops]) for i in range(3)], axis=1)
        strip = Image.fromarray(column.astype(np.uint8)[:, None, :])
        self.image.paste(strip.resize((self.w, strip.height), Image.Resampling.NEAREST), (0, y0))

    def fill(self, color: Color) -> None:
        """One colour everywhere."""
        self.image.paste(color, (0, 0, self.w, self.h))

    def glow(self, x: float, y: float, radius: float, color: Color, strength: float = 1.0) -> None:
        """A soft light around a point."""
        size = max(4, round(radius * 2))
        # Pillow's gradient has reached 181 where its circle meets the edge of the square.
        fall = [round(255 * strength * max(0.0, 1 - i / 180) ** 2) for i in range(256)]
        mask = Image.radial_gradient("L").point(fall)
        self.image.paste(color, (round(x - radius), round(y - radius)), mask.resize((size, size)))

    def disc(self, x: float, y: float, radius: float, color: Color, squash: float = 1.0) -> None:
        """A filled circle, or an ellipse whose height is `squash` times its width."""
        self.draw.ellipse((x - radius, y - radius * squash, x + radius, y + radius * squash), fill=color)

    def ring(self, x: float, y: float, radius: float, color: Color, width: float) -> None:
        """A circle line."""
        self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=color, width=max(1, round(width)))

    def box(self, x: float, y: float, width: float, height: float, color: Color, corner: float = 0.0) -> None:
        """A rectangle from its upper left corner, with rounded corners if wanted."""
        self.draw.rounded_rectangle((x, y, x + width, y + height), radius=corner, fill=color)

    def poly(self, points: Sequence[Point], color: Color) -> None:
        """A filled polygon."""
        self.draw.polygon(points, fill=color)

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """A polyline with round joints."""
        self.draw.line(points, fill=color, width=max(1, round(width)), joint="curve")

    def text(self, x: float, y: float, words: str, size: float, color: Color, anchor: str = "la") -> None:
        """Type; `anchor` as in Pillow."""
        self.draw.text((x, y), words, fill=color, font=font(max(8, round(size))), anchor=anchor)

    def ridge(self, height: float, swing: float, color: Color, rough: float = 1.0) -> list[Point]:
        """A hilly horizon around `height` (share of the picture), filled down to the lower edge; returns its line."""
        points: list[Point] = []
        waves = [
            (2 ** (i * 0.9) * self.rng.uniform(0.8, 1.3), self.rng.uniform(0, 6.3), rough**i * 0.5**i) for i in range(6)
        ]
        steps = 120
        for i in range(steps + 1):
            t = i / steps
            level = sum(a * math.sin(f * t * 4.2 + p) for f, p, a in waves)
            points.append((t * self.w, (height - swing * level * 0.6) * self.h))
        self.poly([*points, (self.w, self.h), (0, self.h)], color)
        return points

    def stars(self, count: int, lowest: float) -> None:
        """Stars of several sizes above `lowest` (share of the picture)."""
        for _ in range(count):
            x, y = self.rng.random() * self.w, self.rng.random() ** 1.3 * lowest * self.h
            shade = self.rng.randint(150, 255)
            self.disc(x, y, self.u * self.rng.choice((0.12, 0.16, 0.2, 0.32)), (shade, shade, min(255, shade + 20)))

    def curve(self, points: Sequence[Point], color: Color, width: float) -> None:
        """A smooth line through three control points of a quadratic curve."""
        (x0, y0), (x1, y1), (x2, y2) = points
        path = []
        for i in range(25):
            t = i / 24
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            path.append((a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2))
        self.line(path, color, width)
