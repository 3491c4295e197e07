"""Portraits and pets: stylised faces with skin, hair, glasses and hats, cats and dogs with character."""

from server.demo.pictures.canvas import Canvas, Color, mix, palette, rgb

_BLACK, _WHITE = rgb("000000"), rgb("ffffff")
_BACK = {
    "rose": "f28aa0 c7446b",
    "teal": "2fb0a8 146a74",
    "ochre": "f2b441 c9761f",
    "violet": "8a6be0 4a2f9a",
    "blue": "5aa9f0 2358b0",
}
_SKIN = "ffe0c7 f5c7a0 e0a878 c68655 9a5f38 6f4128 4a2a1a"
_HAIR = "1d1a1c 3a241a 6b3f22 b5651d e8c070 8f8f98 d9412f 5a3fa0"


def portrait(c: Canvas, mood: str) -> None:
    """A head and shoulders."""
    back = palette(_BACK[mood])
    c.fade(back)
    c.disc(c.w / 2, c.h * 0.5, 44 * c.u, mix(back[0], _WHITE, 0.22))
    face(c, c.w / 2, c.h * 0.5, 1.15 * c.u)


def face(c: Canvas, x: float, y: float, s: float) -> None:
    """A face around (`x`, `y`); `s` is the size of a unit, the head is about 50 units high."""
    rng = c.rng
    skin, hair = rng.choice(palette(_SKIN)), rng.choice(palette(_HAIR))
    shirt = rng.choice(palette("e63946 f1faee 2a9d8f e9c46a 264653 f4a261 6a4c93 1d3557"))
    style = rng.choice(("short", "long", "bun", "curly", "bald", "bob", "scarf"))
    dark = mix(skin, rgb("5a1f1a"), 0.28)
    cloth = rng.choice(palette("d1495b edae49 00798c 30638e 7a9e7e"))
    if style in ("long", "bob"):
        c.box(x - 25 * s, y - 24 * s, 50 * s, (58 if style == "long" else 40) * s, hair, 20 * s)
    if style == "scarf":
        c.box(x - 26 * s, y - 30 * s, 52 * s, 70 * s, cloth, 25 * s)
    if style == "curly":
        for i in range(14):
            c.disc(
                x + rng.uniform(-24, 24) * s,
                y + rng.uniform(-30, -4) * s,
                rng.uniform(8, 11) * s,
                hair if i % 3 else mix(hair, _WHITE, 0.08),
            )
    if style == "bun":
        c.disc(x, y - 34 * s, 10 * s, hair)
    c.disc(x, y + 66 * s, 42 * s, shirt, 0.75)
    c.box(x - 9 * s, y + 14 * s, 18 * s, 26 * s, dark, 8 * s)
    for side in (-1, 1):
        c.disc(x + side * 21 * s, y + 1 * s, 5 * s, dark)
    c.draw.ellipse((x - 21 * s, y - 27 * s, x + 21 * s, y + 28 * s), fill=skin)
    _hair(c, x, y, s, style, hair, cloth)
    _features(c, x, y, s, skin, hair, style in ("short", "curly", "bald"))
    if style not in ("scarf", "bun", "curly") and rng.random() < 0.35:
        _hat(c, x, y, s)


def _hair(c: Canvas, x: float, y: float, s: float, style: str, hair: Color, cloth: Color) -> None:
    if style == "bald":
        return
    if style == "scarf":
        c.draw.chord((x - 23 * s, y - 31 * s, x + 23 * s, y + 20 * s), 190, 350, fill=cloth)
        return
    c.draw.chord((x - 23 * s, y - 31 * s, x + 23 * s, y + 16 * s), 188, 352, fill=hair)
    if style in ("long", "bob"):
        c.poly([(x - 23 * s, y - 10 * s), (x - 6 * s, y - 24 * s), (x - 18 * s, y + 4 * s)], hair)
        c.poly([(x + 23 * s, y - 10 * s), (x + 2 * s, y - 24 * s), (x + 18 * s, y + 4 * s)], hair)


