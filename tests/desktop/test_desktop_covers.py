"""Covers for a desktop: files of our own making, few, private, and fetched once."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from api_client.errors import Unreachable
from tests.desktop.conftest import Asked, Neighbour, track, until
from tui.desktop.covers import MOST, SIDE, Covers
from tui.player.player import Player

URL = "/media/covers/one.jpg?sig=1"


def picture(side: int = 900, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(buffer, kind)
    return buffer.getvalue()


async def fetched(covers: Covers, url: str) -> str | None:
    """Wait until `url` was dealt with, and return the address of its file."""
    covers.want(url, lambda: None)
    await until(lambda: not covers.busy)
    return covers.address_of(url)


async def test_a_cover_is_drawn_anew_and_kept_for_the_user_alone(covers: Covers, asked: Asked, tmp_path: Path) -> None:
    asked.pictures[URL] = picture() + b"<script>what comes behind a picture</script>"
    address = await fetched(covers, URL)
    assert address is not None
    check_cover(Path(urlsplit(address).path), tmp_path / "covers")


def check_cover(path: Path, folder: Path) -> None:
    assert path.parent == folder
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with Image.open(path) as image:
        assert (image.format, image.size) == ("PNG", (SIDE, SIDE))
    assert b"script" not in path.read_bytes()


async def test_it_is_fetched_once_also_after_a_restart_and_with_another_signature(
    covers: Covers, asked: Asked, tmp_path: Path
) -> None:
    asked.pictures[URL] = picture()
    first = await fetched(covers, URL)
    assert await fetched(covers, URL) == first
    again = Covers(tmp_path / "covers", asked.fetch)
    assert await fetched(again, URL.replace("sig=1", "sig=2")) == first
    assert asked.fetched == [URL]


async def test_what_is_no_picture_is_no_cover(covers: Covers, asked: Asked, tmp_path: Path) -> None:
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00" + bytes(4)
    for number, data in enumerate((b"", b"no picture", picture()[:200], bomb, b"<svg onload='x'/>")):
        asked.pictures[f"/c/{number}"] = data
        assert await fetched(covers, f"/c/{number}") is None
        assert await fetched(covers, f"/c/{number}") is None
    assert len(asked.fetched) == 5
    assert list((tmp_path / "covers").glob("*.png")) == []


async def test_what_could_not_be_fetched_is_tried_again_with_another_track(tmp_path: Path) -> None:
    answers: dict[str, list[Any]] = {URL: [Unreachable("http://127.0.0.1"), picture()], "/other": [picture()]}

    async def fetch(url: str) -> bytes:
        answer = answers[url].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    covers = Covers(tmp_path / "covers", fetch)
    for _ in range(20):
        # The player tells of the same track four times a second.
        assert await fetched(covers, URL) is None
    assert await fetched(covers, "/other") is not None
    assert await fetched(covers, URL) is not None


async def test_the_folder_holds_the_covers_that_were_shown_last(covers: Covers, asked: Asked, tmp_path: Path) -> None:
    folder = tmp_path / "covers"
    folder.mkdir(mode=0o700)
    for number in range(MOST + 5):
        old = folder / f"{number:032x}.png"
        old.write_bytes(b"old")
        os.utime(old, (number, number))
    asked.pictures[URL] = picture()
    assert await fetched(covers, URL)
    kept = sorted(path.name for path in folder.glob("*.png"))
    assert len(kept) == MOST
    assert f"{5:032x}.png" not in kept
    assert f"{MOST + 4:032x}.png" in kept


async def test_a_folder_that_cannot_be_written_costs_only_the_cover(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    asked.pictures[URL] = picture()
    assert await fetched(Covers(tmp_path / "file" / "covers", asked.fetch), URL) is None


async def test_the_desktop_is_told_of_the_cover_when_it_is_there(
    open_desktop: Any, player: Player, neighbour: Neighbour, asked: Asked, tmp_path: Path
) -> None:
    asked.pictures[URL] = picture()
    await open_desktop()
    player.play([track(1, cover_url=URL), track(2, cover_url="/media/covers/none.jpg")])

    def art() -> list[str]:
        said = [body[1].get("Metadata") for body in neighbour.told("PropertiesChanged")]
        return [each.value["mpris:artUrl"].value for each in said if each and "mpris:artUrl" in each.value]

    await until(lambda: bool(art()))
    check_cover(Path(urlsplit(art()[0]).path), tmp_path / "covers")
    asked.pictures["/media/covers/none.jpg"] = b"none"
    player.next()
    await until(lambda: "/media/covers/none.jpg" in asked.fetched)
    assert "mpris:artUrl" not in await neighbour.get("Metadata")
