"""However the program ends: what was typed is there again, what was sent off goes out later, the terminal is whole."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from api_client.models.posts import MediaInput, NewPhotoPost
from tests.e2e.conftest import platform_process
from tests.e2e.hostile import PIXEL
from tests.e2e.machine import Machine
from tests.e2e.terminal import Terminal
from tests.e2e.witness import PASSWORD, Witness

pytestmark = [pytest.mark.pty, pytest.mark.xdist_group("e2e")]

STORED_WITHIN = 1.0
"""Seconds behind typing within which a draft is on the disk."""
SOON = 4.0


def with_account(machine: Machine, url: str, name: str) -> Witness:
    """Make an account with a post, and keep its sign-in on the machine."""
    person = Witness.registered(url, name)
    said = machine.run("login", name, "--url", url, "--insecure-storage", typed=f"{PASSWORD}\n")
    assert said.returncode == 0, said.stderr
    return person


def posted(person: Witness) -> str:
    post = NewPhotoPost(caption="a picture", media=[MediaInput(type="image", base64=PIXEL)])
    return person.ask(lambda client: client.feed.create(post)).id


def begins_to_comment(terminal: Terminal, name: str, post_id: str) -> None:
    terminal.wait_until_in(name)
    terminal.press(":")
    terminal.type(f"p/{post_id}\r")
    terminal.wait_for("No comments yet")
    terminal.press("c")
    terminal.wait_for("Esc keeps it")


def wait_until_stored(machine: Machine, words: str) -> None:
    until = time.monotonic() + STORED_WITHIN + SOON
    while not machine.files_with(words):
        assert time.monotonic() < until, "what was typed is not on the disk"


def end_by_signal(terminal: Terminal, number: signal.Signals) -> None:
    terminal.signal(number)
    assert terminal.exit_status(SOON) == (128 + number if number is not signal.SIGKILL else -number)


def hang_up(terminal: Terminal, _: signal.Signals) -> None:
    terminal.hang_up()
    assert terminal.exit_status(SOON) in (128 + signal.SIGHUP, -signal.SIGHUP)


@pytest.mark.parametrize(
    ("end", "number", "waits"),
    [
        (end_by_signal, signal.SIGTERM, False),
        (end_by_signal, signal.SIGKILL, True),
        (hang_up, signal.SIGHUP, False),
    ],
    ids=["SIGTERM", "SIGKILL", "closed terminal"],
)
def test_what_was_being_typed_is_there_again(
    machine: Machine,
    platform: str,
    new_name: Callable[[], str],
    end: Callable[[Terminal, signal.Signals], None],
    number: signal.Signals,
    waits: bool,
) -> None:
    person = with_account(machine, platform, new_name())
    post_id = posted(person)
    with machine.open("--insecure-storage") as terminal:
        begins_to_comment(terminal, person.me.username, post_id)
        terminal.type("words that took a while")
        terminal.wait_for("words that took a while")
        if waits:
            # Nothing can be done at that moment: only what is older than a second is safe.
            wait_until_stored(machine, "words that took a while")
        end(terminal, number)
        assert "Traceback" not in terminal.text
    with machine.open("--insecure-storage") as terminal:
        terminal.wait_until_in(person.me.username)
        terminal.press(":")
        terminal.type(f"p/{post_id}\r")
        terminal.wait_for("No comments yet")
        terminal.press("c")
        terminal.wait_for("words that took a while")
        terminal.wait_for("draft, less than a minute ago")


def test_a_comment_written_while_the_platform_is_away_goes_out_after_a_restart(
    machine: Machine, tmp_path: Path
) -> None:
    command = ("-m", "tests.e2e.platform_process", str(tmp_path / "p"), "--port")
    with ExitStack() as running:
        url = running.enter_context(platform_process(*command, "0"))
        person = with_account(machine, url, "waiter")
        post_id = posted(person)
        with machine.open("--insecure-storage") as terminal:
            begins_to_comment(terminal, "waiter", post_id)
            running.close()
            terminal.type("said into the dark")
            terminal.press("ctrl+s")
            terminal.wait_for(lambda text: "↑ 1" in text or "1 to send" in text)
            terminal.press("ctrl+q")
            assert terminal.exit_status(SOON) == 0
            assert "1 change waits to be sent; it goes out the next time." in terminal.text
        # Without the platform it opens all the same, and knows what waits.
        with machine.open("--insecure-storage") as terminal:
            terminal.wait_for(lambda text: "waiter" in text and "1 to send" in text and "offline" in text)
            terminal.press("g", "d")
            terminal.wait_for("said into the dark")
            terminal.press("ctrl+q")
            assert terminal.exit_status(SOON) == 0
        running.enter_context(platform_process(*command, url.rpartition(":")[2]))
        with machine.open("--insecure-storage") as terminal:
            terminal.wait_until_in("waiter")
            person.wait_for(
                lambda client: client.comments.page(post_id),
                lambda page: [comment.body for comment in page.items] == ["said into the dark"],
            )
            terminal.wait_for("● online")
            terminal.wait_until_gone("to send")
