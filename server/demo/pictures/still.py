"""Still lifes and food: coffee, fruit, soup, noodles, cake, a plant, books."""

import math

from server.demo.pictures.canvas import Canvas, Color, mix, palette, rgb

_BLACK, _WHITE = rgb("000000"), rgb("ffffff")


def _table(c: Canvas, wall: Color, table: Color, edge: float = 0.62) -> None:
    c.fade([mix(wall, _WHITE, 0.18), wall], 0, edge)
    c.glow(0.22 * c.w, 0.12 * c.h, 60 * c.u, mix(wall, _WHITE, 0.75), 0.75)
    c.fade([mix(table, _WHITE, 0.12), mix(table, _BLACK, 0.25)], edge, 1)
    for _ in range(9):
        y = c.rng.uniform(edge + 0.03, 1) * c.h
        c.line([(0, y), (c.w, y + c.rng.uniform(-2, 2) * c.u)], mix(table, _BLACK, 0.12), 0.25 * c.u)


def _shadow(c: Canvas, x: float, y: float, radius: float, table: Color) -> None:
    c.disc(x + radius * 0.12, y, radius, mix(table, _BLACK, 0.42), 0.2)


def _steam(c: Canvas, x: float, y: float, color: Color) -> None:
    for k in (-1, 0, 1):
        base, sway = x + k * 6 * c.u, c.rng.choice((-1, 1)) * 5 * c.u
        for part in range(2):
            y0 = y - part * 11 * c.u
            ends = [(base, y0), (base + sway * (1 - 2 * part), y0 - 5.5 * c.u), (base, y0 - 11 * c.u)]
            c.curve(ends, color, (1.5 - 0.5 * part) * c.u)


def coffee(c: Canvas, mood: str) -> None:
    """A cup from the side with steam, on a saucer."""
    wall, table, cup = palette(
        {"window": "7fb8d6 a8693c fdf6ec", "wood": "c9793f 5d3319 2f6f73", "teal": "1f6f78 e0b07a f7d774"}[mood]
    )
    _table(c, wall, table)
    x, y = c.w / 2 + c.rng.uniform(-8, 8) * c.u, 0.7 * c.h
    _shadow(c, x, y + 12 * c.u, 34 * c.u, table)
    c.disc(x, y + 10 * c.u, 30 * c.u, mix(cup, _BLACK, 0.12), 0.2)
    c.disc(x, y + 8.6 * c.u, 29 * c.u, cup, 0.19)
    c.ring(x + 21 * c.u, y - 9 * c.u, 9 * c.u, mix(cup, _BLACK, 0.1), 3.4 * c.u)
    c.poly(
        [
            (x - 22 * c.u, y - 22 * c.u),
            (x + 22 * c.u, y - 22 * c.u),
            (x + 15 * c.u, y + 8 * c.u),
            (x - 15 * c.u, y + 8 * c.u),
        ],
        cup,
    )
    c.disc(x, y + 7.5 * c.u, 15 * c.u, cup, 0.3)
    c.poly(
        [
            (x + 8 * c.u, y - 22 * c.u),
            (x + 22 * c.u, y - 22 * c.u),
            (x + 15 * c.u, y + 8 * c.u),
            (x + 7 * c.u, y + 11 * c.u),
        ],
        mix(cup, _BLACK, 0.13),
    )
    c.disc(x, y - 22 * c.u, 22 * c.u, mix(cup, _WHITE, 0.45), 0.24)
    c.disc(x, y - 21.5 * c.u, 19.5 * c.u, rgb("4a2412"), 0.21)
    c.disc(x - 2 * c.u, y - 21.5 * c.u, 11 * c.u, rgb("c98a4e"), 0.2)
    c.disc(x - 2 * c.u, y - 21.5 * c.u, 6 * c.u, rgb("f4dcb4"), 0.2)
    _steam(c, x, y - 30 * c.u, mix(wall, _WHITE, 0.6))


