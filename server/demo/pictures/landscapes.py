"""Landscapes: mountains, sea, forest, desert, aurora, snow, and the city at night."""

import numpy as np
from PIL import Image

from server.demo.pictures.canvas import Canvas, Color, mix, palette, rgb

_MOUNTAINS = {
    "dawn": "2b4a8b e88fa0 ffd9a0 f6b48f a8628c 5b3a73 2a1f4d",
    "dusk": "1c1b4b b03a7a ff8a4c d9597b 8a2f74 4a1d62 1c0f38",
    "noon": "2f86d6 8fd0f5 e9f7ff 8db8d8 4f8fb0 2b6b74 123f45",
    "night": "060a24 142a5c 3b5c9e 2a4680 1b3164 101f47 060d26",
}
_SEA = {
    "sunset": "3b1c6b d6456b ffb24a 1d4b82 0d2150 ffe08a",
    "dawn": "4a6fb5 f2a7b5 ffe1b8 3f8fb0 17426b fff3d1",
    "noon": "1f7fd1 7cc9f2 d8f3ff 119fb5 05577d ffffff",
    "moonlight": "04081f 12275a 34589a 0f2d66 050d2b f3f1d0",
}
_FOREST = {
    "mist": "dfe9e4 b7cfc7 7fa79d 47776f 22504c 0d2b2c",
    "autumn": "ffe3b0 f7b25c d9772e a8481f 6b2a1a 33140f",
    "night": "1b3a5c 16304f 11263f 0c1c30 081321 040a12",
    "dawn": "ffd9c2 f2a999 b3798f 6f5580 3b3a63 191c3a",
}
_DESERT = {
    "noon": "2e9be0 a9e0f7 fff1cf f0b257 d98a35 a85a22 ffe9a8",
    "dusk": "30206b c2457a ffa35c d9693f a3412f 5b2028 ffd27a",
    "night": "070c2a 1f2c66 5a5fa0 3a3f78 262a58 13163a f0ead0",
}


def mountains(c: Canvas, mood: str) -> None:
    """Five ranges, paler with distance, under a low sun or moon."""
    colors = palette(_MOUNTAINS[mood])
    c.fade(colors[:3], 0, 0.75)
    x, y = c.rng.uniform(0.2, 0.8) * c.w, c.rng.uniform(0.22, 0.42) * c.h
    if mood == "night":
        c.stars(140, 0.6)
    light = rgb("fff6d8") if mood != "night" else rgb("e8ecff")
    c.glow(x, y, 34 * c.u, light, 0.75)
    c.disc(x, y, 6.5 * c.u, light)
    for i, color in enumerate(colors[3:]):
        share = i / 3
        c.ridge(0.5 + 0.13 * i, 0.15 - 0.02 * i, color, 1.15 - share * 0.2)
    _firs(c, 0.96, colors[-1], 16)


def _firs(c: Canvas, base: float, color: Color, count: int) -> None:
    for _ in range(count):
        _fir(
            c,
            c.rng.uniform(-0.02, 1.02) * c.w,
            base * c.h + c.rng.uniform(0, 6) * c.u,
            c.rng.uniform(8, 17) * c.u,
            color,
        )


def _fir(c: Canvas, x: float, base: float, height: float, color: Color) -> None:
    for level in range(4):
        top, half = base - height * (1 - level * 0.19), height * (0.1 + 0.055 * level)
        c.poly([(x, top), (x - half, top + height * 0.34), (x + half, top + height * 0.34)], color)
    c.box(x - height * 0.03, base - height * 0.12, height * 0.06, height * 0.2, color)


