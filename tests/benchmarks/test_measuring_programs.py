"""Programs in pseudo-terminals are measured until they stand still, with every byte that they wrote."""

from __future__ import annotations

import sys

import pytest

from benchmarks.terminal import plain, rest_together, running

_PIECES = """
import os, signal, sys, time, tty
tty.setraw(0)
signal.signal(signal.SIGWINCH, lambda *_: os.write(1, b"resized"))
os.write(1, b"\\x1b[1mrea\\x1b[0mdy")
while key := os.read(0, 1):
    if key == b"p":
        for _ in range(5):
            os.write(1, b"piece")
            time.sleep(0.01)
    elif key == b"l":
        time.sleep(0.2)
        os.write(1, b"late")
    elif key == b"c":
        sum(range(3_000_000))
        os.write(1, b"done")
    elif key == b"s":
        os.write(1, b"%d x %d" % os.get_terminal_size())
    elif key == b"?":
        os.write(1, b"\\x1b[?2026")
        time.sleep(0.05)
        os.write(1, b"$p")
        os.write(1, b"heard " + os.read(0, 11)[1:])
    elif key == b"q":
        sys.exit()
"""
_SCRIPT = (sys.executable, "-S", "-E", "-c", _PIECES)


def test_a_frame_is_over_when_nothing_more_comes() -> None:
    with running(_SCRIPT) as program:
        program.wait_for("ready")
        cost = program.press("p", still=1.0)
        assert cost.written == 5 * len("piece")
        assert 0 < cost.first <= cost.last


def test_silence_before_the_first_byte_is_waited_out() -> None:
    with running(_SCRIPT) as program:
        program.wait_for("ready", still=0.05)
        assert program.press("l", still=0.01).written == len("late")


def test_the_time_of_the_processor_is_counted_and_not_that_of_the_clock() -> None:
    with running(_SCRIPT) as program:
        program.wait_for("ready", still=0.05)
        slept, counted = program.press("l"), program.press("c")
        assert counted.cpu > slept.cpu
        assert slept.last > 100 > slept.cpu


def test_a_text_is_found_between_control_sequences_and_the_bytes_up_to_it_are_counted() -> None:
    with running(_SCRIPT) as program:
        program.wait_for("ready", still=0)
        cost = program.press_until("c", "done")
        assert cost.written == len("done")
        with pytest.raises(TimeoutError, match="'never'"):
            program.press_until("c", "never", patience=0.1)


def test_the_terminal_has_its_size_before_the_program_asks_and_takes_another() -> None:
    with running(_SCRIPT) as program:
        program.wait_for("ready", still=0)
        program.press_until("s", "120 x 36")
        assert program.resize(80, 36, still=0.01).written == len("resized")
        program.press_until("s", "80 x 36")


def test_a_question_to_the_terminal_is_answered_even_in_two_pieces() -> None:
    with running(_SCRIPT) as program:
        program.wait_for("ready", still=0)
        program.press_until("?", "heard [?2026;2$y")


def test_a_program_that_ends_is_told_from_one_that_is_silent() -> None:
    with running(_SCRIPT) as program:
        program.wait_for("ready", still=0)
        with pytest.raises(EOFError):
            program.press("q")


def test_a_program_that_cannot_be_run_says_so() -> None:
    with running(["/nowhere/at/all"]) as program, pytest.raises((EOFError, TimeoutError)):
        program.wait_for("ready", patience=10.0)


def test_programs_at_rest_are_watched_together() -> None:
    with running(_SCRIPT) as one, running(_SCRIPT) as other:
        one.wait_for("ready", still=0.05)
        other.wait_for("ready", still=0.05)
        other.send("p")
        rests = rest_together({"one": one, "other": other}, 1.0)
        assert rests["one"].written == 0
        assert rests["other"].written == pytest.approx(5 * len("piece"))


def test_what_was_written_is_read_without_colours_links_and_character_sets() -> None:
    written = b"\x1b[38;2;1;2;3mone\x1b[0m\x1b(B \x1b]8;;https://example.org\x1b\\two\x1b]8;;\x07\x1b[?25l"
    assert plain(written) == b"one two"
