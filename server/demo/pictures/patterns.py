"""Patterns: truchet tiles, cells, moiré, flow fields, radial ornaments, quilts."""

import math

import numpy as np
from PIL import Image

from server.demo.pictures.canvas import Canvas, mix, palette, rgb

_WHITE = rgb("ffffff")


def truchet(c: Canvas, mood: str) -> None:
    """Quarter-circle tiles in two directions."""
    back, *inks = palette(
        {
            "warm": "fdf0d5 c1121f 780000 f4a261",
            "cold": "0b132b 3a86ff 5bc0be c5f9ff",
            "candy": "fff1f5 ff006e 8338ec ffbe0b",
        }[mood]
    )
    c.fill(back)
    tile = c.rng.choice((12, 15, 18)) * c.u
    for j in range(int(c.h / tile) + 1):
        for i in range(int(c.w / tile) + 1):
            x, y, turned = i * tile, j * tile, c.rng.random() < 0.5
            for cx, cy in ((x, y), (x + tile, y + tile)) if turned else ((x + tile, y), (x, y + tile)):
                ink = inks[(i + j) % 2] if c.rng.random() < 0.85 else inks[2]
                box = (cx - tile * 0.67, cy - tile * 0.67, cx + tile * 0.67, cy + tile * 0.67)
                start = 0 if (cx <= x and cy <= y) else 90 if (cx > x and cy <= y) else 180 if cx > x else 270
                c.draw.arc(box, start, start + 90, fill=ink, width=round(tile * 0.34))


def voronoi(c: Canvas, mood: str) -> None:
    """Cells around scattered points, with dark joints."""
    colors = palette(
        {
            "autumn": "5f0f40 9a031e fb8b24 e36414 0f4c5c ffd08a",
            "coral": "ff6b6b ffd93d 6bcb77 4d96ff fff4e0 c9184a",
            "ice": "caf0f8 90e0ef 48cae4 0096c7 023e8a ffffff",
        }[mood]
    )
    width, height = c.w // 6, c.h // 6
    count = c.rng.randint(26, 48)
    points = np.array([(c.rng.random() * width, c.rng.random() * height) for _ in range(count)], dtype=np.float32)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    best = np.full((height, width), np.inf, dtype=np.float32)
    second = best.copy()
    owner = np.zeros((height, width), dtype=np.int16)
    for k, (px, py) in enumerate(points):
        distance = (xs - px) ** 2 + (ys - py) ** 2
        closer = distance < best
        second = np.where(closer, best, np.minimum(second, distance))
        owner[closer] = k
        best = np.where(closer, distance, best)
    table = np.array([mix(c.rng.choice(colors), _WHITE, c.rng.uniform(0, 0.15)) for _ in range(count)])
    edge = np.clip((np.sqrt(second) - np.sqrt(best)) / 3.4, 0, 1)[..., None]
    shade = 1.06 - np.sqrt(best)[..., None] / (0.9 * np.sqrt(width * height / count)) * 0.22
    picture = np.clip(table[owner] * shade, 0, 255) * edge + np.array((24, 20, 32)) * (1 - edge)
    c.image.paste(Image.fromarray(picture.astype(np.uint8)).resize((c.w, c.h), Image.Resampling.BICUBIC))


def moire(c: Canvas, mood: str) -> None:
    """Two families of rings that interfere."""
    back, one, two = palette(
        {"violet": "160a2e ff4fd8 4fd8ff", "orange": "fff3e0 ff5400 14213d", "mono": "f5f5f0 111111 d00000"}[mood]
    )
    width, height = c.w // 3, c.h // 3
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    unit = min(width, height)
    masks = []
    for k in (0.33, 0.67):
        px, py = k * width + c.rng.uniform(-0.1, 0.1) * unit, c.rng.uniform(0.3, 0.7) * height
        radius = np.sqrt((xs - px) ** 2 + (ys - py) ** 2)
        masks.append(np.clip(np.sin(radius / unit * c.rng.uniform(70, 95)) * 3 + 0.5, 0, 1))
    ground, first, over = (np.array(color, dtype=np.float32) for color in (back, one, two))
    picture = ground + (first - ground) * masks[0][..., None]
    picture += (over - picture) * (masks[1] * np.float32(0.82))[..., None]
    c.image.paste(Image.fromarray(picture.astype(np.uint8)).resize((c.w, c.h), Image.Resampling.BILINEAR))