def _features(c: Canvas, x: float, y: float, s: float, skin: Color, hair: Color, bearded: bool) -> None:
    rng = c.rng
    blush = mix(skin, rgb("ff5a5a"), 0.28)
    ink = rgb("241a1a")
    for side in (-1, 1):
        ex = x + side * 9 * s
        c.disc(x + side * 13 * s, y + 9 * s, 4.2 * s, blush)
        c.disc(ex, y, 3.6 * s, rgb("fdfdfd"), 0.85)
        c.disc(ex + 0.4 * s, y, 2.3 * s, ink)
        c.disc(ex + 1.1 * s, y - 0.9 * s, 0.8 * s, _WHITE)
        tilt = rng.uniform(-1.2, 1.2) * s
        c.line(
            [(ex - 4.5 * s, y - 6.5 * s + tilt), (ex + 4.5 * s, y - 6.5 * s - tilt)], mix(hair, _BLACK, 0.3), 1.7 * s
        )
    c.curve(
        [(x, y + 1 * s), (x + 4 * s, y + 8 * s), (x - 1.5 * s, y + 8.5 * s)], mix(skin, rgb("5a1f1a"), 0.4), 1.2 * s
    )
    if bearded and rng.random() < 0.26:
        c.draw.chord((x - 19 * s, y - 4 * s, x + 19 * s, y + 30 * s), 20, 160, fill=hair)
    smile = rng.uniform(2, 6) * s
    c.curve([(x - 7 * s, y + 15 * s), (x, y + 15 * s + smile * 2), (x + 7 * s, y + 15 * s)], rgb("8a2432"), 1.9 * s)
    if rng.random() < 0.42:
        frame = rng.choice(palette("1a1a1a 8a2f2f d9a441 2f4f8a"))
        for side in (-1, 1):
            c.ring(x + side * 9 * s, y, 7.4 * s, frame, 1.4 * s)
        c.line([(x - 2 * s, y - s), (x + 2 * s, y - s)], frame, 1.4 * s)


def _hat(c: Canvas, x: float, y: float, s: float) -> None:
    color = c.rng.choice(palette("d62839 ffb703 2a6f97 386641 f2e8cf 3d2b56"))
    if c.rng.random() < 0.5:
        c.draw.chord((x - 25 * s, y - 44 * s, x + 25 * s, y + 12 * s), 180, 360, fill=color)
        c.box(x - 26 * s, y - 20 * s, 52 * s, 7 * s, mix(color, _BLACK, 0.2), 3 * s)
        c.disc(x, y - 45 * s, 5.5 * s, mix(color, _WHITE, 0.6))
    else:
        c.box(x - 17 * s, y - 44 * s, 34 * s, 27 * s, color, 9 * s)
        c.box(x - 17 * s, y - 26 * s, 34 * s, 6 * s, mix(color, _BLACK, 0.35))
        c.disc(x, y - 19 * s, 34 * s, mix(color, _BLACK, 0.08), 0.13)


def _room(c: Canvas) -> None:
    wall, floor = c.rng.choice(
        (
            palette("f6bd60 84513b"),
            palette("84a59d f5e6d3"),
            palette("5b8def ffd6a5"),
            palette("f28482 5f4b66"),
            palette("9d8df1 2e2a55"),
        )
    )
    c.fade([mix(wall, _WHITE, 0.2), wall], 0, 0.8)
    c.disc(c.w / 2, c.h * 0.5, 42 * c.u, mix(wall, _WHITE, 0.3))
    c.fade([floor, mix(floor, _BLACK, 0.2)], 0.8, 1)


def cat(c: Canvas, mood: str) -> None:
    """A sitting cat, from the front."""
    _room(c)
    fur, mark = palette(
        {
            "orange": "f08a2c c9601a",
            "black": "23212a 3a3745",
            "grey": "8d97a6 667080",
            "tuxedo": "26242c 26242c",
            "cream": "f3dfbf d6b587",
        }[mood]
    )
    x, y, s = c.w / 2 + c.rng.uniform(-5, 5) * c.u, c.h * 0.46, c.u
    c.curve([(x + 20 * s, y + 44 * s), (x + 52 * s, y + 46 * s), (x + 38 * s, y + 12 * s)], mark, 7 * s)
    c.draw.ellipse((x - 26 * s, y + 4 * s, x + 26 * s, y + 52 * s), fill=fur)
    if mood == "tuxedo":
        c.draw.ellipse((x - 13 * s, y + 14 * s, x + 13 * s, y + 48 * s), fill=rgb("fbfbfb"))
    for side in (-1, 1):
        c.draw.ellipse(
            (x + side * 11 * s - 8 * s, y + 42 * s, x + side * 11 * s + 8 * s, y + 53 * s),
            fill=rgb("fbfbfb") if mood == "tuxedo" else mix(fur, _WHITE, 0.18),
        )
        c.poly([(x + side * 27 * s, y - 32 * s), (x + side * 25 * s, y - 2 * s), (x + side * 5 * s, y - 20 * s)], fur)
        c.poly(
            [(x + side * 24 * s, y - 26 * s), (x + side * 22 * s, y - 9 * s), (x + side * 10 * s, y - 18 * s)],
            rgb("f4a6a6"),
        )
    c.disc(x, y, 27 * s, fur, 0.86)
    if mood in ("orange", "grey", "cream"):
        for k in (-1, 0, 1):
            c.line([(x + k * 6 * s, y - 22 * s), (x + k * 4.5 * s, y - 12 * s)], mark, 2.4 * s)
        for side in (-1, 1):
            for k in (0, 1):
                c.line(
                    [(x + side * 25 * s, y + (2 + 6 * k) * s), (x + side * 16 * s, y + (3 + 5 * k) * s)], mark, 2.2 * s
                )
    _cat_face(c, mood, fur, x, y)


