"""How the program comes up and goes away again: odd files, odd terminals, signals; the terminal is left as it was."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.machine import Machine
from tests.e2e.screen import unexpected_sequences
from tests.e2e.terminal import Terminal
from tests.e2e.witness import PASSWORD, Witness

pytestmark = pytest.mark.pty

WELCOME = "Try the demo"
SOON = 4.0
"""Seconds within which a program that was told to end has ended."""


def assert_left_as_it_was(terminal: Terminal) -> None:
    """The alternate screen is left, cursor and wrapping are on, and mouse, focus and paste reports are off."""
    assert not terminal.alternate
    assert terminal.modes == {"7", "25"}
    assert b"\x1b[<u" in terminal.raw or b"\x1b[>" not in terminal.raw.replace(b"\x1b[>4", b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_and_leaves_the_terminal_as_it_was(machine: Machine, number: signal.Signals) -> None:
    with machine.open() as terminal:
        terminal.wait_for(WELCOME)
        assert terminal.alternate
        assert {"1000", "1006", "2004"} <= terminal.modes
        terminal.signal(number)
        assert terminal.exit_status(SOON) == 128 + number
        assert_left_as_it_was(terminal)
        assert "Traceback" not in terminal.text


def test_a_lost_terminal_ends_the_program(machine: Machine) -> None:
    with machine.open() as terminal:
        terminal.wait_for(WELCOME)
        terminal.hang_up()
        assert terminal.exit_status(SOON) in (128 + signal.SIGHUP, -signal.SIGHUP)


def test_leaving_from_the_keyboard_leaves_the_terminal_as_it_was(machine: Machine) -> None:
    with machine.open() as terminal:
        terminal.wait_for(WELCOME)
        terminal.press("ctrl+q")
        assert terminal.exit_status(SOON) == 0
        assert_left_as_it_was(terminal)
        assert terminal.text.strip() == ""
        assert unexpected_sequences(terminal.raw) == []


def test_without_the_mouse_the_terminal_keeps_it(machine: Machine) -> None:
    with machine.open("--no-mouse") as terminal:
        terminal.wait_for(WELCOME)
        assert not {"1000", "1003", "1006"} & terminal.modes


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("config.toml", "[view\ntheme = 3", "config.toml cannot be read"),
        ("config.toml", "[view]\npicture_rows = 4000\n", "config.toml: view.picture_rows"),
        ("config.toml", '[view]\ntehme = "parlour-dark"\n', "config.toml: view.tehme"),
        ("keymap.toml", "[global\n", "keymap.toml cannot be read"),
        ("keymap.toml", '[global]\nhlep = "x"\n', "there is no action global.hlep"),
        ("keymap.toml", '[global]\nhelp = "j j j"\nquit = "hyper+q"\n', "'hyper+q'"),
    ],
)
def test_a_file_of_the_user_that_cannot_be_used_is_named_and_the_program_opens(
    machine: Machine, file: str, text: str, complaint: str
) -> None:
    machine.configure(file, text)
    with machine.open() as terminal:
        terminal.wait_for(lambda screen: WELCOME in screen and complaint in " ".join(screen.split()))
        terminal.press("q")
        assert terminal.exit_status() == 0


def test_a_binary_file_where_settings_should_be_is_named(machine: Machine) -> None:
    machine.configure("config.toml", "")
    (machine.config / "config.toml").write_bytes(b"\x1b]52;c;Y2FuYXJ5\x07\xff\xfe")
    with machine.open() as terminal:
        terminal.wait_for(lambda screen: WELCOME in screen and "config.toml cannot be read" in screen)
        terminal.press("q")
        # To its end, because what is still being drawn may be read in the middle of a sequence.
        assert terminal.exit_status() == 0
        assert unexpected_sequences(terminal.raw) == []


def test_a_theme_that_is_not_there_is_named_and_the_default_taken(machine: Machine) -> None:
    with machine.open("--theme", "neon") as terminal:
        terminal.wait_for(lambda screen: WELCOME in screen and "There is no theme called neon" in screen)


def test_a_broken_theme_of_the_user_is_named(machine: Machine) -> None:
    (machine.config / "themes").mkdir(parents=True)
    (machine.config / "themes" / "mine.toml").write_text("[colours\n")
    with machine.open() as terminal:
        terminal.wait_for(lambda screen: WELCOME in screen and "mine" in screen)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (200, 60)])
def test_the_welcome_fits_and_follows_the_window(machine: Machine, size: tuple[int, int]) -> None:
    with machine.open(size=size) as terminal:
        terminal.wait_for("Sign in")
        terminal.resize(80, 24)
        terminal.wait_for(WELCOME)


def test_a_tiny_window_is_survived(machine: Machine) -> None:
    with machine.open(size=(80, 24)) as terminal:
        terminal.wait_for(WELCOME)
        for columns, rows in ((1, 1), (5, 3), (300, 2), (2, 100), (80, 24)):
            drawn = len(terminal.raw)
            terminal.resize(columns, rows)
            # Sizes that follow one another faster than they are drawn are one size to the program.
            terminal.wait_for(lambda _, drawn=drawn: len(terminal.raw) > drawn)  # type: ignore[misc]
        terminal.wait_for(WELCOME)
        terminal.press("q")
        assert terminal.exit_status() == 0


@pytest.mark.parametrize("variables", [{"TERM": "linux", "COLORTERM": ""}, {"NO_COLOR": "1"}, {"SSH_CONNECTION": "x"}])
def test_plain_terminals_and_slow_lines_are_served_as_well(machine: Machine, variables: dict[str, str]) -> None:
    with machine.open(size=(80, 24), **variables) as terminal:
        terminal.wait_for(WELCOME)
        terminal.press("s")
        terminal.wait_for("Username or e-mail")
        # The single byte, as terminals without the keyboard protocol send it.
        terminal.type("\x1b")
        terminal.wait_until_gone("Username or e-mail")
        terminal.press("q")
        assert terminal.exit_status() == 0


def test_a_wrong_password_is_told_and_what_was_typed_stays(
    machine: Machine, platform: str, new_name: Callable[[], str]
) -> None:
    name = Witness.registered(platform, new_name()).me.username
    with machine.open("--url", platform) as terminal:
        terminal.wait_for(WELCOME)
        terminal.press("s")
        terminal.wait_for("Username or e-mail")
        terminal.type(name)
        terminal.press("tab")
        terminal.type(PASSWORD + "!")
        terminal.press("enter")
        terminal.wait_for("password is wrong")
        assert name in terminal.text
        assert "•" * (len(PASSWORD) + 1) in terminal.text
        # The cursor waits in the password: one key less, and it fits.
        terminal.press("backspace", "enter")
        terminal.wait_until_in(name)


def test_a_dead_platform_is_named_on_the_welcome_screen(machine: Machine) -> None:
    with machine.open("--url", "http://127.0.0.1:1") as terminal:
        terminal.wait_for(WELCOME)
        terminal.press("s")
        terminal.wait_for("Username or e-mail")
        terminal.type("ann\tsome password")
        terminal.press("enter")
        terminal.wait_for(lambda text: "127.0.0.1:1" in text.split("Password")[-1])
        terminal.press("escape")
        terminal.wait_for(WELCOME)


def test_an_account_is_made_from_the_keyboard(machine: Machine, platform: str, new_name: Callable[[], str]) -> None:
    name = new_name()
    with machine.open("--url", platform) as terminal:
        terminal.wait_for(WELCOME)
        terminal.press("r")
        terminal.wait_for("E-mail")
        terminal.type(f"{name}\t{name}@example.com\tshort")
        terminal.press("enter")
        terminal.wait_for("at least")
        terminal.type(" no more, but long enough")
        terminal.press("enter")
        terminal.wait_until_in(name)
    assert Witness.signed_in(platform, name, "short no more, but long enough").me.username == name


def test_a_token_from_outside_is_used_and_written_nowhere(
    machine: Machine, platform: str, new_name: Callable[[], str]
) -> None:
    person = Witness.registered(platform, new_name())
    with machine.open("--url", platform, PARLOUR_TOKEN=person.access) as terminal:
        terminal.wait_for("nowhere: PARLOUR_TOKEN")
        terminal.wait_until_in(person.me.username)
        terminal.press("Q")
        assert terminal.exit_status() == 0
    assert machine.files_with(person.access) == []
    assert "No account yet" in machine.run("accounts").stdout


def test_the_folder_that_was_asked_for_is_the_only_one_used(
    machine: Machine, platform: str, new_name: Callable[[], str], tmp_path: Path
) -> None:
    person = Witness.registered(platform, new_name())
    before = set(machine.home.rglob("*"))
    options = ("--url", platform, "--data", str(tmp_path / "all of it"))
    with machine.open(*options, PARLOUR_TOKEN=person.access) as terminal:
        terminal.wait_until_in(person.me.username)
        terminal.press("Q")
        assert terminal.exit_status() == 0
    assert set(machine.home.rglob("*")) == before
    assert (tmp_path / "all of it" / "state" / "parlour.log").exists()
