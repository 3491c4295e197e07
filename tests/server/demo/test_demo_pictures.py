"""Pictures: the same bytes for a key, the promised size, strong enough to read as a thumbnail, and bad keys refused."""

import io
import random

import pytest
from PIL import Image, ImageStat

from server.demo.pictures.canvas import Canvas
from server.demo.pictures.keys import KINDS, SIZES, picture_alt, picture_key, picture_size
from server.demo.pictures.render import render_avatar, render_cover, render_picture


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_size_and_enough_contrast_for_a_thumbnail(kind: str) -> None:
    key = picture_key(kind, "l", "test")
    data, mime = render_picture(key)
    image = Image.open(io.BytesIO(data))
    assert image.size == picture_size(key) == SIZES["l"]
    assert Image.MIME[image.format or ""] == mime
    small = image.convert("RGB").resize((40, 20))
    assert sum(ImageStat.Stat(small).stddev) > 40
    assert len(set(small.quantize(16).tobytes())) >= 6


@pytest.mark.parametrize("shape", sorted(SIZES))
def test_every_shape_has_the_size_of_its_key(shape: str) -> None:
    key = picture_key("poster", shape, 1)
    assert Image.open(io.BytesIO(render_picture(key)[0])).size == picture_size(key)


def test_the_same_key_gives_the_same_bytes_and_another_key_others() -> None:
    key, other = picture_key("cat", "s", 1), picture_key("cat", "s", 2)
    assert render_picture(key) == render_picture(key)
    assert render_picture(key)[0] != render_picture(other)[0]


def test_covers_and_avatars_are_square_and_deterministic() -> None:
    cover = render_cover("cover-s00ab12")
    assert cover == render_cover("cover-s00ab12")
    assert Image.open(io.BytesIO(cover[0])).size == (640, 640)
    assert Image.open(io.BytesIO(render_avatar("avatar-7f")[0])).size == (256, 256)


def test_alt_text_names_what_is_drawn() -> None:
    assert "coffee" in picture_alt(picture_key("coffee", "p", 3))


@pytest.mark.parametrize("key", ["", "sea", "sea-l", "sea-x12", "../sea-l12", "lava-l12", "sea-l" + "1" * 40])
def test_bad_keys_are_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        render_picture(key)
    with pytest.raises(ValueError, match="not a"):
        render_cover(key)
    with pytest.raises(ValueError, match="not a"):
        render_avatar(key)


def test_a_glow_fades_to_nothing_before_the_edge_of_its_square() -> None:
    canvas = Canvas(100, 100, random.Random(1))
    canvas.glow(100, 100, 50, (255, 255, 255))
    assert canvas.image.convert("L").getpixel((100, 100)) > 200
    assert canvas.image.getpixel((51, 100)) == canvas.image.getpixel((51, 51)) == (0, 0, 0)
