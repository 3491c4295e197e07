"""A visit to the demo platform by keyboard: likes, threads, chat and music; each seen on the screen and there."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest

from api_client import PlatformClient
from api_client.models.chat import Conversation
from api_client.models.posts import PhotoPost, ThreadPost
from tests.e2e.machine import Machine
from tests.e2e.screen import unexpected_sequences
from tests.e2e.terminal import Terminal
from tests.e2e.witness import DEMO_PASSWORD, Witness

pytestmark = pytest.mark.pty

PARTNER = "mara.lindqvist"


@pytest.fixture(scope="module")
def visitor(demo_platform: str) -> Witness:
    """The account that the program is signed in to, through another client."""
    return Witness.signed_in(demo_platform, "demo")


@pytest.fixture(scope="module")
def somebody_else(demo_platform: str) -> Witness:
    """The one who answers in chat."""
    return Witness.signed_in(demo_platform, PARTNER)


@pytest.fixture(scope="module")
def terminal(demo_platform: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """The program, signed in by typing at the welcome screen."""
    machine = Machine(tmp_path_factory.mktemp("visit"))
    machine.configure("config.toml", '[player]\noutput = "null"\n')
    with machine.open("--url", demo_platform) as terminal:
        terminal.wait_for("Try the demo")
        terminal.press("s")
        terminal.wait_for("Username or e-mail")
        terminal.type(f"demo\t{DEMO_PASSWORD}\r")
        terminal.wait_until_in("demo")
        yield terminal
        terminal.press("ctrl+q")
        assert terminal.exit_status() == 0
        assert unexpected_sequences(terminal.raw) == []
        assert machine.files_with(DEMO_PASSWORD) == []


def likes(post: PhotoPost) -> str:
    """How the screen writes the likes of a post."""
    return f"{'♥' if post.is_liked_by_me else '♡'} {post.like_count} like{'' if post.like_count == 1 else 's'}"


def test_a_like_is_seen_at_once_and_by_others(terminal: Terminal, visitor: Witness, somebody_else: Witness) -> None:
    terminal.press("1")
    post = visitor.ask(lambda client: client.feed.page()).items[0]
    terminal.wait_for(lambda text: f"@{post.user.username}" in text and likes(post) in text)
    terminal.press("a")
    liked = post.model_copy(
        update={
            "is_liked_by_me": not post.is_liked_by_me,
            "like_count": post.like_count + (1 - 2 * post.is_liked_by_me),
        }
    )
    terminal.wait_for(likes(liked))

    async def again(client: PlatformClient) -> PhotoPost:
        found = await client.feed.post(post.id)
        assert isinstance(found, PhotoPost)
        return found

    assert (
        visitor.wait_for(again, lambda found: found.is_liked_by_me is liked.is_liked_by_me).like_count
        == liked.like_count
    )
    assert somebody_else.ask(again).like_count == liked.like_count


def test_a_thread_is_read_voted_on_and_replied_to(terminal: Terminal, visitor: Witness, somebody_else: Witness) -> None:
    words = f"typed in a terminal {uuid.uuid4().hex[:8]}"
    terminal.press("2")
    listed = visitor.ask(lambda client: client.threads.page()).items
    terminal.wait_for(lambda text: any(post.comment_count and post.title[:40] in text for post in listed))
    thread = next(post for post in listed if post.comment_count and post.title[:40] in terminal.text)
    terminal.press_until("j", lambda text: thread.title[:40] in highlighted(text))
    terminal.press("enter")
    terminal.wait_for(lambda text: "best first" in text and thread.title[:40] in text)
    before = re.search(r"[▲△▼▽] (-?\d+) · ", terminal.text)
    assert before is not None
    assert int(before[1]) == thread.score

    terminal.press("a")
    change = -1 if thread.my_vote == 1 else 1 - thread.my_vote
    terminal.wait_for(f" {thread.score + change} · ")

    async def voted(client: PlatformClient) -> ThreadPost:
        found = await client.feed.post(thread.id)
        assert isinstance(found, ThreadPost)
        return found

    assert visitor.wait_for(voted, lambda found: found.my_vote == (0 if thread.my_vote == 1 else 1))
    assert somebody_else.ask(voted).score == thread.score + change

    # A reply to the first comment; the words are typed at once, as somebody does who knows the keys.
    comments = visitor.ask(lambda client: client.comments.page(thread.id)).items
    terminal.press("j", "r")
    terminal.type(words)
    terminal.wait_for(lambda text: words in text and "Ctrl+S send" in text)
    terminal.press("ctrl+s")
    terminal.wait_for(lambda text: words in text and "Ctrl+S send" not in text)
    written = somebody_else.wait_for(
        lambda client: client.comments.page(thread.id),
        lambda page: any(comment.body == words for comment in page.items),
    ).items
    (reply,) = (comment for comment in written if comment.body == words)
    assert reply.author_username == "demo"
    assert reply.parent_id == comments[0].id
    assert [(c.id, c.my_vote, c.is_deleted) for c in comments] == [
        (c.id, c.my_vote, c.is_deleted)
        for c in visitor.ask(lambda client: client.comments.page(thread.id)).items
        if c.id != reply.id
    ], "what was typed acted as keys"
    terminal.press("q")
    terminal.wait_for("Front page")


def highlighted(text: str) -> str:
    """The rows of the highlighted item: they begin with a bar."""
    return "\n".join(line for line in text.splitlines() if "▌" in line)


def test_a_chat_message_arrives_and_is_answered(terminal: Terminal, visitor: Witness, somebody_else: Witness) -> None:
    words = f"Is the bass in tune? {uuid.uuid4().hex[:8]}"

    async def chat_with_partner(client: PlatformClient) -> Conversation:
        chats = (await client.chat.conversations()).items
        return next(
            chat for chat in chats if len(chat.members) == 2 and PARTNER in [member.username for member in chat.members]
        )

    chat = visitor.ask(chat_with_partner)
    terminal.press("3")
    terminal.wait_for("Mara Lindqvist")
    terminal.press("/")
    terminal.type("Mara\r")
    terminal.wait_for(lambda text: "Mara Lindqvist" in highlighted(text) and "BROWSE" in text)
    terminal.press("enter")
    terminal.wait_for(lambda text: "WRITE" in text and "Write a message" in text)
    terminal.type(words)
    terminal.wait_for(words)
    terminal.press("enter")
    there = somebody_else.wait_for(
        lambda client: client.chat.messages(chat.id), lambda page: any(m.content == words for m in page.items)
    ).items
    (sent,) = (message for message in there if message.content == words)
    assert sent.sender_id == visitor.me.id

    answered = visitor.wait_for(
        lambda client: client.chat.messages(chat.id),
        lambda page: any(m.sender_id == somebody_else.me.id and m.created_at > sent.created_at for m in page.items),
        timeout=25,
    ).items
    answer = next(m for m in answered if m.sender_id == somebody_else.me.id and m.created_at > sent.created_at)
    beginning = " ".join(answer.content.split()[:3])
    text = terminal.wait_for(lambda text: beginning in text.split(words)[-1])
    assert text.count(words) >= 1
    terminal.press("escape")


def test_a_track_plays_and_its_clock_goes_on(terminal: Terminal, visitor: Witness) -> None:
    def clock(text: str) -> float:
        found = re.search(r"▶ .* (\d+):(\d\d) / \d+:\d\d", text)
        return int(found[1]) * 60 + int(found[2]) if found else -1.0

    terminal.wait_for("BROWSE")
    terminal.press("4")
    terminal.wait_for(lambda text: re.search(r"▌ +1 ", text) is not None)
    terminal.press("j")
    terminal.wait_for(lambda text: re.search(r"▌ +2 ", text) is not None)
    title = re.split(r" {2,}", terminal.text[re.search(r"▌ +2 ", terminal.text).end() :])[0]  # type: ignore[union-attr]
    terminal.press("enter")
    terminal.wait_for(lambda text: clock(text) >= 1, timeout=60)
    assert f"▶ {title}" in terminal.text
    terminal.wait_for(lambda text: clock(text) >= 3)
    terminal.press(",", "f")
    terminal.wait_for(lambda text: clock(text) >= 12)
    terminal.press(",", ",")
    terminal.wait_for(lambda text: "⏸" in text)
    # The queue and the clock are kept across screens, and pausing is pausing on each of them.
    terminal.press("1")
    terminal.wait_for(lambda text: "[1 Feed]" in text and f"⏸ {title}" in text)
