"""Photo cards: what they say without colour, at every width, before and after the picture has come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from api_client.models.posts import Location, Media, MediaType, PhotoPost
from api_client.models.users import UserRef
from widgets.item_renderer import RenderContext
from widgets.photo_card import BESIDE_FROM, CAPTION_LINES, PhotoCardRenderer
from widgets.picture import DecodedPicture

MADE = datetime(2026, 1, 5, 12, tzinfo=UTC)
NOW = MADE.timestamp() + 180
PICTURE = Media(id="m1", url="https://pictures.example/1.jpg", width=400, height=300, alt="a harbour")


def photo(**fields: Any) -> PhotoPost:
    author = UserRef(id="u1", username="ann", full_name="Ann Berg", is_verified=True)
    return PhotoPost(id="p1", user=author, created_at=MADE, media=[PICTURE]).changed(**fields)


def drawn(post: PhotoPost, width: int = 78, renderer: PhotoCardRenderer | None = None) -> str:
    renderer = renderer or PhotoCardRenderer(lambda *_: None, 12)
    context = RenderContext(width, lambda _: Style.null(), False, 0, NOW)
    strips = renderer.render(post, context)
    assert all(strip.cell_length <= width for strip in strips)
    return "\n".join(strip.text.rstrip() for strip in strips)


def test_a_card_says_who_where_when_and_how_many() -> None:
    text = drawn(photo(like_count=1234, comment_count=12, location=Location(name="Gdańsk"), caption="evening #sun"))
    for words in ("Ann Berg ✓  @ann", "Gdańsk · 3 minutes ago", "1,234 likes", "View all 12 comments"):
        assert words in text
    assert "ann evening #sun" in text


@pytest.mark.parametrize(("liked", "heart"), [(True, "♥ 1 like "), (False, "♡ 1 like ")])
def test_the_heart_tells_by_its_shape_whether_it_was_given(liked: bool, heart: str) -> None:
    assert heart in drawn(photo(is_liked_by_me=liked, like_count=1))


def test_no_caption_no_location_and_no_comments_leave_no_empty_words() -> None:
    text = drawn(photo())
    assert "View" not in text
    assert "·" not in text


@pytest.mark.parametrize("width", [40, BESIDE_FROM - 1, BESIDE_FROM, 78, 160])
def test_the_card_keeps_its_height_when_the_picture_comes(width: int) -> None:
    def arrived(_: str, medium: Media, columns: int, rows: int) -> DecodedPicture:
        return DecodedPicture(columns, rows, bytes(columns * rows * 6))

    before = drawn(photo(caption="words"), width)
    after = drawn(photo(caption="words"), width, PhotoCardRenderer(arrived, 12))
    assert before.count("\n") == after.count("\n")
    assert "a harbour" in before
    assert "a harbour" not in after


def test_a_picture_that_cannot_be_shown_says_why_beside_its_description() -> None:
    text = drawn(photo(), 120, PhotoCardRenderer(lambda *_: "This picture is damaged.", 12))
    assert "a harbour" in text
    assert "damaged" in text


def test_without_pictures_one_line_describes_them() -> None:
    text = drawn(photo(), renderer=PhotoCardRenderer(None, 12))
    assert "[wide photo] a harbour" in text
    assert text.count("\n") < 6


def test_several_pictures_are_counted_and_a_video_is_not_fetched() -> None:
    wanted: list[str] = []

    def picture_of(_: str, medium: Media, columns: int, rows: int) -> None:
        wanted.append(medium.id)

    clip = PICTURE.changed(id="v1", type=MediaType.VIDEO, order=-1, alt=None)
    text = drawn(photo(media=[PICTURE, clip]), renderer=PhotoCardRenderer(picture_of, 12))
    assert " 1/2 " in text
    assert "▶ video" in text
    assert wanted == []


def test_a_heart_lies_over_the_picture_for_those_who_clicked_twice() -> None:
    renderer = PhotoCardRenderer(lambda *_: None, 12)
    renderer.hearts.add("p1")
    assert "▄██▄ ▄██▄" in drawn(photo(), renderer=renderer)


def test_a_long_caption_is_cut_in_a_list_and_whole_on_its_own_page() -> None:
    caption = "\n".join(f"line {n}" for n in range(30))
    short = drawn(photo(caption=caption))
    assert "Enter shows the rest" in short
    assert f"line {CAPTION_LINES}" not in short
    assert "line 29" in drawn(photo(caption=caption), renderer=PhotoCardRenderer(lambda *_: None, 12, whole=True))


@given(
    st.integers(24, 200),
    st.integers(1, 4000),
    st.integers(1, 4000),
    st.text(max_size=60),
    st.integers(0, 10**7),
    st.booleans(),
)
def test_no_card_is_wider_than_its_list(
    width: int, wide: int, high: int, caption: str, likes: int, marked: bool
) -> None:
    medium = PICTURE.changed(width=wide, height=high)
    post = photo(media=[medium, medium], caption=caption, like_count=likes, is_saved_by_me=marked)
    renderer = PhotoCardRenderer(lambda *_: None, 12)
    if marked:
        renderer.hearts.add("p1")
    drawn(post, width, renderer)
