"""Nothing that a terminal obeys gets out, whichever widget was given it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.content import Content
from textual.strip import Strip
from textual.widgets import DataTable, Input, Label, OptionList, RichLog, Static, TextArea, Tree

from widgets import backstop

PAYLOADS = [
    "\x1b]52;c;Y3VybA==\x07",
    "\x1b]0;title\x1b\\",
    "\x1b[>q",
    "\x1bP$qm\x1b\\",
    "\x9b31m",
    "\x9d0;t\x9c",
    "\x00\x05\x0e\x18\x7f",
    "\u202eevil\u2066",
    "\x08\x0b\x0c",
    "a\x85b\u2028c",
]
TEXT = "|".join(PAYLOADS)
_SGR = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\d+;\d+H|\x1b\[\?2026[hl]")
_OBEYED = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2060-\u2069]")


@pytest.fixture
def gate() -> Iterator[None]:
    backstop.install()
    backstop.install()
    yield
    backstop.uninstall()
    backstop.uninstall()


class Hostile(App[None]):
    """Shows the payloads through many widgets."""

    def compose(self) -> ComposeResult:
        yield Static(TEXT, markup=False)
        yield Label(Content(TEXT))
        yield OptionList(Content(TEXT))
        yield Input(value=TEXT, placeholder=TEXT)
        yield TextArea(TEXT)
        yield Tree(Strip([Segment(TEXT)]).text.replace("\n", " "))
        yield DataTable()
        yield RichLog()
        yield Lines()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_column(Content(TEXT))
        table.add_row(Content(TEXT))
        self.query_one(RichLog).write(Content(TEXT))
        self.query_one(Static).border_title = Content(TEXT)
        self.query_one(Static).styles.border = ("solid", "red")


class Lines(Static):
    """Draws by the Line API, which Textual cleans least of all."""

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(TEXT, Style(link="https://e.example/\x1b\\\x1b]52;c;eA==\x07"))])


def written(app: App[None]) -> str:
    """Return what the terminal would be sent for the whole screen."""
    update = app.screen._compositor.render_full_update()
    return _SGR.sub("", update.render_segments(app.console))


async def test_without_the_gate_the_payloads_do_get_out() -> None:
    backstop.uninstall()  # another test of this process may have run the whole program
    app = Hostile()
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        assert _OBEYED.search(written(app))


@pytest.mark.usefixtures("gate")
async def test_no_control_byte_gets_out_of_any_widget() -> None:
    app = Hostile()
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        out = written(app)
        assert _OBEYED.findall(out) == []
        assert "evil" in out


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.com/a?b=c", True),
        ("https://e/\x1b\\\x1b]52;c;eA==\x07", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://a b", False),
        ("https://" + "x" * 3000, False),
    ],
)
def test_a_link_gets_out_only_if_it_cannot_break_out(url: str, kept: bool) -> None:
    out = Strip([Segment("text", Style(link=url))]).render(Console(force_terminal=True))
    assert ("\x1b]8;" in out) is kept
    assert "text" in out


@pytest.mark.usefixtures("gate")
def test_clean_text_and_control_segments_pass_untouched() -> None:
    console = Console(force_terminal=True)
    clean = Strip([Segment("plain 日本 👍🏽 👨‍👩‍👧", Style(bold=True))])
    assert clean.render(console) == "\x1b[1mplain 日本 👍🏽 👨‍👩‍👧\x1b[0m"
    picture = Strip([Segment("\x1b_Gq=2;\x1b\\", None, [(13,)])])  # type: ignore[list-item]
    assert picture.render(console) == "\x1b_Gq=2;\x1b\\"


@given(st.text(st.characters(codec=None, categories=None)))
def test_cleaning_keeps_the_cells_and_can_be_written(text: str) -> None:
    cleaned = backstop.safe_text(text)
    cleaned.encode("utf-8")
    assert not _OBEYED.search(cleaned)
    assert backstop.safe_text(cleaned) == cleaned
    if text.isascii():
        assert cell_len(cleaned) == cell_len(text)


def test_taking_it_down_restores_what_was_there() -> None:
    before = Strip.render
    backstop.install()
    assert Strip.render is not before
    backstop.uninstall()
    assert Strip.render is before
