"""Charts with axes and labels, drawn maps, posters with type, and cover art."""

import math
from itertools import pairwise

from server.demo.pictures.canvas import Canvas, Color, mix, palette, rgb

_WHITE = rgb("ffffff")
_THEMES = {
    "dark": "10162b e8ecff 2f3a63 4cc9f0 f72585 ffd166 06d6a0",
    "light": "fdfaf3 22223b d8d3c5 2667ff ef476f f4a261 2a9d8f",
}
_MEASURES = (
    "hours of sleep",
    "cups of coffee",
    "startup time, ms",
    "rain, mm",
    "loaves baked",
    "pages read",
    "minutes late",
    "tomatoes, g",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _axes(c: Canvas, colors: list[Color], title: str) -> tuple[float, float, float, float]:
    c.fill(colors[0])
    left, top, right, bottom = 14 * c.u, 17 * c.u, c.w - 6 * c.u, c.h - 13 * c.u
    c.text(left, 5 * c.u, title, 5.4 * c.u, colors[1])
    for k in range(6):
        y = bottom - (bottom - top) * k / 5
        c.line([(left, y), (right, y)], colors[2], 0.3 * c.u)
        c.text(left - 2 * c.u, y, str(k * 20), 3.2 * c.u, colors[1], "rm")
    c.line([(left, top), (left, bottom), (right, bottom)], colors[1], 0.6 * c.u)
    return left, top, right, bottom


def line(c: Canvas, mood: str) -> None:
    """Two or three series over the months, the first one filled."""
    colors = palette(_THEMES[mood])
    left, top, right, bottom = _axes(c, colors, c.rng.choice(_MEASURES) + " by month")
    count = c.rng.choice((2, 3))
    for k in range(count):
        level, path = c.rng.uniform(0.3, 0.7), []
        for i in range(48):
            level = min(0.95, max(0.06, level + c.rng.gauss(0.003, 0.055)))
            path.append((left + (right - left) * i / 47, bottom - (bottom - top) * level))
        if k == 0:
            c.poly([*path, (right, bottom), (left, bottom)], mix(colors[0], colors[3], 0.28))
        c.line(path, colors[3 + k], 1.3 * c.u)
        c.disc(*path[-1], 1.7 * c.u, colors[3 + k])
    for i, month in enumerate(_MONTHS):
        c.text(left + (right - left) * (i + 0.5) / 12, bottom + 2 * c.u, month, 3.1 * c.u, colors[1], "ma")


def bars(c: Canvas, mood: str) -> None:
    """Bars by month, the highest one marked."""
    colors = palette(_THEMES[mood])
    left, top, right, bottom = _axes(c, colors, c.rng.choice(_MEASURES) + ", a year")
    base = c.rng.uniform(0, 6)
    values = [0.5 + 0.3 * math.sin(base + i / 12 * 6.3) + c.rng.uniform(-0.14, 0.14) for i in range(12)]
    step = (right - left) / 12
    for i, value in enumerate(values):
        height = (bottom - top) * min(0.97, max(0.06, value))
        color = colors[4] if value == max(values) else colors[3] if i % 2 else mix(colors[3], colors[6], 0.6)
        c.box(left + (i + 0.15) * step, bottom - height, step * 0.7, height, color, c.u)
        c.text(left + (i + 0.5) * step, bottom + 2 * c.u, _MONTHS[i], 3.1 * c.u, colors[1], "ma")


def scatter(c: Canvas, mood: str) -> None:
    """Three groups of points and a trend line."""
    colors = palette(_THEMES[mood])
    first, second = c.rng.sample(_MEASURES, 2)
    left, top, right, bottom = _axes(c, colors, f"{first} vs {second}")
    slope = c.rng.choice((0.7, 0.5, -0.6))
    for i in range(110):
        t = c.rng.random()
        v = min(0.97, max(0.03, 0.5 + slope * (t - 0.5) + c.rng.gauss(0, 0.1)))
        c.disc(
            left + (right - left) * t,
            bottom - (bottom - top) * v,
            c.rng.choice((1.1, 1.6, 2.4)) * c.u,
            colors[3 + i % 4],
        )
    ends = [(left, bottom - (bottom - top) * (0.5 - slope / 2)), (right, bottom - (bottom - top) * (0.5 + slope / 2))]
    c.line(ends, colors[1], 0.8 * c.u)
    c.text((left + right) / 2, bottom + 4 * c.u, first, 3.6 * c.u, colors[1], "ma")


def map_(c: Canvas, mood: str) -> None:
    """A coast with woods, roads, a river, towns and a dashed route."""
    water, land, wood, road, ink, route = palette(
        {
            "paper": "8ecae6 f6ecd2 b7cf98 ffffff 4a3b2a d62828",
            "night": "0b1d3a 22304f 2f4a55 8fa3d0 e6ecff ffb703",
            "green": "4aa3c7 cfe3a8 7fb069 fff8e7 2d3a2a e4572e",
        }[mood]
    )
    c.fill(water)
    wobble = [c.rng.uniform(0, 6.3) for _ in range(4)]
    coast = []
    for i in range(81):
        t = i / 80
        reach = (
            0.24
            + 0.07 * math.sin(5 * t + wobble[0])
            + 0.05 * math.sin(11 * t + wobble[1])
            + 0.02 * math.sin(31 * t + wobble[2])
        )
        coast.append((reach * c.w, t * c.h))
    for k in (3, 2, 1):
        c.line([(x - k * 2.4 * c.u, y) for x, y in coast], mix(water, _WHITE, 0.32 - 0.08 * k), 0.6 * c.u)
    c.poly([*coast, (c.w, c.h), (c.w, 0)], land)
    c.line(coast, ink, 0.6 * c.u)
    for _ in range(9):
        wx, wy = c.rng.uniform(0.4, 1) * c.w, c.rng.random() * c.h
        for _ in range(6):
            c.disc(wx + c.rng.gauss(0, 6) * c.u, wy + c.rng.gauss(0, 5) * c.u, c.rng.uniform(3, 7) * c.u, wood)
    bend = c.rng.uniform(0.2, 0.8)
    c.curve([(c.w, 0.1 * c.h), (0.6 * c.w, bend * c.h), coast[50]], mix(water, _WHITE, 0.1), 2.4 * c.u)
    towns = [(c.rng.uniform(0.38, 0.92) * c.w, (0.12 + 0.15 * k) * c.h) for k in range(6)]
    for k, town in enumerate(towns):
        other = towns[(k + 2) % 6]
        middle = ((town[0] + other[0]) / 2 + c.rng.uniform(-9, 9) * c.u, (town[1] + other[1]) / 2)
        c.curve([town, middle, other], mix(ink, land, 0.55), 1.6 * c.u)
        c.curve([town, middle, other], road, 1.0 * c.u)
    for a, b in pairwise(towns):
        for i in range(0, 16, 2):
            p = [(a[0] + (b[0] - a[0]) * t / 16, a[1] + (b[1] - a[1]) * t / 16) for t in (i, i + 1.1)]
            c.line(p, route, 1.3 * c.u)
    names = c.rng.sample(("Alder", "Brae", "Holm", "Saltby", "Quill", "Mere", "Tarn", "Ost", "Fennick", "Lyne"), 6)
    for (x, y), name in zip(towns, names, strict=True):
        c.disc(x, y, 2 * c.u, ink)
        c.disc(x, y, 1.2 * c.u, route)
        c.text(x + 3 * c.u, y - 2 * c.u, name, 4 * c.u, ink)
    c.ring(0.1 * c.w, 0.88 * c.h, 6 * c.u, ink, 0.5 * c.u)
    c.poly(
        [(0.1 * c.w, 0.88 * c.h - 8 * c.u), (0.1 * c.w - 2 * c.u, 0.88 * c.h), (0.1 * c.w + 2 * c.u, 0.88 * c.h)], route
    )


_WORDS = ("SLOW", "TIDE", "NIGHT\nTRAIN", "BREAD", "ECHO", "NORTH", "LESS", "HUM", "STAY", "OPEN", "SALT", "MOTH")
_SMALL = (
    "an evening of quiet machines",
    "every thursday, cellar door",
    "seven rooms, one piano",
    "for people who walk",
    "bring your own chair",
)


def poster(c: Canvas, mood: str) -> None:
    """Big type, big shapes, few colours."""
    ground, one, two, ink = palette(
        {
            "red": "e63922 1b1b1e f6e7cb ffffff",
            "blue": "1d3fbb ffd23f ff5d8f ffffff",
            "yellow": "ffc914 17202f e4572e 17202f",
            "green": "0f6b4f f4d35e ee964b fdf6e3",
        }[mood]
    )
    c.fill(ground)
    x, y, r = c.w * c.rng.uniform(0.35, 0.65), c.h * c.rng.uniform(0.35, 0.5), 32 * c.u
    form = c.rng.randrange(4)
    if form == 0:
        c.disc(x, y, r, two)
        c.draw.pieslice((x - r, y - r, x + r, y + r), 45, 225, fill=one)
    elif form == 1:
        for k in range(6, 0, -1):
            c.disc(x, y, r * k / 6, (one, two)[k % 2])
    elif form == 2:
        for k in range(7):
            c.poly(
                [
                    (0, (0.08 + 0.1 * k) * c.h),
                    (c.w, (0.02 + 0.1 * k) * c.h),
                    (c.w, (0.07 + 0.1 * k) * c.h),
                    (0, (0.13 + 0.1 * k) * c.h),
                ],
                (one, two)[k % 2],
            )
    else:
        c.poly([(x - r, y + r), (x, y - r), (x + r, y + r)], one)
        c.disc(x + r * 0.5, y - r * 0.4, r * 0.45, two)
    word = c.rng.choice(_WORDS)
    size = min(28.0, 150.0 / max(len(part) for part in word.split("\n"))) * c.u
    base = c.h - 13 * c.u - size * 1.05 * (word.count("\n") + 1)
    for i, part in enumerate(word.split("\n")):
        c.text(7 * c.u, base + i * size * 1.02, part, size, ink)
    c.text(7.5 * c.u, c.h - 8 * c.u, c.rng.choice(_SMALL), 3.7 * c.u, ink)
    c.box(7 * c.u, 6 * c.u, 18 * c.u, 1.2 * c.u, ink)
    c.text(c.w - 7 * c.u, 5 * c.u, f"No. {c.rng.randint(2, 98)}", 4 * c.u, ink, "ra")


_SCHEMES = (
    "14213d fca311 e5e5e5 e63946",
    "2b2d42 ef233c edf2f4 ffd166",
    "240046 ff6d00 ff9e00 9d4edd",
    "003049 fcbf49 f77f00 eae2b7",
    "1b4332 95d5b2 ffb4a2 d8f3dc",
    "ffe5d9 d8572a 780116 3a506b",
    "0d1b2a 41ead4 ff206e fbff12",
)


def cover(c: Canvas, mood: str) -> None:
    """Square abstract art for records."""
    back, one, two, three = palette(c.rng.choice(_SCHEMES))
    c.fade([back, mix(back, one, 0.3)])
    x, y, u = c.w / 2, c.h / 2, c.u
    if mood == "sun":
        c.disc(x, y - 6 * u, 30 * u, one)
        for k in range(7):
            c.box(0, y + (k * 5 - 4) * u, c.w, (0.8 + k * 0.55) * u, back)
        c.poly([(0, c.h), (0, y + 34 * u), (x, y + 22 * u), (c.w, y + 36 * u), (c.w, c.h)], two)
    elif mood == "grid":
        for i in range(6):
            for j in range(6):
                color = c.rng.choice((one, two, three, back))
                px, py = c.w * (i + 0.5) / 6, c.h * (j + 0.5) / 6
                c.disc(px, py, 7 * u, color) if (i + j) % 2 else c.box(px - 7 * u, py - 7 * u, 14 * u, 14 * u, color)
    elif mood == "rings":
        for k in range(9, 0, -1):
            c.disc(x + (9 - k) * 1.5 * u, y, k * 5 * u, (one, back, two, back, three)[k % 5])
    elif mood == "waves":
        for k in range(12):
            phase = c.rng.uniform(0.2, 0.5) * k
            path = [(c.w * i / 50, c.h * (0.1 + 0.075 * k) + math.sin(i / 6 + phase) * 5 * u) for i in range(51)]
            c.line(path, (one, two, three)[k % 3], 3.2 * u)
    elif mood == "peaks":
        for k, color in enumerate((three, two, one)):
            for _ in range(3):
                px, top = c.rng.random() * c.w, c.h * (0.25 + 0.17 * k)
                c.poly([(px, top), (px - 38 * u, c.h), (px + 38 * u, c.h)], color)
        c.disc(c.w * 0.78, c.h * 0.2, 8 * u, _WHITE)
    else:
        for i in range(15):
            height = c.h * (0.15 + 0.6 * abs(math.sin(i * 0.55 + c.rng.random())))
            c.box(c.w * (0.08 + i * 0.057), (c.h - height) / 2, c.w * 0.036, height, (one, two, three)[i % 3], 2 * u)
