"""Renders pictures, covers and avatars from their keys: pure functions, fit for worker threads and processes."""

import io
import re
from collections.abc import Callable

from PIL import Image

from server.demo.ids import rng_for
from server.demo.pictures import faces, graphics, landscapes, patterns, still
from server.demo.pictures.canvas import Canvas, mix, palette, rgb
from server.demo.pictures.keys import AVATAR_SIZE, COVER_SIZE, MOODS, parse_key

_Painter = Callable[[Canvas, str], None]
_PAINTERS: dict[str, _Painter] = {
    "mountains": landscapes.mountains,
    "sea": landscapes.sea,
    "forest": landscapes.forest,
    "desert": landscapes.desert,
    "aurora": landscapes.aurora,
    "snow": landscapes.snow,
    "nightcity": landscapes.nightcity,
    "coffee": still.coffee,
    "fruit": still.fruit,
    "bowl": still.bowl,
    "ramen": still.ramen,
    "cake": still.cake,
    "plant": still.plant,
    "books": still.books,
    "portrait": faces.portrait,
    "cat": faces.cat,
    "dog": faces.dog,
    "map": graphics.map_,
    "truchet": patterns.truchet,
    "voronoi": patterns.voronoi,
    "moire": patterns.moire,
    "flow": patterns.flow,
    "mandala": patterns.mandala,
    "quilt": patterns.quilt,
    "artwork": graphics.cover,
    "poster": graphics.poster,
    "line": graphics.line,
    "bars": graphics.bars,
    "scatter": graphics.scatter,
}
_FLAT = frozenset({"line", "bars", "scatter"})
_COVER = re.compile(r"cover-s([0-9a-f]{1,12})")
_AVATAR = re.compile(r"avatar-([0-9a-f]{1,12})")
_AVATAR_BACKS = "f28aa0 2fb0a8 f2b441 8a6be0 5aa9f0 ef6f4c 6bbf59 3d405b e07a9f 20639b"
_QUALITY = 86
_QUALITY_OF_TYPE = 92


def _encoded(image: Image.Image, kind: str) -> tuple[bytes, str]:
    out = io.BytesIO()
    if kind in _FLAT:
        image.save(out, "JPEG", quality=_QUALITY_OF_TYPE, subsampling=0)
    else:
        image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue(), "image/jpeg"


def render_picture(key: str) -> tuple[bytes, str]:
    """The bytes and the MIME type (image/jpeg) of the picture `key`.

    The size is `keys.picture_size(key)`. Raises ValueError for a bad key.
    """
    parsed = parse_key(key)
    canvas = Canvas(*parsed.size, rng_for("draw", key))
    _PAINTERS[parsed.kind](canvas, parsed.mood)
    return _encoded(canvas.finished(), parsed.kind)


def render_cover(key: str) -> tuple[bytes, str]:
    """Square cover art of 640 pixels as JPEG for a key `cover-s<hex number>`. Raises ValueError for others."""
    if _COVER.fullmatch(key) is None:
        raise ValueError(f"not a cover key: {key!r}")
    rng = rng_for("cover", key)
    canvas = Canvas(*COVER_SIZE, rng)
    graphics.cover(canvas, rng.choice(MOODS["artwork"]))
    return _encoded(canvas.finished(), "cover")


def render_avatar(key: str) -> tuple[bytes, str]:
    """A square avatar of 256 pixels as JPEG: mostly faces, some pets. Raises ValueError for a bad key."""
    if _AVATAR.fullmatch(key) is None:
        raise ValueError(f"not an avatar key: {key!r}")
    rng = rng_for("avatar", key)
    canvas = Canvas(*AVATAR_SIZE, rng)
    draw = rng.random()
    if draw < 0.1:
        faces.cat(canvas, rng.choice(MOODS["cat"]))
    elif draw < 0.15:
        faces.dog(canvas, rng.choice(MOODS["dog"]))
    else:
        back = rng.choice(palette(_AVATAR_BACKS))
        canvas.fade([mix(back, rgb("ffffff"), 0.25), back])
        faces.face(canvas, canvas.w / 2, canvas.h * 0.5, 1.08 * canvas.u)
    return _encoded(canvas.finished(), "avatar")
