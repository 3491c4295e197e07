"""Looks at the tmux, or screen, around the program, and at those of its settings that matter."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence

from tui.doctor.findings import Finding, ok, warning

ANSWER_WITHIN = 1.0
"""Seconds for each question to tmux."""
ESCAPE_MS = 100
"""From so many milliseconds on, Esc is felt to hang."""


def look_at_tmux(environment: Mapping[str, str]) -> Sequence[Finding]:
    """Return what there is to say of what stands between program and terminal. Blocks, for seconds at most."""
    if "STY" in environment and "TMUX" not in environment:
        advice = "It knows neither 16 million colours nor the clipboard of the terminal; tmux does."
        return [warning("terminal.multiplexer", "GNU screen stands in between.", advice, program="screen")]
    if "TMUX" not in environment:
        return [ok("terminal.multiplexer", "No tmux stands in between.", program="")]
    version = _told("display-message", "-p", "#{version}")
    options = dict(_options())
    if not version and not options:
        advice = "Its settings are not known; the TMUX variable may be of a tmux that is gone."
        return [warning("terminal.multiplexer", "tmux stands in between and does not answer.", advice, program="tmux")]
    facts = {"program": "tmux", "version": version.strip(), **options}
    return [ok("terminal.multiplexer", f"tmux {version.strip()} stands in between.", **facts), *_settings(options)]


def _settings(options: Mapping[str, str]) -> Iterator[Finding]:
    wait = options.get("escape-time", "")
    if wait.isdecimal() and int(wait) >= ESCAPE_MS:
        advice = "tmux waits so long whether more follows an Esc."
        yield warning(
            "terminal.tmux_escape", f"Esc takes {wait} ms.", advice, "tmux set -s escape-time 10", value=int(wait)
        )
    elif wait:
        yield ok("terminal.tmux_escape", f"Esc takes {wait} ms.", value=wait)
    focus = options.get("focus-events", "")
    if focus == "off":
        advice = "Parlour cannot tell whether it is in front: notifications come also while you look at it."
        yield warning(
            "terminal.tmux_focus", "tmux keeps the focus to itself.", advice, "tmux set -s focus-events on", value=focus
        )
    elif focus:
        yield ok("terminal.tmux_focus", "tmux tells when the terminal is in front.", value=focus)
    clipboard = options.get("set-clipboard", "")
    if clipboard == "off":
        advice = "What is copied stays in tmux's own buffer: prefix ] pastes it."
        yield warning(
            "terminal.tmux_clipboard",
            "tmux does not fill the clipboard.",
            advice,
            "tmux set -s set-clipboard on",
            value=clipboard,
        )
    elif clipboard:
        yield ok("terminal.tmux_clipboard", "tmux passes on what is copied.", value=clipboard)
    passthrough = options.get("allow-passthrough", "")
    if passthrough:
        state = "shut" if passthrough == "off" else "open"
        yield ok(
            "terminal.tmux_passthrough",
            f"tmux's way through for pictures is {state}; half blocks need none.",
            value=passthrough,
        )


def _options() -> Iterator[tuple[str, str]]:
    for which in ("-s", "-gw"):
        for line in _told("show-options", which).splitlines():
            name, _, value = line.partition(" ")
            if name in ("escape-time", "focus-events", "set-clipboard", "allow-passthrough", "default-terminal"):
                yield name, value.strip('"')


def _told(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["tmux", *arguments], capture_output=True, text=True, errors="replace", timeout=ANSWER_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
