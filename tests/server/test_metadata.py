"""What cameras write beside a picture does not reach anybody, and the picture itself stays as it was."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from server.media import clean_picture
from server.metadata import BrokenPicture, without_metadata
from server.problems import Problem

SECRET = b"52.5163N 13.3777E"


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010E] = SECRET.decode()
    found.get_ifd(0x8825)[1] = SECRET.decode()
    return found


def gradient() -> Image.Image:
    """Left dark, right bright, so that turning shows."""
    return Image.linear_gradient("L").rotate(90).resize((40, 30)).convert("RGB")


def encoded(kind: str, orientation: int = 1, **more: Any) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, Any] = {"JPEG": {"quality": 90, "comment": SECRET}, "WEBP": {"lossless": True}}.get(kind, {})
    if kind == "PNG":
        options["pnginfo"] = notes = PngInfo()
        notes.add_text("Comment", SECRET.decode())
        notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    gradient().save(buffer, kind, exif=exif(orientation), **{**options, **more})
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_goes_and_every_sample_stays(kind: str) -> None:
    data = encoded(kind)
    assert SECRET in data
    _, clean = clean_picture(data)
    assert SECRET not in clean
    assert b"Exif" not in clean
    assert dict(opened(clean).getexif()) == {}
    assert opened(clean).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_picture_is_turned_for_good(kind: str, orientation: int) -> None:
    data = encoded(kind, orientation)
    facts, clean = clean_picture(data)
    picture, expected = opened(clean), ImageOps.exif_transpose(opened(data))
    assert picture.size == expected.size == (facts.width, facts.height)
    assert dict(picture.getexif()) == {}
    assert SECRET not in clean
    for corner in ((0, 0), (picture.width - 1, 0), (0, picture.height - 1)):
        assert abs(picture.getpixel(corner)[0] - expected.getpixel(corner)[0]) < 12  # type: ignore[index, operator]


def test_progressive_pictures_come_through() -> None:
    data = encoded("JPEG", progressive=True)
    _, clean = clean_picture(data)
    assert SECRET not in clean
    assert opened(clean).tobytes() == opened(data).tobytes()


def test_colour_profiles_are_part_of_the_picture() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        for orientation in (1, 6):
            _, clean = clean_picture(encoded(kind, orientation, icc_profile=b"a profile"))
            assert opened(clean).info.get("icc_profile") == b"a profile"


def test_what_is_appended_behind_the_picture_goes_as_well() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        _, clean = clean_picture(encoded(kind) + encoded("JPEG"))
        assert SECRET not in clean


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_animations_still_move(kind: str) -> None:
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue", "white")]
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
    _, clean = clean_picture(buffer.getvalue())
    assert getattr(opened(clean), "n_frames", 1) == 3


@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 2000), st.integers(0, 255))
def test_whatever_is_wrong_with_a_file_it_is_cleaned_or_refused(kind: str, at: int, byte: int) -> None:
    data = bytearray(encoded(kind))
    data[at % len(data)] = byte
    try:
        _, clean = clean_picture(bytes(data))
    except Problem as problem:
        assert problem.details  # noqa: PT017 - both ways are right
    else:
        assert clean


def test_parts_that_do_not_follow_each_other_are_refused() -> None:
    for suffix, data in (("jpg", b"\xff\xd8"), ("jpg", b"\xff\xd8junk"), ("png", b"\x89PNG\r\n\x1a\n"), ("webp", b"R")):
        with pytest.raises(BrokenPicture):
            without_metadata(data, suffix, 1)
