"""What the terminal is, asked before anything draws on it."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass


class UnusableTerminal(Exception):
    """There is nothing here to draw on; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What is known about the terminal."""

    remote: bool
    """Whether it is reached over SSH: animations are off then."""
    colours: int
    """16, 256 or 16777216."""


def check_terminal(environment: Mapping[str, str] = os.environ) -> Terminal:
    """Return what the terminal can do. Raises UnusableTerminal with a sentence where it can do nothing."""
    # Textual draws on stderr and reads stdin; it would write escape sequences into a pipe without a word.
    if not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stderr__ and sys.__stderr__.isatty()):
        raise UnusableTerminal(
            "Parlour needs a terminal to draw on, and its input or output is not one. Over ssh, use `ssh -t`."
        )
    term = environment.get("TERM", "")
    if term in ("", "dumb"):
        raise UnusableTerminal(
            f"This terminal says of itself TERM={term or '(nothing)'}, which cannot show a full screen."
        )
    if "utf" not in (sys.__stderr__.encoding or "").lower():
        raise UnusableTerminal("This terminal is not set to UTF-8. Start Parlour with PYTHONUTF8=1 or a UTF-8 locale.")
    return Terminal(remote=is_remote(environment), colours=colours_of(environment))


def is_remote(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is reached over SSH."""
    return "SSH_CONNECTION" in environment or "SSH_TTY" in environment


def colours_of(environment: Mapping[str, str]) -> int:
    """Return how many colours are used, by what the environment says: 16, 256 or 16777216."""
    term = environment.get("TERM", "")
    if environment.get("COLORTERM", "") in ("truecolor", "24bit"):
        return 1 << 24
    if "256color" in term or term.startswith(("xterm-kitty", "foot", "alacritty", "wezterm")):
        return 256
    return 16


def prepare_toolkit(terminal: Terminal, environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what Textual reads when it is imported; what the user has set stays."""
    if terminal.remote:
        environment.setdefault("TEXTUAL_ANIMATIONS", "none")
    environment.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    # iTerm2 loses the input method of Chinese and Japanese with the kitty keyboard protocol.
    if environment.get("TERM_PROGRAM") == "iTerm.app" and "TMUX" not in environment:
        environment.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")


def unread_keys() -> int:
    """Return how many bytes were typed that nobody has read yet; 0 where the terminal is gone."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(0, termios.FIONREAD, struct.pack("i", 0)))[0])
    except OSError:
        return 0


def abandon_lost_terminal() -> None:
    """Throw away what could not be said any more, if the terminal is gone.

    Python tries once more when it ends, and would end with a status of its own, 120.
    """
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)
