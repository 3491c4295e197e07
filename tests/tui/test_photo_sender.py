"""Pictures that wait on this machine: kept for nobody else, brought once, brought again when they were thrown away."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_client import endpoints
from api_client.errors import NotFound, PlatformError, Unreachable, api_error
from api_client.models.posts import MediaInput, NewPhotoPost
from api_client.sync.intents import Intent
from tui.state.attachments import Attachments, mime_type_of
from tui.state.photo_sender import AttachmentMissing, PhotoSender, placeholder

GONE = api_error(404, "NOT_FOUND", "No such upload.")
AWAY = Unreachable("No network.")


class Bench:
    """Takes uploads and posts, and fails when it is told to."""

    def __init__(self) -> None:
        self.brought: list[tuple[bytes, str, str]] = []
        self.posted: list[tuple[str, list[str | None]]] = []
        self.uploads_fail: list[PlatformError | None] = []
        self.posts_fail: list[PlatformError | None] = []

    async def upload(
        self, data: bytes, filename: str, mime_type: str, *, progress: Callable[[int, int], None], **_: Any
    ) -> str:
        if self.uploads_fail and (error := self.uploads_fail.pop(0)) is not None:
            raise error
        progress(len(data), len(data))
        self.brought.append((data, filename, mime_type))
        return f"upload-{len(self.brought)}"

    async def send(self, intent: Intent) -> str:
        if self.posts_fail and (error := self.posts_fail.pop(0)) is not None:
            raise error
        body = intent.body
        media = [medium.upload_id for medium in body.media or ()] if isinstance(body, NewPhotoPost) else []
        self.posted.append((intent.idempotency_key, media))
        return "posted"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def photos(bench: Bench) -> PhotoSender:
    return PhotoSender(bench, bench.send)  # type: ignore[arg-type]


async def post_of(attachments: Attachments, *pictures: bytes) -> Intent:
    paths = [await attachments.keep(data, "image/png") for data in pictures]
    media = [MediaInput(type="image", upload_id=placeholder(number)) for number in range(len(paths))]
    return Intent.of(
        endpoints.CREATE_POST,
        object_key="posts:p",
        created_at=0.0,
        label="publish a photo",
        body=NewPhotoPost(media=media),
        attachments=tuple(paths),
    )


async def test_pictures_are_brought_in_order_before_the_post(bench: Bench, photos: PhotoSender, tmp_path: Path) -> None:
    intent = await post_of(Attachments(tmp_path / "files"), b"one", b"three")
    heard: list[tuple[int, int]] = []
    photos.on_progress = lambda _, sent, total: heard.append((sent, total))
    assert await photos(intent) == "posted"
    assert [(data, kind) for data, _, kind in bench.brought] == [(b"one", "image/png"), (b"three", "image/png")]
    assert bench.posted == [(intent.idempotency_key, ["upload-1", "upload-2"])]
    assert heard == [(3, 8), (8, 8)]


async def test_what_was_brought_is_not_brought_again_when_the_rest_is(
    bench: Bench, photos: PhotoSender, tmp_path: Path
) -> None:
    intent = await post_of(Attachments(tmp_path / "files"), b"one", b"two")
    bench.uploads_fail = [None, AWAY]
    with pytest.raises(Unreachable):
        await photos(intent)
    bench.posts_fail = [AWAY]
    with pytest.raises(Unreachable):
        await photos(intent)
    assert await photos(intent) == "posted"
    assert [data for data, _, _ in bench.brought] == [b"one", b"two"]
    assert bench.posted == [(intent.idempotency_key, ["upload-1", "upload-2"])]


async def test_what_the_platform_has_thrown_away_is_brought_once_more(
    bench: Bench, photos: PhotoSender, tmp_path: Path
) -> None:
    intent = await post_of(Attachments(tmp_path / "files"), b"one")
    photos.remember(intent.attachments[0], "long-gone")
    bench.posts_fail = [GONE]
    assert await photos(intent) == "posted"
    assert bench.posted == [(intent.idempotency_key, ["upload-1"])]
    bench.posts_fail = [GONE, GONE]
    with pytest.raises(NotFound):
        await photos(intent)


async def test_a_picture_that_is_gone_is_a_refusal_and_no_reason_to_try_again(
    photos: PhotoSender, tmp_path: Path
) -> None:
    attachments = Attachments(tmp_path / "files")
    intent = await post_of(attachments, b"one")
    await attachments.drop(intent.attachments)
    with pytest.raises(AttachmentMissing) as caught:
        await photos(intent)
    assert not caught.value.worth_retrying


async def test_other_writes_pass_as_they_are(bench: Bench, photos: PhotoSender) -> None:
    like = Intent.of(endpoints.LIKE, object_key="posts:p", created_at=0.0, label="like", params={"id": "p"})
    assert await photos(like) == "posted"
    assert bench.posted == [(like.idempotency_key, [])]


async def test_the_copies_are_for_nobody_else_and_go_when_no_write_names_them(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    attachments = Attachments(folder)
    await attachments.sweep(())
    kept, orphan = [await attachments.keep(b"data", kind) for kind in ("image/jpeg", "video/mp4")]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert [mime_type_of(path) for path in (kept, orphan)] == ["image/jpeg", "video/mp4"]
    await attachments.sweep([kept])
    assert len(list(folder.iterdir())) == 2
    os.utime(orphan, (0, 0))
    os.utime(kept, (0, 0))
    await attachments.sweep([kept])
    assert [str(path) for path in folder.iterdir()] == [kept]
    foreign = tmp_path / "mine.png"
    foreign.write_bytes(b"not ours")
    await attachments.drop([kept, str(foreign)])
    assert list(folder.iterdir()) == []
    assert foreign.exists()