def flow(c: Canvas, mood: str) -> None:
    """Lines that follow a smooth field."""
    back, *inks = palette(
        {
            "fire": "1a0a12 ff5714 ffbe0b d90368 fff0c9",
            "sea": "03142e 00b4d8 90e0ef 0077b6 e9fbff",
            "meadow": "fbf7e6 386641 6a994e bc4749 f2b134",
        }[mood]
    )
    c.fill(back)
    a, b, p = c.rng.uniform(1.2, 2.6), c.rng.uniform(1.2, 2.6), c.rng.uniform(0, 6)
    for _ in range(230):
        x, y = c.rng.uniform(-0.1, 1.0) * c.w, c.rng.random() * c.h
        path = [(x, y)]
        for _ in range(c.rng.randint(12, 26)):
            u, v = x / c.h, y / c.h
            angle = math.sin(a * u * 2 + p) * 1.2 + math.cos(b * v * 3 + p * 2) * 1.3
            x, y = x + math.cos(angle) * 3.2 * c.u, y + math.sin(angle) * 3.2 * c.u
            path.append((x, y))
        c.line(path, c.rng.choice(inks), c.rng.choice((0.5, 0.8, 1.2, 2.4)) * c.u)


def mandala(c: Canvas, mood: str) -> None:
    """Rings of petals around a centre."""
    colors = palette(
        {
            "gold": "1b1035 f9c74f f3722c 90be6d f94144 fff3d6",
            "rose": "fff0f3 c9184a ff4d6d 800f2f ffb3c1 590d22",
            "jade": "06281f 2ec4b6 cbf3f0 ff9f1c 0b7a64 fdfff7",
        }[mood]
    )
    c.fill(colors[0])
    x, y, petals = c.w / 2, c.h / 2, c.rng.choice((8, 10, 12, 16))
    for k in range(8, 0, -1):
        radius, color = k * 7.2 * c.u, colors[1 + k % 5]
        size = radius * math.pi / petals * c.rng.uniform(0.7, 1.05)
        for i in range(petals):
            t = 2 * math.pi * (i + 0.5 * (k % 2)) / petals
            px, py = x + math.cos(t) * radius, y + math.sin(t) * radius
            tip = (x + math.cos(t) * (radius + size * 1.5), y + math.sin(t) * (radius + size * 1.5))
            nx, ny = -math.sin(t) * size * 0.85, math.cos(t) * size * 0.85
            if k % 3:
                c.poly(
                    [
                        tip,
                        (px + nx, py + ny),
                        (x + math.cos(t) * radius * 0.6, y + math.sin(t) * radius * 0.6),
                        (px - nx, py - ny),
                    ],
                    color,
                )
            else:
                c.disc(px, py, size * 0.9, color)
            c.disc(px, py, size * 0.32, colors[1 + (k + 2) % 5])
        c.disc(x, y, radius * 0.72, mix(colors[0], color, 0.12))
    c.disc(x, y, 6 * c.u, colors[1])
    c.disc(x, y, 3 * c.u, colors[0])


def quilt(c: Canvas, mood: str) -> None:
    """Patchwork squares with four kinds of blocks and stitches."""
    colors = palette(
        {
            "folk": "d62828 f77f00 fcbf49 eae2b7 003049 386641",
            "sea": "03045e 0077b6 00b4d8 caf0f8 ffb703 fb8500",
            "berry": "590d22 a4133c ff4d6d ffccd5 5a189a f8edeb",
        }[mood]
    )
    c.fill(colors[3])
    tile = min(c.w, c.h) / c.rng.choice((4, 5))
    for j in range(math.ceil(c.h / tile)):
        for i in range(math.ceil(c.w / tile)):
            x, y = i * tile, j * tile
            one, two = c.rng.sample(colors, 2)
            c.box(x, y, tile, tile, one)
            form, m = c.rng.randrange(4), tile / 2
            if form == 0:
                c.poly([(x, y), (x + tile, y), (x, y + tile)], two)
            elif form == 1:
                c.poly([(x + m, y), (x + tile, y + m), (x + m, y + tile), (x, y + m)], two)
                c.poly([(x + m, y + m / 2), (x + m * 1.5, y + m), (x + m, y + m * 1.5), (x + m / 2, y + m)], one)
            elif form == 2:
                for k in range(0, 6, 2):
                    c.box(x, y + k * tile / 6, tile, tile / 6, two)
            else:
                for a in range(4):
                    t = a * math.pi / 2
                    c.poly(
                        [
                            (x + m, y + m),
                            (x + m + m * math.cos(t), y + m + m * math.sin(t)),
                            (x + m + m * math.cos(t + 0.7), y + m + m * math.sin(t + 0.7)),
                        ],
                        two,
                    )
            for k in range(12):
                c.line(
                    [(x + k * tile / 12, y + c.u), (x + (k + 0.5) * tile / 12, y + c.u)],
                    mix(one, _WHITE, 0.6),
                    0.4 * c.u,
                )