def sea(c: Canvas, mood: str) -> None:
    """Sky, sun, its broken path on the water, and a sail."""
    colors = palette(_SEA[mood])
    horizon = c.rng.uniform(0.5, 0.6)
    c.fade(colors[:3], 0, horizon)
    if mood == "moonlight":
        c.stars(120, horizon)
    x, radius = c.rng.uniform(0.3, 0.7) * c.w, 10 * c.u
    y = horizon * c.h - c.rng.uniform(2, 14) * c.u
    c.glow(x, y, 45 * c.u, colors[5], 0.8)
    c.disc(x, y, radius, colors[5])
    for _ in range(4):
        cx, cy, width = c.rng.random() * c.w, c.rng.uniform(0.08, horizon - 0.2) * c.h, c.rng.uniform(10, 26) * c.u
        for step in range(3):
            c.disc(
                cx + step * width * 0.4,
                cy + step * c.u,
                width * (0.8 - 0.2 * step),
                mix(colors[1], colors[2], 0.55),
                0.09,
            )
    c.fade(colors[3:5], horizon, 1)
    for i in range(70):
        depth = (i / 70) ** 1.6
        wy = horizon * c.h + depth * (1 - horizon) * c.h
        spread = radius * (0.5 + 1.6 * depth)
        wx = x + c.rng.uniform(-1, 1) * spread
        c.disc(
            wx,
            wy,
            c.u * (1.5 + 6 * depth) * c.rng.uniform(0.5, 1.2),
            mix(colors[5], colors[3], 0.15 + depth * 0.3),
            0.11,
        )
    for _ in range(46):
        depth = c.rng.random()
        wy = horizon * c.h + depth**1.4 * (1 - horizon) * c.h
        c.disc(c.rng.random() * c.w, wy, c.u * (1 + 5 * depth), mix(colors[3], colors[2], 0.35), 0.07)
    sx, sy, size = c.rng.choice((0.16, 0.82)) * c.w, (horizon + 0.06) * c.h, 9 * c.u
    c.poly([(sx, sy - size * 1.5), (sx, sy), (sx + size * 0.8, sy)], rgb("fffaf0"))
    c.poly([(sx - size * 0.1, sy - size * 1.2), (sx - size * 0.1, sy), (sx - size * 0.6, sy)], rgb("e8e2d4"))
    c.poly(
        [
            (sx - size, sy + c.u),
            (sx + size, sy + c.u),
            (sx + size * 0.6, sy + 3.2 * c.u),
            (sx - size * 0.6, sy + 3.2 * c.u),
        ],
        rgb("3a2230"),
    )


def forest(c: Canvas, mood: str) -> None:
    """Rows of firs that fade with distance."""
    colors = palette(_FOREST[mood])
    c.fade([colors[0], colors[0], colors[1]])
    c.glow(c.rng.uniform(0.3, 0.7) * c.w, 0.3 * c.h, 55 * c.u, mix(colors[0], rgb("ffffff"), 0.6), 0.8)
    for i, color in enumerate(colors[1:]):
        base, height = 0.52 + 0.12 * i, (14 + 11 * i) * c.u
        c.ridge(base, 0.03, color)
        x = c.rng.uniform(-4, 0) * c.u
        while x < c.w:
            _fir(c, x, base * c.h + 3 * c.u, height * c.rng.uniform(0.7, 1.2), color)
            x += height * c.rng.uniform(0.24, 0.5) * (2.6 if i == 4 else 1)


def desert(c: Canvas, mood: str) -> None:
    """Dunes with a lit and a shaded side, and a cactus."""
    colors = palette(_DESERT[mood])
    c.fade(colors[:3], 0, 0.7)
    if mood == "night":
        c.stars(160, 0.6)
    x = c.rng.uniform(0.2, 0.8) * c.w
    c.glow(x, 0.3 * c.h, 40 * c.u, colors[6], 0.8)
    c.disc(x, 0.3 * c.h, 8 * c.u, colors[6])
    for i, color in enumerate(colors[3:6]):
        crest = c.ridge(0.6 + 0.13 * i, 0.08, color, 0.35)
        shade = mix(color, rgb("000000"), 0.22)
        top = min(range(len(crest)), key=lambda k: crest[k][1])
        tail = crest[top : top + 46]
        if len(tail) > 2:
            px, py = tail[0]
            c.poly([*tail, (px + 12 * c.u, py + 34 * c.u)], shade)
    color, cx, base, size = (
        rgb("1f4d3a") if mood != "night" else rgb("0a1428"),
        c.rng.uniform(0.2, 0.8) * c.w,
        0.9 * c.h,
        3 * c.u,
    )
    c.box(cx - size, base - 30 * c.u, size * 2, 32 * c.u, color, size)
    for side, up in ((-1, 20), (1, 15)):
        ax = cx + side * 9 * c.u
        c.box(min(cx, ax), base - (up - 6) * c.u, 9 * c.u, size * 1.5, color, size * 0.7)
        c.box(ax - size * 0.75, base - (up + 6) * c.u, size * 1.5, 13 * c.u, color, size * 0.7)


