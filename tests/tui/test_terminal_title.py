"""The title of the terminal's window: it says what plays, in characters that no terminal obeys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.terminal_title import LONGEST, TerminalTitle, has_title, title_of

PLAYING = PlayerSnapshot(PlayableTrack("t1", "Song", "Artist"), entry_id=1, playing=True)


def test_it_says_what_plays_and_whether() -> None:
    assert title_of(PLAYING) == "▶ Song · Artist"
    assert title_of(replace(PLAYING, playing=False)) == "⏸ Song · Artist"
    assert title_of(replace(PLAYING, track=PlayableTrack("t", "Alone"))) == "▶ Alone"
    assert title_of(PlayerSnapshot()) == "Parlour"


@pytest.mark.parametrize("evil", ["\x1b]0;x\x07", "\x1b\\", "a\nb", "\x9c\x9d", "\x00", "\u202e\u2066"])
def test_nothing_that_a_terminal_obeys_gets_into_it(evil: str) -> None:
    title = title_of(replace(PLAYING, track=PlayableTrack("t", f"So{evil}ng", evil)))
    assert title.isprintable()
    assert title.startswith("▶ So")


def test_it_is_no_longer_than_titles_are() -> None:
    title = title_of(replace(PLAYING, track=PlayableTrack("t", "x" * 5000)))
    assert len(title) == LONGEST + 2
    assert title.endswith("…")


def test_it_is_written_when_something_else_plays_and_never_before_something_does() -> None:
    written: list[str] = []
    title = TerminalTitle(written.append)
    title.follow(PlayerSnapshot())
    assert written == []
    for position in range(5):
        title.follow(replace(PLAYING, position_s=position))
    title.follow(replace(PLAYING, playing=False))
    title.follow(PlayerSnapshot())
    assert written == ["▶ Song · Artist", "⏸ Song · Artist", "Parlour"]


@pytest.mark.parametrize(("term", "has"), [("xterm-256color", True), ("tmux-256color", True), ("linux", False)])
def test_the_console_and_dumb_terminals_have_none(term: str, has: bool) -> None:
    assert has_title({"TERM": term}) is has
    assert not has_title({})
    assert not has_title({"TERM": "dumb"})
