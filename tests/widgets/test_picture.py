"""Pictures: sizes before bytes, bounds before decoding, and the same cells before and after."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.style import Style

from widgets.picture import (
    PictureError,
    decode,
    fit,
    halfblock_strips,
    merge_runs,
    placeholder_line,
    placeholder_strips,
)
from widgets.picture_header import measure

RED, BLUE = (252, 0, 0), (0, 0, 252)


def encoded(kind: str, size: tuple[int, int] = (64, 48), colour: tuple[int, ...] = RED, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_every_format_is_measured_and_decoded(kind: str) -> None:
    data = encoded(kind)
    assert measure(data) == (kind, 64, 48)
    picture = decode(data, 16, 6)
    assert (picture.cols, picture.rows, len(picture.rgb)) == (16, 6, 16 * 12 * 3)
    assert all(abs(value - wanted) < 12 for value, wanted in zip(picture.rgb[:3], RED, strict=True))


def test_lossless_webp_is_measured() -> None:
    assert measure(encoded("WEBP", (300, 20), lossless=True)) == ("WEBP", 300, 20)
    assert measure(encoded("WEBP", (300, 20), (1, 2, 3, 99))) == ("WEBP", 300, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg/>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + b"\0" * 20,
        b"RIFF\0\0\0\0WEBPXXXX" + b"\0" * 30,
        encoded("PNG")[:60],
        encoded("JPEG")[:200],
        encoded("WEBP")[:40],
        png_claiming(0, 5),
        png_claiming(100, 100),
    ],
)
def test_a_damaged_picture_is_an_error_with_a_sentence(data: bytes) -> None:
    with pytest.raises(PictureError, match=r"\.$"):
        decode(data, 10, 5)


def test_bombs_are_refused_by_their_header() -> None:
    for data in (png_claiming(30_000, 30_000), png_claiming(4001, 4000), b"\0" * (10 * 1024 * 1024 + 1)):
        with pytest.raises(PictureError, match="too large"):
            decode(data, 10, 5)


def test_a_large_jpeg_is_decoded_small() -> None:
    data = encoded("JPEG", (5000, 4000))
    assert len(decode(data, 20, 8).rgb) == 20 * 16 * 3


@given(st.binary(max_size=400), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.integers(0, 300))
def test_whatever_the_bytes_are_there_is_a_picture_or_a_sentence(noise: bytes, kind: str, at: int) -> None:
    data = encoded(kind)
    with suppress(PictureError):
        assert decode(data[:at] + noise + data[at + len(noise) :], 4, 2).rows == 2


def test_transparency_is_laid_over_the_background() -> None:
    picture = decode(encoded("PNG", (8, 8), (255, 255, 255, 0)), 4, 2, background=BLUE)
    assert picture.rgb == bytes(BLUE) * 16


def test_a_picture_of_another_shape_gets_margins() -> None:
    picture = decode(encoded("PNG", (100, 10)), 10, 5)
    assert picture.rgb[:3] == b"\0\0\0"
    assert bytes(RED) * 10 in picture.rgb
    assert picture.rgb[-3:] == b"\0\0\0"


def test_a_photo_taken_upright_is_shown_upright() -> None:
    image = Image.new("RGB", (40, 20), RED)
    image.paste(BLUE, (20, 0, 40, 20))
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(buffer, "PNG", exif=exif)
    picture = decode(buffer.getvalue(), 4, 4)
    assert picture.rgb[:3] == bytes(RED)
    assert picture.rgb[-3:] == bytes(BLUE)


@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(1, 200), st.integers(1, 60))
def test_a_drawing_fits_and_keeps_its_shape(width: int, height: int, max_cols: int, max_rows: int) -> None:
    cols, rows = fit(width, height, max_cols, max_rows)
    assert 1 <= cols <= max_cols
    assert 1 <= rows <= max_rows
    if cols > 20 and rows > 10:
        assert abs((cols / (2 * rows)) / (width / height) - 1) < 0.12


@given(st.integers(1, 30), st.integers(1, 10), st.randoms(use_true_random=False))
def test_two_pixels_make_a_cell(cols: int, rows: int, chance: object) -> None:
    pixels = [chance.choice([RED, BLUE]) for _ in range(cols * rows * 2)]  # type: ignore[attr-defined]
    strips = halfblock_strips(b"".join(map(bytes, pixels)), cols, rows)
    assert len(strips) == rows
    for row, strip in enumerate(strips):
        assert strip.cell_length == cols
        cells = [(character, segment.style) for segment in strip for character in segment.text]
        assert len(cells) == cols
        for x, (character, style) in enumerate(cells):
            upper, lower = pixels[2 * row * cols + x], pixels[(2 * row + 1) * cols + x]
            assert tuple(style.bgcolor.triplet) == lower
            assert upper == lower if character == " " else tuple(style.color.triplet) == upper


def test_equal_neighbours_are_one_segment() -> None:
    assert len(list(halfblock_strips(bytes(RED) * 80, 40, 1)[0])) == 1
    with pytest.raises(ValueError, match="bytes"):
        halfblock_strips(b"123", 4, 4)


@pytest.mark.parametrize(("cols", "rows"), [(1, 1), (5, 2), (6, 3), (20, 6), (40, 12)])
def test_a_placeholder_has_the_size_of_the_picture(cols: int, rows: int) -> None:
    for alt in ("", "a cat", "日本語の説明 " * 20):
        strips = placeholder_strips(cols, rows, alt, Style())
        assert len(strips) == rows
        assert {sum(segment.cell_length for segment in strip) for strip in strips} == {cols}
    assert any("a cat" in strip.text for strip in placeholder_strips(20, 6, "a cat", Style()))


def test_without_colours_a_picture_is_one_line() -> None:
    line = placeholder_line(30, 400, 300, "a cat on a wall, asleep in the sun", Style())
    assert line.text == "[wide photo] a cat on a wall,…"
    assert placeholder_line(40, 300, 400, "", Style()).text.rstrip() == "[tall photo, no description]"


PIXELS = st.integers(1, 20).flatmap(
    lambda cols: st.tuples(
        st.just(cols),
        st.integers(1, 4).flatmap(lambda rows: st.binary(min_size=3 * cols * rows, max_size=3 * cols * rows)),
    )
)


@given(PIXELS, st.integers(0, 64))
def test_merged_pixels_are_off_by_half_of_the_spread_at_most(pixels: tuple[int, bytes], spread: int) -> None:
    cols, rgb = pixels
    merged = merge_runs(rgb, cols, spread)
    assert len(merged) == len(rgb)
    assert max((abs(old - new) for old, new in zip(rgb, merged, strict=True)), default=0) <= (spread + 1) // 2


def test_a_gradient_becomes_runs_that_do_not_reach_into_the_next_line() -> None:
    line = bytes(value for x in range(32) for value in (x * 2, 100, 100))
    merged = merge_runs(line + line, 32, 8)
    assert merged[: len(line)] == merged[len(line) :]
    assert len({merged[at : at + 3] for at in range(0, len(line), 3)}) == 7


@given(PIXELS)
def test_without_a_spread_nothing_changes(pixels: tuple[int, bytes]) -> None:
    cols, rgb = pixels
    assert merge_runs(rgb, cols, 0) == rgb