def fruit(c: Canvas, mood: str) -> None:
    """A footed bowl of round fruit."""
    wall, table, bowl = palette(
        {"ochre": "e3a72f 7a3b1d 2d5d7c", "blue": "2a6fb0 d9c3a0 f4efe6", "rose": "e58aa0 5f3b58 f6e27a"}[mood]
    )
    _table(c, wall, table)
    x, y = c.w / 2, 0.7 * c.h
    _shadow(c, x, y + 15 * c.u, 32 * c.u, table)
    skins = palette("e23b3b f28c28 f5c83b 8cbf3f 7a2e6b d94f70")
    places = [(-20, -14, 11), (20, -14, 11), (0, -17, 12), (-10, -25, 10.5), (11, -26, 10.5), (0, -34, 10)]
    for dx, dy, size in places:
        skin = c.rng.choice(skins)
        fx, fy, r = x + dx * c.u, y + dy * c.u, size * c.u
        c.disc(fx, fy, r, mix(skin, _BLACK, 0.18))
        c.disc(fx - r * 0.08, fy - r * 0.08, r * 0.9, skin)
        c.disc(fx - r * 0.35, fy - r * 0.38, r * 0.22, mix(skin, _WHITE, 0.65))
        c.line([(fx, fy - r * 0.85), (fx + r * 0.15, fy - r * 1.25)], rgb("4a2d12"), 0.9 * c.u)
        if c.rng.random() < 0.6:
            c.disc(fx + r * 0.45, fy - r * 1.1, r * 0.36, rgb("4f9a3a"), 0.5)
    c.draw.pieslice((x - 34 * c.u, y - 38 * c.u, x + 34 * c.u, y + 13 * c.u), 0, 180, fill=bowl)
    c.draw.pieslice((x, y - 38 * c.u, x + 34 * c.u, y + 13 * c.u), 0, 90, fill=mix(bowl, _BLACK, 0.14))
    c.box(x - 36 * c.u, y - 15 * c.u, 72 * c.u, 4 * c.u, mix(bowl, _WHITE, 0.3), 2 * c.u)
    c.box(x - 11 * c.u, y + 11 * c.u, 22 * c.u, 4.5 * c.u, mix(bowl, _BLACK, 0.22), 2 * c.u)


def _from_above(c: Canvas, cloth: Color, stripe: Color, rim: Color, soup: Color) -> tuple[float, float, float]:
    c.fill(cloth)
    for i in range(-20, 40):
        shift = i * 12 * c.u
        c.line([(shift, 0), (shift + c.h * 0.35, c.h)], stripe, 2.2 * c.u)
    x, y, r = c.w / 2, c.h / 2, 40 * c.u
    c.disc(x + 3 * c.u, y + 4 * c.u, r, mix(cloth, _BLACK, 0.45))
    c.disc(x, y, r, rim)
    c.disc(x, y, r * 0.9, mix(rim, _BLACK, 0.16))
    c.disc(x, y + c.u, r * 0.84, soup)
    c.disc(x - r * 0.1, y - r * 0.08, r * 0.68, mix(soup, _WHITE, 0.1))
    return x, y, r


def bowl(c: Canvas, mood: str) -> None:
    """Soup from above with a swirl of cream, herbs and a spoon."""
    soup = rgb({"tomato": "d6401f", "lentil": "c98a2b", "pumpkin": "f08a1d", "pea": "6aa63a"}[mood])
    cloth, rim = c.rng.choice((palette("2f4858 f6f1e7"), palette("7a2e3a fdf3d8"), palette("35605a f2e3c9")))
    x, y, r = _from_above(c, cloth, mix(cloth, _WHITE, 0.12), rim, soup)
    turn = c.rng.uniform(0, 6)
    swirl = [
        (x + math.cos(turn + t / 7) * r * 0.012 * t, y + math.sin(turn + t / 7) * r * 0.012 * t) for t in range(46)
    ]
    c.line(swirl, rgb("fff6e4"), 2.6 * c.u)
    for _ in range(16):
        a, d = c.rng.uniform(0, 6.3), c.rng.uniform(0.1, 0.7) * r
        c.disc(x + math.cos(a) * d, y + math.sin(a) * d, c.rng.uniform(1.2, 2.4) * c.u, rgb("2f7a34"), 0.5)
    c.line([(x + r * 0.5, y + r * 0.4), (x + r * 1.25, y + r * 1.05)], rgb("d9dde2"), 3 * c.u)
    c.disc(x + r * 0.48, y + r * 0.38, 7 * c.u, rgb("c3c9d1"), 0.75)


