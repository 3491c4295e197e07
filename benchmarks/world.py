"""A platform in a process of its own: people, photographs, long threads, a chat, and somebody who is signed in."""

from __future__ import annotations

import base64
import colorsys
import io
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from api_client.client import PlatformClient
from api_client.models.chat import NewConversation
from api_client.models.posts import MediaInput, NewPhotoPost, NewThreadPost
from api_client.models.threads import NewSubreddit
from benchmarks.platform_data import fill_chat, fill_thread
from benchmarks.terminal import Program, environment, running
from tests.e2e.conftest import platform_process
from tests.e2e.machine import Machine
from tests.e2e.witness import PASSWORD, Witness

PHOTOS = 40
NEWEST = f"photograph {PHOTOS - 1} of the author"
MESSAGES = 2_000
_PHOTO_SIZE = (900, 600)
_START = 180.0
"""Seconds until the program is there; under a profiler it takes long."""


@dataclass(frozen=True)
class World:
    """The platform, and the machine of the reader."""

    url: str
    machine: Machine
    threads: dict[int, str]
    """The subreddit that holds the one thread with so many comments."""
    newest: str = NEWEST

    @contextmanager
    def program(self, *python: str) -> Iterator[Program]:
        """Run the program, signed in, until its feed stands still; `python` is what runs it instead of `-m tui`.

        With `-X importtime`, all that it writes is kept.
        """
        command = [sys.executable, *(python or ("-m", "tui")), "--insecure-storage"]
        heard = "importtime" in python
        with running(command, environment(**self.machine.env), self.machine.folder, heard=heard) as program:
            program.wait_for("online", _START)
            program.quiet(1.0)
            yield program


def photograph(number: int) -> bytes:
    """Return a JPEG of 900 x 600 with the gradients and the grain of a photograph; each number has its own colours."""
    dice = random.Random(number)
    width, height = 90, 60
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            hue = (number * 0.137 + x / width / 3) % 1
            tone = colorsys.hsv_to_rgb(hue, 0.6, 0.25 + 0.6 * y / height)
            pixels += bytes(min(255, int(part * 255) + dice.randrange(24)) for part in tone)
    picture = Image.frombytes("RGB", (width, height), bytes(pixels)).resize(_PHOTO_SIZE, Image.Resampling.BICUBIC)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()


async def _photographs(client: PlatformClient) -> None:
    for number in range(PHOTOS):
        media = [MediaInput(type="image", base64=base64.b64encode(photograph(number)).decode())]
        await client.feed.create(NewPhotoPost(caption=f"photograph {number} of the author", media=media))


def _thread(author: Witness, database: Path, count: int) -> str:
    """Make a thread of `count` comments and return the name of its subreddit."""
    name = f"of{count}"

    async def found(client: PlatformClient) -> str:
        await client.threads.found(NewSubreddit(name=name))
        return (await client.feed.create(NewThreadPost(subreddit=name, title=f"thread of {count}"))).id

    fill_thread(database, author.ask(found), author.me.id, count)
    return name


@contextmanager
def world(threads: Sequence[int] = (), *, photos: bool = False, chat: bool = False) -> Iterator[World]:
    """Yield a platform with threads of so many comments each, with photographs and with a chat if they are wanted.

    The reader follows the author, is signed in, and has opened the program once.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "platform"
        with platform_process("-m", "tests.e2e.platform_process", str(data)) as url:
            author, reader = Witness.registered(url, "author"), Witness.registered(url, "reader")
            reader.ask(lambda client: client.users.follow("author"))
            if photos:
                author.ask(_photographs)
            made = {count: _thread(author, data / "platform.db", count) for count in threads}
            if chat:
                talk = author.ask(lambda client: client.chat.create(NewConversation(member_ids=[reader.me.id])))
                fill_chat(data / "platform.db", talk.id, author.me.id, MESSAGES)
            machine = Machine(folder / "machine")
            machine.configure("config.toml", '[player]\noutput = "null"\n')
            said = machine.run("login", "reader", "--url", url, "--insecure-storage", typed=f"{PASSWORD}\n")
            assert said.returncode == 0, said.stderr
            yield World(url, machine, made)
