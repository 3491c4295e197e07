"""What is shown first comes out of `cache.db`: reading it, and what keeping costs the event loop."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from api_client.models.base import WireModel
from api_client.models.chat import Message
from api_client.models.posts import Comment, Media, PhotoPost, Post
from api_client.models.users import UserRef
from api_client.sync.cache import Cache
from benchmarks.measure import Row, cpu_ms

_WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
_BODY = "A text of a usual length, which says something about the picture above it, and then stops. "
_KEPT = 5_000
FRAME = 1_000 / 60
"""Ms in which a screen is to be read, and what was fetched to be kept, so that no key is late."""


def _posts() -> dict[str, WireModel]:
    media = [
        Media(id="m", url="/media/one.jpg", width=1600, height=1200, thumbnails={"320": "/a.jpg", "640": "/b.jpg"})
    ]
    author = UserRef(id="u", username="ann", full_name="Ann Example")
    return {
        f"posts:{n}": PhotoPost(id=str(n), user=author, caption=_BODY * 2, media=media, created_at=_WHEN)
        for n in range(20)
    }


def _messages() -> dict[str, WireModel]:
    return {
        f"messages:{n}": Message.model_validate(
            {"id": str(n), "chat_id": "c", "sender_id": "u", "content": _BODY, "created_at": _WHEN}
        )
        for n in range(50)
    }


def _comments() -> dict[str, WireModel]:
    return {
        f"comments:{n}": Comment(
            id=str(n), post_id="p", author_username="ben", body=_BODY, path=f"{n:06}", created_at=_WHEN
        )
        for n in range(_KEPT)
    }


async def _measure(folder: Path) -> list[Row]:
    cache = await Cache.open(folder / "cache.db")
    kinds = {"home": (_posts(), Post), "chat": (_messages(), Message), "thread": (_comments(), Comment)}
    for name, (models, _) in kinds.items():
        cache.keep_listing(name, models, None)
    await cache.close()
    cache = await Cache.open(folder / "cache.db")
    figures = [
        Row(
            f"cache: {len(models):,} of {name} read from the file" + (" | limit" if name != "thread" else ""),
            cpu_ms(partial(cache.listing, name, kind)),
            # A thread of thousands is read on the reader's thread.
            FRAME if name != "thread" else None,
        )
        for name, (models, kind) in kinds.items()
    ]
    comments = kinds["thread"][0]
    keeping = cpu_ms(lambda: cache.keep(comments))
    figures.append(Row(f"cache: keep() of {_KEPT:,} records, on the event loop | limit", keeping, FRAME))
    await cache.close()
    return figures


def rows() -> Iterator[Row]:
    """Yield the figures."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_measure(Path(folder)))