def _cat_face(c: Canvas, mood: str, fur: Color, x: float, y: float) -> None:
    """Muzzle, eyes, whiskers and nose of the cat whose head is at `x`, `y`."""
    s = c.u
    muzzle = rgb("fbfbfb") if mood == "tuxedo" else mix(fur, _WHITE, 0.35)
    c.disc(x, y + 10 * s, 12 * s, muzzle, 0.72)
    eye = c.rng.choice(palette("c9e265 f7d154 7fe0d0 9ec5ff"))
    sleepy = c.rng.random() < 0.25
    for side in (-1, 1):
        ex = x + side * 11 * s
        if sleepy:
            c.curve(
                [(ex - 6 * s, y - 2 * s), (ex, y + 4 * s), (ex + 6 * s, y - 2 * s)],
                rgb("14121a") if mood != "black" else eye,
                1.8 * s,
            )
        else:
            c.disc(ex, y - 2 * s, 6.4 * s, eye, 0.95)
            c.disc(ex, y - 2 * s, 2.6 * s, rgb("14121a"), 2.0)
            c.disc(ex + 1.6 * s, y - 4.5 * s, 1.3 * s, _WHITE)
        for k in (-1, 0, 1):
            c.line(
                [(x + side * 9 * s, y + (10 + k * 2) * s), (x + side * 31 * s, y + (9 + k * 5) * s)],
                mix(muzzle, _WHITE, 0.6),
                0.5 * s,
            )
        c.curve(
            [(x, y + 11 * s), (x + side * 3 * s, y + 16 * s), (x + side * 7 * s, y + 12.5 * s)], rgb("4a2a2a"), 1.1 * s
        )
    c.poly([(x - 3.4 * s, y + 6.5 * s), (x + 3.4 * s, y + 6.5 * s), (x, y + 10.6 * s)], rgb("e87a8a"))


def dog(c: Canvas, mood: str) -> None:
    """A dog with hanging ears and its tongue out."""
    _room(c)
    fur, ear = palette(
        {"brown": "a8693c 6e3f20", "spotted": "f7f2ea 3a302c", "cream": "f0d9ae c99a5c", "black": "2c2a30 17161a"}[mood]
    )
    x, y, s = c.w / 2, c.h * 0.46, c.u
    c.draw.ellipse((x - 28 * s, y + 10 * s, x + 28 * s, y + 60 * s), fill=fur)
    c.draw.ellipse((x - 14 * s, y + 20 * s, x + 14 * s, y + 56 * s), fill=mix(fur, _WHITE, 0.35))
    collar = c.rng.choice(palette("e63946 2a9d8f ffb703 4361ee"))
    c.box(x - 19 * s, y + 22 * s, 38 * s, 6 * s, collar, 3 * s)
    c.disc(x, y + 31 * s, 4 * s, rgb("ffd54a"))
    c.draw.ellipse((x - 25 * s, y - 28 * s, x + 25 * s, y + 26 * s), fill=fur)
    if mood == "spotted":
        c.disc(x + 11 * s, y - 6 * s, 11 * s, ear, 1.1)
    for side in (-1, 1):
        c.draw.ellipse((x + side * 25 * s - 9 * s, y - 22 * s, x + side * 25 * s + 9 * s, y + 18 * s), fill=ear)
        ex = x + side * 10 * s
        c.disc(ex, y - 5 * s, 4.6 * s, rgb("1a1416"))
        c.disc(ex + 1.3 * s, y - 6.6 * s, 1.5 * s, _WHITE)
        c.line([(ex - 4 * s, y - 13 * s), (ex + 4 * s, y - (14 + side) * s)], mix(ear, _BLACK, 0.2), 1.6 * s)
    c.disc(x, y + 12 * s, 14 * s, mix(fur, _WHITE, 0.45), 0.8)
    c.box(x - 4.5 * s, y + 17 * s, 9 * s, 14 * s, rgb("f2657a"), 4.4 * s)
    c.line([(x, y + 18 * s), (x, y + 27 * s)], rgb("c93c56"), 0.8 * s)
    for side in (-1, 1):
        c.curve(
            [(x, y + 12 * s), (x + side * 4 * s, y + 20 * s), (x + side * 10 * s, y + 15 * s)], rgb("3a2424"), 1.5 * s
        )
    c.disc(x, y + 6 * s, 5.6 * s, rgb("1a1416"), 0.72)
    c.disc(x - 1.6 * s, y + 4.6 * s, 1.4 * s, rgb("8a8088"), 0.7)