def ramen(c: Canvas, mood: str) -> None:
    """A noodle bowl from above: egg, greens, seaweed."""
    cloth = rgb({"red": "a8231f", "navy": "1d2b5e", "green": "1f5a44"}[mood])
    x, y, r = _from_above(c, cloth, mix(cloth, _WHITE, 0.1), rgb("1b1b22"), rgb("c97a35"))
    for i in range(26):
        a = c.rng.uniform(-0.9, 0.9)
        oy = (i - 13) * r * 0.05
        half = math.sqrt(max(0.0, (r * 0.78) ** 2 - oy * oy))
        c.curve(
            [(x - half, y + oy), (x + a * r * 0.4, y + oy + a * 9 * c.u), (x + half, y + oy)], rgb("f6d88a"), 1.3 * c.u
        )
    c.poly(
        [(x - r * 0.75, y - r * 0.55), (x - r * 0.2, y - r * 0.98), (x, y - r * 0.55), (x - r * 0.5, y - r * 0.2)],
        rgb("16332a"),
    )
    for ex, ey in ((0.36, -0.22), (0.1, 0.3)):
        c.disc(x + ex * r, y + ey * r, r * 0.24, rgb("fffaf0"), 0.82)
        c.disc(x + ex * r, y + ey * r, r * 0.13, rgb("ff9a1f"), 0.82)
    for _ in range(24):
        c.ring(
            x - r * 0.36 + c.rng.gauss(0, 4) * c.u,
            y + r * 0.3 + c.rng.gauss(0, 4) * c.u,
            1.8 * c.u,
            rgb("5fbf4a"),
            0.9 * c.u,
        )
    for shift in (-5, 0):
        c.line(
            [(x + r * 1.15, y - r + shift * c.u), (x + r * 0.15, y + r * 1.25 + shift * c.u)], rgb("e8b98a"), 2 * c.u
        )


def cake(c: Canvas, mood: str) -> None:
    """A slice of layered cake with a cherry."""
    wall, cream, sponge = palette(
        {"rose": "f3a6b8 fff1e6 c7506a", "mint": "7fd1b9 fffdf5 5a3524", "cream": "f2c879 fff7e0 a8612c"}[mood]
    )
    table = mix(wall, rgb("4a2a4f"), 0.65)
    _table(c, wall, table)
    x, y = c.w / 2, 0.74 * c.h
    _shadow(c, x, y + 5 * c.u, 42 * c.u, table)
    c.disc(x, y + 3 * c.u, 40 * c.u, rgb("f4f6f8"), 0.16)
    left, right, top = x - 27 * c.u, x + 27 * c.u, y - 36 * c.u
    for i in range(6):
        y0, y1 = y - i * 6 * c.u, y - (i + 1) * 6 * c.u
        c.box(left, y1, right - left, y0 - y1 + 1, sponge if i % 2 == 0 else cream)
    c.poly([(left, top), (right, top), (right - 12 * c.u, top - 9 * c.u), (left + 16 * c.u, top - 9 * c.u)], cream)
    c.box(left, top - 1.5 * c.u, right - left, 4 * c.u, mix(cream, _WHITE, 0.4), 2 * c.u)
    for i in range(7):
        c.box(left + i * 7.8 * c.u, top, 5.5 * c.u, c.rng.uniform(5, 13) * c.u, mix(cream, _WHITE, 0.4), 2.7 * c.u)
    c.disc(x, top - 11 * c.u, 6.5 * c.u, rgb("d11f3a"))
    c.disc(x - 2 * c.u, top - 13 * c.u, 1.6 * c.u, rgb("ff9aa8"))
    c.curve([(x, top - 16 * c.u), (x + 3 * c.u, top - 26 * c.u), (x + 12 * c.u, top - 28 * c.u)], rgb("3f7a2f"), c.u)


