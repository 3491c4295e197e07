"""The list against a naive one that draws everything from the top: the same rows on the screen, whatever was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.list_search import Sought
from widgets.virtual_list import VirtualList
from widgets.wrapping import wrap

HEIGHT = 12
TEXTS = (
    "x",
    "lorem ipsum dolor sit amet " * 3,
    "日本語の文字と text " * 4,
    "❤\ufe0f heart 👍🏽 thumb 👩\u200d💻 code 🏳\ufe0f\u200d🌈 flag",
    "हिन्दी में लिखा हुआ सلام عليكم mixed",
    "z\u0300\u0301\u0302\u0303a\u0300\u0301\u0302\u0303l\u0300g\u0301o\u0302 text",
    "heading of a part",
    "gap",
    "broken",
)
WORDS = ("", "lorem", "text", "語", "heart of")
Row = tuple[str, int]
"""The key of an item, and a line of it."""


@dataclass
class Naive:
    """All items, and everything that was done to them, in the plainest way."""

    notes: list[Any]
    folded: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    words: str = ""
    cursor: str | None = None
    top: int = 0
    width: int = 40

    def find(self, key: str) -> Any | None:
        return next((note for note in self.notes if note.key == key), None)

    def under(self, key: str) -> list[str]:
        at = next(i for i, note in enumerate(self.notes) if note.key == key)
        depth, found = self.notes[at].depth, []
        for note in self.notes[at + 1 :]:
            if note.depth <= depth:
                break
            found.append(note.key)
        return found

    def above(self, key: str) -> list[Any]:
        """Return the items under which `key` stands, the nearest first."""
        return [note for note in reversed(self.notes) if note.key != key and key in self.under(note.key)]

    def is_hidden(self, key: str) -> bool:
        return any(note.key in self.folded for note in self.above(key))

    def lines(self, note: Any) -> list[str]:
        if note.text == "broken":
            return ["this item can't be shown"]
        if note.text == "gap":
            return ["✗ No answer. · Enter tries again" if note.key in self.failed else "▸ more to come"]
        hidden = f" (+{len(self.under(note.key))})" if note.key in self.folded else ""
        return [note.key + hidden, *wrap(note.text, self.width)]

    def rows(self) -> list[tuple[Row, str]]:
        return [
            ((note.key, line), text)
            for note in self.notes
            if not self.is_hidden(note.key)
            for line, text in enumerate(self.lines(note))
        ]

    def settle(self) -> None:
        """Let folds and marks go with their items."""
        keys = {note.key for note in self.notes}
        self.marked &= keys
        self.failed &= keys
        self.folded = {key for key in self.folded & keys if self.under(key)}

    def hold(self) -> list[tuple[Row, int]]:
        """Return what is on the screen with its line there, what is held on to first."""
        shown = [row for row, _ in self.rows()[self.top : self.top + HEIGHT]]
        first: dict[str, tuple[Row, int]] = {}
        for y, row in enumerate(shown):
            first.setdefault(row[0], (row, y))
        return sorted(first.values(), key=lambda place: place[0][0] != self.cursor)

    def restore(self, hold: list[tuple[Row, int]]) -> bool:
        """Scroll so that what was held is where it was; return False where nothing of it is left."""
        lines: dict[str, int] = {}
        for (key, line), _ in self.rows():
            lines[key] = line
        for (key, line), y in hold:
            if key in lines:
                order = [row for row, _ in self.rows()]
                self.scroll_to(order.index((key, min(line, lines[key]))) - y)
                return True
        return False

    def scroll_to(self, top: int) -> None:
        self.top = max(0, min(top, len(self.rows()) - HEIGHT))

    def screen(self) -> list[str]:
        rows = self.rows()[self.top : self.top + HEIGHT]
        shown = []
        for (key, line), text in rows:
            mark = " " if key != self.cursor else "▌"
            if key in self.marked and line == 0:
                mark = "◈" if key == self.cursor else "◆"
            shown.append(mark + text)
        if pinned := self._pinned([row for row, _ in rows]):
            shown[0] = f" pinned {pinned}".ljust(self.width - 1) + " ↑"
        return [*shown, *[""] * (HEIGHT - len(shown))]

    def _pinned(self, rows: list[Row]) -> str | None:
        if len(rows) < 2:
            return None
        (first, line), (second, _) = rows[:2]
        heads = {note.key: note.text.startswith("heading") for note in self.notes}
        if first == second and heads[first] and line >= 2:
            return first
        head = next((note.key for note in self.above(second) if heads[note.key]), None)
        return None if head == first and line < 2 else head


def hits(strip: Any, words: str) -> tuple[str, str]:
    """Return what stands out in a line, and what should."""
    found = "".join(segment.text for segment in strip if segment.style and segment.style.reverse)
    return found, "".join(strip.text[start:end] for start, end in Sought.of(words).spans(strip.text))


class Hits(VirtualList[Any]):
    """A list in which hits can be told from everything else."""

    DEFAULT_CSS = "Hits > .virtual-list--hit { text-style: reverse; }"


MOVES = ("scroll", "wheel", "down", "up", "page", "parent")
CHANGES = ("prepend", "append", "insert", "remove", "update", "fold", "width", "reload", "reverse", "fail")
LOOKS = ("theme", "find", "mark", "range", "invert")
STEPS = st.lists(st.tuples(st.sampled_from([*MOVES, *CHANGES, *LOOKS]), st.integers(0, 40)), min_size=4, max_size=14)


class Pair:
    """A list, and the naive one beside it."""

    def __init__(self, app: Any, pilot: Any, note: Callable[..., Any], seed: int) -> None:
        self.app, self.pilot, self.note = app, pilot, note
        self.made = 100
        notes = [self._note(i, seed) for i in range(41)]
        self.naive = Naive(notes, cursor="n0")
        app.list.set_items(notes)

    def _note(self, number: int, seed: int) -> Any:
        return self.note(f"n{number}", TEXTS[(number * 5 + seed) % len(TEXTS)], (number * 3 + seed) % 4 // 2)

    def fresh(self, count: int) -> list[Any]:
        self.made += count
        return [self._note(self.made - i, count) for i in range(count)]

    async def step(self, what: str, number: int) -> None:
        naive, found, key = self.naive, self.app.list, f"n{number}"
        changed, before = True, naive.hold()
        if what == "prepend":
            notes = self.fresh(number % 5)
            naive.notes[:0] = notes
            found.prepend(notes)
        elif what == "append":
            notes = self.fresh(number % 5)
            naive.notes += notes
            found.append(notes)
        elif what == "insert" and naive.find(key):
            notes = self.fresh(2)
            at = naive.notes.index(naive.find(key)) + 1
            naive.notes[at:at] = notes
            found.insert_after(key, notes)
        elif what == "remove" and naive.find(key) and key != naive.cursor:
            naive.notes.remove(naive.find(key))
            found.remove_item(key)
        elif what == "update" and (old := naive.find(key)):
            new = self.note(key, TEXTS[(number + self.made) % len(TEXTS)], old.depth, old.version + 1)
            naive.notes[naive.notes.index(old)] = new
            found.update(new)
        elif what == "fold" and naive.find(key):
            naive.folded ^= {key}
            found.toggle_fold(key)
        elif what == "reload":
            naive.notes = [note for note in naive.notes if note.key != key or key == naive.cursor]
            found.set_items(naive.notes)
        elif what == "reverse":
            naive.notes.reverse()
            found.set_items(naive.notes)
        elif what == "width":
            naive.width = 22 + number
            found.styles.width = naive.width + 2
            await self.pilot.pause()
        elif what == "fail" and (gap := next((note for note in naive.notes if note.text == "gap"), None)):
            naive.failed.add(gap.key)
            found.fail_gap(gap.key, "No answer.")
        else:
            changed = False
            await self._look(what, number)
        if changed:
            naive.settle()
            if naive.is_hidden(naive.cursor or ""):
                naive.cursor = found.highlighted_key
            if not naive.restore(before):
                self.follow()
        self.check(what, number)

    async def _look(self, what: str, number: int) -> None:
        """Do what changes no item: of what moves the cursor, only what is then on the screen is compared."""
        naive, found, key = self.naive, self.app.list, f"n{number}"
        if what == "theme":
            self.app.theme = ("textual-light", "textual-dark", "nord")[number % 3]
            await self.pilot.pause()
        elif what == "find":
            naive.words = WORDS[number % len(WORDS)]
            found.sought = Sought.of(naive.words)
        elif what == "mark" and (note := naive.find(key)):
            if note.text not in ("gap", "heading of a part"):
                naive.marked ^= {key}
            found.toggle_mark(key)
        elif what == "range":
            found.mark_up_to(key)
            naive.marked = set(found.marked)
        elif what == "invert":
            naive.marked = {n.key for n in naive.notes if n.text not in ("gap", "heading of a part")} - naive.marked
            found.invert_marks()
        elif what in ("scroll", "wheel"):
            by = number - 20
            naive.scroll_to(naive.top + by)
            found.scroll_lines(by)
        elif what in ("down", "up", "page", "parent"):
            moved = {
                "down": found.action_cursor_down,
                "up": found.action_cursor_up,
                "page": found.action_page_down,
                "parent": found.move_to_parent,
            }[what]()
            self.follow()
            at_cursor = any(row[0] in "▌◈" for row in naive.screen() if row)
            assert at_cursor or moved is False, f"the cursor went out of sight by {what}"

    def follow(self) -> None:
        """Stand where the list stands."""
        self.naive.cursor = self.app.list.highlighted_key
        span = self.app.list._spans[0]
        rows = [row for row, _ in self.naive.rows()]
        self.naive.top = rows.index((span.key, span.line))

    def check(self, what: str, number: int) -> None:
        assert self.app.screen_lines() == [line.rstrip() for line in self.naive.screen()], (what, number)
        assert set(self.app.list.marked) == self.naive.marked
        for y in range(HEIGHT):
            strip = self.app.list.render_line(y)
            assert strip.cell_length == sum(cell_len(segment.text) for segment in strip) == self.naive.width + 1
            found, wanted = hits(strip, self.naive.words)
            assert found == wanted or strip.text.endswith("↑"), (what, strip.text)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, seed=st.integers(0, 20))
async def test_the_screen_shows_what_a_naive_list_shows(
    list_app: Any, notes: Any, steps: list[tuple[str, int]], seed: int
) -> None:
    app = list_app(marks=True, list_type=Hits)
    async with app.run_test(size=(90, HEIGHT)) as pilot:
        app.list.styles.width = 42
        pair = Pair(app, pilot, type(notes([0])[0]), seed)
        await pilot.pause()
        pair.check("start", seed)
        for what, number in steps:
            await pair.step(what, number)
