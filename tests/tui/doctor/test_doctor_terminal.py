"""What a terminal says of itself, and what is made of it."""

from __future__ import annotations

import argparse
import os
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.doctor import multiplexer, terminal
from tui.doctor.findings import Patient, Verdict
from tui.paths import Paths
from tui.terminal_questions import WIDE, Answers, ask_at, ask_terminal, questions, read_answers

KITTY = (
    b"\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;20;10t\x1b[?0u\x1b[?1004;2$y\x1b[?1006;2$y\x1b[?2004;1$y\x1b[?2026;0$y"
    b"\x1b_Gi=31;OK\x1b\\\x1bP1$r0;38:2:1:2:3m\x1b\\" + b"\x1b[5;3R" * 3 + b"\x1b[5;7R" + b"\x1b[5;3R" * 2
)
DA1 = b"\x1b[?62;4;52c"
XTERM_ENVIRONMENT = {"TERM": "xterm-256color"}


@contextmanager
def fake_terminal(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """Run a terminal that answers what it is asked; give the end of the program."""
    master, slave = os.openpty()

    def play() -> None:
        try:
            while asked := os.read(master, 4_096):
                if reply := answer(asked):
                    os.write(master, reply)
        except OSError:
            return

    player = threading.Thread(target=play, daemon=True)
    player.start()
    try:
        yield slave
    finally:
        os.close(slave)
        player.join(10)
        os.close(master)


def test_a_terminal_that_answers_is_understood_and_left_as_it_was() -> None:
    with fake_terminal(lambda asked: b"typed" + KITTY + DA1 if b"\x1b[c" in asked else b"") as descriptor:
        before = termios.tcgetattr(descriptor)
        told = ask_at(descriptor, questions(XTERM_ENVIRONMENT), 30.0)
        assert termios.tcgetattr(descriptor) == before
    assert told.came
    assert (told.name, told.cell, told.truecolour) == ("kitty(0.26.5)", (20, 10), True)
    assert told.kitty_pictures
    assert told.kitty_keys
    assert told.attributes == {62, 4, 52}
    assert told.modes == {"focus": True, "mouse": True, "paste": True, "synchronised": False}
    assert told.widths == {**dict.fromkeys(WIDE, 2), "family": 6}


def test_a_terminal_that_is_mute_is_given_up_and_left_as_it_was() -> None:
    with fake_terminal(lambda _: b"") as descriptor:
        before = termios.tcgetattr(descriptor)
        assert not ask_at(descriptor, questions(XTERM_ENVIRONMENT), 0.05).came
        assert termios.tcgetattr(descriptor) == before


def test_a_terminal_is_given_back_by_an_end_that_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, over, at_end = threading.Event(), threading.Event(), list[Callable[[], None]]()
    monkeypatch.setattr("atexit.register", at_end.append)
    # The end of a line makes it readable also for who reads whole lines.
    replies = iter([DA1 + b"\n"])

    def late(_: bytes) -> bytes:
        asked.set()
        over.wait(30)
        return next(replies, b"")

    with fake_terminal(late) as descriptor:
        before = termios.tcgetattr(descriptor)
        asking = threading.Thread(target=ask_at, args=(descriptor, questions(XTERM_ENVIRONMENT), 60.0))
        asking.start()
        assert asked.wait(30)
        assert termios.tcgetattr(descriptor) != before
        (restore,) = at_end
        restore()
        assert termios.tcgetattr(descriptor) == before
        over.set()
        asking.join(60)
    assert not asking.is_alive()


def test_what_would_be_printed_is_not_asked() -> None:
    assert b"_Gi=31" in questions(XTERM_ENVIRONMENT)
    assert b"_G" not in questions({"TERM": "linux"})
    assert b"_G" not in questions({"TERM": "screen", "STY": "1.pts"})


@given(st.binary(max_size=300))
def test_whatever_comes_back_is_read_without_a_fault(data: bytes) -> None:
    assert read_answers(data).name.isprintable()


def test_signs_are_reckoned_as_the_toolkit_does() -> None:
    assert {name: cell_len(sign) for name, sign in WIDE.items()} == dict.fromkeys(WIDE, 2)


def judged(answers: Answers, environment: dict[str, str], tmp_path: Path) -> dict[str, Verdict]:
    patient = Patient(argparse.Namespace(url=None), Paths.find(tmp_path), environment)
    found = [
        terminal._size(answers),
        terminal._answers(answers),
        terminal._colours(environment, answers),
        terminal._pictures(environment, answers),
        terminal._widths(answers),
        terminal._clipboard(environment, answers),
        terminal._mouse(patient, answers),
        terminal._encoding(environment),
    ]
    assert all(each.sentence and (each.advice or each.verdict is not Verdict.WARNING) for each in found)
    return {each.id.partition(".")[2]: each.verdict for each in found}


def test_what_could_be_better_is_told(tmp_path: Path) -> None:
    good = read_answers(KITTY.replace(b"5;7R", b"5;3R") + DA1)
    found = judged(good, {"TERM": "xterm-kitty", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}, tmp_path)
    assert {name for name, verdict in found.items() if verdict is not Verdict.OK} == {"size"}
    hidden = judged(read_answers(KITTY + DA1), {"TERM": "xterm-256color", "LANG": "de_CH.ISO-8859-1"}, tmp_path)
    worse = {name for name, verdict in hidden.items() if verdict is Verdict.WARNING}
    assert worse == {"colours", "widths", "encoding"}
    mute = judged(Answers(size=(70, 20)), {"TERM": "xterm"}, tmp_path)
    assert {name for name, verdict in mute.items() if verdict is Verdict.WARNING} == {"size", "answers", "colours"}


@pytest.mark.parametrize(
    ("option", "value", "warns"),
    [
        ("escape-time", "500", True),
        ("escape-time", "10", False),
        ("focus-events", "off", True),
        ("focus-events", "on", False),
        ("set-clipboard", "off", True),
        ("set-clipboard", "external", False),
        ("allow-passthrough", "off", False),
    ],
)
def test_settings_of_tmux_that_get_in_the_way_are_told_with_the_command_that_mends_them(
    option: str, value: str, warns: bool
) -> None:
    (found,) = multiplexer._settings({option: value})
    assert (found.verdict is Verdict.WARNING) is warns
    assert bool(found.commands) is warns


def test_without_a_terminal_nothing_is_asked() -> None:
    pid = os.fork()
    if pid == 0:  # a process without a controlling terminal
        os.setsid()
        os._exit(0 if ask_terminal(XTERM_ENVIRONMENT) is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
