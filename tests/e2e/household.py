"""Two people who know each other, what they have written, and the machine of one of them behind a wire."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from api_client import PlatformClient
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.posts import MediaInput, NewPhotoPost, NewThreadPost, PhotoPost, ThreadPost
from api_client.models.threads import NewSubreddit
from tests.e2e.hostile import PIXEL
from tests.e2e.machine import Machine
from tests.e2e.terminal import Terminal
from tests.e2e.wire import Wire, wire_to
from tests.e2e.witness import PASSWORD, Witness

STORED_WITHIN = 5.0
"""Seconds within which what was typed is on the disk, however busy the machine is."""
LEAVES_WITHIN = 2.0
"""Seconds within which a program that was told to end has ended."""
BUSY = 2.0
"""What every time limit of the program is multiplied by here: other tests may have the machine as well."""


@dataclass(frozen=True)
class Household:
    """The user, a friend, and what there is to read, to like and to answer."""

    machine: Machine
    wire: Wire
    me: Witness
    friend: Witness
    photo: str
    thread: str
    chat: str
    subreddit: str

    @property
    def name(self) -> str:
        """The user's name."""
        return self.me.me.username

    @property
    def outbox(self) -> Path:
        """The file of what is not sent yet."""
        (found,) = self.machine.home.rglob("outbox.db")
        return found

    def open(self, *arguments: str, size: tuple[int, int] = (120, 36)) -> Terminal:
        """Start the program, which is signed in."""
        return self.machine.open("--insecure-storage", *arguments, size=size)

    def ends(self, terminal: Terminal, status: int = 0) -> None:
        """Wait until the program has ended, soon and as it should, with the terminal as it was before."""
        found = terminal.exit_status(LEAVES_WITHIN * BUSY)
        log = "".join(path.read_text() for path in self.machine.home.rglob("parlour.log"))
        assert found == status, f"it ended with {found}. It says:\n{terminal.text.strip()}\nand its log:\n{log}"
        assert not terminal.alternate
        assert terminal.modes == {"7", "25"}
        assert "Traceback" not in terminal.text

    # -- what is on the disk

    def open_writes(self) -> int:
        """Return how many writes wait in the file."""
        with closing(sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True, timeout=10)) as database:
            (count,) = database.execute("SELECT count(*) FROM intents").fetchone()
        return int(count)

    def drafts(self) -> list[str]:
        """Return what the fields of all drafts in the file say."""
        with closing(sqlite3.connect(f"file:{self.outbox}?mode=ro", uri=True, timeout=10)) as database:
            rows = database.execute("SELECT fields FROM drafts").fetchall()
        return [text for (fields,) in rows for text in json.loads(fields).values()]

    def wait_for_draft(self, words: str) -> None:
        """Wait until `words` are in the file."""
        until = time.monotonic() + STORED_WITHIN
        while not any(words in text for text in self.drafts()):
            assert time.monotonic() < until, f"not in the file of drafts: {words}"

    # -- what is on the platform

    async def the_photo(self, client: PlatformClient) -> PhotoPost:
        """Ask for the photo."""
        found = await client.feed.post(self.photo)
        assert isinstance(found, PhotoPost)
        return found

    async def the_thread(self, client: PlatformClient) -> ThreadPost:
        """Ask for the thread."""
        found = await client.feed.post(self.thread)
        assert isinstance(found, ThreadPost)
        return found

    async def comments(self, client: PlatformClient) -> list[str]:
        """Ask for the words below the photo."""
        return [comment.body for comment in (await client.comments.page(self.photo)).items if not comment.is_deleted]

    async def messages(self, client: PlatformClient) -> list[str]:
        """Ask for the words in the chat, the oldest first."""
        page = await client.chat.messages(self.chat)
        there = sorted(page.items, key=lambda message: message.created_at)
        return [message.content for message in there if not message.is_deleted]

    # -- where things are on the screen

    def shows_photo(self, terminal: Terminal) -> None:
        """Go to the photo and its comments."""
        command(terminal, f"p/{self.photo}")
        terminal.wait_for("a view of the lake")

    def shows_chat(self, terminal: Terminal) -> None:
        """Go to the chat, ready to write."""
        terminal.press("3")
        terminal.wait_for(lambda text: "[3 Chat" in text and self.friend.me.username in text)
        # From within a chat back to the list of them, in which it stands; nothing happens where that is so already.
        terminal.press("h")
        terminal.wait_for("Enter open")
        terminal.press("enter")
        terminal.wait_for("WRITE")


def command(terminal: Terminal, line: str) -> None:
    """Type a line behind a colon."""
    terminal.press(":")
    terminal.wait_for("WRITE")
    terminal.type(f"{line}\r")
    terminal.wait_for("BROWSE")


@contextmanager
def household(machine: Machine, platform: str, new_name: Callable[[], str]) -> Iterator[Household]:
    """Make the two people and everything they have, and sign the user in on the machine."""
    me, friend = Witness.registered(platform, new_name()), Witness.registered(platform, new_name())
    subreddit = f"lake{new_name()}"

    async def write(client: PlatformClient) -> tuple[str, str, str, str]:
        media = [MediaInput(type="image", base64=PIXEL)]
        photo = await client.feed.create(NewPhotoPost(caption="a view of the lake", media=media))
        await client.threads.found(NewSubreddit(name=subreddit, display_name="Lakes"))
        wish = NewThreadPost(subreddit=subreddit, title="Which lake is deepest", body="I wonder")
        thread = await client.feed.create(wish)
        chat = await client.chat.create(NewConversation(member_ids=[me.me.id]))
        hello = await client.chat.send(chat.id, NewMessage(content="hello from the lake"))
        return photo.id, thread.id, chat.id, hello.id

    photo, thread, chat, hello = friend.ask(write)

    async def follow(client: PlatformClient) -> None:
        await client.users.follow(friend.me.username)
        await client.threads.join(subreddit)
        # So that opening the chat is no write.
        await client.chat.read(hello)

    me.ask(follow)
    with wire_to(platform) as wire:
        signs_in(machine, wire.url, me.me.username)
        yield Household(machine, wire, me, friend, photo, thread, chat, subreddit)


def signs_in(machine: Machine, url: str, name: str) -> None:
    """Keep the sign-in of `name` on the machine."""
    said = machine.run("login", name, "--url", url, "--insecure-storage", typed=f"{PASSWORD}\n")
    assert said.returncode == 0, said.stderr


def elsewhere(house: Household, folder: Path) -> Household:
    """Return the same household with another machine of the user's, signed in as well."""
    machine = Machine(folder)
    machine.configure("config.toml", '[player]\noutput = "null"\n')
    signs_in(machine, house.wire.url, house.name)
    return replace(house, machine=machine)


def status_line(text: str) -> str:
    """Return the first row of a screen."""
    return text.partition("\n")[0]


def pending(number: int) -> Callable[[str], bool]:
    """Return whether the first line of a screen says that so many writes wait."""
    words = f"{number} to send"

    def says(text: str) -> bool:
        line = status_line(text)
        return (words in line or f"↑ {number}" in line) if number else "to send" not in line and "↑" not in line

    says.__doc__ = f"{number} to send"
    return says
