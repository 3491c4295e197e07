"""The state line in words: what it says of an answer that is awaited, on wide and on narrow terminals."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from widgets.status_line import Link, Status, StatusLine


class LineApp(App[None]):
    def __init__(self, status: Status) -> None:
        super().__init__()
        self._status = status

    def compose(self) -> ComposeResult:
        line = StatusLine()
        line.status = self._status
        yield line

    @property
    def words(self) -> str:
        return str(self.query_one(StatusLine).render())


@pytest.mark.parametrize(
    ("status", "wide", "narrow"),
    [
        (Status(Link.ONLINE, account="ann"), "ann  ● online", "ann  ● online"),
        (
            Status(Link.ONLINE, delay=13, silent=True, account="annabel"),
            "annabel  ◐ no answer for 13 s",
            "◐ no answer for 13 s",
        ),
        (Status(Link.ONLINE, delay=3, account="ann"), "ann  ● online, waiting 3 s", "● online, waiting 3 s"),
        (
            Status(Link.ONLINE, delay=12, silent=True, pending=2, attention=1),
            "! 1 need attention  ↑ 2 to send  ◐ no answer for 12 s",
            "! 1  ↑ 2  ◐ no answer",
        ),
        (Status(Link.ONLINE, frames=5), "≋ slow line, 5 frames/s  ● online", "≋  ● online"),
        (Status(Link.ONLINE, delay=12, pending=2, attention=1, held=1), None, "! 1  ↑ 2  ↶ 1  ● online"),
        (Status(Link.WAITING, retry_in=4, delay=9, silent=True), "◌ offline, again in 4 s", "◌ offline, again in 4 s"),
        (Status(Link.CONNECTING, delay=9, silent=True), "◌ connecting", "◌ connecting"),
        (Status(Link.BY_CHOICE, delay=9), "○ offline by choice", "○ offline by choice"),
    ],
)
async def test_the_line_says_what_is_awaited_only_where_it_would_say_that_all_is_well(
    status: Status, wide: str | None, narrow: str
) -> None:
    for width, words in ((140, wide), (80, narrow)):
        app = LineApp(status)
        async with app.run_test(size=(width, 24)):
            assert words is None or app.words == words