def aurora(c: Canvas, mood: str) -> None:
    """Curtains of light over hills and a lake."""
    tint = {"green": "3dff9e 0f8a6a", "violet": "c77dff 3dffb0", "teal": "4de8ff 2f7bff"}[mood]
    near, far = palette(tint)
    small_w, small_h = c.w // 8, c.h // 8
    xs = np.linspace(0, 1, small_w)[None, :]
    ys = np.linspace(0, 1, small_h)[:, None]
    sky = np.array(rgb("050b22")) * (1 - ys[..., None]) + np.array(rgb("123052")) * ys[..., None] + 0 * xs[..., None]
    for k in range(3):
        phase, freq = c.rng.uniform(0, 6.3), c.rng.uniform(3, 6)
        foot = 0.46 + 0.06 * k - 0.09 * np.sin(freq * xs + phase) - 0.04 * np.sin(2.7 * freq * xs + phase * 2)
        rays = 0.65 + 0.35 * np.sin(70 * xs + 9 * np.sin(5 * xs + phase)) ** 2
        light = np.where(ys < foot, np.exp(-((foot - ys) / (0.14 + 0.04 * k))), np.exp(-(ys - foot) * 45)) * rays
        color = np.array(near if k != 1 else mix(near, far, 0.6))
        high = np.clip((foot - ys) * 3.2, 0, 1)[..., None]
        sky = sky + light[..., None] * (color * (1 - high) + np.array(far) * high) * (0.85 - 0.2 * k)
    base = Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8)).resize((c.w, c.h), Image.Resampling.BILINEAR)
    c.image.paste(base)
    c.stars(110, 0.6)
    c.ridge(0.68, 0.07, rgb("0b1a33"))
    c.ridge(0.78, 0.05, rgb("060f21"))
    top = round(0.84 * c.h)
    mirror = c.image.crop((0, top - (c.h - top) * 3, c.w, top)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    c.image.paste(
        Image.blend(mirror.resize((c.w, c.h - top)), Image.new("RGB", (c.w, c.h - top), rgb("071226")), 0.35), (0, top)
    )
    _firs(c, 0.86, rgb("03070f"), 12)


def snow(c: Canvas, mood: str) -> None:
    """A house with lit windows in deep snow."""
    sky = {"dusk": "2b2560 b05a8f ffc6a8", "night": "060d2b 17306b 3f68ab", "noon": "5db3ee b5dffa f2fbff"}[mood]
    c.fade(palette(sky), 0, 0.7)
    if mood != "noon":
        c.stars(70, 0.4)
    white = {"dusk": "e9d4ea", "night": "a9c1ea", "noon": "ffffff"}[mood]
    c.ridge(0.55, 0.12, mix(rgb(white), rgb("5a6da0"), 0.5), 1.1)
    for x in np.linspace(0.02, 0.98, 16):
        _fir(
            c,
            float(x) * c.w,
            0.66 * c.h,
            c.rng.uniform(8, 18) * c.u,
            mix(rgb("1f4a52"), rgb(white), c.rng.uniform(0.05, 0.3)),
        )
    c.ridge(0.66, 0.04, rgb(white), 0.4)
    hx, hy, s = c.rng.uniform(0.3, 0.6) * c.w, 0.72 * c.h, 1.15 * c.u
    c.glow(hx, hy - 4 * s, 36 * s, rgb("ffcf70"), 0.55 if mood != "noon" else 0.2)
    c.box(hx - 12 * s, hy - 12 * s, 24 * s, 16 * s, rgb("8a3b2e"))
    c.poly([(hx - 16 * s, hy - 11 * s), (hx, hy - 25 * s), (hx + 16 * s, hy - 11 * s)], rgb("fbfdff"))
    c.box(hx + 5 * s, hy - 27 * s, 4 * s, 9 * s, rgb("5c2a25"))
    for wx in (-8, 2):
        c.box(hx + wx * s, hy - 8 * s, 6 * s, 6 * s, rgb("ffd76a"))
    for i in range(6):
        c.disc(
            hx + 7 * s + i * 2.2 * s,
            hy - 31 * s - i * 4 * s,
            (1.6 + 0.5 * i) * s,
            mix(palette(sky)[-1], rgb("ffffff"), 0.35),
        )
    c.ridge(0.8, 0.05, mix(rgb(white), rgb("ffffff"), 0.55), 0.4)
    for _ in range(120):
        c.disc(c.rng.random() * c.w, c.rng.random() * c.h, c.u * c.rng.uniform(0.2, 0.65), rgb("ffffff"))


def nightcity(c: Canvas, mood: str) -> None:
    """Three rows of towers with lit windows, mirrored in water."""
    sky = {"blue": "0a1240 2b3f9e f08a6a", "violet": "1a0b3d 7a2a8a ff6f91", "rain": "0b1420 23405c 5f8ca3"}[mood]
    c.fade(palette(sky), 0, 0.72)
    c.stars(50, 0.35)
    mx = c.rng.uniform(0.15, 0.85) * c.w
    c.glow(mx, 0.18 * c.h, 22 * c.u, rgb("fff2cf"), 0.7)
    c.disc(mx, 0.18 * c.h, 5 * c.u, rgb("fff2cf"))
    lamps = palette("ffd166 ffb347 fff3b0 7fe7ff ff8fab")
    ground = 0.8 * c.h
    for row, shade in enumerate(("3a3f78", "20244f", "0c0f2a")):
        x = -4 * c.u
        while x < c.w:
            width = c.rng.uniform(9, 17) * c.u
            height = c.rng.uniform(22, 52 - row * 8) * c.u * (1.15 if c.h > c.w else 0.95)
            c.box(x, ground - height, width, height, mix(rgb(shade), rgb(sky.split()[1]), 0.18 * (2 - row)))
            if c.rng.random() < 0.25:
                c.line(
                    [(x + width / 2, ground - height), (x + width / 2, ground - height - 7 * c.u)],
                    rgb(shade),
                    0.5 * c.u,
                )
                c.disc(x + width / 2, ground - height - 7 * c.u, 0.7 * c.u, rgb("ff4d5e"))
            _windows(c, x, ground - height, width, height, lamps, 0.22 + 0.16 * row)
            x += width + c.rng.uniform(-1, 3) * c.u
    top = round(ground)
    mirror = c.image.crop((0, 2 * top - c.h, c.w, top)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    c.image.paste(Image.blend(mirror, Image.new("RGB", mirror.size, rgb("06091c")), 0.42), (0, top))
    for _ in range(50):
        y = c.rng.uniform(top, c.h)
        c.disc(c.rng.random() * c.w, y, c.u * c.rng.uniform(2, 8), mix(rgb("06091c"), rgb(sky.split()[1]), 0.6), 0.06)
    if mood == "rain":
        for _ in range(160):
            x, y, length = c.rng.random() * c.w, c.rng.random() * c.h, c.rng.uniform(3, 7) * c.u
            c.line([(x, y), (x - length * 0.25, y + length)], rgb("9fc3d6"), 0.22 * c.u)


def _windows(c: Canvas, x: float, y: float, width: float, height: float, lamps: list[Color], share: float) -> None:
    step = 2.9 * c.u
    columns, rows = int((width - 1.6 * c.u) // step), int((height - 2 * c.u) // (step * 1.15))
    left = x + (width - columns * step) / 2 + 0.6 * c.u
    for i in range(columns):
        for j in range(rows):
            if c.rng.random() < share:
                wy = y + 2 * c.u + j * step * 1.15
                c.draw.rectangle(
                    (left + i * step, wy, left + i * step + 1.6 * c.u, wy + 1.9 * c.u), fill=c.rng.choice(lamps)
                )
