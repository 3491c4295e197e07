"""Decoded pictures take a bounded room: what was looked at last stays."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from tui.screens.pictures import PictureLoader
from widgets.picture import DecodedPicture

COLUMNS, ROWS = 8, 4


async def fetched(url: str) -> bytes:
    """Return a picture; the name says how bright it is."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16), (int(url), 0, 0)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def pictures() -> AsyncIterator[PictureLoader]:
    loader = PictureLoader(fetched)
    yield loader
    await loader.close()


async def test_the_pictures_that_were_looked_at_last_are_kept_up_to_the_limit(
    pictures: PictureLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = len((await pictures.get("0", COLUMNS, ROWS)).rgb)
    monkeypatch.setattr("tui.screens.pictures.MEMORY", 3 * one)
    for number in range(1, 3):
        await pictures.get(str(number), COLUMNS, ROWS)
    assert pictures.peek("0", COLUMNS, ROWS) is not None, "three fit, and this one has just been looked at"
    for number in range(3, 5):
        await pictures.get(str(number), COLUMNS, ROWS)
    kept = [number for number in range(5) if isinstance(pictures.peek(str(number), COLUMNS, ROWS), DecodedPicture)]
    assert kept == [0, 3, 4]
    again = await pictures.get("1", COLUMNS, ROWS)
    assert len(again.rgb) == one, "what has gone comes back when it is wanted"
    assert pictures.peek("0", COLUMNS, ROWS) is None


async def test_a_picture_larger_than_the_limit_is_shown_all_the_same(
    pictures: PictureLoader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.pictures.MEMORY", 1)
    assert isinstance(await pictures.get("9", COLUMNS, ROWS), DecodedPicture)
    await pictures.get("8", COLUMNS, ROWS)
    assert pictures.peek("9", COLUMNS, ROWS) is None
