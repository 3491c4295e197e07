"""A platform full of text that attacks terminals, written by somebody whose posts the reader sees everywhere.

Most of it is written into the platform's database: a platform that was taken over does not check what it sends.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from api_client import PlatformClient
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.music import NewPlaylist
from api_client.models.posts import MediaInput, NewPhotoPost, NewThreadPost
from api_client.models.threads import NewSubreddit
from tests.e2e.witness import Witness

CANARY = "cAnArY"
BIDI = "\u202e\u2066\u200f"
ATTACKS = (
    f"\x1b]52;c;{CANARY}\x07",  # sets the clipboard
    f"\x1b]0;{CANARY}\x07",  # names the window
    f"\x1b]8;;https://{CANARY}.example\x1b\\",  # a link over everything that follows
    f"\x1bP$q{CANARY}\x1b\\",  # asks for settings; the answer would come as keys
    f"\x1b_G{CANARY}\x1b\\",  # pictures of the kitty terminal
    "\x1b[>q\x1b[6n\x1b]10;?\x07\x1b[21t",  # asks for version, cursor, colour and title
    "\x1b[2J\x1b[3;7f\x1b[?1049l\x1b[?1000l\x1bc",  # clears, moves, leaves the screen, resets
    "\x9b6n",  # the same in one-byte form
    f"\x9d52;c;{CANARY}\x9c",
    f"\x90{CANARY}\x9c",
    "\x00\x05\x07\x08\x0b\x0c\x0e\x18\x7f\x85",
    f"\x1b]52;c;{CANARY}",  # begins and never ends
    "\x1b",
)
MARKUP = "[/] [@click=app.quit]q[/] [$x] [link='https://e/\x1b\\\x1b]52;c;x\x07']l[/link] [bold"
POISON = BIDI + MARKUP + "".join(ATTACKS)
MARKDOWN = (
    "# " + POISON + "\n\n" + "| a " * 40 + "|\n" + "|---" * 40 + "|\n" + ("| x " * 40 + "|\n") * 40
    + "- " * 300 + "\n" + "[b]" * 3000 + "\n" + "> " * 400 + "deep\n" + f"[{POISON}](javascript:x) ![{POISON}](file:///etc)\n"
)  # fmt: skip
LONG_MARKDOWN = MARKDOWN + "word *and* _more_ " * ((100_000 - len(MARKDOWN)) // 18)

# A PNG of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


def marked(place: str) -> str:
    """Return an attack that begins with a word that tells where it was read."""
    return f"seen-{place} {POISON}"


def poison(platform: str, folder: Path, author: Witness, reader: Witness) -> None:
    """Write as `author` wherever `reader` reads, then spoil every string of it in the database in `folder`."""

    async def write(client: PlatformClient) -> None:
        media = [MediaInput(type="image", base64=PIXEL, alt="alt")]
        photo = await client.feed.create(NewPhotoPost(caption="caption", location="place", media=media))
        comment = await client.comments.create(photo.id, "comment")
        await client.comments.create(photo.id, "comment", parent_id=comment.id)
        await client.threads.found(NewSubreddit(name="poison", display_name="name", description="description"))
        for title in ("title", "long"):
            thread = await client.feed.create(NewThreadPost(subreddit="poison", title=title, body=title, flair="flair"))
            comment = await client.comments.create(thread.id, "comment")
            await client.comments.create(thread.id, "comment", parent_id=comment.id)
        for conversation in (
            NewConversation(member_ids=[reader.me.id]),
            NewConversation(type="group", member_ids=[reader.me.id], name="group"),
        ):
            chat = await client.chat.create(conversation)
            await client.chat.send(chat.id, NewMessage(content="message"))

    async def read(client: PlatformClient) -> None:
        await client.users.follow(author.me.username)
        await client.threads.join("poison")
        await client.playlists.create(NewPlaylist(name="playlist", description="description"))

    reader.ask(lambda client: client.users.follow(author.me.username))
    author.ask(write)
    reader.ask(read)
    changes = {
        "UPDATE users SET full_name = ?, bio = ? WHERE id = ?": (marked("name"), marked("bio"), author.me.id),
        "UPDATE photo_posts SET caption = ?, location_name = ?": (marked("caption"), marked("place")),
        "UPDATE post_media SET alt = ?": (marked("alt"),),
        "UPDATE thread_posts SET title = ?, body = ?, flair = ?": (marked("title"), marked("body"), marked("flair")),
        "UPDATE thread_posts SET body = ? WHERE rowid = (SELECT max(rowid) FROM thread_posts)": (LONG_MARKDOWN,),
        "UPDATE comments SET body = ?": (marked("comment"),),
        "UPDATE subreddits SET display_name = ?, description = ?": (marked("community"), marked("about")),
        "UPDATE conversations SET name = ? WHERE name IS NOT NULL": (marked("group"),),
        "UPDATE messages SET content = ?": (marked("message"),),
        "UPDATE playlists SET name = ?, description = ?": (marked("playlist"), marked("list")),
        "UPDATE artists SET name = ?": (marked("artist"),),
        "UPDATE albums SET title = ?": (marked("album"),),
        "UPDATE tracks SET title = ?": (marked("track"),),
    }
    with closing(sqlite3.connect(folder / "platform.db", timeout=20)) as database:
        for change, values in changes.items():
            database.execute(change, values)
        database.commit()