def plant(c: Canvas, mood: str) -> None:
    """A leafy plant; every leaf with a midrib."""
    wall, pot = palette({"terracotta": "f2d8b8 c4552d", "blue": "f0e6d2 2f62a8", "yellow": "3d7f86 f0b92f"}[mood])
    table = rgb("6b4a34")
    _table(c, wall, table, 0.78)
    x, y = c.w / 2, 0.84 * c.h
    _shadow(c, x, y + 1 * c.u, 26 * c.u, table)
    greens = palette("1f6b3a 2f8a4a 57a84f 174f38 86bf5a")
    for i in range(17):
        a = math.pi * (0.08 + 0.84 * i / 16) + c.rng.uniform(-0.1, 0.1)
        length = c.rng.uniform(24, 46) * c.u
        tx, ty = x + math.cos(a) * length, y - 24 * c.u - math.sin(a) * length * 1.1
        c.curve([(x, y - 18 * c.u), (x + math.cos(a) * 6 * c.u, y - 34 * c.u), (tx, ty)], greens[3], 1.1 * c.u)
        _leaf(c, tx, ty, a, c.rng.uniform(10, 16) * c.u, c.rng.choice(greens))
    c.poly(
        [
            (x - 19 * c.u, y - 22 * c.u),
            (x + 19 * c.u, y - 22 * c.u),
            (x + 13 * c.u, y + 3 * c.u),
            (x - 13 * c.u, y + 3 * c.u),
        ],
        pot,
    )
    c.poly(
        [
            (x + 7 * c.u, y - 22 * c.u),
            (x + 19 * c.u, y - 22 * c.u),
            (x + 13 * c.u, y + 3 * c.u),
            (x + 6 * c.u, y + 3 * c.u),
        ],
        mix(pot, _BLACK, 0.18),
    )
    c.box(x - 21 * c.u, y - 26 * c.u, 42 * c.u, 7 * c.u, mix(pot, _WHITE, 0.15), 1.5 * c.u)


def _leaf(c: Canvas, x: float, y: float, angle: float, size: float, color: Color) -> None:
    dx, dy = math.cos(angle), -math.sin(angle)
    shape: list[tuple[float, float]] = []
    for t in (*[i / 8 for i in range(9)], *[i / 8 for i in range(8, -1, -1)]):
        side = 1 if len(shape) < 9 else -1
        width = math.sin(math.pi * t) * size * 0.42 * side
        along = (t - 0.5) * size * 1.7
        shape.append((x + dx * along - dy * width, y + dy * along + dx * width))
    c.poly(shape, color)
    c.line([shape[0], shape[8]], mix(color, _WHITE, 0.3), 0.4 * c.u)


def books(c: Canvas, mood: str) -> None:
    """A crooked stack of books under a lamp."""
    wall, table = palette({"evening": "2b2f55 7a4a2c", "morning": "f0c9a0 8a5a3c", "green": "2f6b57 c79a64"}[mood])
    _table(c, wall, table, 0.8)
    lx = 0.78 * c.w
    c.glow(lx, 0.36 * c.h, 48 * c.u, rgb("ffe2a0"), 0.9)
    c.line([(lx, 0.36 * c.h), (lx, 0.84 * c.h)], rgb("3a2a2a"), 1.6 * c.u)
    c.box(lx - 9 * c.u, 0.83 * c.h, 18 * c.u, 3 * c.u, rgb("3a2a2a"), c.u)
    c.poly(
        [
            (lx - 7 * c.u, 0.22 * c.h),
            (lx + 7 * c.u, 0.22 * c.h),
            (lx + 16 * c.u, 0.38 * c.h),
            (lx - 16 * c.u, 0.38 * c.h),
        ],
        rgb("ffcf5c"),
    )
    y, covers = 0.86 * c.h, palette("c8413b 2f6f9f e9b44c 5b8c5a 7b4b94 e7e0cf d97b4a 2a3d45")
    c.rng.shuffle(covers)
    for color in covers[: c.rng.randint(5, 7)]:
        width, height = c.rng.uniform(40, 56) * c.u, c.rng.uniform(6, 10) * c.u
        x = 0.38 * c.w - width / 2 + c.rng.uniform(-4, 4) * c.u
        y -= height
        c.box(x, y, width, height, color, 1.2 * c.u)
        c.box(x + width - 3 * c.u, y + 1.2 * c.u, 3 * c.u, height - 2.4 * c.u, rgb("f7f0e0"))
        c.box(x + 7 * c.u, y + height * 0.32, width * 0.45, height * 0.32, mix(color, _WHITE, 0.5))
    c.disc(0.36 * c.w, y - 4.2 * c.u, 4.4 * c.u, rgb("d62f3a"))
