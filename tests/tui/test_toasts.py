"""Short sentences: not the same one twice, never too many."""

from __future__ import annotations

from tui.toasts import LASTS, MOST, SAME_WITHIN, Toasts


class Corner:
    """Where the sentences are shown, with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.said: list[str] = []
        self.toasts = Toasts(lambda text, severity, seconds: self.said.append(text), self.said.clear, lambda: self.now)


def test_the_same_sentence_is_said_once_and_later_again() -> None:
    corner = Corner()
    corner.toasts.say("Saved.", "information")
    corner.now += SAME_WITHIN - 0.1
    corner.toasts.say("Saved.", "information")
    assert corner.said == ["Saved."]
    corner.now += 0.2
    corner.toasts.say("Saved.", "information")
    assert corner.said == ["Saved.", "Saved."]


def test_more_than_fit_push_the_old_ones_out() -> None:
    corner = Corner()
    for number in range(MOST + 1):
        corner.toasts.say(f"Number {number}.", "error")
    assert corner.said == [f"Number {MOST}."]


def test_what_has_faded_makes_room() -> None:
    corner = Corner()
    for number in range(MOST):
        corner.toasts.say(f"Number {number}.", "warning")
    corner.now += LASTS["warning"] + 0.1
    corner.toasts.say("One more.", "warning")
    assert len(corner.said) == MOST + 1
